"""When the server cannot start it says why in one line, ends with 1, and harms nothing."""

import re
import socket
import sqlite3
from pathlib import Path

import pytest

from program import DATABASE_VARIABLES, free_port, is_database, run


def refused(store, *settings, port=None):
    """Starts a server that must refuse, and returns its one line."""
    listen = f"127.0.0.1:{port or free_port()}"
    done = run("serve", "--listen", listen, *settings, store=store)
    assert done.returncode == 1, (done.returncode, done.stderr)
    [line] = done.stderr.splitlines()
    assert "panicked" not in line
    return line


@pytest.fixture
def stopped(start):
    """A server that stopped, and in its store one user who has a secret."""
    server = start()
    secret = {"profile": {"sensitive_metadata": {"fields": {"pin": "4711"}}}}
    made = server.session().post(f"{server.url}/api/v2/end-users/", json=secret)
    assert made.status_code == 201
    server.user = made.json()
    assert server.stop()[0] == 0
    return server


def check_unharmed(stopped, start, *settings):
    """The store can be served again, and the user with their secret is still there."""
    again = start(stopped.store, *settings)
    url = f"{again.url}/api/v2/end-users/{stopped.user['end_user_id']}"
    assert again.session(stopped.token).get(url).json() == stopped.user
    reader = again.session(again.make_token("--scope", "sensitive:read"))
    url = f"{again.url}/roster/v1/end-users/{stopped.user['end_user_id']}/sensitive-metadata"
    answer = reader.get(url)
    assert answer.status_code == 200
    assert "4711" in answer.text


def database(folder):
    """The database of a data folder. An index for searching is beside it, and can be remade."""
    path = folder / "roster.db"
    assert path.read_bytes().startswith(b"SQLite format 3\0")
    return path


def key_file(store):
    """The file of keys: of a data folder, the one that the first start made."""
    if is_database(store):
        return Path(DATABASE_VARIABLES["ROSTER_KEY_FILE"])
    [path] = [path for path in store.iterdir() if re.search(rb"^1:[0-9a-f]{64}$", path.read_bytes(), re.M)]
    return path


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.embedded
def test_a_second_server(server, client, end_users):
    assert str(server.data) in refused(server.data)
    assert client.post(end_users, json={}).status_code == 201, "the first one goes on"


def test_a_port_that_is_taken(store, start):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        assert str(port) in refused(store, port=port)
    # That was a first start; its token must not be lost.
    server = start()
    assert server.session().get(f"{server.url}/api/v2/end-users/").status_code == 200


@pytest.mark.embedded
def test_a_folder_that_cannot_be_written(tmp_path):
    file = tmp_path / "file"
    file.touch()
    # Not even root can make a folder in either place.
    assert str(file) in refused(file / "data")
    assert "/proc/roster" in refused("/proc/roster")


@pytest.mark.embedded
def test_a_file_in_place_of_the_folder(tmp_path):
    file = tmp_path / "file"
    file.write_text("precious")
    assert str(file) in refused(file)
    assert file.read_text() == "precious"


@pytest.mark.embedded
def test_a_database_that_is_damaged(stopped, start):
    path = database(stopped.data)
    sound = path.read_bytes()
    for damaged in [b"precious" * 1000, sound[:50] + b"\xff" * 100 + sound[150:]]:
        path.write_bytes(damaged)
        before = contents(stopped.data)
        assert path.name in refused(stopped.data)
        assert contents(stopped.data)[path.name] == before[path.name], "the file was changed"
    path.write_bytes(sound)
    check_unharmed(stopped, start)


@pytest.mark.embedded
def test_a_database_with_garbage_in_the_middle(stopped):
    """Whatever the server makes of it, it must not answer with another user's data or crash."""
    path = database(stopped.data)
    sound = path.read_bytes()
    size = int.from_bytes(sound[16:18])
    path.write_bytes(sound[:size] + b"\xff" * (len(sound) - size))
    assert path.name in refused(stopped.data)


@pytest.mark.embedded
def test_a_newer_schema(stopped, start):
    path = database(stopped.data)
    connection = sqlite3.connect(path)
    [version] = connection.execute("pragma user_version").fetchone()
    connection.execute("pragma user_version = 4711")
    connection.close()
    assert "newer" in refused(stopped.data)
    connection = sqlite3.connect(path)
    assert connection.execute("pragma user_version").fetchone() == (4711,)
    connection.execute(f"pragma user_version = {version}")
    connection.close()
    check_unharmed(stopped, start)


@pytest.mark.embedded
def test_the_database_of_another_program(tmp_path, stopped):
    folder = tmp_path / "foreign"
    folder.mkdir()
    path = folder / database(stopped.data).name
    connection = sqlite3.connect(path)
    connection.execute("create table recipes (name)")
    connection.commit()
    connection.close()
    before = path.read_bytes()
    refused(folder)
    assert path.read_bytes() == before


@pytest.mark.embedded
def test_a_key_that_is_missing(tmp_path, stopped, start):
    key = key_file(stopped.data)
    kept = tmp_path / "kept"
    key.rename(kept)
    line = refused(stopped.data)
    assert "key" in line
    assert not key.exists(), "a new key was made over a store that holds secrets"
    # The same when the folder is named and the file is elsewhere.
    absent = tmp_path / "absent"
    assert str(absent) in refused(stopped.data, "--key-file", absent)
    assert not absent.exists()
    check_unharmed(stopped, start, "--key-file", kept)


def test_a_key_that_is_wrong(tmp_path, stopped, start):
    wrong = tmp_path / "wrong"
    for text in ["1:" + "00" * 32, "2:" + "00" * 32]:
        wrong.write_text(text + "\n")
        line = refused(stopped.store, "--key-file", wrong)
        assert "key" in line
        assert "00" * 32 not in line
    check_unharmed(stopped, start)


def test_a_key_file_that_is_none(tmp_path, stopped, start):
    file = tmp_path / "keys"
    for text in ["", "# nothing\n", "1:abc\n", "no key at all\n", f"1:{'ab' * 32}\n1:{'cd' * 32}\n"]:
        file.write_text(text)
        line = refused(stopped.store, "--key-file", file)
        assert str(file) in line
        assert "ab" * 32 not in line
    check_unharmed(stopped, start)


def test_keys_rotate(tmp_path, stopped, start):
    old = key_file(stopped.store).read_text()
    both = tmp_path / "both"
    both.write_text(f"{old}\n2:{'c0' * 32}\n")
    check_unharmed(stopped, start, "--key-file", both)


@pytest.mark.embedded
def test_a_flag_that_makes_no_sense(tmp_path):
    for flags in [
        ("--listen", "nowhere"),
        ("--limits", "generous"),
        ("--unassociated-ttl", "a while"),
        ("--cache-size", "large"),
    ]:
        done = run("serve", "--data", tmp_path / "data", *flags)
        assert done.returncode in (1, 2), flags
        assert flags[0] in done.stderr
        assert not (tmp_path / "data").exists()
