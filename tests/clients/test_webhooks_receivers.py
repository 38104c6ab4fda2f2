"""Receivers that fail, hang, leave, flood, redirect and forbid, and those that must not be called.

What one of them does is its own affair: nobody else waits, and nothing is lost.
"""

import socket
import threading
import time
from contextlib import suppress

import pytest

from program import PATIENCE, Server, wait_until
from receivers import (
    Endless,
    Stuck,
    answer,
    answer_text,
    leave,
    leave_within_the_body,
    leave_within_the_head,
)
from webhooks import CREATED, UPDATED, Webhooks

# How long a receiver has for its answer, in seconds.
ANSWERED_WITHIN = 15


def attempts_of(endpoint):
    """The one delivery of an endpoint, once it was taken: all that was sent, and what is listed."""
    endpoint.wait_for_state("delivered")
    sent = []
    while not endpoint.receiver.is_idle:
        sent.append(endpoint.next())
    [row] = endpoint.deliveries()
    return sent, row


def check_same(deliveries):
    """A message that is sent again is the same one, signed anew."""
    assert len({delivery.identifier for delivery in deliveries}) == 1
    assert len({delivery.body for delivery in deliveries}) == 1
    moments = [delivery.sent_at for delivery in deliveries]
    assert moments == sorted(moments)


@pytest.mark.parametrize(
    "failure",
    [
        answer(500),
        answer(404),
        answer(429),
        answer(300),
        answer_text(503, "näh" * 5000),
        leave,
        leave_within_the_head,
    ],
    ids=["500", "404", "429", "300", "503 with a body", "leaves", "leaves within the head"],
)
def test_who_fails_is_tried_again(webhooks, open_receiver, failure):
    endpoint = webhooks.register(open_receiver(failure, failure))
    webhooks.create("persistent")
    sent, row = attempts_of(endpoint)
    assert len(sent) == 3
    check_same(sent)
    assert row["MESSAGE"] == sent[0].identifier
    assert (row["EVENT"], row["FAILED TRIES"]) == (CREATED, "2")
    assert row["LAST ANSWER"].startswith("204 in ")
    assert endpoint.describe()["enabled"] is True


@pytest.mark.parametrize("success", [answer(200), answer(202), leave_within_the_body])
def test_what_has_a_status_of_success_is_taken(webhooks, open_receiver, success):
    """The receiver has said that it has the message; the rest of its answer says nothing."""
    endpoint = webhooks.register(open_receiver(success))
    webhooks.create()
    sent, row = attempts_of(endpoint)
    assert len(sent) == 1
    assert row["FAILED TRIES"] == "0"


def test_who_asks_for_time_gets_it(webhooks, open_receiver):
    endpoint = webhooks.register(open_receiver(answer(503, Retry_After="3")))
    webhooks.create()
    first, second = endpoint.next(), endpoint.next()
    check_same([first, second])
    assert second.sent_at - first.sent_at >= 3


def test_who_is_down_gets_all_of_it_later(webhooks, open_receiver):
    endpoint = webhooks.register(open_receiver())
    user = webhooks.create(metadata={"version": 0})
    endpoint.take(CREATED)
    endpoint.receiver.close()
    for version in range(1, 11):
        webhooks.patch(user, metadata={"version": version})
    wait_until(lambda: len(endpoint.deliveries("--state", "waiting")) == 10, "ten that wait")
    endpoint.receiver.open()
    events = [delivery.event for delivery in endpoint.collect(10)]
    versions = {event["data"]["profile"]["metadata"]["version"] for event in events}
    assert versions == set(range(1, 11))
    assert {event["type"] for event in events} == {UPDATED}
    endpoint.wait_for_state(*["delivered"] * 11)


def test_nobody_waits_for_who_hangs(webhooks, open_receiver):
    """One says nothing, one says that it has the message and then goes on for ever."""
    silent, slow = Stuck(), Stuck(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    hanging = webhooks.register(open_receiver(silent))
    lingering = webhooks.register(open_receiver(slow))
    healthy = webhooks.register(open_receiver())
    try:
        user = webhooks.create("hung")
        assert silent.entered.wait(PATIENCE) and slow.entered.wait(PATIENCE)
        for version in range(100):
            webhooks.patch(user, metadata={"version": version})
        assert len(healthy.collect(101)) == 101
        # Somebody else's changes do not wait for this user's, either.
        first = hanging.next()
        webhooks.create("another")
        assert hanging.take(CREATED)["data"]["external_id"] == "another"
        assert not silent.free.is_set()

        # It had its time. What comes next is the same message again.
        again = hanging.next(2 * ANSWERED_WITHIN)
        while again.identifier != first.identifier:
            again = hanging.next(2 * ANSWERED_WITHIN)
        check_same([first, again])
        assert again.sent_at - first.sent_at >= ANSWERED_WITHIN
        # The other one had taken it, and is not sent it again.
        identifiers = [lingering.next(2 * ANSWERED_WITHIN).identifier for _ in range(102)]
        assert len(set(identifiers)) == 102
    finally:
        silent.free.set()
        slow.free.set()


def test_nobody_waits_for_many_who_hang(webhooks, open_receiver):
    """However many there are, and however much is under way to them."""
    stuck = [Stuck() for _ in range(20)]
    for each in stuck:
        webhooks.register(open_receiver(*[each] * 100))
    healthy = webhooks.register(open_receiver())
    try:
        for number in range(60):
            webhooks.create(f"user {number}")
        begin = time.monotonic()
        healthy.collect(60)
        # When their time is over, there is room for others.
        assert time.monotonic() - begin < ANSWERED_WITHIN - 5
    finally:
        for each in stuck:
            each.free.set()


def test_a_flood_is_hung_up_on(webhooks, open_receiver):
    flood = Endless()
    endpoint = webhooks.register(open_receiver(flood))
    webhooks.create("flooded")
    assert flood.over.wait(PATIENCE)
    # What the system's buffers take was sent, and never read.
    assert flood.sent < 64 * 1024 * 1024
    sent, row = attempts_of(endpoint)
    assert len(sent) == 1
    assert row["FAILED TRIES"] == "0"
    webhooks.create("after it")
    assert endpoint.take(CREATED)["data"]["external_id"] == "after it"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_a_failure(webhooks, open_receiver, status):
    elsewhere = open_receiver()
    endpoint = webhooks.register(open_receiver(answer(status, Location=elsewhere.url)))
    webhooks.create()
    sent, row = attempts_of(endpoint)
    assert len(sent) == 2
    assert row["FAILED TRIES"] == "1"
    assert elsewhere.connected == 0


def test_who_is_gone_is_disabled_at_once(webhooks, open_receiver):
    endpoint = webhooks.register(open_receiver(answer(410)))
    webhooks.create("the last one")
    endpoint.take(CREATED)
    wait_until(lambda: not endpoint.describe()["enabled"], "being disabled")
    assert endpoint.describe()["disabled_reason"] == "gone"
    listed = webhooks.server.run("webhook", "list")
    assert "disabled: it answered 410 Gone" in listed.stdout
    wait_until(lambda: endpoint.id in webhooks.server.log, "a line in the log")
    endpoint.wait_for_state("failed")

    webhooks.create("missed")
    assert endpoint.change(enabled=True)["disabled_reason"] is None
    webhooks.create("back again")
    assert endpoint.take(CREATED)["data"]["external_id"] == "back again"


def test_a_schedule_ends(open_webhooks, open_receiver):
    webhooks = open_webhooks(retry=("--webhook-retry", "0s,50ms,50ms"))
    endpoint = webhooks.register(open_receiver(*[answer(500)] * 3))
    webhooks.create()
    endpoint.wait_for_state("failed")
    check_same([endpoint.next() for _ in range(3)])
    [row] = endpoint.deliveries("--state", "failed")
    assert row["FAILED TRIES"] == "3"
    webhooks.create("later")
    assert endpoint.take(CREATED)["data"]["external_id"] == "later"
    assert endpoint.receiver.is_idle


class Listener:
    """Counts who connects, and talks to nobody."""

    def __init__(self):
        self.connected = 0
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with suppress(OSError):
            while True:
                connection, _ = self.socket.accept()
                self.connected += 1
                connection.close()


@pytest.fixture
def listener():
    listener = Listener()
    yield listener
    listener.socket.shutdown(socket.SHUT_RDWR)
    listener.socket.close()


class Place:
    """Where nobody receives."""

    def __init__(self, url):
        self.url = url


@pytest.mark.parametrize("allow", [(), ("--webhook-allow", "10.0.0.0/8,192.168.1.1")])
def test_a_name_that_leads_to_this_machine_is_never_called(open_webhooks, listener, allow):
    webhooks = open_webhooks(allow=allow)
    places = [Place(f"https://LocalHost:{listener.port}/hook")]
    if allow:
        places.append(Place(f"http://localhost:{listener.port}/hook"))
    endpoints = [webhooks.register(place) for place in places]
    webhooks.create()

    def refused(endpoint):
        [row] = endpoint.deliveries() or [{"LAST ANSWER": ""}]
        return "may not be called" in row["LAST ANSWER"]

    for endpoint in endpoints:
        wait_until(lambda: refused(endpoint), f"{endpoint.url} being refused")
    assert listener.connected == 0
    assert webhooks.metric('roster_webhook_attempts_total{outcome="forbidden"}') >= len(endpoints)


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/hook",
        "https://127.1/hook",
        "https://0x7f000001/hook",
        "https://2130706433/hook",
        "https://[::1]/hook",
        "https://[::ffff:127.0.0.1]/hook",
        "https://169.254.169.254/latest/meta-data",
        "https://10.1.2.3/hook",
        "https://0/hook",
        "http://example.com/hook",
        "https://ada:hunter2@example.com/hook",
        "ftp://example.com/hook",
        "/hook",
        "",
    ],
)
def test_an_address_that_could_never_be_called_is_refused(webhooks_without_networks, url):
    webhooks = webhooks_without_networks
    answer = webhooks.client.post(webhooks.url, json={"url": url})
    assert answer.status_code == 400, answer.text
    [error] = answer.json()["errors"]
    assert "$.url" in str(error["details"])
    added = webhooks.server.run("webhook", "add", url)
    assert added.returncode in (1, 2) and added.stdout == ""
    assert "hunter2" not in answer.text


@pytest.fixture(scope="module")
def webhooks_without_networks(new_store, tmp_path_factory):
    """A server that was allowed nothing, for tests that register nothing."""
    folder = tmp_path_factory.mktemp("server")
    with new_store(folder) as store:
        server = Server(store, folder)
        yield Webhooks(server.wait_until_ready())
        server.kill()
