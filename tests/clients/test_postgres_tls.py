"""TLS to the database: what each sslmode looks at, and what is said when that is wrong."""

import os
import re
from pathlib import Path

import pytest
import trustme

from postgres import Cluster, psql
from program import Server, run

CERTIFIED = "localhost"
OTHER_NAME = "127.0.0.1"


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture(scope="module")
def files(authority, tmp_path_factory):
    folder = tmp_path_factory.mktemp("authorities")
    authority.cert_pem.write_to_path(folder / "right.pem")
    trustme.CA().cert_pem.write_to_path(folder / "wrong.pem")
    (folder / "empty.pem").write_text("")
    return folder


@pytest.fixture(scope="module")
def guarded(authority):
    """A server that is certified to be localhost, and takes stores with TLS alone."""
    cluster = Cluster(fsync="off")
    data = Path(cluster.psql("show data_directory"))
    certificate = authority.issue_cert(CERTIFIED)
    certificate.private_key_pem.write_to_path(data / "server.key")
    certificate.cert_chain_pems[0].write_to_path(data / "server.crt")
    for file in [data / "server.key", data / "server.crt"]:
        file.chmod(0o600)
        os.chown(file, data.stat().st_uid, data.stat().st_gid)
    (data / "pg_hba.conf").write_text(
        "host all postgres 127.0.0.1/32 trust\nhostssl all all 127.0.0.1/32 trust\n"
    )
    cluster.psql("alter system set ssl = on")
    cluster.restart()
    cluster.psql("create database guarded owner roster template template0")
    yield cluster
    cluster.close()


@pytest.fixture
def address(guarded, files):
    """A URL with this host and these parameters."""

    def address(host, **parameters):
        if "sslrootcert" in parameters:
            parameters["sslrootcert"] = files / parameters["sslrootcert"]
        query = "&".join(f"{name}={value}" for name, value in parameters.items())
        return f"postgres://roster@{host}:{guarded.port}/guarded?{query}"

    return address


RIGHT = [
    (OTHER_NAME, {}),
    (OTHER_NAME, {"sslmode": "prefer"}),
    (OTHER_NAME, {"sslmode": "require"}),
    (OTHER_NAME, {"sslmode": "verify-ca", "sslrootcert": "right.pem"}),
    # Like libpq: whoever says whom to trust wants that to be looked at.
    (OTHER_NAME, {"sslmode": "require", "sslrootcert": "right.pem"}),
    (CERTIFIED, {"sslmode": "verify-full", "sslrootcert": "right.pem"}),
]


@pytest.mark.parametrize(("host", "parameters"), RIGHT)
def test_what_is_right_is_taken(address, host, parameters):
    done = run("migrate", "--database-url", address(host, **parameters))
    assert done.returncode == 0, done.stderr


WRONG = [
    (OTHER_NAME, {"sslmode": "disable"}, "no encryption"),
    (OTHER_NAME, {"sslmode": "verify-full", "sslrootcert": "right.pem"}, "not valid for name"),
    (CERTIFIED, {"sslmode": "verify-full", "sslrootcert": "wrong.pem"}, "invalid peer certificate"),
    (OTHER_NAME, {"sslmode": "verify-ca", "sslrootcert": "wrong.pem"}, "invalid peer certificate"),
    (OTHER_NAME, {"sslmode": "require", "sslrootcert": "wrong.pem"}, "invalid peer certificate"),
    # Nobody but the test trusts this authority.
    (CERTIFIED, {"sslmode": "verify-full"}, "invalid peer certificate"),
    (OTHER_NAME, {"sslmode": "verify-ca"}, "invalid peer certificate"),
    (CERTIFIED, {"sslmode": "verify-full", "sslrootcert": "empty.pem"}, "no certificate in it"),
    (CERTIFIED, {"sslmode": "verify-full", "sslrootcert": "none.pem"}, "No such file"),
]


@pytest.mark.parametrize(("host", "parameters", "said"), WRONG)
def test_what_is_wrong_is_refused(address, host, parameters, said):
    done = run("migrate", "--database-url", address(host, **parameters))
    assert done.returncode == 1, done.stdout
    assert re.fullmatch(r"roster: [^\n]+\n", done.stderr), done.stderr
    assert said in done.stderr


def test_a_server_without_tls_is_refused_where_it_is_required(postgres, database, files):
    authority = f"sslrootcert={files / 'right.pem'}"
    modes = ["require", f"verify-ca&{authority}", f"verify-full&{authority}"]
    for mode in modes:
        done = run("migrate", "--database-url", f"{database}?sslmode={mode}")
        assert done.returncode == 1
        assert re.fullmatch(r"roster: [^\n]*TLS[^\n]*\n", done.stderr), done.stderr
    # A question mark in the password hides nothing of what follows.
    unlucky = database.replace("roster@", "roster:what?@")
    done = run("migrate", "--database-url", f"{unlucky}?sslmode=require")
    assert done.returncode == 1
    assert "TLS" in done.stderr
    assert run("migrate", "--database-url", unlucky).returncode == 0


def test_a_node_speaks_tls_on_every_connection(guarded, address, tmp_path):
    url = address(CERTIFIED, sslmode="verify-full", sslrootcert="right.pem")
    server = Server(url, tmp_path).wait_until_ready()
    try:
        with server.session() as client:
            made = client.post(f"{server.url}/api/v2/end-users/", json={"external_id": "grace"})
            assert made.status_code == 201
        speaking = "select count(*), count(*) filter (where ssl) from pg_stat_ssl join "
        speaking += "pg_stat_activity using (pid) where usename = 'roster'"
        count, hidden = psql(guarded.url("guarded", "postgres"), speaking).split("|")
        assert int(count) == int(hidden) >= 2
    finally:
        server.kill()
