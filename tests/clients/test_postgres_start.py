"""Starts over a database: many at once, and those that must be refused with one clear line."""

import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from postgres import Cluster, psql
from program import TOKEN, Server, free_port, run, wait_until

NODES = 10
PASSWORD = "s3cr3t-pa55word"


def url_on(port, database="test", user="roster", password=PASSWORD):
    return f"postgres://{user}:{password}@127.0.0.1:{port}/{database}"


def refused(database, *command, timeout=30):
    """The one line that a command prints that ends because of its database."""
    done = run(*(command or ["migrate"]), "--database-url", database, timeout=timeout)
    assert done.returncode == 1, done
    assert done.stdout == ""
    assert re.fullmatch(r"roster: [^\n]+\n", done.stderr), done.stderr
    assert PASSWORD not in done.stderr
    return done.stderr


def test_ten_nodes_over_an_empty_database_make_its_schema_once(database, tmp_path):
    # Half of them serve; the others only bring the schema up to date.
    servers = [Server(database, tmp_path) for _ in range(NODES // 2)]
    migrating = [
        subprocess.Popen(
            [sys.executable, "-c", "import program; print(program.run('migrate', store="
             f"{database!r}))"],
            cwd=Path(__file__).parent,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(NODES // 2)
    ]
    try:
        for server in servers:
            server.wait_until_ready()
        for process in migrating:
            told = process.communicate(timeout=60)[0]
            assert "returncode=0" in told and "is up to date" in told and "stderr=''" in told
        tokens = [TOKEN.search(server.errors) for server in servers]
        [token] = [token[0] for token in tokens if token]
        for server in servers:
            answer = server.session(token).get(f"{server.url}/api/v2/users/count.json")
            assert answer.json()["count"]["value"] == 1
        assert psql(database, "select count(*) from account") == "1"
        assert psql(database, "select count(*) from token") == "1"
        assert psql(database, "select count(*) from roster_schema") == "1"
    finally:
        for server in servers:
            server.kill()
    assert "is up to date" in run("migrate", store=database).stdout


def test_nodes_with_different_keys_do_not_both_start(database, tmp_path):
    files = [tmp_path / f"key-{number}" for number in range(4)]
    for number, file in enumerate(files):
        file.write_text(f"1:{number:064x}\n")
        file.chmod(0o600)
    servers = [Server(database, tmp_path, "--key-file", file) for file in files]
    try:

        def settled():
            ended = [server for server in servers if server.process.poll() is not None]
            return len(ended) == len(servers) - 1

        wait_until(settled, "the end of those with another key")
        for server in servers:
            if server.process.poll() is None:
                server.wait_until_ready()
            else:
                assert "is not the key 1 that this store was sealed with" in server.errors
    finally:
        for server in servers:
            server.kill()


def test_a_newer_schema_is_refused(database):
    assert run("migrate", store=database).returncode == 0
    psql(database, "update roster_schema set version = 1000")
    said = refused(database)
    assert "was made by a newer roster: its schema is version 1000" in said
    assert "start the newer binary" in said
    assert psql(database, "select version from roster_schema") == "1000"
    assert "newer" in refused(database, "serve", "--listen", f"127.0.0.1:{free_port()}")


@pytest.mark.parametrize("table", ["account", '"user"', "token", "event"])
def test_a_database_that_is_another_programs_is_left_alone(database, table):
    psql(database, f"create table {table} (id integer)")
    assert "holds tables that are not roster's" in refused(database)
    assert psql(database, "select count(*) from pg_tables where schemaname = 'public'") == "1"


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1"])
def test_another_encoding_is_refused(postgres, encoding):
    name = encoding.lower()
    postgres.psql(f"create database {name} owner roster encoding '{encoding}' template template0")
    url = postgres.url(name)
    assert f"is in the encoding {encoding}; create one with ENCODING 'UTF8'" in refused(url)
    assert psql(url, "select count(*) from pg_tables where schemaname = 'public'") == "0"


def test_an_unknown_database_is_told(postgres):
    assert 'database "nowhere" does not exist' in refused(postgres.url("nowhere"))


@pytest.fixture(scope="module")
def guarded():
    """A server that asks for passwords."""
    cluster = Cluster(fsync="off")
    cluster.psql(f"alter role roster password '{PASSWORD}'")
    cluster.psql("create database guarded owner roster template template0")
    hba = Path(cluster.psql("show hba_file"))
    hba.write_text(
        "local all all trust\nhost all postgres 127.0.0.1/32 trust\n"
        "host all all 127.0.0.1/32 scram-sha-256\n"
    )
    cluster.psql("select pg_reload_conf()")
    yield cluster
    cluster.close()


def test_a_password_counts_and_is_never_told(guarded, tmp_path):
    right = url_on(guarded.port, "guarded")
    done = run("migrate", "--database-url", right)
    assert done.returncode == 0, done.stderr
    assert PASSWORD not in done.stdout
    wrong = url_on(guarded.port, "guarded", password=f"{PASSWORD}-not")
    assert "password authentication failed" in refused(wrong)
    nobody = url_on(guarded.port, "guarded", user="nobody")
    assert "password authentication failed" in refused(nobody)
    server = Server(right, tmp_path)
    try:
        server.wait_until_ready()
        client = server.session()
        assert client.get(f"{server.url}/api/v2/end-users/").status_code == 200
        metrics = client.get(f"{server.url}/metrics").text
        assert PASSWORD not in server.log + server.errors + metrics
    finally:
        server.kill()


def test_nobody_listens():
    said = refused(url_on(free_port()))
    assert "cannot be reached" in said and "refused" in said


def test_nobody_answers():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        said = refused(url_on(listener.getsockname()[1]))
    assert "cannot be reached: the database did not answer in time" in said


@pytest.mark.parametrize(
    "url",
    [
        f"postgres://roster:{PASSWORD}@db.example:port/roster",
        f"postgres://roster:{PASSWORD}@db.example:70000/roster",
        f"postgres://roster:{PASSWORD}@[::1/roster",
        f"postgres://roster:12@{PASSWORD}@db.example/roster",
        f"postgres://roster:{PASSWORD}/with#special@:signs@db.example/roster",
        f"postgres://roster:{PASSWORD}@db.example/roster?sslmode=sometimes",
        f"postgres://roster:{PASSWORD}@db.example/roster?connect_timeout={PASSWORD}",
        f"postgres://roster:{PASSWORD}@db.example/roster?{PASSWORD}=1",
        f"postgres://roster:{PASSWORD}@db.example/roster?target_session_attrs={PASSWORD}",
        f"postgres://roster:{PASSWORD}@db.example/roster?sslmode=verify-full&sslrootcert=/nowhere",
        f"mysql://roster:{PASSWORD}@db.example/roster",
        f"roster:{PASSWORD}@db.example/roster",
        f"host=db.example user=roster password={PASSWORD}",
    ],
)
def test_a_malformed_url_is_not_repeated(url):
    for command in [["migrate"], ["serve", "--listen", f"127.0.0.1:{free_port()}"]]:
        assert re.search("URL|TLS", refused(url, *command))


def test_no_help_or_usage_tells_the_url():
    done = run("serve", "--no-such-flag", "--database-url", url_on(1))
    assert done.returncode == 2
    assert PASSWORD not in done.stdout + done.stderr
