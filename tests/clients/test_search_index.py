"""The index for searching is a file beside the database, and can be remade from it."""

import pytest

from desk import OWNER, Desk
from program import wait_until


def found(desk, query):
    """The numbers of the users that a search finds, in ascending order."""
    answer = desk.session().get(f"{desk.api}/users/search.json", params={"query": query})
    assert answer.status_code == 200, answer.text
    return sorted(user["id"] for user in answer.json()["users"])


def write(desk, user):
    answer = desk.session().post(f"{desk.api}/users.json", json={"user": user})
    assert answer.status_code == 201, answer.text
    return answer.json()["user"]["id"]


@pytest.fixture
def known(start):
    """A desk whose server stopped, after it had learned who is there."""
    server = start()
    desk = Desk.open(server, "desk")
    desk.ada = write(desk, {"name": "Ada Lovelace", "email": "ada@engines.example"})
    desk.charles = write(desk, {"name": "Charles Babbage", "notes": "asks Ada"})
    assert found(desk, "ada") == [desk.ada, desk.charles]
    assert server.stop()[0] == 0
    return desk


@pytest.mark.embedded
@pytest.mark.parametrize("damage", ["absent", "empty", "another file", "garbage"])
def test_a_damaged_index_is_made_anew(known, start, damage):
    desk, path = known, known.server.data / "roster.db-search"
    sound = path.read_bytes()
    if damage == "absent":
        path.unlink()
    else:
        damaged = {
            "empty": b"",
            "another file": b"precious" * 1000,
            "garbage": sound[:4096] + b"\xff" * (len(sound) - 4096),
        }
        path.write_bytes(damaged[damage])
    desk.server = start(desk.server.store)
    wait_until(lambda: found(desk, "ada") == [desk.ada, desk.charles], "finding everybody")
    assert found(desk, "lovelace engines") == [desk.ada]
    new = write(desk, {"name": "Ada the Second"})
    wait_until(lambda: new in found(desk, "ada"), "finding the new one")
    assert found(desk, OWNER) == desk.ids


def test_a_deleted_user_leaves_the_index(known, start):
    """Also where the server was stopped or killed in between."""
    desk = known
    desk.server = start(desk.server.store)
    client = desk.session()
    assert client.delete(f"{desk.api}/users/{desk.ada}.json").status_code == 200
    desk.server.kill()
    desk.server = start(desk.server.store)
    assert found(desk, "ada") == [desk.charles]
    assert found(desk, "name:lovelace") == []
