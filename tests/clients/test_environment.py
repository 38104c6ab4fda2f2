"""Every flag is an environment variable too, the flag counts for more, and the help tells both."""

import re
import signal
import sqlite3
import subprocess
from contextlib import contextmanager

import pytest
import requests

from program import PATIENCE, TOKEN, environment, find_binary, free_port, run, wait_until
from receivers import answer
from webhooks import Webhooks

# Where the data are: a flag of every command.
STORE = [
    "--data",
    "--database-url",
    "--database-connections",
    "--database-timeout",
    "--database-pooler",
]
# The flags of each command. The variable of `--key-file` is `ROSTER_KEY_FILE`, and so on.
FLAGS = {
    ("serve",): [
        *STORE,
        "--listen",
        "--public-url",
        "--trust-proxy",
        "--unassociated-ttl",
        "--sensitive-ttl",
        "--limits",
        "--zendesk-limit",
        "--key-file",
        "--metrics-listen",
        "--webhook-allow",
        "--webhook-retry",
        "--cache-size",
    ],
    ("account",): [],
    ("account", "create"): [*STORE, "--owner-email"],
    ("account", "list"): [*STORE],
    ("token",): [],
    ("token", "create"): [*STORE, "--account", "--name", "--user", "--scope"],
    ("token", "list"): [*STORE],
    ("token", "revoke"): [*STORE],
    ("migrate",): STORE,
    ("copy",): ["--from", "--to", "--database-pooler"],
    ("webhook",): [],
    ("webhook", "add"): [*STORE, "--account", "--key-file", "--webhook-allow"],
    ("webhook", "list"): [*STORE, "--account"],
    ("webhook", "remove"): [*STORE, "--account"],
    ("webhook", "secret"): [*STORE, "--account", "--key-file"],
    ("webhook", "deliveries"): [*STORE, "--account"],
    ("webhook", "replay"): [*STORE, "--account"],
    ("webhook", "test"): [*STORE, "--account", "--key-file", "--webhook-allow"],
}
# Flags that say what one call is to do. Nobody sets that for all calls.
OF_ONE_CALL = {
    ("webhook", "add"): ["--description", "--event"],
    ("webhook", "secret"): ["--rotate"],
    ("webhook", "deliveries"): ["--state", "--since", "--limit"],
    ("webhook", "replay"): ["--failed-since"],
}
SECOND = 1_000_000


def variable(flag):
    return "ROSTER_" + flag.removeprefix("--").replace("-", "_").upper()


def run_with(variables, *arguments):
    """Runs a command that ends by itself, with these variables in its environment."""
    return subprocess.run(
        [find_binary(), *map(str, arguments)],
        env=environment() | {name: str(value) for name, value in variables.items()},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )


@contextmanager
def serving(port, folder, variables, *flags):
    """A server whose address and data folder come from nowhere but these."""
    output = folder / f"{port}.out"
    with output.open("wb") as stream:
        process = subprocess.Popen(
            [find_binary(), "serve", *map(str, flags)],
            cwd=folder,
            env=environment() | {name: str(value) for name, value in variables.items()},
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
        )

    def ready():
        assert process.poll() is None, output.read_text()
        try:
            return requests.get(f"http://127.0.0.1:{port}/readyz", timeout=PATIENCE).ok
        except requests.ConnectionError:
            return False

    try:
        wait_until(ready, f"an answer on port {port}")
        yield
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
    finally:
        process.kill()
        process.wait(PATIENCE)


@pytest.fixture
def start_with(start):
    """Starts servers with these variables in their environment."""

    def start_with(variables, *flags):
        pairs = [f"{name}={value}" for name, value in variables.items()]
        return start(None, *flags, prefix=["env", *pairs])

    return start_with


def next_page_origin(server, client, **headers):
    """The scheme and host of the link to the next page."""
    url = f"{server.url}/api/v2/end-users/"
    for _ in range(2):
        assert client.post(url, json={}).status_code == 201
    page = client.get(f"{url}?limit=1", headers=headers).json()
    return page["meta"]["next_page_url"].split("/api/v2/")[0]


FORWARDED = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "people.example"}


def times_to_live(server, client):
    """How long a new user and their secret live, in microseconds, as the file has it."""
    body = {"profile": {"sensitive_metadata": {"fields": {"pin": "4711"}}}}
    made = client.post(f"{server.url}/api/v2/end-users/", json=body)
    assert made.status_code == 201
    number = bytes.fromhex(made.json()["end_user_id"])
    connection = sqlite3.connect(f"{(server.data / 'roster.db').as_uri()}?mode=ro", uri=True)
    try:
        sql = "select created_at, expires_at - created_at from user where end_user_id = ?"
        created_at, user = connection.execute(sql, [number]).fetchone()
        sql = "select expires_at - ? from sensitive_value where end_user_id = ?"
        [secret] = connection.execute(sql, [created_at, number]).fetchone()
    finally:
        connection.close()
    return user, secret


def metric(text, name):
    return int(re.search(rf"^{name} (\d+)$", text, re.M)[1])


@pytest.mark.embedded
def test_listen_and_data(tmp_path):
    port = free_port()
    data = tmp_path / "named by a variable"
    with serving(port, tmp_path, {"ROSTER_LISTEN": f"127.0.0.1:{port}", "ROSTER_DATA": data}):
        assert (data / "roster.db").exists()
    assert not (tmp_path / "roster-data").exists()

    other_port, other = free_port(), tmp_path / "named by a flag"
    variables = {"ROSTER_LISTEN": f"127.0.0.1:{port}", "ROSTER_DATA": tmp_path / "not used"}
    flags = ["--listen", f"127.0.0.1:{other_port}", "--data", other]
    with serving(other_port, tmp_path, variables, *flags):
        assert (other / "roster.db").exists()
        with pytest.raises(requests.ConnectionError):
            requests.get(f"http://127.0.0.1:{port}/healthz", timeout=PATIENCE)
    assert not (tmp_path / "not used").exists()


def test_public_url(start_with):
    variables = {"ROSTER_PUBLIC_URL": "https://variable.example/"}
    server = start_with(variables)
    client = server.session()
    assert next_page_origin(server, client) == "https://variable.example"
    assert server.stop()[0] == 0
    again = start_with(variables, "--public-url", "https://flag.example")
    assert next_page_origin(again, client) == "https://flag.example"


@pytest.mark.parametrize("value", ["true", "1"])
def test_trust_proxy(start_with, value):
    server = start_with({"ROSTER_TRUST_PROXY": value})
    assert next_page_origin(server, server.session(), **FORWARDED) == "https://people.example"


@pytest.mark.parametrize("value", ["false", "0"])
def test_no_trust_in_a_proxy(start_with, value):
    server = start_with({"ROSTER_TRUST_PROXY": value})
    assert next_page_origin(server, server.session(), **FORWARDED) == server.url


def test_the_flag_to_trust_a_proxy_beats_its_variable(start_with):
    server = start_with({"ROSTER_TRUST_PROXY": "false"}, "--trust-proxy")
    assert next_page_origin(server, server.session(), **FORWARDED) == "https://people.example"


@pytest.mark.embedded
def test_times_to_live(start_with):
    variables = {"ROSTER_UNASSOCIATED_TTL": "90s", "ROSTER_SENSITIVE_TTL": "45m"}
    server = start_with(variables)
    client = server.session()
    assert times_to_live(server, client) == (90 * SECOND, 45 * 60 * SECOND)
    assert server.stop()[0] == 0
    again = start_with(variables, "--unassociated-ttl", "2h", "--sensitive-ttl", "3days")
    assert times_to_live(again, client) == (2 * 3600 * SECOND, 3 * 86_400 * SECOND)


def test_limits(start_with):
    def limited(server, client):
        answer = client.get(f"{server.url}/api/v2/end-users/")
        assert answer.status_code == 200
        return "X-RateLimit-Limit" in answer.headers

    server = start_with({"ROSTER_LIMITS": "vendor"})
    client = server.session()
    assert limited(server, client)
    assert server.stop()[0] == 0
    again = start_with({"ROSTER_LIMITS": "vendor"}, "--limits", "none")
    assert not limited(again, client)


def test_zendesk_limit(start_with):
    def limit(server, client):
        answer = client.get(f"{server.url}/api/v2/users.json")
        assert answer.status_code == 200
        return answer.headers["X-Rate-Limit"]

    variables = {"ROSTER_LIMITS": "vendor", "ROSTER_ZENDESK_LIMIT": 200}
    server = start_with(variables)
    client = server.session()
    assert limit(server, client) == "200"
    assert server.stop()[0] == 0
    again = start_with(variables, "--zendesk-limit", "2500")
    assert limit(again, client) == "2500"


@pytest.mark.embedded
def test_key_file(tmp_path, start_with):
    keys = tmp_path / "keys"
    keys.write_text(f"1:{'5a' * 32}\n")
    server = start_with({"ROSTER_KEY_FILE": keys})
    assert not (server.data / "sealing.key").exists(), "it made a key of its own"
    assert server.stop()[0] == 0
    absent = tmp_path / "absent"
    start_with({"ROSTER_KEY_FILE": absent}, "--key-file", keys)
    listen = f"127.0.0.1:{free_port()}"
    done = run_with(
        {"ROSTER_KEY_FILE": absent}, "serve", "--data", tmp_path / "other", "--listen", listen
    )
    assert done.returncode == 1
    assert str(absent) in done.stderr


def test_metrics_listen(start_with):
    port, other = free_port(), free_port()
    server = start_with({"ROSTER_METRICS_LISTEN": f"127.0.0.1:{port}"})
    assert "roster_http_requests_total" in requests.get(f"http://127.0.0.1:{port}/metrics").text
    assert requests.get(f"{server.url}/metrics").status_code == 404
    assert server.stop()[0] == 0
    variables = {"ROSTER_METRICS_LISTEN": f"127.0.0.1:{port}"}
    start_with(variables, "--metrics-listen", f"127.0.0.1:{other}")
    assert "roster_http_requests_total" in requests.get(f"http://127.0.0.1:{other}/metrics").text
    with pytest.raises(requests.ConnectionError):
        requests.get(f"http://127.0.0.1:{port}/metrics", timeout=PATIENCE)


def test_webhook_allow(start_with):
    def statuses(server):
        urls = ["http://127.0.0.1:9/", "http://10.1.2.3/", "https://192.168.1.1/"]
        url = f"{server.url}/api/v2/webhooks/"
        return [server.session(token).post(url, json={"url": each}).status_code for each in urls]

    variables = {"ROSTER_WEBHOOK_ALLOW": "127.0.0.0/8,10.0.0.0/8"}
    server = start_with(variables)
    token = server.token
    assert statuses(server) == [201, 201, 400]
    assert server.stop()[0] == 0
    flags = ["--webhook-allow", "10.1.0.0/16", "--webhook-allow", "192.168.1.1"]
    assert statuses(start_with(variables, *flags)) == [400, 201, 201]


def test_webhook_retry(start_with, open_receiver):
    def tries(server, number):
        webhooks = Webhooks(server, server.session(token))
        endpoint = webhooks.register(open_receiver(*[answer(500)] * 5))
        webhooks.create(f"user {number}")
        endpoint.wait_for_state("failed")
        [row] = endpoint.deliveries()
        return row["FAILED TRIES"]

    variables = {"ROSTER_WEBHOOK_RETRY": "0s", "ROSTER_WEBHOOK_ALLOW": "127.0.0.1"}
    server = start_with(variables)
    token = server.token
    assert tries(server, 1) == "1"
    assert server.stop()[0] == 0
    assert tries(start_with(variables, "--webhook-retry", "0s,10ms"), 2) == "2"


@pytest.mark.embedded
def test_cache_size(start_with):
    def cached_bytes(server, client):
        url = f"{server.url}/api/v2/end-users/"
        user = client.post(url, json={}).json()
        for _ in range(3):
            assert client.get(f"{url}{user['end_user_id']}").json() == user
        return metric(client.get(f"{server.url}/metrics").text, "roster_cache_bytes")

    server = start_with({"ROSTER_CACHE_SIZE": "0"})
    client = server.session()
    assert cached_bytes(server, client) == 0
    assert server.stop()[0] == 0
    again = start_with({"ROSTER_CACHE_SIZE": "0"}, "--cache-size", "1MiB")
    assert cached_bytes(again, client) > 0


@pytest.mark.embedded
def test_owner_email(tmp_path):
    """A token can act for the owner by the address that the variable gave."""
    data = tmp_path / "data"
    variables = {"ROSTER_DATA": data, "ROSTER_OWNER_EMAIL": "variable@example.org"}
    assert run_with(variables, "account", "create", "first").returncode == 0
    made = run_with(variables, "account", "create", "second", "--owner-email", "flag@example.org")
    assert made.returncode == 0

    def token_for(account, email):
        flags = ["--account", account, "--user", email]
        return run("token", "create", "--data", data, *flags).returncode

    assert token_for("first", "variable@example.org") == 0
    assert token_for("second", "flag@example.org") == 0
    assert token_for("second", "variable@example.org") == 1


@pytest.fixture
def accounts(tmp_path):
    """A data folder with two accounts whose owners have addresses."""
    data = tmp_path / "data"
    for name in ("first", "second"):
        email = f"{name}@example.org"
        made = run("account", "create", name, "--owner-email", email, "--data", data)
        assert made.returncode == 0, made.stderr
    return data


def listed_tokens(data):
    """Account, name and scopes of each token."""
    listed = run("token", "list", "--data", data)
    assert listed.returncode == 0, listed.stderr
    _, *rows = listed.stdout.splitlines()
    cells = [re.split(r" {2,}", row) for row in rows]
    return [(account, name, scopes.split(", ")) for _, account, name, _, _, scopes in cells]


@pytest.mark.embedded
def test_account_name_and_scope(accounts):
    variables = {
        "ROSTER_DATA": accounts,
        "ROSTER_ACCOUNT": "second",
        "ROSTER_NAME": "nightly import",
        "ROSTER_SCOPE": "end_users:read,sensitive:read",
    }
    made = run_with(variables, "token", "create")
    assert made.returncode == 0, made.stderr
    assert TOKEN.fullmatch(made.stdout.strip())
    scopes = ["end_users:read", "sensitive:read"]
    assert listed_tokens(accounts) == [("second", "nightly import", scopes)]

    flags = ["--account", "first", "--name", "by hand", "--scope", "admin", "--scope", "users:read"]
    made = run_with(variables, "token", "create", *flags)
    assert made.returncode == 0, made.stderr
    *_, (account, name, scopes) = listed_tokens(accounts)
    assert (account, name, sorted(scopes)) == ("first", "by hand", ["admin", "users:read"])


@pytest.mark.embedded
def test_user(accounts):
    """Whom a token acts for is not listed, but an address that the account lacks is refused."""

    def create(variables, *flags):
        variables = variables | {"ROSTER_DATA": accounts, "ROSTER_ACCOUNT": "second"}
        return run_with(variables, "token", "create", *flags)

    assert create({"ROSTER_USER": "second@example.org"}).returncode == 0
    refused = create({"ROSTER_USER": "first@example.org"})
    assert refused.returncode == 1
    assert "email" in refused.stderr
    flag = ["--user", "second@example.org"]
    assert create({"ROSTER_USER": "first@example.org"}, *flag).returncode == 0
    flag = ["--user", "first@example.org"]
    assert create({"ROSTER_USER": "second@example.org"}, *flag).returncode == 1


@pytest.mark.embedded
@pytest.mark.parametrize("command", [("account", "list"), ("token", "list")])
def test_the_lists_take_their_folder_from_the_variable(accounts, tmp_path, command):
    made = run("token", "create", "--account", "second", "--data", accounts)
    assert made.returncode == 0
    listed = run_with({"ROSTER_DATA": accounts}, *command)
    assert listed.returncode == 0, listed.stderr
    assert "second" in listed.stdout
    absent = {"ROSTER_DATA": tmp_path / "absent"}
    assert run_with(absent, *command).returncode == 1
    assert run_with(absent, *command, "--data", accounts).stdout == listed.stdout


@pytest.mark.embedded
def test_revoke_takes_its_folder_from_the_variable(accounts):
    assert run("token", "create", "--account", "first", "--data", accounts).returncode == 0
    listed = run("token", "list", "--data", accounts).stdout
    identifier = re.search(r"\b[0-9a-f]{24}\b", listed)[0]
    done = run_with({"ROSTER_DATA": accounts}, "token", "revoke", identifier)
    assert done.returncode == 0, done.stderr
    assert run("token", "list", "--data", accounts).stdout != listed


SERVE = ("serve",)
TOKEN_CREATE = ("token", "create", "--account", "first")
TOO_LONG = "x" * 5000

# A command, a flag of it, a value that cannot be, and what the refusal must say would be right.
BAD_VALUES = [
    (SERVE, "--listen", "nowhere", "127.0.0.1:8080"),
    (SERVE, "--listen", "127.0.0.1:70000", "127.0.0.1:8080"),
    (SERVE, "--public-url", "people.example", "http"),
    (SERVE, "--public-url", "ftp://people.example", "http"),
    (SERVE, "--unassociated-ttl", "a while", "24h"),
    (SERVE, "--unassociated-ttl", "0s", "longer"),
    (SERVE, "--sensitive-ttl", "-1h", "24h"),
    (SERVE, "--sensitive-ttl", "0s", "longer"),
    (SERVE, "--limits", "generous", "none, vendor"),
    (SERVE, "--zendesk-limit", "0", "1.."),
    (SERVE, "--metrics-listen", "9090", "127.0.0.1:"),
    (SERVE, "--webhook-allow", "10.0.0.0/33", "10.0.0.0/8"),
    (SERVE, "--webhook-allow", "10.0.0.0/8,localhost", "10.0.0.0/8"),
    (SERVE, "--webhook-retry", "soon", "0s,5s"),
    (SERVE, "--webhook-retry", "0s,-5s", "0s,5s"),
    (SERVE, "--webhook-retry", ",".join(["1s"] * 51), "1 to 50"),
    (SERVE, "--cache-size", "large", "64MiB"),
    (TOKEN_CREATE, "--scope", "everything", "end_users:read"),
    (TOKEN_CREATE, "--scope", "end_users:read,everything", "end_users:read"),
    (TOKEN_CREATE, "--name", TOO_LONG, "4096"),
    (TOKEN_CREATE, "--user", TOO_LONG, "4096"),
    (("account", "create", "third"), "--owner-email", TOO_LONG, "4096"),
]


def check_refused(done, flag, right):
    assert done.returncode == 2, (done.returncode, done.stderr)
    assert flag in done.stderr
    assert right in done.stderr
    assert done.stdout == ""


@pytest.mark.embedded
@pytest.mark.parametrize("way", ["flag", "variable"])
@pytest.mark.parametrize(
    ("command", "flag", "value", "right"),
    BAD_VALUES,
    ids=[f"{flag}={value[:30]}" for _, flag, value, _ in BAD_VALUES],
)
def test_a_bad_value_is_refused(accounts, tmp_path, way, command, flag, value, right):
    data = tmp_path / "new" if command == SERVE else accounts
    variables = {"ROSTER_DATA": data}
    if way == "flag":
        check_refused(run_with(variables, *command, f"{flag}={value}"), flag, right)
    else:
        check_refused(run_with(variables | {variable(flag): value}, *command), flag, right)
    assert not (tmp_path / "new").exists()


@pytest.mark.embedded
def test_trust_proxy_takes_true_or_false(tmp_path):
    """A slip of the pen must not make anybody trusted."""
    variables = {"ROSTER_DATA": tmp_path / "new", "ROSTER_LISTEN": f"127.0.0.1:{free_port()}"}
    # A start that is not refused for the value is refused for the file.
    variables["ROSTER_KEY_FILE"] = tmp_path / "absent"
    done = run_with(variables | {"ROSTER_TRUST_PROXY": "maybe"}, "serve")
    check_refused(done, "--trust-proxy", "true")
    assert "false" in done.stderr


@pytest.mark.parametrize("command", FLAGS, ids=" ".join)
def test_the_help_names_each_flag_and_its_variable(command):
    done = run(*command, "--help")
    assert done.returncode == 0
    assert done.stderr == ""
    for flag in FLAGS[command]:
        # A flag, what it is for, and its variable before the next flag.
        [text] = re.findall(rf"^ +{flag}\b.*?(?=^ +(?:-\w, )?--|\Z)", done.stdout, re.M | re.S)
        # Its value is told, but for that of a URL in which a password may be.
        closed = "]" if flag in ("--database-url", "--from", "--to") else "="
        assert f"[env: {variable(flag)}{closed}" in " ".join(text.split()), text
    told = set(re.findall(r"^ +(?:-\w, )?(--[a-z-]+)", done.stdout, re.M))
    flags = {*FLAGS[command], *OF_ONE_CALL.get(command, [])}
    assert told - {"--help", "--version"} == flags
    assert set(re.findall(r"env:\s+(\w+)[=\]]", done.stdout)) == set(map(variable, FLAGS[command]))


def test_the_help_names_the_commands():
    done = run("--help")
    assert done.returncode == 0
    for command in ("serve", "account", "token", "migrate", "copy", "webhook"):
        assert re.search(rf"^ +{command}\b", done.stdout, re.M)
    for group in ("account", "token", "webhook"):
        told = run(group, "--help").stdout
        for command in FLAGS:
            if command[0] == group and len(command) == 2:
                assert re.search(rf"^ +{command[1]}\b", told, re.M), command
