"""The first start over an empty store: what it prints works when it is pasted."""

import json
import stat
import subprocess

import pytest

from program import PATIENCE, TOKEN, wait_until


def test_the_printed_lines_work_when_pasted(server):
    lines = [line for line in server.errors.splitlines() if "curl " in line]
    assert lines
    for line in lines:
        done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, timeout=PATIENCE)
        assert done.returncode == 0, done.stderr
        assert "errors" not in json.loads(done.stdout)


def test_the_token_is_printed_once(start, server):
    assert len(set(TOKEN.findall(server.errors))) == 1
    token = server.token
    assert not TOKEN.search(server.log)
    assert server.stop()[0] == 0

    again = start(server.store)
    assert not TOKEN.search(again.errors + again.log)
    assert again.session(token).get(f"{again.url}/api/v2/end-users/").status_code == 200


@pytest.mark.embedded
def test_the_data_folder_is_private(server):
    """It holds people's data, and the key that opens their secrets."""
    for path in [server.data, *server.data.iterdir()]:
        assert not stat.S_IMODE(path.stat().st_mode) & 0o077, f"others can read {path.name}"


def test_the_log_is_json(server, client, end_users):
    client.get(end_users, headers={"x-request-id": "asked-by-a-test"})
    wait_until(lambda: "asked-by-a-test" in server.log, "the line in the log")
    lines = [json.loads(line) for line in server.log.splitlines()]
    [line] = [line for line in lines if line.get("request_id") == "asked-by-a-test"]
    assert line["status"] == 200
