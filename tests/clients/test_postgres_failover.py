"""A standby takes the place of the server: writers go on, and nothing acknowledged is lost."""

import socket
import time
from contextlib import ExitStack, suppress

import pytest

from nodes import Load, Nodes
from postgres import psql
from program import PATIENCE, wait_until
from proxy import Proxy

TIMEOUT = 1


@pytest.fixture(scope="module")
def replica(postgres):
    """Whatever was acknowledged is there, too."""
    return postgres.replica(synchronous=True)


def create(server, key, token=None):
    with server.session(token) as client:
        url = f"{server.url}/api/v2/end-users/"
        return client.post(url, json={"external_id": key}, timeout=PATIENCE)


def wait_for_service(server, key, token=None):
    """Waits until somebody can be made."""

    def made():
        answer = create(server, key, token)
        assert answer.status_code in (200, 201, 503), answer.text
        return answer.status_code != 503

    wait_until(made, "writing")


def test_a_commit_that_no_standby_has_is_not_acknowledged(postgres, replica, start, database):
    server = start(database, "--database-timeout", f"{TIMEOUT}s")
    assert create(server, "before").status_code == 201
    with replica.frozen():
        begin = time.monotonic()
        answer = create(server, "in-doubt")
        assert answer.status_code == 503, "it would be lost with the server"
        assert time.monotonic() - begin < TIMEOUT + 2
        # Others of the account wait for the first one, in vain as well.
        assert create(server, "behind").status_code == 503
    wait_for_service(server, "after")
    # Here it was there after all.
    assert create(server, "in-doubt").status_code == 200
    assert create(server, "behind").status_code in (200, 201)
    assert psql(database, 'select count(*) from "user" where role = 0') == "4"


def test_connections_to_a_standby_are_left(postgres, replica, start, database):
    """An address that led to the wrong server for a while, as names do during a failover."""
    proxy = Proxy(postgres.port)
    try:
        url = f"postgres://roster@127.0.0.1:{proxy.port}/{database.rsplit('/', 1)[1]}"
        server = start(url, "--database-timeout", f"{TIMEOUT}s")
        assert create(server, "before").status_code == 201
        proxy.lead_to(replica.port)
        for number in range(20):
            assert create(server, f"meanwhile-{number}").status_code == 503
        with server.session() as client:
            assert client.get(f"{server.url}/api/v2/end-users/").status_code == 503
        # Connections that there are stay, and lead to the standby.
        proxy.to = postgres.port
        wait_for_service(server, "after")
        for number in range(20):
            assert create(server, f"later-{number}").status_code == 201
    finally:
        proxy.close()


def test_a_host_that_takes_no_connections_is_passed_over(postgres, start, database):
    """Its packets get lost, as those of a machine without power do."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        # Those that nobody accepts fill the queue, and whoever comes then gets no answer.
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            with suppress(BlockingIOError):
                waiting.connect(listener.getsockname())
        hosts = f"127.0.0.1:{listener.getsockname()[1]},127.0.0.1:{postgres.port}"
        url = f"postgres://roster@{hosts}/{database.rsplit('/', 1)[1]}"
        server = start(url, "--database-timeout", f"{TIMEOUT}s")
        for number in range(3):
            assert create(server, f"person-{number}").status_code == 201


def test_writers_go_on_with_the_promoted_standby(postgres, replica, database, tmp_path):
    """The last one: the first server does not come back."""
    hosts = f"127.0.0.1:{postgres.port},127.0.0.1:{replica.port}"
    name = database.rsplit("/", 1)[1]
    url = f"postgres://roster@{hosts}/{name}?target_session_attrs=read-write"
    nodes = Nodes(url, tmp_path, 2, "--database-timeout", f"{TIMEOUT}s")
    try:
        with Load(nodes, 6) as load:
            load.go_on()
            postgres.kill()
            before = len(load.people)
            replica.promote()
            load.go_on()
            assert len(load.people) > before
            # A node that starts now finds it as well.
            nodes.kill(0)
            nodes.start(0)
            load.go_on()
        load.check()
    finally:
        nodes.close()
