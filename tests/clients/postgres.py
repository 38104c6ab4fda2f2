"""PostgreSQL of the tests' own, replicas of it, and PgBouncer: made by them, and gone with them."""

import itertools
import os
import queue
import random
import re
import shutil
import signal
import socket
import subprocess
import threading
from contextlib import contextmanager, suppress
from pathlib import Path

from program import PATIENCE, REPOSITORY, is_database, wait_until

KEEPER = REPOSITORY / "crates" / "testkit" / "src" / "postgres" / "keeper.sh"
ENDED = "keeper: ended"
READY = "database system is ready to accept connections"
READY_AS_STANDBY = "database system is ready to accept read-only connections"
VERSION = re.compile(r"\d+")


def version(program):
    """The version that a program tells, as numbers that can be compared."""
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    # postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1), or PgBouncer 1.18.0 and further lines
    return tuple(map(int, VERSION.findall(told.stdout)[:2]))


def programs():
    """The folder with the programs of the newest server that there is. Debian keeps a folder for
    each version, and none of them on the path.
    """
    debian = Path("/usr/lib/postgresql").glob("[0-9]*/bin")
    folders = sorted(debian, key=lambda folder: int(folder.parent.name), reverse=True)
    folders += [Path(folder) for folder in os.get_exec_path()]
    for folder in folders:
        if (folder / "initdb").is_file() and version(folder / "postgres") >= (14,):
            return folder
    raise FileNotFoundError(
        "these tests need the programs of a PostgreSQL server of version 14 or newer: run "
        "scripts/test, or install the package postgresql"
    )


def lasting_port():
    """A port that nobody listens on. It lies below those that systems give to outgoing connections,
    one of which could otherwise have it when the server is started again.
    """
    while True:
        port = random.randrange(10_000, 30_000)
        with socket.socket() as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def psql(url, sql):
    """What the server prints, a line for each row."""
    command = [programs() / "psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align"]
    done = subprocess.run(
        [*command, "--variable=ON_ERROR_STOP=1", url, "--command", sql],
        env={name: text for name, text in os.environ.items() if not name.startswith("PG")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.rstrip("\n")


class SqlSession:
    """A connection on which statements follow one another, and transactions can stay open."""

    def __init__(self, url):
        command = [programs() / "psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align"]
        self.process = subprocess.Popen(
            [*command, "--variable=ON_ERROR_STOP=1", url],
            env={name: text for name, text in os.environ.items() if not name.startswith("PG")},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.run(f"set statement_timeout = '{PATIENCE}s'")

    def run(self, sql):
        """What the server prints, a line for each row."""
        self.process.stdin.write(f"{sql};\n\\echo done\n")
        self.process.stdin.flush()
        lines = list(iter(lambda: self.process.stdout.readline().rstrip("\n") or "done", "done"))
        assert self.process.poll() is None
        return lines

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()


def stored_files(store):
    """The names and contents of all files that a store consists of. Those of a database are among
    all of its cluster's, and come and go while it runs.
    """
    folder = store
    if is_database(store):
        # What was committed is in a file by now, but not yet in all where it belongs.
        administrator = store.replace("//roster@", "//postgres@")
        psql(administrator, "checkpoint")
        folder = Path(psql(administrator, "show data_directory"))
    found = []
    for path in folder.rglob("*"):
        with suppress(FileNotFoundError):
            if path.is_file():
                found.append((path.name, path.read_bytes()))
    assert {"roster.db", "PG_VERSION"} & {name for name, _ in found}
    return found


class Keeper:
    """A process that keeps a server in a folder of its own, and ends both with this process."""

    def __init__(self, programs, last_signal):
        self.process = subprocess.Popen(
            ["sh", KEEPER, programs, last_signal],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            errors="replace",
            # An interrupt from the terminal is for the tests; the keeper has to clear away.
            start_new_session=True,
        )
        self.lines = queue.Queue()
        # Everything that was printed, for whoever asks what went wrong.
        self.printed = []
        threading.Thread(target=self.read, daemon=True).start()
        self.folder = Path(self.wait_for("keeper: folder ").removeprefix("keeper: folder "))

    def read(self):
        for line in self.process.stdout:
            self.printed.append(line)
            self.lines.put(line.rstrip("\n"))

    def order(self, order):
        while not self.lines.empty():
            # What was printed before is no answer.
            self.lines.get()
        self.process.stdin.write(f"{order}\n")
        self.process.stdin.flush()

    def wait_for(self, *texts):
        """The next line that has one of these texts in it."""
        before = []
        while True:
            try:
                line = self.lines.get(timeout=PATIENCE)
            except queue.Empty:
                raise AssertionError(f"none of {texts} came, but {before}") from None
            if any(text in line for text in texts):
                return line
            before.append(line)

    def run(self, command):
        """Runs a command in the folder, as the user whom the server will run as."""
        self.order(f"do {command}")
        assert self.wait_for("keeper: did ") == "keeper: did 0", "".join(self.printed)

    def start(self, command, *ready):
        """Starts the server, and says whether it got ready."""
        self.order(f"start {command}")
        return self.wait_for(*ready, ENDED) != ENDED

    def end(self, name):
        """Ends the server with a signal, and waits until nothing is left of it."""
        self.order(f"signal {name}")
        self.wait_for(ENDED)

    def close(self):
        """Ends the server, and removes the folder."""
        self.process.stdin.close()
        self.process.wait(PATIENCE)


class Cluster:
    """A server with databases of its own, on the loopback interface. It is durable: each commit
    waits for the disk.
    """

    def __init__(self, **settings):
        """`settings` are those of postgresql.conf."""
        self.settings = settings
        self.begin()
        self.keeper.run(
            "initdb -D data --username=postgres --auth=trust --locale=C --encoding=UTF8 --no-sync"
        )
        # Stores are given a role that may do nothing outside of its databases, as they would be
        # where they are used.
        self.keeper.run("echo 'create role roster login' | postgres --single -D data postgres")
        self.start()

    def begin(self):
        self.programs = programs()
        self.keeper = Keeper(self.programs, "QUIT")
        self.port = lasting_port()
        # By which a server that it follows knows it.
        self.name = f"server_{self.port}"
        self.numbers = itertools.count(1)
        self.followers = []

    @property
    def log(self):
        """What the server printed so far."""
        return "".join(self.keeper.printed)

    def start(self):
        """Starts the server, on the same port each time."""
        settings = {
            "port": self.port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": self.keeper.folder,
            "max_connections": 300,
            "cluster_name": self.name,
            **self.settings,
        }
        flags = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
        command = f"postgres -D data {flags}"
        assert self.keeper.start(command, READY, READY_AS_STANDBY), self.log

    def stop(self):
        """Ends the server in good order, which breaks all connections."""
        self.keeper.end("INT")

    def restart(self):
        self.stop()
        self.start()

    def kill(self):
        """Ends all processes of the server with SIGKILL, as if the machine had lost its power."""
        self.keeper.end("KILL")

    @contextmanager
    def frozen(self):
        """None of its processes goes on: connections stay, and nothing is answered."""
        number = (self.keeper.folder / "data" / "postmaster.pid").read_text().split()[0]
        children = Path(f"/proc/{number}/task/{number}/children")
        stopped = []

        def stop():
            """Passes once there is nobody left who goes on. The one that makes others is first."""
            found = [number, *children.read_text().split()]
            others = [process for process in found if process not in stopped]
            for process in others:
                with suppress(ProcessLookupError):
                    os.kill(int(process), signal.SIGSTOP)
                    stopped.append(process)
            return not others

        try:
            wait_until(stop, "stopping")
            yield
        finally:
            for process in reversed(stopped):
                with suppress(ProcessLookupError):
                    os.kill(int(process), signal.SIGCONT)

    def end_connections(self):
        """Breaks all connections of stores."""
        sql = "select count(pg_terminate_backend(pid)) from pg_stat_activity"
        return int(self.psql(f"{sql} where usename = 'roster'"))

    def close(self):
        """Ends the server and those that follow it, and removes everything."""
        for follower in self.followers:
            follower.close()
        self.keeper.close()

    def url(self, database, user="roster"):
        """Where a database is found. It belongs to `roster`; `postgres` may do everything."""
        return f"postgres://{user}@127.0.0.1:{self.port}/{database}"

    def create_database(self, name=None):
        """Makes an empty database, and returns its URL."""
        name = name or f"test_{next(self.numbers)}"
        self.psql(f"create database {name} owner roster template template0")
        return self.url(name)

    @contextmanager
    def database(self):
        """The URL of a new database, which is there for as long as it is needed."""
        url = self.create_database()
        yield url
        self.psql(f"drop database {url.rsplit('/', 1)[1]} with (force)")

    def psql(self, sql, database="postgres"):
        """What a superuser is told in a database, a line for each row."""
        return psql(self.url(database, "postgres"), sql)

    def replica(self, synchronous=False):
        """A standby that follows this server. If it is synchronous, whatever this server has
        acknowledged is there too.
        """
        follower = Replica(self)
        self.followers.append(follower)
        follows = f"from pg_stat_replication where application_name = '{follower.name}'"
        wait_until(lambda: self.psql(f"select state {follows}") == "streaming", "streaming")
        if synchronous:
            self.psql(f"alter system set synchronous_standby_names = '{follower.name}'")
            self.psql("select pg_reload_conf()")
            wait_until(lambda: self.psql(f"select sync_state {follows}") == "sync", "waiting for it")
        return follower


class Replica(Cluster):
    """A server that follows another one until it is promoted."""

    def __init__(self, primary):
        self.settings = primary.settings
        self.begin()
        # The slot keeps what this server has not read yet, however long it is away.
        self.keeper.run(
            f"pg_basebackup --dbname='{primary.url('postgres', 'postgres')}?application_name="
            f"{self.name}' --pgdata=data --write-recovery-conf --checkpoint=fast --no-sync"
            f" --wal-method=stream --create-slot --slot={self.name}"
        )
        self.start()

    def promote(self):
        """Makes a server of its own of it, which takes writes."""
        assert self.psql(f"select pg_promote(true, {PATIENCE})") == "t", self.log


class PgBouncer:
    """PgBouncer before a cluster, in transaction mode: each transaction has any connection."""

    def __init__(self, cluster, **settings):
        """`settings` are those of pgbouncer.ini."""
        path = os.pathsep.join([*os.get_exec_path(), "/usr/sbin"])
        program = shutil.which("pgbouncer", path=path)
        if not program:
            raise FileNotFoundError("no pgbouncer: run scripts/test, or install that package")
        self.version = version(program)
        self.cluster = cluster
        self.keeper = Keeper(Path(program).parent, "KILL")
        self.port = lasting_port()
        if self.version >= (1, 21):
            settings = {"max_prepared_statements": 100, **settings}
        self.write(settings)
        self.start()

    def write(self, settings):
        settings = {
            "listen_addr": "127.0.0.1",
            "listen_port": self.port,
            "unix_socket_dir": "",
            "pool_mode": "transaction",
            "auth_type": "trust",
            "auth_file": "users.txt",
            "admin_users": "postgres",
            "max_client_conn": 1000,
            "default_pool_size": 20,
            # It tries again soon whether the cluster has come back.
            "server_login_retry": 1,
            **settings,
        }
        lines = ["[databases]", f"* = host=127.0.0.1 port={self.cluster.port}", "[pgbouncer]"]
        lines += [f"{name} = {value}" for name, value in settings.items()]
        (self.keeper.folder / "pgbouncer.ini").write_text("\n".join([*lines, ""]))
        (self.keeper.folder / "users.txt").write_text('"roster" ""\n"postgres" ""\n')

    @property
    def log(self):
        """What it printed so far."""
        return "".join(self.keeper.printed)

    def start(self):
        assert self.keeper.start("pgbouncer pgbouncer.ini", "process up"), self.log

    def kill(self):
        """Ends it at once, which breaks all connections on either side."""
        self.keeper.end("KILL")

    def close(self):
        """Ends it, and removes everything."""
        self.keeper.close()

    def url(self, database, user="roster"):
        """Where a database of the cluster is found through it."""
        return f"postgres://{user}@127.0.0.1:{self.port}/{database}"
