"""Webhooks from a client's side: registered at a server, verified by the vendor's libraries."""

import base64
import json
import re
import subprocess

import pytest
from svix.webhooks import Webhook, WebhookVerificationError

from program import PATIENCE, REPOSITORY, environment, wait_until

LOOPBACK = ("--webhook-allow", "127.0.0.0/8")
# Tried again soon, and for as long as any test takes: what is due is looked for each second.
SOON = ("--webhook-retry", ",".join(["0s", *["100ms"] * 49]))
CREATED, UPDATED, DELETED = (f"v1.end_user.{name}" for name in ("created", "updated", "deleted"))
STARTED, ENDED = "v1.conversation.created", "v1.conversation.ended"
OTHER_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
VERIFIER = REPOSITORY / "tests" / "node" / "webhooks.mjs"


def verify(secret, delivery):
    """Passes if the vendor's library says that the delivery is genuine, by either set of names."""
    for names in ["svix-", "webhook-"]:
        headers = {key: text for key, text in delivery.headers.items() if key.startswith(names)}
        assert len(headers) == 3, delivery.headers
        Webhook(secret).verify(delivery.body, headers)


def refuse(secret, delivery):
    """Passes if the vendor's library says that it is not."""
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(delivery.body, delivery.headers)


class Endpoint:
    """An endpoint that was registered, and who receives there."""

    def __init__(self, webhooks, described, receiver):
        self.webhooks = webhooks
        self.id = described["id"]
        self.url = f"{webhooks.url}{self.id}"
        self.receiver = receiver
        self.secret = webhooks.get(f"{self.url}/secret/")["key"]

    def next(self, timeout=PATIENCE):
        """The next delivery, found to be genuine."""
        delivery = self.receiver.next(timeout)
        assert (delivery.method, delivery.path) == ("POST", "/hook")
        verify(self.secret, delivery)
        refuse(OTHER_SECRET, delivery)
        self.webhooks.verified.append((self.secret, delivery))
        return delivery

    def take(self, *types):
        """The next events, which must be of these types, in this order."""
        events = [self.next().event for _ in types]
        assert [event["type"] for event in events] == list(types)
        return events if len(events) > 1 else events[0]

    def collect(self, count):
        """So many different messages, in the order in which each came first."""
        messages = {}
        while len(messages) < count:
            delivery = self.next()
            first = messages.setdefault(delivery.identifier, delivery)
            assert first.body == delivery.body, "a message changed between two attempts"
        return list(messages.values())

    def describe(self):
        return self.webhooks.get(self.url)

    def change(self, **fields):
        answer = self.webhooks.client.patch(self.url, json=fields, timeout=PATIENCE)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def rotate(self, **body):
        answer = self.webhooks.client.post(f"{self.url}/secret/rotate/", json=body)
        assert (answer.status_code, answer.json()) == (200, {}), answer.text
        self.secret = self.webhooks.get(f"{self.url}/secret/")["key"]

    def deliveries(self, *flags):
        """What the command line lists, a dictionary for each delivery."""
        listed = self.webhooks.server.run("webhook", "deliveries", self.id, *flags)
        assert listed.returncode == 0, listed.stderr
        return rows(listed.stdout)

    def wait_for_state(self, *states):
        """Waits until the deliveries, the newest messages first, stand like this."""

        def stand():
            return [row["STATE"] for row in self.deliveries()] == list(states)

        wait_until(stand, f"deliveries being {states}")


def rows(table):
    """The rows of a table that a command printed, each by its headings."""
    heading, *lines = table.splitlines()
    starts = [match.start() for match in re.finditer(r"(?:^|(?<=  ))\S", heading)]

    def cells(line):
        ends = [*starts[1:], None]
        return [line[start:end].strip() for start, end in zip(starts, ends)]

    return [dict(zip(cells(heading), cells(line))) for line in lines]


class Webhooks:
    """The webhooks of a server's account."""

    def __init__(self, server, client=None):
        self.server = server
        self.client = client or server.session()
        self.url = f"{server.url}/api/v2/webhooks/"
        self.end_users = f"{server.url}/api/v2/end-users/"
        # Every delivery that was found to be genuine, with its secret.
        self.verified = []

    def get(self, url):
        answer = self.client.get(url, timeout=PATIENCE)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def register(self, receiver, *events, **fields):
        body = {"url": receiver.url, "event_filters": list(events), **fields}
        answer = self.client.post(self.url, json=body, timeout=PATIENCE)
        assert answer.status_code == 201, answer.text
        return Endpoint(self, answer.json(), receiver)

    def create(self, external_id=None, **profile):
        body = {"external_id": external_id, "profile": profile}
        answer = self.client.post(self.end_users, json=body, timeout=PATIENCE)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def patch(self, user, external_id=None, **profile):
        keys = {"external_id": external_id} if external_id else {}
        url = f"{self.end_users}{user['end_user_id']}"
        answer = self.client.patch(url, json={"profile": profile, **keys}, timeout=PATIENCE)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def metric(self, name):
        """A number of the metrics."""
        text = self.client.get(f"{self.server.url}/metrics", timeout=PATIENCE).text
        [value] = re.findall(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
        return float(value)

    def verify_with_node(self, folder):
        """Has the vendor's library for Node look at everything, too."""
        told = [
            {
                "secret": secret,
                "other": OTHER_SECRET,
                "headers": delivery.headers,
                "body": base64.b64encode(delivery.body).decode(),
            }
            for secret, delivery in self.verified
        ]
        file = folder / f"deliveries-{self.server.port}.json"
        file.write_text(json.dumps(told))
        done = subprocess.run(
            ["node", VERIFIER, file],
            env=environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=4 * PATIENCE,
        )
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        assert done.stdout == f"{len(told)} deliveries are genuine\n"
