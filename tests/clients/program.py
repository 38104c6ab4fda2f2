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


def environment():
    """This process's environment without settings that would change the program's behaviour."""
    return {name: value for name, value in os.environ.items() if not name.startswith("ROSTER_")}


def run(*arguments, timeout=PATIENCE):
    """Runs a command that ends by itself."""
    return subprocess.run(
        [find_binary(), *map(str, arguments)],
        env=environment(),
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

    def __init__(self, data, files, *flags, prefix=()):
        """Starts to serve the store in `data`; `files` is a folder for what the program prints.

        `prefix` is a command that runs the program.
        """
        self.data = data
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log_file = files / f"{self.port}.log"
        self.error_file = files / f"{self.port}.err"
        listen = f"127.0.0.1:{self.port}"
        command = [*prefix, find_binary(), "serve", "--data", data, "--listen", listen, *flags]
        with self.log_file.open("wb") as log, self.error_file.open("wb") as errors:
            self.process = subprocess.Popen(
                list(map(str, command)),
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=errors,
            )

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
        return run(*arguments, "--data", self.data)

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
