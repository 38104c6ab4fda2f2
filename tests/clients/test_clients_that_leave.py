"""Clients that leave, stall or do not send what they announced."""

import json
import re
import socket
import struct
import time
from collections import Counter

import pytest
import requests

from program import PATIENCE, wait_until

CONTINUE = b"HTTP/1.1 100 "


class Connection:
    """A connection on which a test decides about every byte."""

    def __init__(self, server):
        self.token = server.token
        self.socket = socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def head(self, method, path, *lines, token=None):
        """The head of a request: its line, the token and these headers."""
        token = token or self.token
        lines = [f"{method} {path} HTTP/1.1", "Host: localhost", *lines]
        return "\r\n".join([*lines, f"Authorization: Bearer {token}", "\r\n"]).encode()

    def send(self, *parts):
        self.socket.sendall(b"".join(parts))

    def answer(self):
        """Everything that comes until the server closes, which it must not do with a reset."""
        received = b""
        while piece := self.socket.recv(65_536):
            received += piece
        return received

    def one_answer(self):
        """One whole answer of a connection that stays open."""
        received = b""
        while b"\r\n\r\n" not in received:
            piece = self.socket.recv(65_536)
            assert piece, f"the server closed after {received}"
            received += piece
        head, _, body = received.partition(b"\r\n\r\n")
        length = int(re.search(rb"(?i)content-length: *(\d+)", head)[1])
        while len(body) < length:
            piece = self.socket.recv(65_536)
            assert piece, f"the server closed after {received}"
            received += piece
            body += piece
        return received

    def reset(self):
        """Leaves without a farewell: whatever was on its way is void."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


def split(answer):
    """The status, the headers and the body of an answer."""
    head, _, body = answer.partition(b"\r\n\r\n")
    status, *lines = head.decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines)
    assert len(body) == int(headers["content-length"]), "the answer is not whole"
    return int(status.split()[1]), headers, body


def json_headers(length, *more):
    return ("Content-Type: application/json", f"Content-Length: {length}", *more)


def logged(server, identifier):
    """The lines of the log about the request with this id."""
    lines = [json.loads(line) for line in server.log.splitlines() if identifier in line]
    return [line for line in lines if line.get("request_id") == identifier]


def wait_until_logged(server, identifiers):
    """Waits for a line about each request, and returns each one's status and route."""
    wait_until(
        lambda: all(logged(server, identifier) for identifier in identifiers),
        "a line in the log about each request",
    )
    # A second line about one of them would be in the log before that of a request sent now.
    last = f"last-{time.monotonic_ns()}"
    answer = requests.get(f"{server.url}/healthz", headers={"x-request-id": last}, timeout=PATIENCE)
    assert answer.status_code == 200
    wait_until(lambda: logged(server, last), "the last line of the log")
    found = {}
    for identifier in identifiers:
        [line] = logged(server, identifier)
        found[identifier] = (line["status"], line["method"], line["route"])
    return found


def counted(server, method, route):
    """How often each status was answered, as the metrics have it."""
    text = requests.get(f"{server.url}/metrics", timeout=PATIENCE).text
    label = re.escape(f'method="{method}",route="{route}"')
    pattern = rf'^roster_http_requests_total{{{label},status="(\d+)"}} (\d+)$'
    return {int(status): int(count) for status, count in re.findall(pattern, text, re.M)}


END_USERS = "/api/v2/end-users/"


def test_a_half_closed_get_is_answered(server, client, end_users):
    users = [client.post(end_users, json={}).json() for _ in range(100)]
    with Connection(server) as connection:
        connection.send(connection.head("GET", END_USERS))
        connection.socket.shutdown(socket.SHUT_WR)
        status, _, body = split(connection.answer())
    assert status == 200
    assert json.loads(body)["data"] == users


def test_a_half_closed_post_is_answered(server, client, end_users):
    body = json.dumps({"external_id": "half-closed", "profile": {"first_name": "x" * 4000}})
    with Connection(server) as connection:
        head = connection.head("POST", END_USERS, *json_headers(len(body)))
        connection.send(head, body.encode())
        connection.socket.shutdown(socket.SHUT_WR)
        status, _, made = split(connection.answer())
    assert status == 201
    assert client.get(f"{end_users}?external_id=half-closed").json() == json.loads(made)


def test_half_closed_requests_are_answered_every_time(server):
    """Whether the end of what the client sends comes with the request or after it."""
    for number in range(100):
        body = b'{"external_id": "half-closed-%d"}' % number
        with Connection(server) as connection:
            connection.send(connection.head("POST", END_USERS, *json_headers(len(body))))
            if number % 2:
                connection.send(body)
            else:
                connection.send(body[:5])
                connection.send(body[5:])
            connection.socket.shutdown(socket.SHUT_WR)
            assert split(connection.answer())[0] == 201, number


def test_pipelined_requests_before_a_half_close_are_answered(server):
    with Connection(server) as connection:
        connection.send(connection.head("GET", END_USERS) * 20)
        connection.socket.shutdown(socket.SHUT_WR)
        assert connection.answer().count(b"HTTP/1.1 200 OK\r\n") == 20


def test_a_body_that_ends_early_is_refused(server):
    """The client has closed its side alone and still reads, so it is told."""
    with Connection(server) as connection:
        connection.send(connection.head("POST", END_USERS, *json_headers(1000)), b"{}")
        connection.socket.shutdown(socket.SHUT_WR)
        status, _, body = split(connection.answer())
    assert status == 400
    assert json.loads(body)["errors"][0]["type"] == "bad_request"


def begin_request(server, identifier, length):
    """A request whose body the server has asked for, so that it has begun."""
    connection = Connection(server)
    lines = json_headers(length, f"x-request-id: {identifier}", "Expect: 100-continue")
    connection.send(connection.head("POST", END_USERS, *lines))
    assert connection.socket.recv(1000).startswith(CONTINUE)
    return connection


def check_counted(server, found):
    """The metrics tell of the same requests as the log."""
    told = Counter(status for status, _, _ in found.values())
    assert counted(server, "POST", "/api/v2/end-users") == told


def test_a_client_that_closes_before_its_body_is_whole(server):
    """It cannot be known whether it still reads, so it may be told or missed."""
    identifiers = [f"closed-{number}" for number in range(10)]
    for identifier in identifiers:
        connection = begin_request(server, identifier, 1000)
        connection.send(b'{"external_id": ')
        connection.socket.close()
    found = wait_until_logged(server, identifiers)
    assert {status for status, _, _ in found.values()} <= {400, 499}
    check_counted(server, found)


def test_a_client_that_breaks_off_before_its_body_is_whole(server):
    """The request can be neither done nor answered, and is told of all the same: as a bad one,
    or as one whose client left, whichever the server learned first."""
    identifiers = [f"broken-{number}" for number in range(10)]
    for identifier in identifiers:
        connection = begin_request(server, identifier, 1000)
        connection.send(b'{"external_id": ')
        connection.reset()
    found = wait_until_logged(server, identifiers)
    one_of = {(status, "POST", "/api/v2/end-users") for status in (400, 499)}
    assert set(found.values()) <= one_of
    check_counted(server, found)


@pytest.mark.parametrize("farewell", ["close", "half-close", "reset"])
def test_a_client_that_leaves_after_its_request(server, client, end_users, farewell):
    """Whether the answer was made before the client was missed is chance; one line is not."""
    identifiers = [f"gone-{number}" for number in range(40)]
    for identifier in identifiers:
        body = json.dumps({"external_id": identifier}).encode()
        connection = begin_request(server, identifier, len(body))
        connection.send(body)
        if farewell == "reset":
            connection.reset()
        elif farewell == "half-close":
            connection.socket.shutdown(socket.SHUT_WR)
        connection.socket.close()
    found = wait_until_logged(server, identifiers)
    check_counted(server, found)
    assert {status for status, _, _ in found.values()} <= {201, 499}
    for identifier, (status, _, _) in found.items():
        if status == 201:
            assert client.get(f"{end_users}?external_id={identifier}").status_code == 200


def test_a_client_that_leaves_while_a_long_list_is_written(server, client, end_users):
    """The answer does not fit into what the system holds for a client that does not read."""
    for _ in range(100):
        body = {"profile": {"avatar": "x" * 4000, "display_name": "y" * 4000}}
        assert client.post(end_users, json=body).status_code == 201
    identifiers = [f"unread-{number}" for number in range(5)]
    for identifier in identifiers:
        with Connection(server) as connection:
            connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.send(connection.head("GET", END_USERS, f"x-request-id: {identifier}"))
            assert connection.socket.recv(100).startswith(b"HTTP/1.1 200 ")
    found = wait_until_logged(server, identifiers)
    assert {route for _, _, route in found.values()} == {"/api/v2/end-users"}
    assert {status for status, _, _ in found.values()} <= {200, 499}
    counts = counted(server, "GET", "/api/v2/end-users")
    assert sum(counts.values()) == len(identifiers)


def test_many_clients_that_leave_leave_nothing_behind(server):
    """Their connections are given up, and the next client is served."""

    def open_connections():
        text = requests.get(f"{server.url}/metrics", timeout=PATIENCE).text
        return int(re.search(r"^roster_http_connections (\d+)$", text, re.M)[1])

    for number in range(200):
        connection = Connection(server)
        head = connection.head("POST", END_USERS, *json_headers(1000))
        connection.send(head[: len(head) // 2] if number % 2 else head + b"{")
        connection.reset() if number % 4 < 2 else connection.socket.close()
    # The one that asks is the only one.
    wait_until(lambda: open_connections() == 1, "the end of all other connections")


def check_refused_without_the_body(server, status, kind, *lines, token=None):
    with Connection(server) as connection:
        begin = time.monotonic()
        connection.send(connection.head("POST", END_USERS, *lines, token=token))
        answer = connection.one_answer()
        took = time.monotonic() - begin
    assert not answer.startswith(CONTINUE), "the server asked for a body that it will not read"
    got, _, body = split(answer)
    assert got == status
    assert json.loads(body)["errors"][0]["type"] == kind
    assert took < 2, f"the answer took {took} s"


WRONG_TOKEN = f"roster_{'0' * 48}"
EXPECT = "Expect: 100-continue"


def test_a_bad_token_is_refused_before_the_body_is_asked_for(server):
    for length in (2, 1000, 1_000_000, 99_000_000):
        lines = json_headers(length, EXPECT)
        check_refused_without_the_body(server, 401, "unauthorized", *lines, token=WRONG_TOKEN)
    chunked = ("Content-Type: application/json", "Transfer-Encoding: chunked", EXPECT)
    check_refused_without_the_body(server, 401, "unauthorized", *chunked, token=WRONG_TOKEN)


def test_a_body_that_is_too_large_is_refused_before_it_is_asked_for(server):
    for length in (10 * 1024 * 1024 + 1, 99_000_000):
        lines = json_headers(length, EXPECT)
        check_refused_without_the_body(server, 413, "content_too_large", *lines)


def test_a_good_request_is_asked_for_its_body(server):
    body = b'{"external_id": "expected"}'
    with Connection(server) as connection:
        connection.send(connection.head("POST", END_USERS, *json_headers(len(body), EXPECT)))
        asked = connection.socket.recv(1000)
        assert asked.startswith(CONTINUE) and asked.endswith(b"\r\n\r\n")
        connection.send(body)
        assert split(connection.one_answer())[0] == 201


def test_a_client_that_sends_its_body_unasked_sees_the_refusal(server):
    """Some clients say that they will wait, and do not; the answer must reach them."""
    body = b"{}".ljust(300_000)
    with Connection(server) as connection:
        lines = json_headers(len(body), EXPECT)
        connection.send(connection.head("POST", END_USERS, *lines, token=WRONG_TOKEN))
        try:
            connection.send(body)
        except (BrokenPipeError, ConnectionResetError):
            pass
        answer = connection.one_answer()
    assert split(answer)[0] == 401


@pytest.mark.parametrize("length", [1, 1000, 300_000, 9_000_000])
def test_a_refusal_does_not_wait_for_the_body(server, length):
    lines = json_headers(length)
    check_refused_without_the_body(server, 401, "unauthorized", *lines, token=WRONG_TOKEN)


def test_a_refusal_does_not_wait_for_chunks(server):
    lines = ("Content-Type: application/json", "Transfer-Encoding: chunked")
    check_refused_without_the_body(server, 401, "unauthorized", *lines, token=WRONG_TOKEN)


def test_the_end_does_not_wait_for_clients_that_stall(server):
    with (
        Connection(server) as silent,
        Connection(server) as half_a_head,
        Connection(server) as no_body,
        Connection(server) as half_a_body,
        Connection(server) as refused,
        Connection(server) as idle,
        Connection(server) as idle_after_a_write,
    ):
        idle.send(idle.head("GET", END_USERS))
        assert split(idle.one_answer())[0] == 200
        idle_after_a_write.send(idle.head("POST", END_USERS, *json_headers(2)), b"{}")
        assert split(idle_after_a_write.one_answer())[0] == 201
        half_a_head.send(b"GET /api/v2/end-users/ HTTP/1.1\r\nHost: loc")
        no_body.send(no_body.head("POST", END_USERS, *json_headers(1000, EXPECT)))
        half_a_body.send(half_a_body.head("POST", END_USERS, *json_headers(1000, EXPECT)))
        for connection in (no_body, half_a_body):
            assert connection.socket.recv(1000).startswith(CONTINUE)
        half_a_body.send(b'{"external_id": ')
        refused.send(refused.head("POST", END_USERS, *json_headers(1000), token=WRONG_TOKEN))
        code, seconds = server.stop()
        assert code == 0, server.errors
        assert seconds < 10
        # Those who had asked for nothing are told at once that nothing will come.
        for connection in (silent, idle, idle_after_a_write):
            assert connection.answer() == b""
    assert "panicked" not in server.errors


def test_a_request_that_the_end_cuts_off_is_told_of(server):
    """Its client gets no answer; the operator can still see that it was there."""
    identifiers = [f"cut-off-{number}" for number in range(3)]
    connections = [begin_request(server, identifier, 1000) for identifier in identifiers]
    code, seconds = server.stop()
    assert code == 0, server.errors
    assert seconds < 10
    for identifier, connection in zip(identifiers, connections):
        connection.socket.close()
        [line] = logged(server, identifier)
        assert line["status"] == 499
