"""node-zendesk, the JavaScript client: unmodified, told another address by its own setting.

What it does is in `tests/node`; each script there is told what was written before, and checks
what the client makes of the answers.
"""

import json
import re
import subprocess

from desk import ORGANIZATIONS
from program import REPOSITORY, environment

SCRIPTS = REPOSITORY / "tests" / "node"
COUNT = re.compile(r"^# (tests|pass|fail|cancelled|skipped|todo) (\d+)$", re.MULTILINE)


def run_script(name, desk, folder):
    """Runs a script of tests and returns how many there were of each outcome."""
    told = {
        "api": desk.api,
        "token": desk.token,
        "owner": desk.owner,
        "users": desk.users,
        "ids": desk.ids,
        "deleted_ids": desk.deleted_ids,
        "roles": desk.roles,
        "organizations": ORGANIZATIONS,
    }
    file = folder / "desk.json"
    file.write_text(json.dumps(told))
    done = subprocess.run(
        ["node", "--test-reporter=tap", SCRIPTS / name, file],
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return {outcome: int(count) for outcome, count in COUNT.findall(done.stdout)}


def check_all_passed(outcomes):
    assert outcomes.pop("tests") == outcomes.pop("pass") > 0
    assert set(outcomes.values()) == {0}, outcomes


def test_reading(desk, tmp_path):
    check_all_passed(run_script("reading.mjs", desk, tmp_path))


def test_writing(new_desk, tmp_path):
    check_all_passed(run_script("writing.mjs", new_desk, tmp_path))
