"""What the tests share: servers that run for as long as a test does, or a file of tests."""

import itertools

import pytest

from desk import Desk
from program import Server
from receivers import Receiver
from webhooks import LOOPBACK, SOON, Webhooks


@pytest.fixture
def start(tmp_path):
    """Starts servers, and ends what is left of them."""
    servers = []

    def start(data=None, *flags, prefix=()):
        server = Server(data or tmp_path / "data", tmp_path, *flags, prefix=prefix)
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
def desk_server(tmp_path_factory):
    """A server for a whole file of tests, each of which has an account of its own or only reads."""
    folder = tmp_path_factory.mktemp("server")
    server = Server(folder / "data", folder)
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
