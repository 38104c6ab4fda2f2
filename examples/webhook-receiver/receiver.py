"""Receives webhooks, verifies them, and prints a line for each event.

    WEBHOOK_SECRET=whsec_... python3 receiver.py 9000

It needs nothing but Python. While a secret is rotated, WEBHOOK_SECRET may hold both of them, with
a space between.
"""

import base64
import hashlib
import hmac
import json
import os
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# What is older, or from further ahead, may be a recording that somebody plays again.
TOLERANCE = 5 * 60
LARGEST_BODY = 1024 * 1024
# So many events are remembered, so that one that is sent twice counts once. A receiver that must
# not forget over a restart keeps this in its database, in the transaction that uses the event.
REMEMBERED = 100_000

seen = {}
one_at_a_time = threading.Lock()


def read_secrets(text):
    """The keys in a text such as `whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw`."""
    return [base64.b64decode(secret.removeprefix("whsec_")) for secret in text.split()]


def is_genuine(secrets, headers, body):
    """Whether the request was signed with one of the secrets, and lately."""
    identifier, timestamp = headers.get("svix-id", ""), headers.get("svix-timestamp", "")
    if not timestamp.isdecimal() or abs(time.time() - int(timestamp)) > TOLERANCE:
        return False
    # The bytes as they came: JSON that was read and written again has another signature.
    signed = f"{identifier}.{timestamp}.".encode() + body
    expected = [
        b"v1," + base64.b64encode(hmac.digest(secret, signed, hashlib.sha256))
        for secret in secrets
    ]
    signatures = headers.get("svix-signature", "").encode().split()
    # All are compared, in a time that does not tell how much of one was right.
    matches = [hmac.compare_digest(one, other) for one in expected for other in signatures]
    return any(matches)


def use(identifier, event):
    """Does with an event what it is for, once: here, it is printed."""
    with one_at_a_time:
        if identifier in seen:
            return
        print(event["timestamp"], event["type"], event["data"]["end_user_id"], flush=True)
        seen[identifier] = True
        if len(seen) > REMEMBERED:
            del seen[next(iter(seen))]


class Receiver(BaseHTTPRequestHandler):
    # The connection is kept for the next event.
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > LARGEST_BODY:
            self.close_connection = True
            self.answer(413)
            return
        body = self.rfile.read(int(length))
        if not is_genuine(self.server.secrets, self.headers, body):
            self.answer(400)
            return
        # The sender waits 15 seconds and then sends it again: what takes longer is put into a
        # queue of one's own here, and done elsewhere.
        use(self.headers["svix-id"], json.loads(body))
        self.answer(204)

    def answer(self, status):
        self.send_response(status)
        if status != 204:
            self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        """Only events are printed."""


class Server(ThreadingHTTPServer):
    # Many events may come at once.
    request_queue_size = 128


def main():
    secrets = read_secrets(os.environ.get("WEBHOOK_SECRET", ""))
    if not secrets:
        sys.exit("set WEBHOOK_SECRET to what `roster webhook secret` prints")
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 9000
    server = Server(("127.0.0.1", port), Receiver)
    server.secrets = secrets
    print(f"listening on http://127.0.0.1:{port}/", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
