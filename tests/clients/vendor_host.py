"""The vendor's host name, answered by roster: for clients that cannot be told another one.

Such a client is given a proxy in its environment and an authority to trust. The proxy ends TLS
itself, as a reverse proxy in front of roster would, and lets through what it carries unchanged.
Nothing of the machine is changed, and no other host can be reached.
"""

import socket
import ssl
import threading
from contextlib import suppress

import trustme

from program import PATIENCE


class VendorHost:
    """A proxy on a port of its own, for one host name."""

    def __init__(self, name, port, folder):
        """Answers for `name` with what listens on `port`; `folder` is for the certificate."""
        self.name = name
        self.port = port
        # What clients asked for, so that a test can say that it was this host alone.
        self.asked = []
        authority = trustme.CA()
        self.trusted = folder / "authority.pem"
        authority.cert_pem.write_to_path(self.trusted)
        self.tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert(name).configure_cert(self.tls)
        self.listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self.accept, daemon=True).start()

    def environment(self):
        """What a client finds the proxy by."""
        proxy = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        return {
            "HTTPS_PROXY": proxy,
            "HTTP_PROXY": proxy,
            "NO_PROXY": "",
            "REQUESTS_CA_BUNDLE": str(self.trusted),
            "SSL_CERT_FILE": str(self.trusted),
        }

    def close(self):
        """Takes no more connections."""
        # Closing alone does not wake the thread that waits.
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def accept(self):
        with suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                connection.settimeout(PATIENCE)
                threading.Thread(target=self.serve, args=[connection], daemon=True).start()

    def serve(self, connection):
        with connection, suppress(OSError):
            target = read_target(connection)
            self.asked.append(target)
            if target != f"{self.name}:443":
                connection.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
                return
            connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            with (
                self.tls.wrap_socket(connection, server_side=True) as plain,
                socket.create_connection(("127.0.0.1", self.port), PATIENCE) as roster,
            ):
                answers = threading.Thread(target=carry, args=[roster, plain], daemon=True)
                answers.start()
                carry(plain, roster)
                answers.join()


def read_target(connection):
    """The host and port that a CONNECT request names."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        # Byte by byte: what follows the head belongs to TLS.
        byte = connection.recv(1)
        if not byte:
            raise OSError("the client left")
        head += byte
    method, target, _ = head.split(b" ", 2)
    return target.decode() if method == b"CONNECT" else head.decode(errors="replace")


def carry(source, destination):
    """Copies until the source ends, and then says so."""
    with suppress(OSError):
        while data := source.recv(65_536):
            destination.sendall(data)
    with suppress(OSError):
        destination.shutdown(socket.SHUT_WR)
