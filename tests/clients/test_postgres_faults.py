"""The database is away, does not answer, has no room, breaks connections or is slow: requests are
refused in time, nothing that was acknowledged is lost, and service resumes by itself.
"""

import concurrent.futures
import threading
import time

import pytest
import requests

from nodes import Load, Nodes
from postgres import SqlSession, psql
from program import PATIENCE, wait_until

TIMEOUT = 1
# A request waits for one statement at most, and the machine may be slow.
ANSWERED_WITHIN = TIMEOUT + 2
AT_ONCE = 1

REQUESTS = {
    "Ada reads": ("GET", "/api/v2/end-users/", None),
    "Ada writes": ("POST", "/api/v2/end-users/", {"profile": {"first_name": "Grace"}}),
    "Zendesk reads": ("GET", "/api/v2/users.json", None),
    "Zendesk searches": ("GET", "/api/v2/users/search.json?query=grace", None),
    "Zendesk writes": ("POST", "/api/v2/users.json", {"user": {"name": "Grace"}}),
    "Ada lists webhooks": ("GET", "/api/v2/webhooks/", None),
}


class Asked:
    """What came of a request."""

    def __init__(self, server, session, method, path, body):
        begin = time.monotonic()
        answer = session.request(method, f"{server.url}{path}", json=body, timeout=PATIENCE)
        self.took = time.monotonic() - begin
        self.status, self.text = answer.status_code, answer.text
        self.retry_after = answer.headers.get("Retry-After")

    def is_refusal(self):
        """Whether it says that the database is away, in the dialect's words."""
        assert "connection" not in self.text and "roster@" not in self.text
        if self.status != 503:
            return False
        assert int(self.retry_after) >= 1
        assert "service_unavailable" in self.text or "ServiceUnavailable" in self.text
        return True


def ask(server, name, token=None):
    with server.session(token) as session:
        return Asked(server, session, *REQUESTS[name])


def ask_all(server, times=1, token=None):
    """Everything at the same time."""
    with concurrent.futures.ThreadPoolExecutor(len(REQUESTS) * times) as pool:
        names = [*REQUESTS] * times
        return dict(enumerate(pool.map(lambda name: ask(server, name, token), names))).values()


def probe(server, path):
    return requests.get(f"{server.url}{path}", timeout=PATIENCE).status_code


def wait_for_service(server):
    wait_until(lambda: probe(server, "/readyz") == 200, "becoming ready again")

    def works():
        answers = ask_all(server)
        assert all(answer.status in (200, 201, 503) for answer in answers)
        return not any(answer.status == 503 for answer in answers)

    wait_until(works, "service")


@pytest.fixture
def server(start, database):
    return start(database, "--database-timeout", f"{TIMEOUT}s")


def test_a_database_that_is_gone(server, postgres):
    before = [ask(server, "Ada writes") for _ in range(3)]
    assert [answer.status for answer in before] == [201] * 3
    postgres.stop()
    try:
        for answer in ask_all(server, times=3):
            assert answer.is_refusal(), answer.text
            assert answer.took < AT_ONCE
        wait_until(lambda: probe(server, "/readyz") == 503, "not being ready")
        assert probe(server, "/healthz") == 200
    finally:
        postgres.start()
    wait_for_service(server)
    assert probe(server, "/healthz") == 200


def test_a_database_that_does_not_answer(server, postgres):
    assert ask(server, "Ada writes").status == 201
    with postgres.frozen():
        for _ in range(2):
            for answer in ask_all(server, times=10):
                assert answer.is_refusal(), answer.text
                assert answer.took < ANSWERED_WITHIN
        begin = time.monotonic()
        assert probe(server, "/healthz") == 200
        assert time.monotonic() - begin < AT_ONCE
        assert probe(server, "/readyz") == 503
    wait_for_service(server)


def test_a_node_ends_in_time_without_an_answer(start, database, postgres):
    """However long it may take for statements."""
    server = start(database, "--database-timeout", "60s")
    assert ask(server, "Ada writes").status == 201
    with postgres.frozen(), concurrent.futures.ThreadPoolExecutor() as pool:
        asked = [pool.submit(ask, server, name) for name in REQUESTS]
        _, under_way = concurrent.futures.wait(asked, timeout=0.2)
        assert len(under_way) == len(asked)
        code, seconds = server.stop()
        for answer in asked:
            # It was told that there is no answer, or its connection was closed.
            assert answer.exception(PATIENCE) or answer.result().status == 503
    assert code == 0
    assert seconds < 10


def test_no_more_connections(server, postgres):
    try:
        postgres.psql("alter role roster connection limit 0")
        postgres.end_connections()
        for answer in ask_all(server, times=3):
            assert answer.is_refusal(), answer.text
            assert answer.took < AT_ONCE
        wait_until(lambda: probe(server, "/readyz") == 503, "not being ready")
        # Some get through, and the others are told.
        postgres.psql("alter role roster connection limit 4")
        statuses = [answer.status for _ in range(5) for answer in ask_all(server, times=3)]
        assert set(statuses) <= {200, 201, 503}
    finally:
        postgres.psql("alter role roster connection limit -1")
    wait_for_service(server)


def test_connections_that_break_again_and_again(postgres, database, tmp_path):
    nodes = Nodes(database, tmp_path, 2, "--database-timeout", f"{TIMEOUT}s")
    try:
        with Load(nodes, 6) as load:
            ended = 0
            for _ in range(25):
                load.go_on(2)
                ended += postgres.end_connections()
            load.go_on()
        assert ended > 50
        load.check()
    finally:
        nodes.close()


def test_who_is_held_up_holds_nobody_else_up(server, postgres):
    made = server.run("account", "create", "second")
    assert made.returncode == 0, made.stderr
    second = server.make_token(account="second")
    assert ask(server, "Ada writes").status == 201
    over, others = threading.Event(), []

    def go_on():
        while not over.is_set():
            others.append(ask(server, "Ada writes", second))

    with SqlSession(postgres.url(server.store.rsplit("/", 1)[1])) as session:
        session.run("begin; select from account where name = 'default' for update")
        thread = threading.Thread(target=go_on)
        thread.start()
        try:
            with concurrent.futures.ThreadPoolExecutor() as pool:
                # Many, a little after each other, so that some come while others wait.
                asked = []
                for _ in range(20):
                    asked.append(pool.submit(ask, server, "Ada writes"))
                    assert ask(server, "Ada reads").status == 200
                for answer in asked:
                    assert answer.result().is_refusal(), answer.result().text
                    assert answer.result().took < ANSWERED_WITHIN
                assert max(answer.result().took for answer in asked) > TIMEOUT / 2
        finally:
            over.set()
            thread.join(PATIENCE)
        session.run("rollback")
    assert len(others) > 3
    for answer in others:
        assert answer.status == 201, answer.text
        assert answer.took < AT_ONCE
    assert ask(server, "Ada writes").status == 201
    wait_for_service(server)


def test_reads_that_are_given_up_are_given_up_by_the_server_too(server, postgres):
    """Or else it would run out of connections by and by."""
    assert ask(server, "Ada writes").status == 201
    with SqlSession(postgres.url(server.store.rsplit("/", 1)[1])) as session:
        session.run('begin; lock table "user" in access exclusive mode')
        for _ in range(4):
            for answer in ask_all(server, times=4):
                assert answer.is_refusal() or answer.status == 200, answer.text
                assert answer.took < ANSWERED_WITHIN
        count = "select count(*) from pg_stat_activity where usename = 'roster'"
        # Those of this session and of the node, which has sixteen.
        assert int(postgres.psql(count)) <= 18
        session.run("rollback")
    wait_for_service(server)


def test_a_role_that_may_not_connect_any_more(server, postgres):
    """It is the operator's to mend, and nothing of the server's that failed."""
    try:
        postgres.psql("alter role roster nologin")
        postgres.end_connections()
        for answer in ask_all(server):
            assert answer.is_refusal(), answer.text
    finally:
        postgres.psql("alter role roster login")
    wait_for_service(server)
    assert psql(server.store, "select count(*) from account") == "1"
