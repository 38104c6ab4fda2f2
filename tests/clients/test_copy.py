"""`roster copy` between a data folder and PostgreSQL: everything is there, also when it was killed."""

import os
import pty
import shutil
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest

from desk import Desk
from postgres import PgBouncer, psql
from program import PATIENCE, Server, environment, find_binary, run, wait_until
from webhooks import LOOPBACK

pytestmark = pytest.mark.embedded

ORIGIN = ("--public-url", "https://people.example")
# One attempt, which nobody answers, and no other one while the test lasts.
ONCE = (*LOOPBACK, "--webhook-retry", "0s,10h")
NOWHERE = "http://127.0.0.1:1/"
SECRET = "pssst"
PASSWORD = "open-sesame"
MANY = 20_000

ZENDESK = [
    "users.json?sort=name&page[size]=100",
    "users.json?include=organizations,groups,identities,roles",
    "deleted_users.json",
    "incremental/users.json?start_time=0",
    "organizations.json",
    "groups.json",
    "group_memberships.json",
    "custom_roles.json",
    "users/search.json?query=gr%C3%BC%C3%9Fe",
    "users/search.json?query=role:agent",
    "users/search.json?external_id=customer-7",
]


def copy(*flags, timeout=PATIENCE, **variables):
    """Runs `roster copy` to its end."""
    return subprocess.run(
        [find_binary(), "copy", *map(str, flags)],
        env=environment() | {name: str(value) for name, value in variables.items()},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout,
    )


def copied(source, target):
    """Copies, and returns what was told of it: how many rows each table has."""
    done = copy("--from", source, "--to", target)
    assert done.returncode == 0, done.stderr
    rows = [line.split() for line in done.stdout.splitlines()]
    tables = {row[0]: int(row[1]) for row in rows if row[2:] == ["ok"]}
    assert len(tables) == 17, done.stdout
    return tables, done


class Filled:
    """A store with something of everything, and all that its clients see of it."""

    def __init__(self, server):
        self.desk = Desk.open(server, "desk").fill()
        self.tokens = [server.token, self.desk.token]
        self.sensitive = server.make_token("--scope", "sensitive:read")
        client = server.session()
        made = client.post(f"{server.url}/api/v2/webhooks/", json={"url": NOWHERE})
        assert made.status_code in (200, 201), made.text
        self.webhook = made.json()["id"]
        self.users = []
        for number in range(5):
            self.create(server, number)
        self.talk(server, client)

    def create(self, server, number):
        """Makes an end user, and waits until that was told."""
        client = server.session(self.tokens[0])
        fields = {"pin": f"{SECRET}-{number}", "tries": number}
        body = {
            "external_id": f"with secrets {number}",
            "profile": {
                "first_name": "Grâce",
                "metadata": {"text": "漢字 🙂 \" \\ \n", "number": 15, "yes": True},
                "sensitive_metadata": {"fields": fields},
            },
        }
        made = client.post(f"{server.url}/api/v2/end-users/", json=body)
        assert made.status_code == 201, made.text
        self.users.append(made.json()["end_user_id"])
        hooks = f"{server.url}/roster/v1/webhooks/{self.webhook}/deliveries"
        tried = lambda: len(client.get(hooks).json()["data"]) == len(self.users)
        wait_until(tried, "trying each message")

    def talk(self, server, client):
        channel = {"name": "Chat", "description": "", "modality": "messaging"}
        made = client.post(f"{server.url}/api/v2/channels/", json=channel)
        assert made.status_code in (200, 201), made.text
        body = {"channel_id": made.json()["id"], "end_user_id": self.users[0]}
        made = client.post(f"{server.url}/api/v2/conversations/", json=body)
        assert made.status_code in (200, 201), made.text
        self.conversation = made.json()["id"]

    def seen(self, server):
        """All that a server shows of it."""
        own = f"{server.url}/roster/v1"
        ada = f"{server.url}/api/v2"
        hooks = f"{own}/webhooks/{self.webhook}/deliveries"
        paths = [
            (self.tokens[0], f"{ada}/end-users/"),
            (self.tokens[0], f"{ada}/end-users/?external_id=WITH%20secrets%203"),
            (self.tokens[0], f"{ada}/channels/?type=custom"),
            (self.tokens[0], f"{ada}/conversations/{self.conversation}/"),
            (self.tokens[0], f"{ada}/webhooks/{self.webhook}/secret/"),
            (self.tokens[0], f"{ada}/webhooks/"),
            (self.tokens[0], hooks),
            *((self.tokens[0], f"{ada}/end-users/{user}") for user in self.users),
            *((self.tokens[1], f"{ada}/{path}") for path in ZENDESK),
            *((self.sensitive, f"{own}/end-users/{user}/sensitive-metadata") for user in self.users),
        ]
        shown = {}
        for token, url in paths:
            answer = server.session(token).get(url)
            assert answer.status_code == 200, (url, answer.text)
            body = shown[url.removeprefix(server.url)] = answer.json()
            if "/incremental/" in url:
                # Where the next one begins hangs on how long ago the last change was.
                del body["end_time"], body["next_page"]
        assert f"{SECRET}-4" in str(shown)
        assert len(shown[f"/api/v2/{ZENDESK[-1]}"]["users"]) == 1, "the search finds nobody"
        listed = server.run("token", "list")
        assert listed.returncode == 0, listed.stderr
        return shown | {"tokens": listed.stdout}


def test_everything_moves_and_comes_back(start, tmp_path, database):
    first, last = tmp_path / "first", tmp_path / "last"
    server = start(first, *ORIGIN, *ONCE)
    filled = Filled(server)
    before = filled.seen(server)
    assert server.stop()[0] == 0

    over, done = copied(first, database)
    assert over["user"] > 230 and over["sensitive_value"] == 10 and over["delivery"] >= 5
    key = first / "sealing.key"
    assert f"It is {key}; every server there needs it: name it with --key-file" in done.stdout
    # Of a store without its key roster says so at once, in one line.
    refused = run("serve", "--database-url", database, "--listen", "127.0.0.1:0", "--data", tmp_path)
    assert refused.returncode == 1 and len(refused.stderr.splitlines()) == 1, refused.stderr

    server = start(database, *ORIGIN, *ONCE, "--key-file", key)
    assert filled.seen(server) == before
    filled.create(server, 5)
    after = filled.seen(server)
    assert server.stop()[0] == 0

    back, done = copied(database, last)
    assert back["user"] == over["user"] + 1
    assert f"put it at {last / 'sealing.key'}" in done.stdout
    assert {path.name for path in last.iterdir()} == {"roster.db", "serve.lock", "tokens.changed"}
    assert last.stat().st_mode & 0o777 == 0o700
    assert (last / "roster.db").stat().st_mode & 0o777 == 0o600
    shutil.copy(key, last)
    server = start(last, *ORIGIN, *ONCE)
    assert filled.seen(server) == after
    users = f"{server.url}/api/v2/users.json"
    highest = server.session(filled.desk.token).get(f"{users}?sort=-id").json()["users"][0]["id"]
    made = server.session(filled.desk.token).post(users, json={"user": {"name": "Last"}})
    assert made.json()["user"]["id"] > highest


@pytest.mark.parametrize("kind", ["folder", "database"])
def test_a_store_moves_to_another_of_its_kind(start, tmp_path, postgres, kind):
    if kind == "folder":
        source, target = tmp_path / "source", tmp_path / "target"
    else:
        source, target = postgres.create_database(), postgres.create_database()
    server = start(source, *ORIGIN, *ONCE)
    filled = Filled(server)
    before = filled.seen(server)
    assert server.stop()[0] == 0

    tables, _ = copied(source, target)
    assert tables["user"] > 230 and tables["sensitive_value"] == 10
    if kind == "folder":
        shutil.copy(source / "sealing.key", target)
    for store in [target, source]:
        server = start(store, *ORIGIN, *ONCE)
        assert filled.seen(server) == before
        assert server.stop()[0] == 0


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """A data folder with many users."""
    folder = tmp_path_factory.mktemp("large")
    server = Server(folder / "data", folder).wait_until_ready()
    client = server.session()

    def make(first):
        people = [{"name": f"Person {first + number}"} for number in range(100)]
        url = f"{server.url}/api/v2/users/create_many.json"
        made = client.post(url, json={"users": people}, timeout=PATIENCE)
        assert made.status_code == 200, made.text

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(make, range(0, MANY, 100)))
    assert server.stop()[0] == 0
    return folder / "data"


def kill_in_the_middle(source, target, begun):
    """Starts to copy, and kills that once it has begun and before it has ended."""
    process = subprocess.Popen(
        [find_binary(), "copy", "--from", source, "--to", target],
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wait_until(lambda: process.poll() is not None or begun(), "copying")
    process.send_signal(signal.SIGKILL)
    assert process.wait(PATIENCE) == -signal.SIGKILL, "it had ended before it was killed"


def check_unfinished(store):
    """No command makes use of it."""
    for command in [("serve", "--listen", "127.0.0.1:0"), ("account", "list"), ("migrate",)]:
        refused = run(*command, store=store)
        assert refused.returncode == 1, command
        assert "not finished" in refused.stderr and "roster copy" in refused.stderr
        assert len(refused.stderr.splitlines()) == 1, refused.stderr


def test_a_copy_into_a_database_that_was_killed_goes_on(large, database):
    def rows(table):
        there = psql(database, f"select to_regclass('\"{table}\"') is not null")
        return int(psql(database, f'select count(*) from "{table}"')) if there == "t" else 0

    kill_in_the_middle(large, database, lambda: rows("user") > 0)
    some = rows("user")
    assert 0 < some < MANY
    check_unfinished(database)
    kill_in_the_middle(large, database, lambda: rows("event") > 0)
    kill_in_the_middle(large, database, lambda: rows("searched") > 0)
    check_unfinished(database)
    tables, done = copied(large, database)
    assert "going on after" in done.stderr
    # The owner is one, too.
    assert tables["user"] == rows("user") == rows("searched") == MANY + 1
    listed = run("account", "list", store=database)
    assert listed.stdout == run("account", "list", store=large).stdout
    refused = copy("--from", large, "--to", database)
    assert refused.returncode == 1 and "already" in refused.stderr


def test_a_copy_into_a_folder_that_was_killed_goes_on(large, tmp_path):
    target = tmp_path / "target"
    unfinished = target / "roster.db-copy"
    log = target / "roster.db-copy-wal"
    written = lambda path: path.stat().st_size if path.exists() else 0
    kill_in_the_middle(large, target, lambda: written(log) > 1_000_000)
    assert unfinished.exists() and not (target / "roster.db").exists()
    assert unfinished.stat().st_mode & 0o777 == log.stat().st_mode & 0o777 == 0o600
    check_unfinished(target)
    tables, _ = copied(large, target)
    assert tables["user"] == MANY + 1
    assert not unfinished.exists() and not log.exists()
    assert run("account", "list", store=target).stdout == run("account", "list", store=large).stdout


def test_a_pooler_may_lie_in_between(large, tmp_path, postgres):
    postgres.create_database("pooled")
    pooler = PgBouncer(postgres)
    try:
        url = pooler.url("pooled")
        for source, target in [(large, url), (url, tmp_path / "back")]:
            done = copy("--from", source, "--to", target, "--database-pooler")
            assert done.returncode == 0, done.stderr
    finally:
        pooler.close()
    listed = run("account", "list", store=tmp_path / "back")
    assert listed.stdout == run("account", "list", store=large).stdout


def test_what_is_served_is_not_copied(start, tmp_path, database):
    server = start(tmp_path / "data")
    for source, target in [(server.store, database), (server.store, tmp_path / "other")]:
        refused = copy("--from", source, "--to", target)
        assert refused.returncode == 1
        assert "serves" in refused.stderr and "stop it" in refused.stderr
    assert not (tmp_path / "other").exists()
    assert psql(database, "select count(*) from pg_tables where schemaname = 'public'") == "0"


def test_a_target_with_accounts_is_left_alone(start, tmp_path, database):
    source = tmp_path / "source"
    assert run("account", "create", "acme", store=source).returncode == 0
    for target in [database, tmp_path / "target"]:
        server = start(target)
        client = server.session()
        client.post(f"{server.url}/api/v2/end-users/", json={"external_id": "first"})
        assert server.stop()[0] == 0
        refused = copy("--from", source, "--to", target)
        assert refused.returncode == 1 and "already" in refused.stderr, refused.stderr
        again = start(target)
        found = again.session(server.token).get(f"{again.url}/api/v2/end-users/?external_id=first")
        assert found.json()["external_id"] == "first"
        assert again.stop()[0] == 0


def test_there_must_be_something_to_copy(tmp_path, database, postgres):
    for source in [tmp_path / "nothing", database]:
        refused = copy("--from", source, "--to", postgres.create_database())
        assert refused.returncode == 1
        assert "there are no roster data in" in refused.stderr
    assert not (tmp_path / "nothing").exists()


def test_no_password_is_shown(tmp_path, postgres, database):
    """Whatever is wrong with a URL, and wherever it was written."""
    secret = f"postgres://roster:{PASSWORD}@127.0.0.1"
    data = tmp_path / "data"
    assert run("account", "create", "acme", store=data).returncode == 0
    unreachable, malformed = f"{secret}:1/roster", f"{secret}:port/roster"
    calls = [
        copy("--from", data, "--to", unreachable),
        copy("--from", unreachable, "--to", data),
        copy("--from", data, "--to", malformed),
        copy("--from", malformed, "--to", data),
        copy("--from", data, "--to", f"{secret}:1/roster?sslmode=perhaps"),
        copy("--from", data, unreachable),
        copy(unreachable, data),
        copy("--form", unreachable, "--to", data),
        copy("--from", unreachable, "--from", unreachable, "--to", data),
        copy("--from", data, ROSTER_TO=malformed),
        copy("--to", data, ROSTER_FROM=unreachable),
        copy("--help", ROSTER_FROM=unreachable, ROSTER_TO=unreachable),
        copy("--from", data, "--to", f"{postgres.url('none', f'roster:{PASSWORD}')}"),
        run("serve", "--database-url", malformed),
        run("token", "list", malformed),
    ]
    for call in calls:
        assert PASSWORD not in call.stdout + call.stderr, call.stderr
    for call in calls[:11] + calls[12:]:
        assert call.returncode in (1, 2), call.args
    # A good one is not shown either.
    url = database.replace("roster@", f"roster:{PASSWORD}@")
    done = copy(ROSTER_FROM=data, ROSTER_TO=url)
    assert done.returncode == 0, done.stderr
    assert PASSWORD not in done.stdout + done.stderr


def test_a_terminal_shows_a_bar(tmp_path, large):
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [find_binary(), "copy", "--from", large, "--to", tmp_path / "target"],
        env=environment() | {"TERM": "xterm", "COLUMNS": "100"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=follower,
    )
    os.close(follower)
    shown = b""
    try:
        while more := os.read(leader, 4096):
            shown += more
    except OSError:
        # The other end was closed.
        pass
    finally:
        os.close(leader)
    assert process.wait(PATIENCE) == 0
    assert b"copying user" in shown and b"comparing user" in shown
