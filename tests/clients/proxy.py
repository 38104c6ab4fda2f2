"""A way to PostgreSQL that can be broken at the worst moment: while a commit is under way."""

import enum
import socket
import threading
from contextlib import suppress

COMMIT = b"COMMIT\0"
ASKS_FOR_TLS = (80_877_103).to_bytes(4, "big")


class Break(enum.Enum):
    """What becomes of a commit and of its connection."""

    CUT_BEFORE = "the commit does not arrive, and the connection breaks"
    CUT_AFTER = "the commit takes place, and the connection breaks before the answer"
    SILENT_BEFORE = "the commit does not arrive, and nothing ever comes back"
    SILENT_AFTER = "the commit takes place, and nothing ever comes back"

    @property
    def commits(self):
        return self in (Break.CUT_AFTER, Break.SILENT_AFTER)

    @property
    def is_silent(self):
        return self in (Break.SILENT_BEFORE, Break.SILENT_AFTER)


class Proxy:
    """Passes everything on, but for the commit of a transaction that has a certain text in it."""

    def __init__(self, port):
        self.to = port
        self.text = None
        self.how = None
        self.broken = threading.Event()
        self.ways = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def break_commit(self, text, how):
        """Breaks the next commit of what has this text in it, as `how` says."""
        self.broken.clear()
        self.text, self.how = text.encode(), how

    def accept(self):
        with suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                self.ways.append(Way(self, client))
                self.ways[-1].start()

    def lead_to(self, port):
        """Breaks all connections, and leads new ones to another server."""
        self.to = port
        for way in self.ways:
            way.end()
        self.ways.clear()

    def close(self):
        self.listener.close()
        self.lead_to(None)


class Way(threading.Thread):
    """One connection."""

    def __init__(self, proxy, client):
        super().__init__(daemon=True)
        self.proxy = proxy
        self.client = client
        self.server = socket.create_connection(("127.0.0.1", proxy.to))
        for end in (self.client, self.server):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # What the answers of the server are kept back for.
        self.how = None

    def run(self):
        threading.Thread(target=self.answer, daemon=True).start()
        with suppress(OSError), self.client.makefile("rb") as messages:
            marked = False
            # The first message has no type; where it asks for TLS another such follows.
            first = message(messages, kind=False)
            self.server.sendall(first)
            if first[4:] == ASKS_FOR_TLS:
                self.server.sendall(message(messages, kind=False))
            while data := message(messages):
                proxy = self.proxy
                marked = marked or bool(proxy.text and proxy.text in data)
                if marked and data.endswith(COMMIT):
                    self.how, proxy.text, marked = proxy.how, None, False
                    if not self.how.commits:
                        proxy.broken.set()
                        if not self.how.is_silent:
                            break
                        # Whoever waits in vain leaves in the end.
                        messages.read()
                        break
                self.server.sendall(data)
        self.end()

    def answer(self):
        with suppress(OSError):
            while data := self.server.recv(65_536):
                if self.how is None:
                    self.client.sendall(data)
                elif self.how.commits and b"COMMIT\0" in data:
                    self.proxy.broken.set()
                    if not self.how.is_silent:
                        break
        self.end()

    def end(self):
        for end in (self.client, self.server):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


def message(stream, kind=True):
    """One message of the wire; nothing at the end."""
    head = stream.read(5 if kind else 4)
    if not head:
        return b""
    return head + stream.read(int.from_bytes(head[-4:], "big") - 4)
