"""The sample receivers, run as the README says; and what they make of what is not genuine."""

import base64
import hmac
import json
import os
import queue
import re
import subprocess
import threading
import time

import pytest
import requests

from program import (
    PATIENCE,
    REPOSITORY,
    Server,
    environment,
    find_binary,
    free_port,
    variables,
    wait_until,
)
from webhooks import CREATED, OTHER_SECRET, UPDATED, rows

README = REPOSITORY / "README.md"
SAMPLES = {
    "python": "python3 examples/webhook-receiver/receiver.py 9000",
    "node": "node examples/webhook-receiver/receiver.mjs 9000",
}
LINE = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00) (v1\.\S+) ([0-9a-f]{24})")


def readme_commands():
    """The blocks of commands of the README's part on webhooks, and its text."""
    text = README.read_text().split("\n## Webhooks\n")[1].split("\n## ")[0]
    blocks = re.findall(r"(?:^    .*\n)+", text, re.MULTILINE)
    return [re.sub(r"^    ", "", block, flags=re.MULTILINE) for block in blocks], text


class Sample:
    """A running receiver, and the lines that it prints."""

    def __init__(self, command, port, secret):
        self.port = port
        self.url = f"http://127.0.0.1:{port}/"
        self.lines = queue.Queue()
        self.process = subprocess.Popen(
            ["sh", "-c", f"exec {command.replace('9000', str(port))}"],
            cwd=REPOSITORY,
            env={**environment(), "WEBHOOK_SECRET": secret},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        threading.Thread(target=self.read, daemon=True).start()
        assert self.line() == f"listening on {self.url}"

    def read(self):
        for line in self.process.stdout:
            self.lines.put(line.rstrip("\n"))

    def line(self):
        return self.lines.get(timeout=PATIENCE)

    def event(self):
        """The type of the event that the next line tells of, and the end user's id."""
        found = LINE.fullmatch(self.line())
        return found[2], found[3]

    def stop(self):
        self.process.kill()
        self.process.wait(PATIENCE)


@pytest.fixture
def run_sample():
    samples = []

    def run_sample(command, port, secret):
        samples.append(Sample(command, port, secret))
        return samples[-1]

    yield run_sample
    for sample in samples:
        sample.stop()


def shell(script, variables):
    """What a script prints that is pasted into a terminal."""
    done = subprocess.run(
        ["sh", "-ec", script],
        cwd=REPOSITORY,
        env={**environment(), **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def list_states(server):
    """How the deliveries stand to the one endpoint that there is."""
    [endpoint] = rows(server.run("webhook", "list").stdout)
    listed = server.run("webhook", "deliveries", endpoint["ID"]).stdout
    return [row["STATE"] for row in rows(listed)]


@pytest.mark.parametrize("language", SAMPLES)
def test_a_newcomer_sees_two_verified_events(store, tmp_path, run_sample, language):
    """Whoever pastes what the README says. Ports, the store and the binary are the test's own.
    """
    [serve, register, change, shown], text = readme_commands()
    assert SAMPLES[language] in text
    flags = serve.split(" -- serve ")[1].split()
    port = free_port()
    server = Server(store, tmp_path, *flags)
    try:
        server.wait_until_ready()
        settings = {"TOKEN": server.token, **variables(store)}

        def paste(script):
            script = script.replace("127.0.0.1:8080", f"127.0.0.1:{server.port}")
            script = script.replace("127.0.0.1:9000", f"127.0.0.1:{port}")
            return shell(script.replace("target/release/roster", str(find_binary())), settings)

        *registering, starting = register.splitlines()
        assert starting in SAMPLES.values()
        secret = paste("\n".join([*registering, 'echo "$WEBHOOK_SECRET"'])).strip()
        sample = run_sample(SAMPLES[language], port, secret)

        user = json.loads(paste(change))
        identifier = user["end_user_id"]
        assert user["profile"]["last_name"] == "Hopper"
        assert [sample.event() for _ in range(2)] == [(CREATED, identifier), (UPDATED, identifier)]
        assert [LINE.fullmatch(line)[2] for line in shown.splitlines()] == [CREATED, UPDATED]

        wait_until(lambda: list_states(server) == ["delivered"] * 2, "both being taken")
        # It is stopped, ten more changes are made, and it is started again.
        sample.stop()
        client = server.session()
        for number in range(10):
            body = {"external_id": f"missed {number}", "profile": {}}
            made = client.post(f"{server.url}/api/v2/end-users/", json=body, timeout=PATIENCE)
            assert made.status_code == 201
        sample = run_sample(SAMPLES[language], port, secret)
        missed = [sample.event() for _ in range(10)]
        assert {kind for kind, _ in missed} == {CREATED}
        assert len({identifier for _, identifier in missed}) == 10
    finally:
        server.kill()


BODY = json.dumps(
    {
        "type": CREATED,
        "timestamp": "2026-10-02T09:15:00.431+00:00",
        "data": {"end_user_id": "66f0c1d2e3a4b5c6d7e8f901"},
    }
).encode()


def signature(secret, identifier, timestamp, body=BODY):
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{identifier}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()


def send(sample, identifier, timestamp, signatures, body=BODY):
    """The status that a receiver answers with."""
    headers = {
        "svix-id": identifier,
        "svix-timestamp": str(timestamp),
        "svix-signature": signatures,
    }
    return requests.post(sample.url, data=body, headers=headers, timeout=PATIENCE).status_code


@pytest.mark.parametrize("language", SAMPLES)
def test_a_sample_lets_through_what_is_genuine_alone(run_sample, language):
    secret = "whsec_" + base64.b64encode(os.urandom(32)).decode()
    former = "whsec_" + base64.b64encode(os.urandom(24)).decode()
    sample = run_sample(SAMPLES[language], free_port(), f"{secret} {former}")
    now = int(time.time())
    good = signature(secret, "msg_1", now)
    refused = [
        ("msg_2", now, good, BODY),
        ("msg_1", now + 1, good, BODY),
        ("msg_1", now, good, BODY + b" "),
        ("msg_1", now, good[:-1], BODY),
        ("msg_1", now, good.replace("v1,", "v2,"), BODY),
        ("msg_1", now, "", BODY),
        ("msg_1", now, "v1,", BODY),
        ("msg_1", now, signature(OTHER_SECRET, "msg_1", now), BODY),
        ("msg_1", "", signature(secret, "msg_1", ""), BODY),
        ("msg_1", "soon", signature(secret, "msg_1", "soon"), BODY),
        ("msg_1", now - 400, signature(secret, "msg_1", now - 400), BODY),
        ("msg_1", now + 400, signature(secret, "msg_1", now + 400), BODY),
    ]
    for request in refused:
        assert send(sample, *request) == 400, request
    assert requests.post(sample.url, data=BODY, timeout=PATIENCE).status_code == 400

    assert send(sample, "msg_1", now, good) == 204
    # The same message again is taken, and passed over.
    assert send(sample, "msg_1", now, good) == 204
    wrong = signature(OTHER_SECRET, "msg_3", now)
    both = f"{wrong} {signature(former, 'msg_3', now)}"
    assert send(sample, "msg_3", now, both) == 204
    assert send(sample, "msg_4", now - 200, signature(secret, "msg_4", now - 200)) == 204
    for _ in range(3):
        assert sample.event() == (CREATED, "66f0c1d2e3a4b5c6d7e8f901")
    assert sample.lines.empty()


@pytest.mark.parametrize("language", SAMPLES)
def test_a_sample_without_a_secret_says_what_to_do(language):
    variables = environment()
    variables.pop("WEBHOOK_SECRET", None)
    done = subprocess.run(
        SAMPLES[language].split(),
        cwd=REPOSITORY,
        env=variables,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 1
    assert "roster webhook secret" in done.stderr
