"""The vendor's Python samples, in the shape in which its reference prints them.

What changes is what a reader of the reference has to change: the host, the token, and where the
sample says `end_user_id`, `channel_id` or `conversation_id`, the identifier itself. The data are
our own.
"""

import ast
import re
from pathlib import Path

SAMPLES = Path(__file__).parent / "samples"
IDENTIFIER = re.compile(r"[0-9a-f]{24}")
TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00")
USER_KEYS = {"end_user_id", "external_id", "profile", "created_at", "updated_at"}
PROFILE_KEYS = {
    "first_name",
    "last_name",
    "display_name",
    "avatar",
    "email",
    "language",
    "metadata",
    "system_properties",
}


def run_sample(name, server, capsys, **identifiers):
    """Runs a sample and returns the status of its response and what it printed."""
    code = (SAMPLES / f"{name}.py").read_text()
    code = code.replace("https://example.ada.support", server.url)
    code = code.replace("<token>", server.token)
    for placeholder, identifier in identifiers.items():
        code = re.sub(rf'(["/]){placeholder}(["/])(?!:)', rf"\g<1>{identifier}\g<2>", code)
    names = {}
    exec(compile(code, f"{name}.py", "exec"), names)
    response = names["response"]
    assert response.headers["Content-Type"] == "application/json"
    assert not response.history, "it was redirected"
    return response.status_code, ast.literal_eval(capsys.readouterr().out)


def check_user(user):
    assert user.keys() == USER_KEYS
    assert user["profile"].keys() == PROFILE_KEYS
    assert user["profile"]["system_properties"] == {"sunshine_user_id": None}
    assert IDENTIFIER.fullmatch(user["end_user_id"])
    assert TIMESTAMP.fullmatch(user["created_at"])
    assert TIMESTAMP.fullmatch(user["updated_at"])


def test_end_users(server, capsys):
    status, user = run_sample("create_end_user", server, capsys)
    assert status == 201
    check_user(user)
    assert user["external_id"] is None
    assert user["profile"]["first_name"] == "Grace"
    assert user["profile"]["display_name"] is None
    assert user["profile"]["metadata"] == {"tier": "gold", "team": "compilers"}
    assert user["created_at"] == user["updated_at"]

    identifier = user["end_user_id"]
    assert run_sample("get_end_user", server, capsys, end_user_id=identifier) == (200, user)

    status, updated = run_sample("update_end_user", server, capsys, end_user_id=identifier)
    assert status == 200
    check_user(updated)
    assert updated["profile"]["email"] == "hopper@example.org"
    assert updated["profile"]["metadata"] == {
        "tier": "gold",
        "team": "compilers",
        "key_of_text": "a text",
        "key_of_truth": True,
        "key_of_number": 4711,
    }
    assert updated["created_at"] == user["created_at"]
    assert updated["updated_at"] > user["updated_at"]

    assert run_sample("get_end_users", server, capsys) == (
        200,
        {"data": [updated], "meta": {"next_page_url": None}},
    )


def test_an_unknown_end_user(server, capsys):
    status, body = run_sample("get_end_user", server, capsys, end_user_id="0" * 24)
    assert status == 404
    [error] = body["errors"]
    assert error.keys() == {"type", "message", "details"}
    assert error["type"] == "not_found"

    # As the sample is printed, its identifier is none.
    status, body = run_sample("get_end_user", server, capsys)
    assert status == 400
    [error] = body["errors"]
    assert error["type"] == "validation_error"
    [detail] = error["details"]
    assert detail.keys() == {"parameter", "location", "message"}
    assert detail["location"] == "path"


def test_a_conversation(server, capsys):
    status, channel = run_sample("create_channel", server, capsys)
    assert status == 201
    assert IDENTIFIER.fullmatch(channel["id"])
    assert TIMESTAMP.fullmatch(channel["created_at"])
    assert channel == {
        "id": channel["id"],
        "type": "custom",
        "name": "Shop",
        "description": "The window of our shop",
        "modality": "messaging",
        "capabilities": {"markdown": False},
        "metadata": {},
        "created_at": channel["created_at"],
    }
    assert run_sample("get_channels", server, capsys) == (
        200,
        {"data": [channel], "meta": {"next_page_url": None}},
    )

    status, conversation = run_sample(
        "create_conversation", server, capsys, channel_id=channel["id"]
    )
    assert status == 201
    assert IDENTIFIER.fullmatch(conversation["id"])
    assert conversation["channel_id"] == channel["id"]
    assert conversation["status"] == "active"
    assert conversation["metadata"] == {}
    # It was not said with whom, so an end user was made.
    end_user = conversation["end_user_id"]
    status, user = run_sample("get_end_user", server, capsys, end_user_id=end_user)
    assert status == 200
    check_user(user)

    where = {"conversation_id": conversation["id"]}
    assert run_sample("get_conversation", server, capsys, **where) == (200, conversation)
    status, updated = run_sample("update_conversation", server, capsys, **where)
    assert status == 200
    assert updated["metadata"] == {
        "page": "basket",
        "visits": 3,
        "returning": True,
        "confidence": 0.75,
    }
    ended = {"message": "Conversation ended successfully."}
    assert run_sample("end_conversation", server, capsys, **where) == (200, ended)
    status, conversation = run_sample("get_conversation", server, capsys, **where)
    assert (status, conversation["status"]) == (200, "ended")


def test_following_the_pages(client, end_users):
    """The loop of the vendor's demo of handoffs: `next_page_url` is asked for as it is."""
    made = [client.post(end_users, json={}).json()["end_user_id"] for _ in range(5)]
    found = []
    url = f"{end_users}?limit=2"
    while url:
        body = client.get(url).json()
        found += [user["end_user_id"] for user in body["data"]]
        url = body.get("meta", {}).get("next_page_url")
    assert found == sorted(made)
