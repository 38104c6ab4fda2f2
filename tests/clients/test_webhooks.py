"""What endpoints are told of changes: real receivers, verified by the vendor's libraries."""

import base64
import re
import time

import pytest

from postgres import stored_files
from program import PATIENCE, wait_until
from receivers import Authority, answer
from webhooks import (
    CREATED,
    DELETED,
    ENDED,
    LOOPBACK,
    OTHER_SECRET,
    STARTED,
    UPDATED,
    refuse,
    verify,
)

BROUGHT_SECRET = "whsec_" + base64.b64encode(bytes(range(24))).decode()
MILLISECONDS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00")


@pytest.fixture
def endpoint(webhooks, open_receiver):
    """An endpoint that asked for nothing by name."""
    return webhooks.register(open_receiver())


class Support:
    """Zendesk's dialect of the same account."""

    def __init__(self, webhooks):
        self.url = f"{webhooks.server.url}/api/v2/users"
        self.client = webhooks.client

    def ask(self, method, path="", **body):
        answer = self.client.request(method, f"{self.url}{path}.json", json=body, timeout=PATIENCE)
        assert answer.ok, answer.text
        return answer.json()["user"]


def start_conversation(webhooks, **who):
    """A conversation in a new channel."""
    base = f"{webhooks.server.url}/api/v2"
    channel = {"name": "Shop", "description": "Our shop", "modality": "messaging"}
    made = webhooks.client.post(f"{base}/channels/", json=channel)
    assert made.status_code == 201, made.text
    body = {"channel_id": made.json()["id"], "metadata": {"page": "cart"}, **who}
    started = webhooks.client.post(f"{base}/conversations/", json=body)
    assert started.status_code == 201, started.text
    return started.json()


def end_conversation(webhooks, conversation):
    url = f"{webhooks.server.url}/api/v2/conversations/{conversation['id']}/end/"
    return webhooks.client.post(url, timeout=PATIENCE).status_code


def test_a_user_is_created_and_changed(webhooks, endpoint):
    before = int(time.time())
    user = webhooks.create("CRM-1", first_name="Grüße \"Grace\" 😀", metadata={"vip": True, "n": 4})
    created = endpoint.next()
    assert created.event["type"] == CREATED
    assert created.event["data"] == user
    assert created.event["tags"] == [user["end_user_id"]]
    assert MILLISECONDS.fullmatch(created.event["timestamp"])
    assert created.event["timestamp"][:23] == user["created_at"][:23]

    headers = created.headers
    assert headers["content-type"] == "application/json"
    assert headers["user-agent"].startswith("roster")
    assert before <= created.sent_at <= time.time() + 1
    for name in ["id", "timestamp", "signature"]:
        assert headers[f"svix-{name}"] == headers[f"webhook-{name}"]
    assert len(headers["svix-signature"].split()) == 1
    assert "authorization" not in headers

    changed = webhooks.patch(user, first_name="Grace", metadata={"vip": None})
    updated = endpoint.next()
    assert updated.event["type"] == UPDATED
    assert updated.event["data"] == changed
    assert updated.event["timestamp"] > created.event["timestamp"]
    assert updated.identifier != created.identifier
    endpoint.wait_for_state("delivered", "delivered")


def test_only_what_can_be_seen_is_told(webhooks, endpoint):
    """What is not told would come before what is: it is about the same user."""
    user = webhooks.create("key", first_name="Grace", metadata={"plan": "free"})
    endpoint.take(CREATED)
    webhooks.patch(user)
    webhooks.patch(user, first_name="Grace", metadata={"plan": "free"})
    webhooks.patch(user, sensitive_metadata={"fields": {"pin": "4711"}})
    webhooks.patch(user, external_id="KEY")
    same = {"external_id": "key", "profile": {"first_name": "Grace"}}
    assert webhooks.client.post(webhooks.end_users, json=same).status_code == 200

    webhooks.patch(user, external_id="another key")
    assert endpoint.take(UPDATED)["data"]["external_id"] == "another key"
    webhooks.patch(user, metadata={"plan": "gold"}, sensitive_metadata={"fields": {"pin": "0815"}})
    assert endpoint.take(UPDATED)["data"]["profile"]["metadata"] == {"plan": "gold"}
    assert endpoint.receiver.is_idle
    endpoint.wait_for_state(*["delivered"] * 3)


def test_secrets_are_never_told(webhooks, endpoint):
    user = webhooks.create(first_name="Grace", sensitive_metadata={"fields": {"pin": "s3cr3t"}})
    webhooks.patch(user, first_name="G", sensitive_metadata={"fields": {"pin": "s3cr3t-2"}})
    for delivery in endpoint.collect(2):
        assert b"s3cr3t" not in delivery.body
        assert b"sensitive" not in delivery.body


def test_changes_through_zendesks_dialect(webhooks, open_receiver):
    endpoint = webhooks.register(open_receiver(), CREATED, UPDATED, DELETED)
    support = Support(webhooks)

    def shown(event):
        return webhooks.get(f"{webhooks.end_users}{event['data']['end_user_id']}")

    person = {"name": "Grace Hopper", "email": "grace@navy.example", "external_id": "Navy-1"}
    grace = support.ask("POST", user=person)
    created = endpoint.take(CREATED)
    assert created["data"]["external_id"] == "navy-1"
    assert created["data"]["profile"]["email"] == "grace@navy.example"
    assert created["data"] == shown(created)

    support.ask("PUT", f"/{grace['id']}", user={"notes": "likes tea", "tags": ["vip"]})
    support.ask("PUT", f"/{grace['id']}", user={"external_id": "navy-2"})
    updated = endpoint.take(UPDATED)
    assert updated["data"]["external_id"] == "navy-2"
    assert updated["data"] == shown(updated)

    # Those on the team are nobody's end users.
    agent = {"name": "Agent", "email": "agent@desk.example", "role": "agent"}
    support.ask("POST", user=agent)
    ada = support.ask("POST", user={"name": "Ada", "external_id": "engine"})
    engine = endpoint.take(CREATED)["data"]["end_user_id"]
    support.ask("PUT", f"/{ada['id']}/merge", user={"id": grace["id"]})
    # The one that remains may have changed, too.
    events = {delivery.event["type"]: delivery.event for delivery in endpoint.collect(1)}
    if DELETED not in events:
        events[DELETED] = endpoint.take(DELETED)
    gone = {"end_user_id": engine, "external_id": "engine", "reason": "merged"}
    assert events[DELETED]["data"] == gone
    assert events[DELETED]["tags"] == [engine]

    support.ask("PUT", f"/{grace['id']}", user={"role": "agent"})
    identifier = created["data"]["end_user_id"]
    left = next(event for event in all_events(endpoint) if event["type"] == DELETED)
    assert left["data"]["end_user_id"] == identifier
    assert left["data"]["reason"] == "joined_team"
    support.ask("PUT", f"/{grace['id']}", user={"role": "end-user"})
    assert endpoint.take(CREATED)["data"]["end_user_id"] == identifier
    support.ask("DELETE", f"/{grace['id']}")
    gone = {"end_user_id": identifier, "external_id": "navy-2", "reason": "deleted"}
    assert endpoint.take(DELETED)["data"] == gone


def all_events(endpoint):
    while True:
        yield endpoint.next().event


def test_only_who_asks_is_told_of_the_rest(webhooks, open_receiver):
    usual = webhooks.register(open_receiver())
    asking = webhooks.register(open_receiver(), CREATED, DELETED, STARTED, ENDED)
    deaf = webhooks.register(open_receiver(), "v1.audit_log.emitted")

    conversation = start_conversation(webhooks)
    created, started = asking.take(CREATED, STARTED)
    identifier = conversation["end_user_id"]
    assert created["data"] == webhooks.get(f"{webhooks.end_users}{identifier}")
    assert usual.take(CREATED) == created
    assert started["data"] == {
        "conversation_id": conversation["id"],
        "channel_id": conversation["channel_id"],
        "created_at": conversation["created_at"],
        "end_user_id": identifier,
        "metadata": {"page": "cart"},
        "ai_agent_domain": "default",
    }
    assert "tags" not in started
    assert end_conversation(webhooks, conversation) == 200
    ended = asking.take(ENDED)
    assert ended["data"]["conversation_id"] == conversation["id"]
    assert ended["data"]["ended_by"] == {"id": None, "role": "system"}
    # It has ended already, which is nothing new.
    end_conversation(webhooks, conversation)

    url = f"{webhooks.server.url}/api/v2/users?role=end-user"
    [user] = webhooks.get(url)["users"]
    Support(webhooks).ask("DELETE", f"/{user['id']}")
    assert asking.take(DELETED)["data"]["reason"] == "deleted"

    webhooks.create("the last one")
    assert usual.take(CREATED)["data"]["external_id"] == "the last one"
    assert asking.take(CREATED)["data"]["external_id"] == "the last one"
    assert usual.receiver.is_idle and asking.receiver.is_idle
    assert deaf.receiver.connected == 0
    assert deaf.deliveries() == []


def test_who_expires_is_told(open_webhooks, open_receiver):
    webhooks = open_webhooks("--unassociated-ttl", "2s")
    endpoint = webhooks.register(open_receiver(), DELETED)
    user = webhooks.create("Passer-By", first_name="Grace")
    gone = {"end_user_id": user["end_user_id"], "external_id": "passer-by", "reason": "expired"}
    assert endpoint.take(DELETED)["data"] == gone


def test_over_https(open_webhooks, open_receiver, tmp_path):
    authority = Authority(tmp_path)
    webhooks = open_webhooks(prefix=authority.command)
    endpoint = webhooks.register(open_receiver(answer(500), tls=authority.tls))
    user = webhooks.create("over tls")
    refused, accepted = endpoint.next(), endpoint.next()
    assert accepted.event["data"] == user
    assert accepted.identifier == refused.identifier
    webhooks.patch(user, first_name="Grace")
    endpoint.take(UPDATED)


def test_who_is_certified_by_nobody_is_sent_nothing(open_webhooks, open_receiver, tmp_path):
    theirs, trusted = tmp_path / "theirs", tmp_path / "trusted"
    theirs.mkdir()
    trusted.mkdir()
    webhooks = open_webhooks(prefix=Authority(trusted).command)
    endpoint = webhooks.register(open_receiver(tls=Authority(theirs).tls))
    webhooks.create()

    def failed():
        [row] = endpoint.deliveries() or [{"LAST ANSWER": ""}]
        return "certificate" in row["LAST ANSWER"]

    wait_until(failed, "the certificate being refused")
    assert endpoint.receiver.is_idle


def test_both_secrets_sign_after_a_rotation(webhooks, endpoint):
    first = endpoint.secret
    webhooks.create()
    assert len(endpoint.next().headers["svix-signature"].split()) == 1
    endpoint.rotate()
    assert endpoint.secret != first

    def rotated():
        webhooks.create()
        delivery = endpoint.receiver.next()
        verify(first, delivery)
        return len(delivery.headers["svix-signature"].split()) == 2

    wait_until(rotated, "the new secret signing")
    webhooks.create()
    delivery = endpoint.next()
    verify(first, delivery)
    refuse(OTHER_SECRET, delivery)

    # One that the caller brings replaces the second; the first signs no more.
    second = endpoint.secret
    endpoint.rotate(key=BROUGHT_SECRET)
    assert endpoint.secret == BROUGHT_SECRET
    third = []

    def replaced():
        webhooks.create()
        third[:] = [endpoint.receiver.next()]
        return not is_genuine(first, third[0])

    wait_until(replaced, "the first secret being forgotten")
    for secret in [second, BROUGHT_SECRET]:
        verify(secret, third[0])
        webhooks.verified.append((secret, third[0]))


def is_genuine(secret, delivery):
    try:
        verify(secret, delivery)
    except Exception:
        return False
    return True


def test_a_secret_is_nowhere_in_clear(webhooks, endpoint):
    webhooks.create()
    endpoint.take(CREATED)
    key = base64.b64decode(endpoint.secret.removeprefix("whsec_"))
    encoded = endpoint.secret.removeprefix("whsec_").encode()
    for name, content in stored_files(webhooks.server.store):
        assert key not in content and encoded not in content, name
    assert encoded.decode() not in webhooks.server.log + webhooks.server.errors


@pytest.mark.embedded
def test_a_key_is_needed_for_as_long_as_a_secret_is_sealed_with_it(webhooks, endpoint, start):
    server = webhooks.server
    assert server.stop()[0] == 0
    keys = server.data / "sealing.key"
    first = keys.read_text()
    second = f"2:{'5a' * 32}\n"
    keys.write_text(second)
    refused = server.run("serve", "--listen", f"127.0.0.1:{server.port}")
    assert refused.returncode == 1
    assert "key 1" in refused.stderr
    for command in ["secret", "test"]:
        assert server.run("webhook", command, endpoint.id).returncode == 1
    added = server.run("webhook", "add", "https://example.com/")
    assert added.returncode == 1, "it would be sealed with a key that the server does not have"

    keys.write_text(first + second)
    for _ in range(2):
        assert server.run("webhook", "secret", endpoint.id, "--rotate").returncode == 0
    secret = server.run("webhook", "secret", endpoint.id).stdout.strip()
    keys.write_text(second)
    again = start(server.data, *LOOPBACK)
    webhooks.client.post(f"{again.url}/api/v2/end-users/", json={})
    verify(secret, endpoint.receiver.next())


def test_what_is_changed_at_an_endpoint_counts_at_once(webhooks, endpoint, open_receiver):
    webhooks.create("first")
    assert endpoint.take(CREATED)["data"]["external_id"] == "first"
    endpoint.change(enabled=False)
    webhooks.create("missed")
    endpoint.change(enabled=True)
    webhooks.create("second")
    assert endpoint.take(CREATED)["data"]["external_id"] == "second"

    elsewhere = open_receiver()
    endpoint.change(url=elsewhere.url)

    def moved():
        webhooks.create()
        return not elsewhere.is_idle

    wait_until(moved, "deliveries to the new place")
    assert webhooks.client.delete(endpoint.url).status_code == 204
    assert webhooks.client.get(endpoint.url).status_code == 404


def test_the_order_of_one_users_changes_is_kept(webhooks, endpoint):
    user = webhooks.create(metadata={"version": 0})
    for version in range(1, 101):
        webhooks.patch(user, metadata={"version": version})
    versions = [
        delivery.event["data"]["profile"]["metadata"]["version"]
        for delivery in endpoint.collect(101)
    ]
    assert versions == list(range(101))
    assert endpoint.receiver.is_idle


def test_another_account_is_told_nothing(webhooks, endpoint, open_receiver):
    made = webhooks.server.run("account", "create", "second")
    assert made.returncode == 0, made.stderr
    other = type(webhooks)(
        webhooks.server, webhooks.server.session(webhooks.server.make_token(account="second"))
    )
    theirs = other.register(open_receiver())
    other.create("theirs")
    webhooks.create("ours")
    assert theirs.take(CREATED)["data"]["external_id"] == "theirs"
    assert endpoint.take(CREATED)["data"]["external_id"] == "ours"
    assert theirs.receiver.is_idle and endpoint.receiver.is_idle
    assert other.client.get(endpoint.url).status_code == 404
    assert other.client.get(f"{endpoint.url}/secret/").status_code == 404
    webhooks.verified += other.verified


def test_metrics(webhooks, open_receiver):
    endpoint = webhooks.register(open_receiver(answer(500)))
    webhooks.create()
    endpoint.collect(1)
    endpoint.wait_for_state("delivered")
    attempts = 'roster_webhook_attempts_total{{outcome="{}"}}'.format
    assert webhooks.metric(attempts("delivered")) == 1
    assert webhooks.metric(attempts("refused")) == 1
    assert webhooks.metric(attempts("forbidden")) == 0
    wait_until(lambda: webhooks.metric("roster_webhook_backlog") == 0, "an empty backlog")
    assert webhooks.metric("roster_webhook_oldest_seconds") == 0

    endpoint.receiver.close()
    webhooks.create()
    webhooks.create()
    wait_until(lambda: webhooks.metric("roster_webhook_backlog") == 2, "a backlog of two")
    wait_until(lambda: webhooks.metric("roster_webhook_oldest_seconds") >= 1, "it growing old")
    assert webhooks.metric(attempts("failed")) >= 1
    endpoint.receiver.open()
    endpoint.collect(2)
    wait_until(lambda: webhooks.metric("roster_webhook_backlog") == 0, "an empty backlog")
