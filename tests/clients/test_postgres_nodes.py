"""Three nodes on one database, while nodes and the database are killed and come back."""

import concurrent.futures
import re

import pytest

from nodes import Load, Nodes
from program import PATIENCE, Server, wait_until

WRITERS = 6


@pytest.fixture
def open_nodes(database, tmp_path):
    """Starts nodes, and ends them."""
    opened = []

    def open_nodes(*flags, count=3):
        opened.append(Nodes(database, tmp_path, count, *flags))
        return opened[-1]

    yield open_nodes
    for nodes in opened:
        nodes.close()


def test_nodes_that_do_not_all_become_ready_are_ended(database, tmp_path, monkeypatch):
    launched = []

    def launch(nodes):
        wrong = ["--database-timeout", "never"] if launched else []
        launched.append(Server(nodes.database, nodes.folder, *nodes.flags, *wrong))
        return launched[-1]

    monkeypatch.setattr(Nodes, "launch", launch)
    try:
        with pytest.raises(AssertionError, match="the server ended"):
            Nodes(database, tmp_path, 3)
        assert [server.process.poll() is None for server in launched] == [False] * 3
    finally:
        for server in launched:
            server.kill()


def test_nothing_acknowledged_is_lost_or_doubled(postgres, open_nodes):
    nodes = open_nodes()
    with Load(nodes, WRITERS) as load:
        load.go_on()
        for place in range(3):
            nodes.kill(place)
            load.go_on()
            nodes.start(place)
        before = {person.end_user_id for person in load.people} - {None}
        listed = nodes.ada_ids()
        assert len(set(listed)) == len(listed)
        assert before <= set(listed), "a list that is walked while others write misses somebody"
        postgres.restart()
        load.go_on()
        nodes.kill(0)
        postgres.kill()
        postgres.start()
        nodes.start(0)
        load.go_on()
        nodes.kill(1)
        nodes.kill(2)
        postgres.kill()
        postgres.start()
        nodes.start(1)
        nodes.start(2)
        load.go_on()
    load.check()
    assert len(load.people) > 100


def status(session, server, path="end-users/"):
    return session.get(f"{server.url}/api/v2/{path}", timeout=PATIENCE).status_code


def test_a_token_counts_on_every_node_from_the_moment_it_is_told(open_nodes):
    nodes = open_nodes()
    for number in range(3):
        listed = nodes.servers[0].run("token", "list").stdout
        old = set(re.findall(r"^[0-9a-f]{24}", listed, re.MULTILINE))
        token = nodes.servers[number].make_token("--name", f"token {number}")
        [identifier] = (
            set(re.findall(r"^[0-9a-f]{24}", nodes.servers[0].run("token", "list").stdout, re.M))
            - old
        )
        client = nodes.session(token)
        # All at once, and again and again, so that each of them remembers it.
        with concurrent.futures.ThreadPoolExecutor() as pool:
            asked = [server for server in nodes.servers for _ in range(10)]
            assert set(pool.map(lambda server: status(client, server), asked)) == {200}
            revoked = pool.submit(nodes.servers[0].run, "token", "revoke", identifier)
            while not revoked.done():
                list(pool.map(lambda server: status(client, server), nodes.servers))
            assert revoked.result().returncode == 0
            told = list(pool.map(lambda server: status(client, server), nodes.servers))
        assert told == [401, 401, 401]


def test_an_account_is_there_on_every_node_at_once(open_nodes):
    nodes = open_nodes()
    made = nodes.servers[1].run("account", "create", "second", "--owner-email", "o@desk.example")
    assert made.returncode == 0, made.stderr
    token = nodes.servers[2].make_token(account="second")
    for server in nodes.servers:
        me = nodes.session(token).get(f"{server.url}/api/v2/users/me.json").json()["user"]
        assert me["email"] == "o@desk.example"
        assert status(nodes.session(token), server) == 200


def test_each_user_expires_once(open_nodes):
    nodes = open_nodes("--unassociated-ttl", "2s", "--sensitive-ttl", "2s")
    with nodes.session() as client:
        for number in range(60):
            body = {"external_id": f"passer-by-{number}", "profile": {"first_name": "P"}}
            body["profile"]["sensitive_metadata"] = {"fields": {"pin": "4711"}}
            made = client.post(f"{nodes.any.url}/api/v2/end-users/", json=body)
            assert made.status_code == 201, made.text
    wait_until(lambda: nodes.sql('select count(*) from "user" where role = 0') == "0", "the end")
    wait_until(lambda: nodes.sql("select count(*) from sensitive_value") == "0", "the secrets' end")
    # Each was made once and expired once, and nothing else happened.
    kinds = "select kind, count(*), count(distinct user_id) from event group by kind order by kind"
    assert nodes.sql(kinds).splitlines() == ["1|60|60", "3|60|60"]
    assert nodes.sql("select end_users from account") == "0"

    def told():
        metrics = [nodes.session().get(f"{server.url}/metrics").text for server in nodes.servers]
        found = [re.search(r'roster_expired_total\{kind="end_user"\} (\d+)', text) for text in metrics]
        return sum(int(match[1]) for match in found)

    wait_until(lambda: told() == 60, "counting them")
