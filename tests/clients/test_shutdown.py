"""SIGTERM: what was accepted is answered, then the program ends with 0, within ten seconds."""

import socket
import threading

import requests

from program import PATIENCE, wait_until
from receivers import Stuck
from webhooks import LOOPBACK, SOON, Webhooks


class HalfSent:
    """A request that the server has accepted, but not received whole."""

    def __init__(self, server, body):
        self.rest = body
        self.socket = socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE)
        self.socket.sendall(
            b"POST /api/v2/end-users/ HTTP/1.1\r\n"
            b"Host: localhost\r\n"
            b"Authorization: Bearer " + server.token.encode() + b"\r\n"
            b"Content-Type: application/json\r\n"
            b"Content-Length: " + str(len(body)).encode() + b"\r\n"
            # The server says that it wants the body, which shows that it has begun.
            b"Expect: 100-continue\r\n\r\n"
        )
        assert self.socket.recv(1000).startswith(b"HTTP/1.1 100 ")

    def finish(self):
        """Sends the rest and returns the answer's status line."""
        self.socket.sendall(self.rest)
        return self.socket.recv(100_000).split(b"\r\n")[0]


def test_a_request_under_way_is_answered(server, start):
    requests_under_way = [
        HalfSent(server, b'{"external_id": "under-way-%d"}' % number) for number in range(5)
    ]
    stopped = []
    stopping = threading.Thread(target=lambda: stopped.append(server.stop()))
    stopping.start()

    def refuses_connections():
        try:
            requests.get(f"{server.url}/healthz", timeout=PATIENCE)
        except requests.ConnectionError:
            return True

    wait_until(refuses_connections, "seeing the signal")
    for request in requests_under_way:
        assert request.finish() == b"HTTP/1.1 201 Created"
    stopping.join()
    [(code, seconds)] = stopped
    assert code == 0
    assert seconds < 10
    again = start(server.store)
    client = again.session(server.token)
    for number in range(5):
        url = f"{again.url}/api/v2/end-users/?external_id=under-way-{number}"
        assert client.get(url).status_code == 200


def test_a_client_that_stalls_does_not_keep_the_server(server):
    stalled = HalfSent(server, b"{}")
    idle = server.session()
    idle.get(f"{server.url}/healthz")
    code, seconds = server.stop()
    assert code == 0
    assert seconds < 10
    stalled.socket.close()


def test_nothing_that_was_answered_is_lost_under_load(server, start):
    created = []

    def write(number):
        client = server.session()
        for count in range(1_000_000):
            external_id = f"writer-{number}-{count}"
            url = f"{server.url}/api/v2/end-users/"
            try:
                answer = client.post(url, json={"external_id": external_id}, timeout=PATIENCE)
            except requests.ConnectionError:
                return
            assert answer.status_code == 201, answer.text
            created.append(external_id)

    writers = [threading.Thread(target=write, args=[number]) for number in range(8)]
    for writer in writers:
        writer.start()
    wait_until(lambda: len(created) >= 200, "writing")
    code, seconds = server.stop()
    for writer in writers:
        writer.join()
    assert code == 0
    assert seconds < 10
    again = start(server.store)
    client = again.session(server.token)
    for external_id in created:
        url = f"{again.url}/api/v2/end-users/?external_id={external_id}"
        assert client.get(url).status_code == 200, external_id


def test_an_interrupt_does_the_same(server):
    server.process.send_signal(2)
    assert server.process.wait(PATIENCE) == 0


def test_a_receiver_that_hangs_does_not_keep_the_server(start, open_receiver):
    stuck = Stuck()
    webhooks = Webhooks(start(None, *LOOPBACK, *SOON))
    endpoint = webhooks.register(open_receiver(stuck))
    try:
        webhooks.create("told later")
        assert stuck.entered.wait(PATIENCE)
        first = endpoint.next()
        code, seconds = webhooks.server.stop()
        assert code == 0
        assert seconds < 10
        # It never answered, so it is told again.
        start(webhooks.server.store, *LOOPBACK, *SOON)
        assert endpoint.next().identifier == first.identifier
    finally:
        stuck.free.set()
