"""Users that no conversation is tied to, and all secrets, are gone when their time has come."""

import re
import socket
import sqlite3
import threading
import time

import pytest
import requests

from program import PATIENCE, wait_until

TIMES = ["--unassociated-ttl", "2s", "--sensitive-ttl", "2s"]
# The sweep looks every second; a slow machine may take a few more.
SWEPT_WITHIN = 10


@pytest.fixture
def server(start):
    return start(None, *TIMES)


class Rows:
    """What the file itself holds of users and secrets, read beside the server."""

    def __init__(self, server):
        self.address = f"{(server.data / 'roster.db').as_uri()}?mode=ro"

    def query(self, sql, *values):
        connection = sqlite3.connect(self.address, uri=True, timeout=PATIENCE)
        try:
            return connection.execute(sql, values).fetchall()
        finally:
            connection.close()

    def user(self, identifier):
        sql = "select expires_at from user where end_user_id = ?"
        return self.query(sql, bytes.fromhex(identifier))

    def secrets(self, identifier):
        sql = "select key from sensitive_value where end_user_id = ?"
        return self.query(sql, bytes.fromhex(identifier))

    def count(self):
        [[count]] = self.query("select count(*) from user where role = 0")
        return count


def person(external_id):
    secrets = {"fields": {"pin": "4711", "session": "s-0815"}}
    return {"external_id": external_id, "profile": {"sensitive_metadata": secrets}}


def start_conversation(server, client, identifier):
    channel = {"name": "Shop", "description": "Our shop", "modality": "messaging"}
    made = client.post(f"{server.url}/api/v2/channels/", json=channel)
    assert made.status_code == 201, made.text
    body = {"channel_id": made.json()["id"], "end_user_id": identifier}
    started = client.post(f"{server.url}/api/v2/conversations/", json=body)
    assert started.status_code == 201, started.text
    return started.json()


def check_gone(client, end_users, rows, user):
    """Nothing of the user is left, for clients and in the file."""
    identifier, external_id = user["end_user_id"], user["external_id"]
    assert client.get(f"{end_users}{identifier}").status_code == 404
    assert client.get(f"{end_users}?external_id={external_id}").status_code == 404
    changed = client.patch(f"{end_users}{identifier}", json={"profile": {}})
    assert changed.status_code == 404
    listed = client.get(end_users).json()["data"]
    assert identifier not in [other["end_user_id"] for other in listed]
    wait_until(lambda: not rows.user(identifier), "the end of the user's row")
    assert rows.secrets(identifier) == []


@pytest.mark.embedded
def test_a_user_vanishes_everywhere(server, client, end_users):
    rows = Rows(server)
    made = client.post(end_users, json=person("passer-by"))
    assert made.status_code == 201
    user, begin = made.json(), time.monotonic()
    identifier = user["end_user_id"]
    assert client.get(f"{end_users}{identifier}").json() == user
    assert client.get(f"{end_users}?external_id=passer-by").json() == user
    assert client.get(end_users).json()["data"] == [user]
    assert len(rows.user(identifier)) == 1
    assert len(rows.secrets(identifier)) == 2

    wait_until(lambda: client.get(f"{end_users}{identifier}").status_code == 404, "the end")
    assert time.monotonic() - begin < 2 + SWEPT_WITHIN
    check_gone(client, end_users, rows, user)
    reader = server.session(server.make_token("--scope", "sensitive:read"))
    url = f"{server.url}/roster/v1/end-users/{identifier}/sensitive-metadata"
    assert reader.get(url).status_code == 404
    metrics = client.get(f"{server.url}/metrics").text
    assert 'roster_expired_total{kind="end_user"} 1\n' in metrics

    # The external id is free: it makes another user, who has nothing of the first one.
    again = client.post(end_users, json={"external_id": "passer-by"})
    assert again.status_code == 201
    assert again.json()["end_user_id"] != identifier
    assert rows.secrets(again.json()["end_user_id"]) == []


def test_a_user_lives_for_the_whole_time(server, client, end_users):
    begin = time.monotonic()
    identifier = client.post(end_users, json={}).json()["end_user_id"]
    wait_until(lambda: client.get(f"{end_users}{identifier}").status_code == 404, "the end")
    assert 2 <= time.monotonic() - begin < 2 + SWEPT_WITHIN


@pytest.mark.embedded
def test_a_conversation_keeps_a_user_but_not_their_secrets(server, client, end_users):
    rows = Rows(server)
    kept, lost = (
        client.post(end_users, json=person(name)).json() for name in ("customer", "passer-by")
    )
    conversation = start_conversation(server, client, kept["end_user_id"])
    assert rows.user(kept["end_user_id"]) == [(None,)]
    assert len(rows.secrets(kept["end_user_id"])) == 2

    wait_until(lambda: not rows.user(lost["end_user_id"]), "the end of the other user")
    wait_until(lambda: not rows.secrets(kept["end_user_id"]), "the end of the secrets")
    check_gone(client, end_users, rows, lost)
    assert client.get(f"{end_users}{kept['end_user_id']}").json() == kept
    assert client.get(f"{end_users}?external_id=customer").json() == kept
    assert client.get(end_users).json()["data"] == [kept]
    reader = server.session(server.make_token("--scope", "sensitive:read"))
    url = f"{server.url}/roster/v1/end-users/{kept['end_user_id']}/sensitive-metadata"
    answer = reader.get(url)
    assert answer.status_code == 200
    assert "4711" not in answer.text and "pin" not in answer.text
    url = f"{server.url}/api/v2/conversations/{conversation['id']}/"
    assert client.get(url).json()["end_user_id"] == kept["end_user_id"]


@pytest.mark.embedded
def test_a_killed_server_catches_up(start):
    server = start(None, *TIMES)
    token, client, rows = server.token, server.session(), Rows(server)
    url = f"{server.url}/api/v2/end-users/"
    lost = [client.post(url, json=person(f"passer-by-{number}")).json() for number in range(3)]
    kept = client.post(url, json=person("customer")).json()
    start_conversation(server, client, kept["end_user_id"])
    server.kill()

    ends = [rows.user(user["end_user_id"]) for user in lost]
    assert all(len(rows) == 1 for rows in ends), "they were gone before the server was"
    last = max(end for [[end]] in ends)
    wait_until(lambda: time.time() * 1_000_000 > last + 500_000, "the end of their time")
    assert rows.count() == 4, "nobody sweeps while no server runs"

    # The times that users were given hold, whatever the new start gives to new ones.
    again = start(server.store)
    client, url = again.session(token), f"{again.url}/api/v2/end-users/"
    wait_until(lambda: rows.count() == 1, "the sweep of what was left behind")
    for user in lost:
        check_gone(client, url, rows, user)
        assert client.post(url, json={"external_id": user["external_id"]}).status_code == 201
    wait_until(lambda: not rows.secrets(kept["end_user_id"]), "the end of the secrets")
    assert client.get(f"{url}{kept['end_user_id']}").json() == kept


CROWD = 4000
CONNECTIONS = 16
BOUND = 2


def create_crowd(server, token):
    """Creates many users in as short a time as can be: each connection sends all it has at once."""
    share = CROWD // CONNECTIONS
    body = b'{"profile": {"sensitive_metadata": {"fields": {"pin": "4711"}}}}'
    head = (
        "POST /api/v2/end-users/ HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: Bearer {token}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n"
    ).encode()
    pieces = (head + b"\r\n" + body) * (share - 1)
    pieces += head + b"Connection: close\r\n\r\n" + body
    connections = [
        socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE)
        for _ in range(CONNECTIONS)
    ]
    for connection in connections:
        connection.sendall(pieces)
    for connection in connections:
        with connection, connection.makefile("rb") as answers:
            assert answers.read().count(b"HTTP/1.1 201 ") == share


def expired(client, server):
    text = client.get(f"{server.url}/metrics").text
    return int(re.search(r'roster_expired_total\{kind="end_user"\} (\d+)', text)[1])


@pytest.mark.embedded
def test_requests_are_answered_while_a_crowd_expires(start):
    """The crowd's time comes while no server runs, so that the next one sweeps all at once."""
    server = start(None, "--unassociated-ttl", "10s", "--sensitive-ttl", "10s")
    token, rows = server.token, Rows(server)
    create_crowd(server, token)
    assert rows.count() == CROWD
    assert server.stop()[0] == 0
    [[last]] = rows.query("select max(expires_at) from user")
    wait_until(lambda: time.time() * 1_000_000 > last, "the end of their time")

    again = start(server.store)
    url = f"{again.url}/api/v2/end-users/"
    slow, unexpected, counts = [], [], {"reads": 0, "writes": 0}
    over = threading.Event()

    def ask(name, method, status, body=None):
        """One client that asks one thing again and again."""
        client = again.session(token)
        while not over.is_set():
            begin = time.monotonic()
            try:
                answer = client.request(method, url, json=body, timeout=PATIENCE)
            except requests.RequestException as error:
                unexpected.append(error)
                return
            took = time.monotonic() - begin
            counts[name] += 1
            if took > BOUND:
                slow.append((name, took))
            if answer.status_code != status:
                unexpected.append(answer.text)

    clients = [
        threading.Thread(target=ask, args=["reads", "GET", 200]),
        threading.Thread(target=ask, args=["writes", "POST", 201, {}]),
    ]
    for thread in clients:
        thread.start()
    try:
        probe = again.session(token)
        wait_until(lambda: expired(probe, again) >= CROWD, "the sweep of everybody")
    finally:
        over.set()
        for thread in clients:
            thread.join(PATIENCE)
    assert not slow, slow
    assert not unexpected, unexpected[:3]
    assert min(counts.values()) > 0
    assert rows.count() == counts["writes"]
    assert rows.query("select count(*) from sensitive_value") == [(0,)]
