"""What the tests share: servers that run for as long as a test does, or a file of tests.

Their stores are folders. With `ROSTER_TEST_STORE=postgres` they are databases, and those tests that
are about what is in a folder are left out: they are marked `embedded`.
"""

import itertools
import os
from contextlib import nullcontext

import pytest

from desk import Desk
from postgres import Cluster
from program import Server
from receivers import Receiver
from webhooks import LOOPBACK, SOON, Webhooks

STORES = ["folder", "postgres"]
STORE = os.environ.get("ROSTER_TEST_STORE", "folder")


def pytest_configure(config):
    if STORE not in STORES:
        raise pytest.UsageError(f"ROSTER_TEST_STORE is {STORE}, which is none of {STORES}")
    config.addinivalue_line("markers", "embedded: is about the embedded store or its data folder")


def pytest_collection_modifyitems(config, items):
    if STORE == "postgres":
        embedded = [item for item in items if item.get_closest_marker("embedded")]
        config.hook.pytest_deselected(items=embedded)
        items[:] = [item for item in items if item not in embedded]


@pytest.fixture(scope="session")
def new_store():
    """Makes empty stores, each for as long as it is needed, beside what else is in a folder."""
    if STORE == "folder":
        yield lambda folder: nullcontext(folder / "data")
        return
    cluster = Cluster()
    yield lambda _: cluster.database()
    cluster.close()


@pytest.fixture
def store(new_store, tmp_path):
    """The store of a test, empty when it begins."""
    with new_store(tmp_path) as store:
        yield store


@pytest.fixture(scope="module")
def postgres():
    """A PostgreSQL for a file of tests, which may do with it what they like. A killed process loses
    nothing that it had written; only machines do, so nobody waits for the disk.
    """
    cluster = Cluster(fsync="off")
    yield cluster
    cluster.close()


@pytest.fixture
def database(postgres):
    """The URL of an empty database there."""
    return postgres.create_database()


@pytest.fixture
def start(store, tmp_path):
    """Starts servers, and ends what is left of them."""
    servers = []

    def start(other_store=None, *flags, prefix=()):
        server = Server(other_store or store, tmp_path, *flags, prefix=prefix)
        servers.append(server)
        return server.wait_until_ready()

    yield start
    for server in servers:
        server.kill()


@pytest.fixture
def server(start):
    """A server over an empty store."""
    return start()


@pytest.fixture
def client(server):
    """A client of that server, with the token of the first start."""
    return server.session()


@pytest.fixture
def end_users(server):
    """Where that server keeps end users."""
    return f"{server.url}/api/v2/end-users/"


@pytest.fixture(scope="module")
def desk_server(new_store, tmp_path_factory):
    """A server for a whole file of tests, each of which has an account of its own or only reads."""
    folder = tmp_path_factory.mktemp("server")
    with new_store(folder) as store:
        server = Server(store, folder)
        yield server.wait_until_ready()
        server.kill()


@pytest.fixture(scope="module")
def desk(desk_server):
    """A desk with many people, for tests that change nothing."""
    return Desk.open(desk_server, "desk").fill()


@pytest.fixture(scope="module")
def desk_names():
    """Names of accounts that nobody has yet."""
    return (f"desk {number}" for number in itertools.count(1))


@pytest.fixture
def new_desk(desk_server, desk_names):
    """A desk of the test's own, with nobody in it but the owner."""
    return Desk.open(desk_server, next(desk_names))


@pytest.fixture
def open_receiver():
    """Opens receivers of webhooks, and closes them in the end."""
    receivers = []

    def open_receiver(*responses, **settings):
        receivers.append(Receiver(*responses, **settings))
        return receivers[-1]

    yield open_receiver
    for receiver in receivers:
        receiver.close()


@pytest.fixture
def open_webhooks(start, tmp_path):
    """Starts servers that may call this machine, for their webhooks. What a test found to be
    genuine is looked at by Node, too.
    """
    opened = []

    def open_webhooks(*flags, allow=LOOPBACK, retry=SOON, prefix=()):
        opened.append(Webhooks(start(None, *allow, *retry, *flags, prefix=prefix)))
        return opened[-1]

    yield open_webhooks
    for webhooks in opened:
        webhooks.verify_with_node(tmp_path)


@pytest.fixture
def webhooks(open_webhooks):
    """The webhooks of a server over an empty store."""
    return open_webhooks()
