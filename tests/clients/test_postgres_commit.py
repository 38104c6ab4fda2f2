"""The connection breaks during a commit, so that nobody knows whether it took place: success is
never told falsely, and what has an external id can be tried again.
"""

import time

import pytest

from postgres import psql
from program import PATIENCE, Server
from proxy import Break, Proxy

TIMEOUT = 1


@pytest.fixture(scope="module")
def proxy(postgres):
    proxy = Proxy(postgres.port)
    yield proxy
    proxy.close()


@pytest.fixture(scope="module")
def database(postgres):
    return postgres.create_database("behind")


@pytest.fixture(scope="module")
def server(database, proxy, tmp_path_factory):
    url = f"postgres://roster@127.0.0.1:{proxy.port}/behind"
    server = Server(url, tmp_path_factory.mktemp("server"), "--database-timeout", f"{TIMEOUT}s")
    yield server.wait_until_ready()
    server.kill()


def ada(key):
    return "end-users/", {"external_id": key, "profile": {"first_name": key}}, 200


def zendesk(key):
    return "users.json", {"user": {"name": key, "external_id": key}}, 422


@pytest.mark.parametrize("dialect", [ada, zendesk])
@pytest.mark.parametrize("how", Break)
def test_a_create_is_never_acknowledged_falsely(server, proxy, database, how, dialect):
    key = f"{how.name}-{dialect.__name__}".lower()
    path, body, already_made = dialect(key)
    url = f"{server.url}/api/v2/{path}"
    with server.session() as client:
        proxy.break_commit(key, how)
        begin = time.monotonic()
        answer = client.post(url, json=body, timeout=PATIENCE)
        took = time.monotonic() - begin
        assert proxy.broken.is_set()
        assert answer.status_code == 503, answer.text
        assert int(answer.headers["Retry-After"]) >= 1
        assert "may or may not have happened" in answer.text
        assert took < TIMEOUT + 2 if how.is_silent else took < TIMEOUT
        again = client.post(url, json=body, timeout=PATIENCE)
        assert again.status_code == (already_made if how.commits else 201), again.text
        found = client.get(f"{server.url}/api/v2/end-users/?external_id={key}")
        assert found.json()["external_id"] == key
    made = f"select user_id from \"user\" where external_id = '{key}'"
    [user] = psql(database, made).splitlines()
    assert psql(database, f"select kind from event where user_id = {user}") == "1"
    books = "select count(*), max(sequence) + 1 - (select next_event from account) from event"
    count, gap = psql(database, books).split("|")
    assert gap == "0"
    assert psql(database, "select max(sequence) from event") == count


@pytest.mark.parametrize("how", Break)
def test_a_change_is_never_acknowledged_falsely(server, proxy, how):
    with server.session() as client:
        url = f"{server.url}/api/v2/end-users/"
        before = client.post(url, json={"profile": {"first_name": "before"}}).json()
        url += before["end_user_id"]
        body = {"profile": {"first_name": f"after-{how.name}"}}
        proxy.break_commit(body["profile"]["first_name"], how)
        answer = client.patch(url, json=body, timeout=PATIENCE)
        assert proxy.broken.is_set()
        assert answer.status_code == 503, answer.text
        found = client.get(url).json()["profile"]["first_name"]
        assert found == (body["profile"]["first_name"] if how.commits else "before")
        assert client.patch(url, json=body, timeout=PATIENCE).status_code == 200
        assert client.get(url).json()["profile"]["first_name"] == body["profile"]["first_name"]
