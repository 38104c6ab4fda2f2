"""Bodies with very many keys, and uploads that stall, cost nobody else anything."""

import gzip
import json
import socket
import threading
import time

import pytest
import requests

from program import PATIENCE

JSON = {"Content-Type": "application/json"}
# What a refusal may take, and what another client's request may take meanwhile. In seconds.
BOUND = 10


class Health(threading.Thread):
    """Another client that asks whether the server is alive, all the time."""

    def __init__(self, server):
        super().__init__()
        self.client = server.session()
        self.url = f"{server.url}/healthz"
        self.over = threading.Event()
        self.slowest = 0
        self.count = 0
        self.failures = []

    def run(self):
        while not self.over.is_set():
            begin = time.monotonic()
            try:
                answer = self.client.get(self.url, timeout=PATIENCE)
            except requests.RequestException as error:
                self.failures.append(error)
                return
            self.slowest = max(self.slowest, time.monotonic() - begin)
            self.count += 1
            if answer.status_code != 200:
                self.failures.append(answer.text)

    def __enter__(self):
        assert self.client.get(self.url, timeout=PATIENCE).status_code == 200
        self.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.join(PATIENCE)

    def check(self):
        assert not self.failures, self.failures[:3]
        assert self.count > 0
        assert self.slowest < BOUND, f"another client waited for {self.slowest} s"


def keys(prefix, count):
    return {f"{prefix}{number}": "" for number in range(count)}


def body(metadata, sensitive):
    profile = {"metadata": keys("m", metadata)}
    if sensitive:
        profile["sensitive_metadata"] = {"fields": keys("s", sensitive)}
    return json.dumps({"profile": profile}, separators=(",", ":")).encode()


SIZES = [(60_000, 0), (60_000, 60_000), (250_000, 250_000)]


def check_refused(server, method, url, data):
    """It is refused in time, and others are answered meanwhile."""
    client = server.session()
    with Health(server) as health:
        begin = time.monotonic()
        answer = client.request(method, url, data=data, headers=JSON, timeout=PATIENCE)
        took = time.monotonic() - begin
    assert answer.status_code == 400, answer.text[:300]
    assert took < BOUND, f"the answer took {took} s"
    health.check()
    [error] = answer.json()["errors"]
    assert error["type"] == "validation_error"
    assert len(answer.content) < 100_000, "the list of problems is bounded"


@pytest.mark.parametrize(("metadata", "sensitive"), SIZES)
def test_very_many_keys_are_refused_on_create(server, client, end_users, metadata, sensitive):
    check_refused(server, "POST", end_users, body(metadata, sensitive))
    assert client.get(end_users).json()["data"] == [], "what was refused did not happen"


@pytest.mark.parametrize(("metadata", "sensitive"), SIZES)
def test_very_many_keys_are_refused_on_change(server, client, end_users, metadata, sensitive):
    user = client.post(end_users, json={"profile": {"metadata": {"kept": True}}}).json()
    url = f"{end_users}{user['end_user_id']}"
    check_refused(server, "PATCH", url, body(metadata, sensitive))
    assert client.get(url).json() == user, "what was refused did not happen"


def test_very_many_sensitive_keys_are_refused(server, client, end_users):
    data = json.dumps({"profile": {"sensitive_metadata": {"fields": keys("s", 60_000)}}}).encode()
    check_refused(server, "POST", end_users, data)
    assert client.get(end_users).json()["data"] == []


def test_very_many_wrong_values_are_refused(server, end_users):
    """Each of them is a problem of its own; the answer tells the first hundred."""
    wrong = {f"m{number}": [] for number in range(60_000)}
    check_refused(server, "POST", end_users, json.dumps({"profile": {"metadata": wrong}}).encode())


def test_the_same_key_very_often_is_answered_in_time(server, end_users):
    """Sixty thousand keys that are one: whatever is made of them, it is made soon."""
    pairs = b",".join(b'"m":"%d"' % number for number in range(60_000))
    data = b'{"profile":{"metadata":{' + pairs + b"}}}"
    client = server.session()
    with Health(server) as health:
        begin = time.monotonic()
        answer = client.post(end_users, data=data, headers=JSON, timeout=PATIENCE)
        assert time.monotonic() - begin < BOUND
    assert answer.status_code in (201, 400), answer.text[:300]
    health.check()


def test_keys_that_differ_at_their_end_are_refused(server, end_users):
    """Long keys with one beginning, from the last to the first, which is the worst to compare."""
    names = [f"{'k' * 100}{number:06}" for number in range(40_000, 0, -1)]
    data = json.dumps({"profile": {"metadata": dict.fromkeys(names, "")}}).encode()
    check_refused(server, "POST", end_users, data)


def test_several_at_once(server, client, end_users):
    """Four clients send the largest at once; a reader is answered all the while."""
    data = body(60_000, 60_000)
    answers = []

    def send():
        session = server.session()
        answers.append(session.post(end_users, data=data, headers=JSON, timeout=PATIENCE))

    senders = [threading.Thread(target=send) for _ in range(4)]
    begin = time.monotonic()
    with Health(server) as health:
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join(PATIENCE)
    assert time.monotonic() - begin < 4 * BOUND
    assert [answer.status_code for answer in answers] == [400] * 4
    health.check()
    assert client.post(end_users, json={}).status_code == 201


class Stalled:
    """An upload of which most has come, and the rest never will."""

    def __init__(self, server, declared, sent, *more):
        self.socket = socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE)
        head = [
            "POST /api/v2/end-users/ HTTP/1.1",
            "Host: localhost",
            f"Authorization: Bearer {server.token}",
            "Content-Type: application/json",
            f"Content-Length: {declared}",
            "Expect: 100-continue",
            *more,
            "\r\n",
        ]
        self.socket.sendall("\r\n".join(head).encode())
        # The server wants the body, so it has begun to read.
        assert self.socket.recv(1000).startswith(b"HTTP/1.1 100 ")
        self.socket.sendall(b"{".ljust(sent))

    def finish(self, rest):
        """Sends the rest after all, and returns the status."""
        self.socket.sendall(rest)
        return int(self.socket.recv(1000).split()[1])


@pytest.fixture
def stalled(server):
    """Four uploads that stall."""
    uploads = [Stalled(server, 400_000, 300_000) for _ in range(4)]
    yield uploads
    for upload in uploads:
        upload.socket.close()


def check_created(client, url, data, **headers):
    begin = time.monotonic()
    answer = client.post(url, data=data, headers=JSON | headers, timeout=PATIENCE)
    took = time.monotonic() - begin
    assert answer.status_code == 201, answer.text
    assert took < 3, f"the answer took {took} s"
    return answer.json()


def test_stalled_uploads_do_not_delay_others(stalled, client, end_users):
    tiny = gzip.compress(b"{}", mtime=0)
    assert len(tiny) <= 22
    encoded = {"Content-Encoding": "gzip"}
    large = b'{"external_id": "large"}'.ljust(300_000)
    for _ in range(3):
        check_created(client, end_users, tiny, **encoded)
        check_created(client, end_users, b"{}")
    assert check_created(client, end_users, large)["external_id"] == "large"
    for number in range(3):
        data = b'{"external_id": "large-%d"}' % number
        check_created(client, end_users, data.ljust(300_000))
        check_created(client, end_users, gzip.compress(b"{}".ljust(300_000)), **encoded)
    # A stream whose length nobody knows before its end.
    check_created(client, end_users, iter([b"{}", b" " * 300_000]))


def test_a_stalled_upload_that_goes_on_is_answered(stalled, client, end_users):
    check_created(client, end_users, b"{}".ljust(300_000))
    for upload in stalled:
        assert upload.finish(b"}".rjust(100_000)) == 201


def test_stalled_compressed_uploads_do_not_delay_others(server, client, end_users):
    lines = ("Content-Encoding: gzip",)
    uploads = [Stalled(server, 400_000, 300_000, *lines) for _ in range(4)]
    try:
        check_created(client, end_users, gzip.compress(b"{}"), **{"Content-Encoding": "gzip"})
        check_created(client, end_users, b"{}".ljust(300_000))
    finally:
        for upload in uploads:
            upload.socket.close()


def test_uploads_that_were_given_up_leave_room(server, client, end_users):
    """What they had taken of the memory for large bodies is given back."""
    for _ in range(40):
        Stalled(server, 10_000_000, 2_000_000).socket.close()
    check_created(client, end_users, b"{}".ljust(300_000))
    check_created(client, end_users, b"{}".ljust(9_000_000))
