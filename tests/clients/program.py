"""The built program, run as an operator runs it."""

import os
import re
import signal
import socket
import subprocess
import time
from pathlib import Path

import requests

# Longer than anything takes on a slow machine; a test that waits for this fails.
PATIENCE = 30
TOKEN = re.compile(r"roster_[0-9a-f]{48}")
REPOSITORY = Path(__file__).resolve().parents[2]
# What a store in a database is opened with: any number of servers share it, so none has its key.
DATABASE_VARIABLES = {"ROSTER_KEY_FILE": str(Path(__file__).with_name("sealing.key"))}


def find_binary():
    """The binary of `ROSTER_BINARY`, else the one that was built last in the usual places."""
    named = os.environ.get("ROSTER_BINARY")
    if named:
        return Path(named).resolve(strict=True)
    built = [REPOSITORY / "target" / profile / "roster" for profile in ("release", "debug")]
    built = [path for path in built if path.is_file()]
    if not built:
        raise FileNotFoundError("no binary was built: run `cargo build`, or set ROSTER_BINARY")
    return max(built, key=lambda path: path.stat().st_mtime)


def is_database(store):
    """Whether a store is the URL of a database. Any other one is a data folder."""
    return str(store).startswith("postgres://")


def flags(store):
    """What tells the program where its store is."""
    return ["--database-url" if is_database(store) else "--data", store]


def variables(store):
    """What tells the program where its store is, and what else it needs for it."""
    if is_database(store):
        return DATABASE_VARIABLES | {"ROSTER_DATABASE_URL": store}
    return {"ROSTER_DATA": str(store)}


def environment(store=None):
    """This process's environment without settings that would change the program's behaviour, and
    with those that the store needs beside its flags.
    """
    own = {name: value for name, value in os.environ.items() if not name.startswith("ROSTER_")}
    return own | DATABASE_VARIABLES if is_database(store) else own


def run(*arguments, store=None, timeout=PATIENCE):
    """Runs a command that ends by itself: on a store, if one is given."""
    if store:
        arguments = [*arguments, *flags(store)]
    return subprocess.run(
        [find_binary(), *map(str, arguments)],
        env=environment(store),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout,
    )


def free_port():
    """A port on the loopback interface that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_until(condition, what):
    """Asks until the answer is yes."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not happen within {PATIENCE} s"
        time.sleep(0.02)


class Server:
    """A running `roster serve`."""

    def __init__(self, store, files, *settings, prefix=()):
        """Starts to serve a store, which is a data folder or the URL of a database; `files` is a
        folder for what the program prints. `settings` are further flags.

        `prefix` is a command that runs the program.
        """
        self.store = store
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log_file = files / f"{self.port}.log"
        self.error_file = files / f"{self.port}.err"
        listen = f"127.0.0.1:{self.port}"
        command = [*prefix, find_binary(), "serve", *flags(store), "--listen", listen, *settings]
        with self.log_file.open("wb") as log, self.error_file.open("wb") as errors:
            self.process = subprocess.Popen(
                list(map(str, command)),
                env=environment(store),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=errors,
            )

    @property
    def data(self):
        """The data folder, for tests of what is in it."""
        assert not is_database(self.store), "this test is about a data folder: mark it `embedded`"
        return self.store

    @property
    def log(self):
        """What the program printed to standard output so far."""
        return self.log_file.read_text()

    @property
    def errors(self):
        """What the program printed to standard error so far."""
        return self.error_file.read_text()

    @property
    def token(self):
        """The token that a first start prints."""
        return TOKEN.search(self.errors)[0]

    def wait_until_ready(self):
        """Waits until the store can be used."""

        def ready():
            assert self.process.poll() is None, f"the server ended: {self.errors}"
            try:
                return requests.get(f"{self.url}/readyz", timeout=PATIENCE).status_code == 200
            except requests.ConnectionError:
                return False

        wait_until(ready, "becoming ready")
        return self

    def session(self, token=None):
        """A client with a token: the one of the first start unless another is given."""
        session = requests.Session()
        session.trust_env = False
        session.headers["Authorization"] = f"Bearer {token or self.token}"
        return session

    def run(self, *arguments):
        """Runs another command of the program on this server's store."""
        return run(*arguments, store=self.store)

    def make_token(self, *flags, account="default"):
        """Makes a token with the command line, beside the running server."""
        made = self.run("token", "create", "--account", account, *flags)
        assert made.returncode == 0, made.stderr
        return made.stdout.strip()

    def stop(self):
        """Asks the server to stop, and returns its exit code and how long it took."""
        begin = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE), time.monotonic() - begin

    def kill(self):
        """Ends the server at once."""
        self.process.kill()
        self.process.wait(PATIENCE)
