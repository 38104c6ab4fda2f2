"""`--limits vendor`: the vendor's quotas, so that a client can be tested against them."""

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
    assert burst(client, end_users, 80)[-1].status_code == 429
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
