"""Receivers of webhooks: real servers on ports of their own, well behaved and not.

What a receiver does with a delivery is a function of the handler that got it. Functions that are
given to a receiver are used in turn; then every delivery is taken.
"""

import json
import queue
import socket
import ssl
import threading
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import trustme

from program import PATIENCE

ENDLESS = 10 * 1000**3


@dataclass
class Delivery:
    """A request as it came."""

    method: str
    path: str
    headers: dict
    body: bytes

    @property
    def identifier(self):
        """What is the same whenever the same message is sent."""
        return self.headers["svix-id"]

    @property
    def sent_at(self):
        return int(self.headers["svix-timestamp"])

    @property
    def event(self):
        return json.loads(self.body)


def answer(status, **headers):
    """Answers with a status, without a body."""

    def respond(handler):
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        if status != 204:
            handler.send_header("Content-Length", "0")
        handler.end_headers()

    return respond


take = answer(204)


def answer_text(status, text):
    """Answers with a body."""

    def respond(handler):
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(text.encode())))
        handler.end_headers()
        handler.wfile.write(text.encode())

    return respond


def leave(handler):
    """Closes the connection without a word."""
    handler.close_connection = True


def leave_within_the_head(handler):
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Le")
    handler.close_connection = True


def leave_within_the_body(handler):
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nthe beginning")
    handler.close_connection = True


class Stuck:
    """Answers with the bytes that it is given, and then nothing more until it is let go."""

    def __init__(self, head=b""):
        self.head = head
        self.entered = threading.Event()
        self.free = threading.Event()

    def __call__(self, handler):
        handler.wfile.write(self.head)
        self.entered.set()
        self.free.wait(4 * PATIENCE)
        handler.close_connection = True


class Endless:
    """Answers with ten gigabytes, or as much of them as is taken."""

    def __init__(self):
        self.sent = 0
        self.over = threading.Event()

    def __call__(self, handler):
        handler.close_connection = True
        handler.wfile.write(f"HTTP/1.1 200 OK\r\nContent-Length: {ENDLESS}\r\n\r\n".encode())
        part = b"x" * 65_536
        with suppress(OSError):
            while self.sent < ENDLESS:
                handler.wfile.write(part)
                self.sent += len(part)
        self.over.set()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def receive(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.receiver.receive(self, Delivery(self.command, self.path, headers, body))

    do_GET = do_POST = do_PUT = receive

    def log_message(self, *_):
        """The tests say what is wrong."""


class Connections(ThreadingHTTPServer):
    """The connections of a receiver, so that they can be closed."""

    request_queue_size = 512

    def __init__(self, port, receiver, tls):
        self.receiver = receiver
        self.tls = tls
        self.open = set()
        super().__init__(("127.0.0.1", port), Handler)

    def finish_request(self, request, client_address):
        self.receiver.connected += 1
        with suppress(OSError):
            if self.tls:
                request.settimeout(PATIENCE)
                request = self.tls.wrap_socket(request, server_side=True)
                request.settimeout(None)
            self.open.add(request)
            try:
                super().finish_request(request, client_address)
            finally:
                self.open.discard(request)
                if self.tls:
                    request.close()

    def handle_error(self, *_):
        """Whoever is closed while it answers has nothing to report."""


class Receiver:
    """Listens, remembers what comes, and does with it what it was told."""

    def __init__(self, *responses, port=0, tls=None):
        self.deliveries = queue.Queue()
        self.responses = queue.SimpleQueue()
        for response in responses:
            self.responses.put(response)
        self.connected = 0
        self.scheme = "https" if tls else "http"
        self.tls = tls
        self.port = port
        self.open()

    @property
    def url(self):
        # The certificate is for the name, which leads to the address.
        return f"{self.scheme}://{'localhost' if self.tls else '127.0.0.1'}:{self.port}/hook"

    def open(self):
        """Listens, at the same place as before if it did before."""
        self.server = Connections(self.port, self, self.tls)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=[0.02], daemon=True).start()

    def close(self):
        """Is not there any more: nobody listens, and every connection is broken."""
        self.server.shutdown()
        self.server.socket.close()
        for connection in list(self.server.open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def receive(self, handler, delivery):
        self.deliveries.put(delivery)
        try:
            respond = self.responses.get_nowait()
        except queue.Empty:
            respond = take
        respond(handler)

    def next(self, timeout=PATIENCE):
        """The next delivery."""
        return self.deliveries.get(timeout=timeout)

    @property
    def is_idle(self):
        """Whether nothing came that was not looked at."""
        return self.deliveries.empty()


class Authority:
    """Somebody who certifies that a receiver is localhost."""

    def __init__(self, folder):
        authority = trustme.CA()
        self.trusted = folder / "authority.pem"
        authority.cert_pem.write_to_path(self.trusted)
        self.tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert("localhost").configure_cert(self.tls)

    @property
    def command(self):
        """What runs a program that trusts this authority alone."""
        return ("env", f"SSL_CERT_FILE={self.trusted}")
