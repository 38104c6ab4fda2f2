"""What the tests on PostgreSQL rely on: a cluster, replicas and PgBouncer that do what they should."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from postgres import Cluster, PgBouncer, psql
from program import PATIENCE, wait_until


@pytest.fixture(scope="module")
def postgres():
    """No machine fails here, so there is no need to wait for the disk."""
    cluster = Cluster(fsync="off")
    yield cluster
    cluster.close()


def test_a_fresh_database_is_empty_and_belongs_to_no_superuser(database):
    made = "select count(*) from pg_tables where schemaname !~ '^(pg_|information_schema)'"
    assert psql(database, made) == "0"
    psql(database, "create table person (name text)")
    assert psql(database, made) == "1"
    assert psql(database, "select usesuper from pg_user where usename = current_user") == "f"


def test_what_was_committed_outlives_a_kill(postgres, database):
    psql(database, "create table person (name text); insert into person values ('Ada')")
    postgres.kill()
    postgres.start()
    assert psql(database, "select name from person") == "Ada"


def test_pgbouncer_leads_to_the_database(postgres):
    psql(postgres.create_database("pooled"), "create table person (name text)")
    pooler = PgBouncer(postgres)
    try:
        assert psql(pooler.url("pooled"), "select count(*) from person") == "0"
        assert "transaction" in psql(pooler.url("pgbouncer", "postgres"), "show pools")
    finally:
        pooler.close()


KEEPING = """
from postgres import Cluster
cluster = Cluster()
print(cluster.keeper.folder, cluster.port, flush=True)
input()
"""


def test_nothing_is_left_of_a_cluster_whose_test_was_killed():
    process = subprocess.Popen(
        [sys.executable, "-c", KEEPING],
        cwd=Path(__file__).parent,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    folder, port = process.stdout.readline().split()
    number = (Path(folder) / "data" / "postmaster.pid").read_text().split()[0]
    process.send_signal(signal.SIGKILL)
    process.wait(PATIENCE)
    wait_until(lambda: not Path(folder).exists(), "the end of the folder")
    wait_until(lambda: not Path(f"/proc/{number}/exe").exists(), "the end of the server")


def test_a_promoted_replica_has_what_was_committed(postgres):
    """The last one, since the cluster stays down."""
    postgres.create_database("replicated")
    replica = postgres.replica(synchronous=True)
    url = replica.url("replicated")
    psql(postgres.url("replicated"), "create table person (name text)")
    psql(postgres.url("replicated"), "insert into person values ('Ada')")
    postgres.kill()
    assert psql(url, "select pg_is_in_recovery()") == "t"
    replica.promote()
    psql(url, "insert into person values ('Grace')")
    assert psql(url, "select name from person").split() == ["Ada", "Grace"]
