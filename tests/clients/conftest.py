"""What the tests share: servers that run for as long as a test does."""

import pytest

from program import Server


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
