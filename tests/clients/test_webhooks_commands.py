"""`roster webhook`, beside a running server: what it does, and what it says of bad input."""

import re

import pytest

from program import wait_until
from receivers import answer, answer_text
from webhooks import CREATED, DELETED, LOOPBACK, UPDATED, Endpoint, rows, verify

IDENTIFIER = re.compile(r"ep_[0-9a-f]{24}")
SECRET = re.compile(r"whsec_[A-Za-z0-9+/]{43}=")
UNKNOWN = "ep_" + "0" * 24
MESSAGE = "msg_" + "0" * 24 + "00000001"


def done(server, *arguments):
    """What a command prints that must succeed."""
    ended = server.run("webhook", *arguments)
    assert ended.returncode == 0, ended.stderr
    assert ended.stderr == ""
    return ended.stdout


def refused(server, *arguments):
    """What a command says that cannot be done."""
    ended = server.run("webhook", *arguments)
    assert ended.returncode == 1, f"{arguments}: {ended.stderr}"
    assert ended.stdout == ""
    [line] = ended.stderr.splitlines()
    return line


@pytest.fixture
def add(webhooks):
    """Registers a receiver with the command line."""

    def add(receiver, *flags):
        printed = done(webhooks.server, "add", receiver.url, *LOOPBACK, *flags)
        assert IDENTIFIER.fullmatch(printed.strip()), "add prints the identifier alone"
        return Endpoint(webhooks, {"id": printed.strip()}, receiver)

    return add


def test_what_is_added_is_there_for_all(webhooks, add, open_receiver):
    server = webhooks.server
    plain = add(open_receiver())
    asking = add(
        open_receiver(), "--event", f"{DELETED},{CREATED}", "--event", UPDATED,
        "--description", "the warehouse",
    )
    listed = {row["ID"]: row for row in rows(done(server, "list"))}
    assert listed.keys() == {plain.id, asking.id}
    assert listed[plain.id]["EVENTS"] == "-"
    assert listed[asking.id]["EVENTS"] == f"{DELETED},{CREATED},{UPDATED}"
    assert listed[asking.id]["URL"] == asking.receiver.url
    assert listed[asking.id]["DESCRIPTION"] == "the warehouse"
    assert {row["STATUS"] for row in listed.values()} == {"enabled"}
    assert "whsec_" not in done(server, "list")

    described = asking.describe()
    assert described["event_filters"] == [DELETED, CREATED, UPDATED]
    assert described["description"] == "the warehouse"
    webhooks.create("seen by both")
    for endpoint in [plain, asking]:
        assert endpoint.take(CREATED)["data"]["external_id"] == "seen by both"

    assert plain.id in done(server, "remove", plain.id)
    assert [row["ID"] for row in rows(done(server, "list"))] == [asking.id]
    assert webhooks.client.get(plain.url).status_code == 404
    assert plain.id in refused(server, "remove", plain.id)

    asking.change(enabled=False)
    [row] = rows(done(server, "list"))
    assert row["STATUS"] == "disabled"


def test_a_secret_and_its_rotation(webhooks, add, open_receiver):
    server, endpoint = webhooks.server, add(open_receiver())
    first = done(server, "secret", endpoint.id).strip()
    assert SECRET.fullmatch(first) and first == endpoint.secret
    second = done(server, "secret", "--rotate", endpoint.id).strip()
    assert SECRET.fullmatch(second) and second != first
    assert done(server, "secret", endpoint.id).strip() == second

    def rotated():
        webhooks.create()
        delivery = endpoint.receiver.next()
        verify(first, delivery)
        return len(delivery.headers["svix-signature"].split()) == 2

    wait_until(rotated, "the new secret signing")
    webhooks.create()
    delivery = endpoint.receiver.next()
    for secret in [first, second]:
        verify(secret, delivery)
        webhooks.verified.append((secret, delivery))
    assert webhooks.get(f"{endpoint.url}/secret/") == {"key": second}


def test_deliveries_are_listed_and_filtered(webhooks, add, open_receiver):
    endpoint = add(open_receiver(answer(500), answer(200)))
    user = webhooks.create()
    first, again = endpoint.next(), endpoint.next()
    endpoint.wait_for_state("delivered")
    webhooks.patch(user, first_name="Grace")
    second = endpoint.next()
    endpoint.wait_for_state("delivered", "delivered")
    newest, oldest = endpoint.deliveries()
    assert (newest["MESSAGE"], newest["EVENT"]) == (second.identifier, UPDATED)
    assert (oldest["MESSAGE"], oldest["EVENT"]) == (first.identifier, CREATED)
    assert (newest["FAILED TRIES"], oldest["FAILED TRIES"]) == ("0", "1")
    assert oldest["LAST ANSWER"].startswith("200 in ")
    assert again.identifier == first.identifier

    assert endpoint.deliveries("--limit", "1") == [newest]
    assert endpoint.deliveries("--state", "delivered") == [newest, oldest]
    assert endpoint.deliveries("--state", "failed") == []
    assert endpoint.deliveries("--state", "waiting") == []
    assert endpoint.deliveries("--since", "2020-01-01T00:00:00Z") == [newest, oldest]
    assert endpoint.deliveries("--since", "2120-01-01T00:00:00Z") == []


def test_an_answer_is_shown_without_what_would_move_the_cursor(webhooks, add, open_receiver):
    endpoint = add(open_receiver(answer_text(200, "taken\x1b[2J\r\nall of it")))
    webhooks.create()
    endpoint.wait_for_state("delivered")
    [row] = endpoint.deliveries()
    assert "taken" in row["LAST ANSWER"]
    assert not re.search(r"[\x00-\x1f]", row["LAST ANSWER"])


def test_one_message_is_sent_again(webhooks, add, open_receiver):
    server, endpoint = webhooks.server, add(open_receiver())
    webhooks.create("first")
    first = endpoint.next()
    webhooks.create("second")
    endpoint.next()
    endpoint.wait_for_state("delivered", "delivered")
    assert first.identifier in done(server, "replay", endpoint.id, first.identifier)
    again = endpoint.next()
    assert (again.identifier, again.body) == (first.identifier, first.body)
    endpoint.wait_for_state("delivered", "delivered")
    assert endpoint.receiver.is_idle

    # One from before the endpoint was there is sent, too.
    late = add(open_receiver())
    done(server, "replay", late.id, first.identifier)
    assert late.next().body == first.body


def test_all_that_failed_is_sent_again(open_webhooks, open_receiver):
    webhooks = open_webhooks(retry=("--webhook-retry", "0s"))
    server = webhooks.server
    endpoint = webhooks.register(open_receiver(answer(500), answer(500), answer(500)))
    for number in range(3):
        webhooks.create(f"failed {number}")
        endpoint.next()
    endpoint.wait_for_state("failed", "failed", "failed")
    webhooks.create("taken")
    endpoint.next()
    endpoint.wait_for_state("delivered", "failed", "failed", "failed")
    told = done(server, "replay", endpoint.id, "--failed-since", "2120-01-01T00:00:00Z")
    assert told.startswith("0 ")
    told = done(server, "replay", endpoint.id, "--failed-since", "2020-01-01T00:00:00Z")
    assert told.startswith("3 ")
    replayed = {message.event["data"]["external_id"] for message in endpoint.collect(3)}
    assert replayed == {"failed 0", "failed 1", "failed 2"}
    endpoint.wait_for_state(*["delivered"] * 4)
    told = done(server, "replay", endpoint.id, "--failed-since", "2020-01-01T00:00:00Z")
    assert told.startswith("0 ")


def test_an_endpoint_is_tried(webhooks, add, open_receiver):
    server = webhooks.server
    taken, failing = add(open_receiver()), add(open_receiver(answer(500)))
    told = done(server, "test", taken.id, *LOOPBACK)
    assert "204" in told
    event = taken.take(CREATED)
    assert event["data"]["end_user_id"] == "0" * 24
    assert webhooks.client.get(webhooks.end_users).json()["data"] == []
    assert taken.deliveries() == []
    assert "500" in refused(server, "test", failing.id, *LOOPBACK)
    # The command calls by itself, so it must be allowed by itself.
    assert "--webhook-allow" in refused(server, "test", taken.id)
    assert taken.receiver.is_idle
    taken.receiver.close()
    assert "no connection" in refused(server, "test", taken.id, *LOOPBACK)


def test_another_accounts_endpoints_are_apart(webhooks, add, open_receiver):
    server, endpoint = webhooks.server, add(open_receiver())
    assert server.run("account", "create", "second").returncode == 0
    second = ("--account", "second")
    assert rows(done(server, "list", *second)) == []
    for command in ["secret", "remove", "deliveries", "test"]:
        assert endpoint.id in refused(server, command, endpoint.id, *second)
    assert endpoint.id in refused(server, "replay", endpoint.id, MESSAGE, *second)
    theirs = done(server, "add", endpoint.receiver.url, *LOOPBACK, *second).strip()
    assert [row["ID"] for row in rows(done(server, "list", *second))] == [theirs]
    assert [row["ID"] for row in rows(done(server, "list"))] == [endpoint.id]


def test_what_cannot_be_done_is_said_in_one_line(webhooks, add, open_receiver):
    server, endpoint = webhooks.server, add(open_receiver())
    for command in ["secret", "remove", "deliveries"]:
        assert UNKNOWN in refused(server, command, UNKNOWN)
    assert UNKNOWN in refused(server, "test", UNKNOWN, *LOOPBACK)
    assert UNKNOWN in refused(server, "secret", "--rotate", UNKNOWN)
    assert UNKNOWN in refused(server, "replay", UNKNOWN, MESSAGE)
    assert UNKNOWN in refused(server, "replay", UNKNOWN, "--failed-since", "2020-01-01T00:00:00Z")
    assert MESSAGE in refused(server, "replay", endpoint.id, MESSAGE)
    for message in ["", "msg", "msg_1", "msg_" + "ü" * 20]:
        refused(server, "replay", endpoint.id, message)
    assert "nobody" in refused(server, "list", "--account", "nobody")
    for url in ["http://example.com/", "https://127.0.0.1/", "https://[::1]/"]:
        assert "--webhook-allow" in refused(server, "add", url)
    assert "v1.end_user" in refused(server, "add", "https://example.com/", "--event", "v1.end_user")
    assert len(rows(done(server, "list"))) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("add",),
        ("add", "example.com"),
        ("add", "ftp://example.com/"),
        ("add", "https://ada:pw@example.com/"),
        ("add", "https://example.com/", "--webhook-allow", "10/8"),
        ("add", "https://example.com/", "--description", "x" * 1025),
        ("remove",),
        ("remove", "0" * 24),
        ("secret", "ep_"),
        ("deliveries", UNKNOWN, "--state", "lost"),
        ("deliveries", UNKNOWN, "--since", "yesterday"),
        ("deliveries", UNKNOWN, "--limit", "0"),
        ("deliveries", UNKNOWN, "--limit", "101"),
        ("replay", UNKNOWN),
        ("replay", UNKNOWN, MESSAGE, "--failed-since", "2020-01-01T00:00:00Z"),
        ("replay", UNKNOWN, "--failed-since", "soon"),
    ],
)
def test_a_wrong_command_line(desk_server, arguments):
    ended = desk_server.run("webhook", *arguments)
    assert ended.returncode == 2, ended.stderr
    assert ended.stdout == ""
    assert "error:" in ended.stderr
    assert "pw@" not in ended.stderr, "the password is repeated"


@pytest.mark.parametrize("retry", ["", "soon", "5", "0s,,5s", ",".join(["1s"] * 51)])
def test_a_schedule_that_is_none(desk_server, retry):
    ended = desk_server.run("serve", "--webhook-retry", retry)
    assert ended.returncode == 2, ended.stderr
    assert "--webhook-retry" in ended.stderr
