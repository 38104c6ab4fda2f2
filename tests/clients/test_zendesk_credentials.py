"""How a caller of Zendesk's dialect says who it is: Basic as `EMAIL/token:TOKEN`, or a bearer."""

import subprocess

import pytest
import requests

from desk import OWNER
from program import PATIENCE

WRONG = "roster_" + "0" * 48


def ask(desk, path="/users/me.json", **settings):
    """Asks once, with what the settings say and nothing else of this machine."""
    with requests.Session() as session:
        session.trust_env = False
        return session.get(f"{desk.api}{path}", timeout=PATIENCE, **settings)


def bearer(token):
    return {"headers": {"Authorization": f"Bearer {token}"}}


def acting(answer):
    """The number of the user that a call acted for."""
    assert answer.status_code == 200, answer.text
    return answer.json()["user"]["id"]


def test_basic_and_bearer(desk):
    owner = desk.owner["id"]
    assert acting(ask(desk, auth=(f"{OWNER}/token", desk.token))) == owner
    assert acting(ask(desk, **bearer(desk.token))) == owner
    agent, customer = desk.with_role("agent")[0], desk.with_role("end-user")[0]
    for user in [agent, customer]:
        assert acting(ask(desk, auth=(f"{user['email']}/token", desk.token))) == user["id"]
    # An address in another case is the same one; of an unknown one the token decides.
    assert acting(ask(desk, auth=(f"{OWNER.upper()}/token", desk.token))) == owner
    assert acting(ask(desk, auth=("nobody@desk.example/token", desk.token))) == owner


def test_a_token_of_somebody_else(desk):
    """The command line makes a token for one user, and it takes no credentials to be them."""
    for role in ["agent", "end-user"]:
        user = desk.with_role(role)[1]
        token = desk.make_token(user["email"])
        assert acting(ask(desk, **bearer(token))) == user["id"]
        listed = ask(desk, "/users.json", **bearer(token))
        assert listed.status_code == (200 if role == "agent" else 403), listed.text


def test_on_behalf_of_another(desk):
    agent = desk.with_role("agent")[2]
    for other in [agent["email"], str(agent["id"])]:
        headers = {"X-On-Behalf-Of": other}
        answer = ask(desk, auth=(f"{OWNER}/token", desk.token), headers=headers)
        assert acting(answer) == agent["id"]


REFUSED = {
    "nothing": ({}, {"error": "Couldn't authenticate you"}),
    "a wrong token": (
        {"auth": (f"{OWNER}/token", WRONG)},
        {"error": "Couldn't authenticate you"},
    ),
    "a password": ({"auth": (OWNER, "password")}, {"error": "Couldn't authenticate you"}),
    "a wrong bearer": (
        bearer(WRONG),
        {
            "error": "invalid_token",
            "error_description": "The access token provided is expired, revoked, malformed or "
            "invalid for other reasons.",
        },
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused(desk, case):
    settings, body = REFUSED[case]
    answer = ask(desk, "/users.json", **settings)
    assert answer.status_code == 401
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert answer.json() == body


def test_a_token_of_another_account(desk, new_desk):
    """The same address in two accounts: the token says which account it is."""
    assert acting(ask(desk, auth=(f"{OWNER}/token", new_desk.token))) == new_desk.owner["id"]
    assert ask(desk, "/users.json", **bearer(new_desk.token)).json()["count"] == 1
    stranger = f"/users/{desk.ids[5]}.json"
    assert ask(desk, stranger, **bearer(new_desk.token)).status_code == 404


def test_who_is_nobody(desk):
    user = ask(desk).json()["user"]
    assert (user["id"], user["name"]) == (None, "Anonymous user")


@pytest.mark.parametrize("way", ["basic", "bearer"])
def test_curl(desk, way):
    """The two lines that the vendor's reference shows."""
    says_who = ["--header", f"Authorization: Bearer {desk.token}"]
    if way == "basic":
        says_who = ["--user", f"{OWNER}/token:{desk.token}"]
    url = f"{desk.api}/users.json?page[size]=2&role[]=admin&role[]=agent"
    command = ["curl", "--disable", "--noproxy", "*", "--globoff", "--silent", "--show-error"]
    command += ["--fail", *says_who, url]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr
    assert f'"id":{desk.with_role("admin", "agent")[1]["id"]},' in done.stdout
    assert "role%5B%5D=admin&role%5B%5D=agent" in done.stdout
