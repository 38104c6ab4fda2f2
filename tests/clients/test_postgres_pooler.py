"""Through PgBouncer in transaction mode, which gives each transaction another connection."""

import concurrent.futures

import pytest

from nodes import Load, Nodes, check_books, check_pages, check_people
from postgres import PgBouncer, psql
from program import PATIENCE, run, wait_until
from receivers import Receiver
from webhooks import CREATED, DELETED, SOON, STARTED, UPDATED, Webhooks

# Fewer than the sixteen that one node has.
POOL = 4
POOLER = ("--database-pooler", "--database-connections", "16")


@pytest.fixture(scope="module")
def pooler(postgres):
    pooler = PgBouncer(postgres, default_pool_size=POOL)
    yield pooler
    pooler.close()


@pytest.fixture
def pooled(pooler, database):
    """The URL of an empty database, through the pooler."""
    return pooler.url(database.rsplit("/", 1)[1])


def test_everything_works(pooler, pooled, tmp_path, database):
    nodes = Nodes(pooled, tmp_path, 2, *POOLER, *SOON, "--unassociated-ttl", "30s")
    receiver = Receiver()
    try:
        webhooks = Webhooks(nodes.servers[0], nodes.session())
        endpoint = webhooks.register(receiver, CREATED, UPDATED, DELETED, STARTED)
        client = nodes.session()

        def call(method, path, status, body=None):
            answer = client.request(method, f"{nodes.any.url}{path}", json=body, timeout=PATIENCE)
            assert answer.status_code == status, answer.text
            return answer.json() if answer.text else None

        # People, what they talk about, and what is told of it.
        secrets = {"fields": {"pin": "4711"}}
        profile = {"first_name": "Grace", "sensitive_metadata": secrets}
        grace = call("POST", "/api/v2/end-users/", 201, {"external_id": "g", "profile": profile})
        path = f"/api/v2/end-users/{grace['end_user_id']}"
        call("PATCH", path, 200, {"profile": {"last_name": "Hopper"}})
        channel = {"name": "Shop", "description": "Our shop", "modality": "messaging"}
        channel = call("POST", "/api/v2/channels/", 201, channel)
        talk = {"channel_id": channel["id"], "end_user_id": grace["end_user_id"]}
        talk = call("POST", "/api/v2/conversations/", 201, talk)
        assert call("GET", f"/api/v2/conversations/{talk['id']}/", 200)["id"] == talk["id"]
        assert call("GET", path, 200)["profile"]["last_name"] == "Hopper"
        assert call("GET", "/api/v2/end-users/?external_id=g", 200) == call("GET", path, 200)
        told = [endpoint.next().event["type"] for _ in range(3)]
        assert sorted(told) == sorted([CREATED, UPDATED, STARTED])

        # Zendesk's words, records and searches.
        organization = {"organization": {"name": "Navy"}}
        organization = call("POST", "/api/v2/organizations.json", 201, organization)["organization"]
        ada = {"name": "Ada Lovelace", "email": "ada@people.example"}
        ada["organization_id"] = organization["id"]
        ada = call("POST", "/api/v2/users.json", 201, {"user": ada})["user"]
        found = call("GET", "/api/v2/users/search.json?query=lovelace", 200)["users"]
        assert [user["id"] for user in found] == [ada["id"]]
        agent = {"user": {"name": "Agent", "email": "agent@desk.example", "role": "agent"}}
        call("POST", "/api/v2/users.json", 201, agent)
        call("DELETE", f"/api/v2/users/{ada['id']}.json", 200)
        assert [endpoint.next().event["type"] for _ in range(2)] == [CREATED, DELETED]

        # A command beside the nodes, which is told of the pooler like them.
        reader = run(
            *("token", "create", "--account", "default", "--scope", "sensitive:read"),
            *("--database-url", pooled, "--database-pooler"),
        )
        assert reader.returncode == 0, reader.stderr
        client.headers["Authorization"] = f"Bearer {reader.stdout.strip()}"
        path = f"/roster/v1/end-users/{grace['end_user_id']}/sensitive-metadata"
        assert "4711" in str(call("GET", path, 200))
        # No more than the pool was ever open on the other side.
        servers = psql(database, "select count(*) from pg_stat_activity where usename = 'roster'")
        assert int(servers) <= POOL + 1
    finally:
        nodes.close()
        receiver.close()


def test_writers_through_two_nodes(pooler, pooled, tmp_path):
    nodes = Nodes(pooled, tmp_path, 2, *POOLER)
    try:
        with Load(nodes, 6) as load:
            load.go_on(12)
            # All connections on either side break, and the pooler comes back.
            pooler.kill()
            pooler.start()
            load.go_on()
            pooler.cluster.restart()
            load.go_on()
        load.check()
    finally:
        nodes.close()


def test_users_expire(pooled, tmp_path, database):
    nodes = Nodes(pooled, tmp_path, 2, *POOLER, "--unassociated-ttl", "1s")
    try:
        with nodes.session() as client:
            for _ in range(20):
                made = client.post(f"{nodes.any.url}/api/v2/end-users/", json={})
                assert made.status_code == 201
        gone = "select count(*) from deleted_user"
        wait_until(lambda: psql(database, gone) == "20", "the end of everybody")
        assert psql(database, "select count(*) from event where kind = 3") == "20"
    finally:
        nodes.close()


def test_a_pooler_that_was_not_told_of_is_named(pooler, pooled, tmp_path):
    """PgBouncer before 1.21 does not know what was prepared on which connection, and what one node
    has prepared another one would run.
    """
    if pooler.version >= (1, 21):
        pytest.skip("this PgBouncer keeps prepared statements")
    command = ["serve", "--listen", "127.0.0.1:0", "--database-url", pooled]
    served = run(*command)
    listed = ["account", "list", "--database-url", pooled]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        done = list(pool.map(lambda _: run(*listed), range(16)))
    assert served.returncode == 1
    for command in [served, *(command for command in done if command.returncode)]:
        assert "give --database-pooler" in command.stderr
        assert command.stderr.count("\n") == 1
    # Told of it, it works at once.
    assert run(*listed, "--database-pooler").returncode == 0
