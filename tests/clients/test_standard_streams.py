"""Whoever does not read what the program prints does not make it crash or stand still."""

import fcntl
import os
import re
import signal
import socket
import subprocess
import time
from contextlib import contextmanager

import pytest
import requests

from program import (
    PATIENCE,
    TOKEN,
    environment,
    find_binary,
    flags,
    free_port,
    is_database,
    run,
    wait_until,
)

PANIC = 101
IDENTIFIER = re.compile(r"^[0-9a-f]{24}\b", re.M)


@contextmanager
def nobody_reads():
    """The writing end of a pipe whose reader has gone."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        yield writing
    finally:
        os.close(writing)


@contextmanager
def full():
    """A device that has no space left, ever."""
    with open("/dev/full", "wb", buffering=0) as device:
        yield device


def run_into(output, *arguments, store=None):
    """Runs a command whose standard output goes there: on a store, if one is given."""
    if store:
        arguments = [*arguments, *flags(store)]
    return subprocess.run(
        [find_binary(), *map(str, arguments)],
        env=environment(store),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.PIPE,
        text=True,
        timeout=PATIENCE,
    )


def run_closed(*arguments, store):
    """Runs a command that has no standard output at all."""
    command = ["sh", "-c", 'exec "$@" >&-', "sh", find_binary(), *arguments, *flags(store)]
    return subprocess.run(
        command,
        env=environment(store),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )


def check_no_panic(done):
    assert done.returncode != PANIC, done.stderr
    assert done.returncode >= 0, f"ended by signal {-done.returncode}"
    assert "panicked" not in done.stderr


def check_one_line(done):
    """It failed, and said why in one line."""
    check_no_panic(done)
    assert done.returncode == 1, (done.returncode, done.stderr)
    [line] = done.stderr.splitlines()
    assert line.startswith("roster: ")


@pytest.fixture
def used(store):
    """A store with the account `default` and one token."""
    assert run("account", "create", "default", store=store).returncode == 0
    assert run("token", "create", "--account", "default", store=store).returncode == 0
    return store


def tokens(store):
    """Which tokens there are, and whether each is revoked."""
    listed = run("token", "list", store=store)
    assert listed.returncode == 0, listed.stderr
    heading, *rows = listed.stdout.splitlines()
    column = heading.index("REVOKED")
    return {IDENTIFIER.match(row)[0]: not row[column:].startswith("-") for row in rows}


COMMANDS = [
    ("account", "create", "second"),
    ("account", "list"),
    ("token", "create", "--account", "default"),
    ("token", "list"),
    ("token", "revoke", "ID"),
]


@pytest.fixture(params=COMMANDS, ids=lambda command: " ".join(command[:2]))
def command(request, used):
    [identifier] = tokens(used)
    return [identifier if part == "ID" else part for part in request.param]


def test_a_full_device(command, used):
    with full() as output:
        check_one_line(run_into(output, *command, store=used))


def test_no_standard_output(command, used):
    """Where there is none the program is given one that takes everything, as /dev/null does."""
    done = run_closed(*command, store=used)
    check_no_panic(done)
    if done.returncode != 0:
        check_one_line(done)


def test_a_reader_that_has_gone(command, used):
    """Whoever stops reading early may have seen enough; only a token must have been seen."""
    with nobody_reads() as output:
        done = run_into(output, *command, store=used)
    check_no_panic(done)
    assert done.returncode in (0, 1)
    if done.returncode == 1:
        check_one_line(done)
    if command[:2] == ["token", "create"]:
        assert done.returncode == 1


@pytest.mark.parametrize("listing", ["account", "token"])
def test_a_long_list_into_a_reader_that_stops(used, listing):
    """The list is longer than what a pipe holds, so that writing it must fail half way."""
    for number in range(50):
        name = f"{number} " + "x" * 90
        assert run("account", "create", name, store=used).returncode == 0
    for number in range(3):
        name = ["--account", "default", "--name", "x" * 4000]
        assert run("token", "create", *name, store=used).returncode == 0
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)
    process = subprocess.Popen(
        [find_binary(), listing, "list", *flags(used)],
        env=environment(used),
        stdin=subprocess.DEVNULL,
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(writing)
    assert os.read(reading, 10)
    os.close(reading)
    _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode in (0, 1), errors
    assert "panicked" not in errors


@pytest.mark.parametrize("way", ["full", "gone"])
def test_a_token_that_nobody_has_seen_is_not_valid(used, way):
    before = tokens(used)
    with full() if way == "full" else nobody_reads() as output:
        done = run_into(output, "token", "create", "--account", "default", store=used)
    assert not TOKEN.search(done.stderr), "a token belongs on standard output alone"
    valid = {identifier for identifier, revoked in tokens(used).items() if not revoked}
    assert valid == set(before), "somebody must revoke a token that nobody knows"
    check_one_line(done)


def test_standard_error_that_is_full(used):
    """There is nowhere left to say why; the exit code still says that."""
    with full() as errors:
        done = subprocess.run(
            [find_binary(), "token", "create", "--account", "nobody", *flags(used)],
            env=environment(used),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            timeout=PATIENCE,
        )
    assert done.returncode == 1
    assert done.stdout == b""
    for arguments in [("serve", "--limits", "generous"), ("nonsense",)]:
        with full() as errors:
            done = subprocess.run(
                [find_binary(), *arguments],
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                timeout=PATIENCE,
            )
        assert done.returncode == 2


@pytest.mark.parametrize("arguments", [("--help",), ("serve", "--help"), ("--version",)])
def test_the_help_into_a_full_device(arguments):
    with full() as output:
        done = run_into(output, *arguments)
    check_no_panic(done)
    with nobody_reads() as output:
        check_no_panic(run_into(output, *arguments))


class Serving:
    """A `serve` whose standard streams go where a test wants them."""

    def __init__(self, store, stdout, stderr):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = subprocess.Popen(
            [find_binary(), "serve", *flags(store), "--listen", f"127.0.0.1:{self.port}"],
            env=environment(store),
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait(PATIENCE)

    def answers(self):
        try:
            return requests.get(f"{self.url}/readyz", timeout=PATIENCE).status_code == 200
        except requests.ConnectionError:
            return False

    def wait_until_ready(self):
        def ready():
            assert self.process.poll() is None, self.process.returncode
            return self.answers()

        wait_until(ready, "becoming ready")

    def check_stops(self):
        begin = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(PATIENCE) == 0
        assert time.monotonic() - begin < 10

    def ask_thousands(self, count=5000):
        """Sends many requests over a few connections and checks every answer's status."""
        share = count // 5
        request = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
        for _ in range(5):
            with socket.create_connection(("127.0.0.1", self.port), PATIENCE) as connection:
                last = request.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
                connection.sendall(request * (share - 1) + last)
                with connection.makefile("rb") as answers:
                    assert answers.read().count(b"HTTP/1.1 200 OK\r\n") == share


def token_client(store):
    """A client with a new token, made beside the server."""
    made = run("token", "create", "--account", "default", store=store)
    assert made.returncode == 0, made.stderr
    session = requests.Session()
    session.trust_env = False
    session.headers["Authorization"] = f"Bearer {made.stdout.strip()}"
    return session


@pytest.mark.parametrize("way", ["full", "gone"])
def test_serving_without_a_reader_of_its_errors(used, tmp_path, way):
    """A store that was used before: there is no token to tell, so nothing stands in the way."""
    with (
        (tmp_path / "log").open("wb") as log,
        full() if way == "full" else nobody_reads() as errors,
        Serving(used, log, errors) as server,
    ):
        server.wait_until_ready()
        client = token_client(used)
        assert client.post(f"{server.url}/api/v2/end-users/", json={}).status_code == 201
        server.check_stops()


@pytest.fixture(params=["full", "gone"])
def untold(request, store, tmp_path):
    """The store of a first start that could not tell its token, and how that ended."""
    with (
        (tmp_path / "log").open("wb") as log,
        full() if request.param == "full" else nobody_reads() as errors,
        Serving(store, log, errors) as server,
    ):
        wait_until(lambda: server.process.poll() is not None or server.answers(), "the start")
        if server.process.poll() is None:
            server.check_stops()
        yield store, server.process.returncode


def test_a_first_start_that_cannot_tell_its_token_can_be_mended(untold, start):
    _, code = untold
    assert code in (0, 1)
    again = start()
    token = TOKEN.search(again.errors)
    token = token[0] if token else again.make_token()
    made = again.session(token).post(f"{again.url}/api/v2/end-users/", json={})
    assert made.status_code == 201


def test_a_first_start_that_cannot_tell_its_token_leaves_none_that_is_valid(untold):
    store, _ = untold
    is_there = is_database(store) or (store / "roster.db").exists()
    listed = tokens(store) if is_there else {}
    assert all(listed.values()), "nobody knows the token that was not told"


def test_a_log_that_nobody_reads(used, tmp_path):
    """The pipe is there and full, as with a collector of logs that hangs."""
    reading, writing = os.pipe()
    try:
        fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)
        with (
            (tmp_path / "errors").open("wb") as errors,
            Serving(used, writing, errors) as server,
        ):
            server.wait_until_ready()
            server.ask_thousands()
            client = token_client(used)
            for _ in range(20):
                made = client.post(f"{server.url}/api/v2/end-users/", json={})
                assert made.status_code == 201
            server.check_stops()
        assert "panicked" not in (tmp_path / "errors").read_text()
        # What was written is a log, whole lines from its beginning.
        assert os.read(reading, 4096).startswith(b'{"')
    finally:
        os.close(reading)
        os.close(writing)


@pytest.mark.parametrize("way", ["full", "gone"])
def test_a_log_that_cannot_be_written(used, tmp_path, way):
    with (
        full() if way == "full" else nobody_reads() as log,
        (tmp_path / "errors").open("wb") as errors,
        Serving(used, log, errors) as server,
    ):
        server.wait_until_ready()
        server.ask_thousands(1000)
        client = token_client(used)
        assert client.post(f"{server.url}/api/v2/end-users/", json={}).status_code == 201
        server.check_stops()
    assert "panicked" not in (tmp_path / "errors").read_text()
