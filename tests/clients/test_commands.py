"""Account and token commands beside a running server: they take effect at once."""

import re

from program import TOKEN

IDENTIFIER = re.compile(r"\b[0-9a-f]{24}\b")


def token_ids(server):
    """The identifiers of all tokens, as `token list` prints them."""
    listed = server.run("token", "list")
    assert listed.returncode == 0, listed.stderr
    assert not TOKEN.search(listed.stdout), "the list shows a token itself"
    return set(IDENTIFIER.findall(listed.stdout))


def test_a_new_token_works_at_once_and_stops_at_once(server, end_users):
    before = token_ids(server)
    token = server.make_token("--name", "nightly import")
    assert TOKEN.fullmatch(token), "token create prints the token alone"
    [identifier] = token_ids(server) - before
    client = server.session(token)
    assert client.post(end_users, json={}).status_code == 201

    revoked = server.run("token", "revoke", identifier)
    assert revoked.returncode == 0, revoked.stderr
    answer = client.get(end_users)
    assert answer.status_code == 401
    assert answer.json()["errors"][0]["type"] == "unauthorized"
    assert server.session().get(end_users).status_code == 200, "the other token still works"


def test_many_tokens_in_turn(server, end_users):
    """The server may remember tokens that it saw; it must not remember them for too long."""
    for _ in range(20):
        before = token_ids(server)
        client = server.session(server.make_token())
        assert client.get(end_users).status_code == 200
        [identifier] = token_ids(server) - before
        assert server.run("token", "revoke", identifier).returncode == 0
        assert client.get(end_users).status_code == 401


def test_a_new_account_is_there_at_once_and_apart(server, client, end_users):
    made = server.run("account", "create", "second", "--owner-email", "owner@example.org")
    assert made.returncode == 0, made.stderr
    other = server.session(server.make_token(account="second"))
    user = client.post(end_users, json={"external_id": "same"}).json()

    assert other.get(end_users).json()["data"] == []
    assert other.get(f"{end_users}{user['end_user_id']}").status_code == 404
    assert other.post(end_users, json={"external_id": "same"}).status_code == 201

    listed = server.run("account", "list")
    assert listed.returncode == 0
    assert "default" in listed.stdout and "second" in listed.stdout


def test_a_scope_is_kept_to(server, end_users):
    reader = server.session(server.make_token("--scope", "end_users:read"))
    assert reader.get(end_users).status_code == 200
    refused = reader.post(end_users, json={})
    assert refused.status_code == 403
    assert refused.json()["errors"][0]["type"] == "authorization_error"


def test_a_command_that_cannot_be_done_says_so_in_one_line(server):
    for arguments in [
        ("token", "create", "--account", "nobody"),
        ("token", "revoke", "0" * 24),
        ("account", "create", "default"),
    ]:
        done = server.run(*arguments)
        assert done.returncode == 1, arguments
        assert done.stdout == ""
        assert len(done.stderr.splitlines()) == 1, done.stderr
