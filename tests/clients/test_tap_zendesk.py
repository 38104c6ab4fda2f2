"""Singer's tap-zendesk: unmodified, in an environment of its own, because it pins another zenpy.

It knows the vendor's host only, so it reaches roster through a proxy. Its discovery asks for
everything that the vendor has, tickets too, so it is given its own schemas as the catalog.
"""

import json
import subprocess

import pytest

from desk import moment
from program import REPOSITORY, Server, environment
from vendor_host import VendorHost

HOST = "desk.zendesk.com"
TAP = REPOSITORY / ".venv-tap-zendesk"
STREAMS = ["users", "groups", "group_memberships"]


@pytest.fixture(scope="module")
def desk_server(new_store, tmp_path_factory):
    """A server that knows under which name its clients reach it."""
    folder = tmp_path_factory.mktemp("server")
    with new_store(folder) as store:
        server = Server(store, folder, "--public-url", f"https://{HOST}")
        yield server.wait_until_ready()
        server.kill()


@pytest.fixture
def host(desk_server, tmp_path):
    host = VendorHost(HOST, desk_server.port, tmp_path)
    yield host
    host.close()


def catalog():
    """What discovery would write, with every field of the streams selected."""
    [schemas] = TAP.glob("lib/python3*/site-packages/tap_zendesk/schemas")
    whole = {"selected": True, "table-key-properties": ["id"]}
    return {
        "streams": [
            {
                "stream": stream,
                "tap_stream_id": stream,
                "schema": json.loads((schemas / f"{stream}.json").read_text()),
                "metadata": [{"breadcrumb": [], "metadata": whole}],
            }
            for stream in STREAMS
        ]
    }


def run_tap(host, folder, token, state=None):
    """Runs the tap as Singer does."""
    config = {"start_date": "2020-01-01T00:00:00Z", "subdomain": "desk", "access_token": token}
    files = {"config": config, "catalog": catalog()} | ({"state": state} if state else {})
    command = [TAP / "bin" / "tap-zendesk"]
    for name, content in files.items():
        file = folder / f"{name}.json"
        file.write_text(json.dumps(content))
        command += [f"--{name}", file]
    return subprocess.run(
        list(map(str, command)),
        env=environment() | host.environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )


def read(done):
    """The records of each stream and the last state, of a run that went well."""
    assert done.returncode == 0, done.stderr
    records, state = {stream: [] for stream in STREAMS}, None
    for message in map(json.loads, done.stdout.splitlines()):
        if message["type"] == "RECORD":
            records[message["stream"]].append(message["record"])
        elif message["type"] == "STATE":
            state = message["value"]
    return records, state


def test_a_first_load(desk, host, tmp_path):
    """The tap checks every record against its schemas."""
    records, state = read(run_tap(host, tmp_path, desk.token))
    assert set(host.asked) == {f"{HOST}:443"}

    written = {user["id"]: user for user in desk.users + desk.deleted}
    assert len(records["users"]) == len(written)
    for record in records["users"]:
        user = written[record["id"]]
        assert user["url"].startswith(f"https://{HOST}/api/v2/users/")
        for key in ["name", "email", "external_id", "role", "active", "tags", "organization_id"]:
            assert record[key] == user[key], key
    groups = {group["id"]: group["name"] for group in desk.groups}
    assert {record["id"]: record["name"] for record in records["groups"]} == groups
    for record, membership in zip(records["group_memberships"], desk.memberships, strict=True):
        assert (record["id"], record["user_id"]) == (membership["id"], membership["user_id"])

    newest = max(user["updated_at"] for user in written.values())
    assert moment(state["bookmarks"]["users"]["updated_at"]) == moment(newest)


def test_a_load_that_goes_on(desk, host, tmp_path):
    """From a bookmark on, what was changed before it does not come again."""
    bookmark = "2021-01-01T00:00:00.000000Z"
    state = {"bookmarks": {stream: {"updated_at": bookmark} for stream in STREAMS}}
    records, state = read(run_tap(host, tmp_path, desk.token, state))
    assert len(records["users"]) == len(desk.users + desk.deleted)
    later = {"bookmarks": {stream: {"updated_at": "2999-01-01T00:00:00Z"} for stream in STREAMS}}
    done = run_tap(host, tmp_path, desk.token, later)
    # The vendor, too, refuses a start that is not a minute ago.
    assert done.returncode != 0
    assert "HTTP-error-code: 400" in done.stderr


def test_a_wrong_token(desk, host, tmp_path):
    done = run_tap(host, tmp_path, "roster_" + "0" * 48)
    assert done.returncode != 0
    assert "HTTP-error-code: 401, Error: invalid_token" in done.stderr
    assert '"RECORD"' not in done.stdout


def test_the_host_is_the_only_one(desk, host):
    """What the other tests rely on: the proxy leads to roster, and nowhere else."""
    session = desk.session()
    proxy = host.environment()["HTTPS_PROXY"]
    session.proxies = {"http": proxy, "https": proxy}
    session.verify = host.trusted
    me = session.get(f"https://{HOST}/api/v2/users/me").json()["user"]
    assert me["id"] == desk.owner["id"]
    with pytest.raises(OSError, match="403"):
        session.get("https://other.example/api/v2/users/me")
