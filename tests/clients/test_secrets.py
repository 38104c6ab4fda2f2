"""No secret is ever seen: not in an answer, not in an error, not in the log, not on the disk."""

import json

import pytest

from postgres import stored_files
from program import wait_until

MARKER = "pssst-do-not-tell-anybody"
JSON = {"Content-Type": "application/json"}


def secret(number):
    return f"{MARKER}-{number}"


def fields(**pairs):
    return {"profile": {"sensitive_metadata": {"fields": pairs}}}


def requests_with_secrets(client, end_users):
    """Everything that a client may do with a secret, rightly and wrongly."""
    made = client.post(end_users, json=fields(password=secret(1), pin=secret(2)))
    assert made.status_code == 201
    user = f"{end_users}{made.json()['end_user_id']}"
    yield made
    yield client.patch(user, json=fields(password=secret(3)))
    yield client.get(user)
    yield client.get(end_users)

    wrong_bodies = [
        fields(**{"not a key": secret(4)}),
        fields(**{f"key{number}": secret(number) for number in range(21)}),
        fields(a=[secret(5)]),
        fields(a={"b": secret(6)}),
        fields(a=1.5, b=secret(7)),
        {"profile": {"sensitive_metadata": {"fields": secret(8)}}},
        {"profile": {"sensitive_metadata": secret(9)}},
        {"profile": {"sensitive_metadata": [secret(10)]}},
        {"profile": {"sensitive_metadata": {"fields": {"a": secret(11)}}, "metadata": {"a": "b"}}},
        {"profile": {"sensitive_metadata": {"fields": {"a": secret(12)}}, "language": "?"}},
        {"external_id": 1, **fields(a=secret(13))},
    ]
    for body in wrong_bodies:
        for answer in (client.post(end_users, json=body), client.patch(user, json=body)):
            assert answer.status_code == 400, (body, answer.text)
            yield answer
    text = json.dumps(fields(a=secret(14)))
    for broken in (text[:-3], text[:-10], text + "}", f'{{"{secret(15)}" 1}}', f'"{secret(16)}"'):
        answer = client.post(end_users, data=broken.encode(), headers=JSON)
        assert answer.status_code == 400, broken
        yield answer
    # Secrets in the wrong place: the path and the query are not for the log either.
    yield client.get(f"{end_users}?limit={secret(17)}")
    yield client.get(f"{end_users}?cursor={secret(18)}")
    yield client.get(f"{end_users}{secret(19)}")
    yield client.get(f"{end_users}nowhere/{secret(20)}")
    yield client.get(user, headers={"Authorization": f"Basic {secret(21)}"})
    yield client.get(user, headers={"Authorization": f"Bearer {secret(22)}"})
    yield client.get(f"{end_users}?token={client.headers['Authorization'].split()[1]}")


@pytest.fixture
def plain_texts(server):
    """What must not be found anywhere."""
    return [MARKER.encode(), server.token.encode()]


def check_files(server, plain_texts):
    for name, content in stored_files(server.store):
        for plain in plain_texts:
            assert plain not in content, f"{name} holds {plain}"


def test_no_secret_is_seen(server, client, end_users, plain_texts):
    # The token's part after the prefix is the secret one.
    plain_texts.append(server.token.removeprefix("roster_").encode())
    for answer in requests_with_secrets(client, end_users):
        seen = f"{answer.text} {answer.headers}"
        assert MARKER not in seen, answer.request.body
        assert server.token not in seen
    client.get(f"{server.url}/healthz", headers={"x-request-id": "the-last-one"})
    wait_until(lambda: "the-last-one" in server.log, "the last line of the log")
    assert MARKER not in server.log and server.token not in server.log
    assert MARKER not in server.errors
    metrics = client.get(f"{server.url}/metrics").text
    assert MARKER not in metrics and server.token not in metrics

    # While it runs there is a log of writes; killed, it stays; stopped, it goes.
    check_files(server, plain_texts)
    server.kill()
    check_files(server, plain_texts)


def test_no_secret_is_left_after_a_clean_stop(server, client, end_users, plain_texts):
    for _ in requests_with_secrets(client, end_users):
        pass
    made = server.make_token()
    assert server.stop()[0] == 0
    check_files(server, [*plain_texts, made.encode()])
    listed = server.run("token", "list")
    assert made not in listed.stdout and server.token not in listed.stdout


def test_only_its_own_scope_reads_a_secret(server, client, end_users):
    made = client.post(end_users, json=fields(password=secret(1), tries=3, on=True)).json()
    url = f"{server.url}/roster/v1/end-users/{made['end_user_id']}/sensitive-metadata"
    assert client.get(url).status_code == 403
    reader = server.session(server.make_token("--scope", "sensitive:read"))
    answer = reader.get(url)
    assert answer.status_code == 200
    assert secret(1) in answer.text
    assert reader.get(end_users).status_code == 403
    assert answer.headers["Cache-Control"] == "no-store"
