"""`--limits vendor`: the vendors' quotas, so that a client can be tested against them."""

import time

import pytest

from program import wait_until


@pytest.fixture
def server(start):
    return start(None, "--limits", "vendor")


def burst(client, url, count):
    """Asks so fast that all answers fall into one second, or two that follow each other.

    A machine that is busy with something else may need a few attempts.
    """
    for _ in range(4):
        begin = time.monotonic()
        answers = [client.get(url) for _ in range(count)]
        if time.monotonic() - begin < 1:
            return answers
    raise AssertionError("this machine is too slow for the test")


def check_burst(answers, per_second):
    passed = [answer for answer in answers if answer.status_code == 200]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert len(passed) + len(refused) == len(answers)
    assert per_second <= len(passed) <= 2 * per_second
    for answer in passed:
        assert int(answer.headers["X-RateLimit-Limit"]) == per_second
        assert 0 <= int(answer.headers["X-RateLimit-Remaining"]) < per_second
        assert 0 <= int(answer.headers["X-RateLimit-Reset"]) - time.time() + 5 < 10
    for answer in refused:
        assert int(answer.headers["Retry-After"]) == 1
        [error] = answer.json()["errors"]
        assert error["type"] == "too_many_requests"


def test_end_users(client, end_users):
    check_burst(burst(client, end_users, 80), per_second=30)
    wait_until(lambda: client.get(end_users).status_code == 200, "the next second")


def test_everything_else(server, client):
    check_burst(burst(client, f"{server.url}/api/v2/channels/?type=custom", 30), per_second=10)


def test_accounts_and_families_have_their_own(server, client, end_users):
    assert server.run("account", "create", "second").returncode == 0
    other = server.session(server.make_token(account="second"))
    # On a slow machine a second ends in between, and the next one begins anew.
    assert 429 in {answer.status_code for answer in burst(client, end_users, 80)}
    assert other.get(end_users).status_code == 200
    assert client.get(f"{server.url}/api/v2/channels/?type=custom").status_code == 200
    # Two tokens of one account share its quota.
    assert server.session(server.make_token()).get(f"{server.url}/healthz").status_code == 200


def test_a_minute(client, end_users):
    """300 a minute are less than 30 a second, so the minute runs out after ten seconds."""
    passed = 0
    begin = time.time()
    while True:
        answer = client.get(end_users)
        passed += answer.status_code == 200
        if answer.status_code == 429 and int(answer.headers["Retry-After"]) > 1:
            break
        assert passed <= 600
    windows = int(time.time() // 60 - begin // 60) + 1
    assert 300 <= passed <= 300 * windows
    assert int(answer.headers["Retry-After"]) <= 60


def test_without_the_flag_there_is_none(start):
    server = start(None)
    client = server.session()
    answers = [client.get(f"{server.url}/api/v2/end-users/") for _ in range(100)]
    assert {answer.status_code for answer in answers} == {200}
    assert "X-RateLimit-Limit" not in answers[0].headers
    answers = [client.get(f"{server.url}/api/v2/users.json") for _ in range(100)]
    assert {answer.status_code for answer in answers} == {200}
    assert not [name for name in answers[0].headers if "rate" in name.lower()]


TEAM = 20


@pytest.fixture
def team(start):
    """A server with Zendesk's quota of a very small plan."""
    return start(None, "--limits", "vendor", "--zendesk-limit", str(TEAM))


def ask_until_refused(ask, per_minute):
    """Asks until a call is refused; returns the answers before that, and the refusal."""
    passed, begin = [], time.time()
    while True:
        answer = ask()
        if answer.status_code == 429:
            break
        assert answer.status_code == 200, answer.text
        passed.append(answer)
        assert len(passed) <= 3 * per_minute
    # A minute may have ended meanwhile, and another have begun.
    windows = int(time.time() // 60 - begin // 60) + 1
    assert per_minute <= len(passed) <= per_minute * windows
    return passed, answer


def check_zendesk_refusal(answer):
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.text == "Number of allowed API requests per minute exceeded"
    assert 0 < int(answer.headers["Retry-After"]) <= 60
    assert answer.headers["X-Rate-Limit-Remaining"] == "0"


def test_zendesk_users(team):
    client, url = team.session(), f"{team.url}/api/v2/users.json"
    passed, refused = ask_until_refused(lambda: client.get(url), TEAM)
    check_zendesk_refusal(refused)
    for answer in passed:
        headers = answer.headers
        assert headers["X-Rate-Limit"] == headers["RateLimit-Limit"] == str(TEAM)
        assert headers["X-Rate-Limit-Remaining"] == headers["RateLimit-Remaining"]
        assert 0 < int(headers["RateLimit-Reset"]) <= 60
        assert "Retry-After" not in headers
    assert passed[-1].headers["X-Rate-Limit-Remaining"] == "0"
    # Ada's quotas, and other accounts' of Zendesk, are others.
    assert client.get(f"{team.url}/api/v2/end-users/").status_code == 200
    assert team.run("account", "create", "second").returncode == 0
    assert team.session(team.make_token(account="second")).get(url).status_code == 200


def test_zendesk_exports(team):
    client, url = team.session(), f"{team.url}/api/v2/incremental/users.json?start_time=1"
    _, refused = ask_until_refused(lambda: client.get(url), 10)
    check_zendesk_refusal(refused)
    assert client.get(f"{team.url}/api/v2/users.json").status_code == 200


def test_zendesk_changes_of_one_user(start):
    server = start(None, "--limits", "vendor")
    client, users = server.session(), f"{server.url}/api/v2/users"
    first, second = (
        client.post(users, json={"user": {"name": "Person"}}).json()["user"]["id"] for _ in "12"
    )

    def change():
        return client.put(f"{users}/{first}.json", json={"user": {"notes": "changed"}})

    _, refused = ask_until_refused(change, 5)
    check_zendesk_refusal(refused)
    changed = client.put(f"{users}/{second}.json", json={"user": {"notes": "changed"}})
    assert changed.status_code == 200
    # Without the flag the plan is Enterprise.
    assert changed.headers["X-Rate-Limit"] == "700"
