"""A support desk: an account with an owner, and with people in it whom the clients should find."""

import itertools
from dataclasses import dataclass, field
from datetime import datetime, timezone

from requests.adapters import HTTPAdapter

OWNER = "owner@desk.example"

# More than two pages of 100, so that every way of paging has a first, a middle and a last page.
END_USERS = 230
AGENTS = 12
ADMINS = 3
DELETED = 8

GROUPS = ["First line", "Second line", "Third line"]
# No client needs more requests than this for one thing.
REQUESTS = 100

ORGANIZATIONS = ["Difference Ltd", "Analytical Engines"]


def people():
    """Whom a desk is filled with, as a client writes them."""
    for number in range(END_USERS):
        yield {
            "name": f"Customer {number:03} Grüße",
            "email": f"customer{number}@people.example",
            "external_id": f"Customer-{number}",
            "tags": ["customer", f"tenth_{number % 10}"],
            "user_fields": {"visits": number, "plan": "gold" if number % 2 else "free"},
            "organization": {"name": ORGANIZATIONS[number % 2]},
        }
    for number in range(AGENTS):
        yield {"name": f"Agent {number}", "email": f"agent{number}@desk.example", "role": "agent"}
    for number in range(ADMINS):
        yield {"name": f"Admin {number}", "email": f"admin{number}@desk.example", "role": "admin"}
    for number in range(DELETED):
        yield {"name": f"Leaver {number}", "email": f"leaver{number}@people.example"}


@dataclass
class Desk:
    """An account of a running server, and what was written to it."""

    server: object
    name: str
    token: str
    owner: dict
    # Who is there, in ascending order of the number, as the server answered.
    users: list = field(default_factory=list)
    # Who was deleted.
    deleted: list = field(default_factory=list)
    groups: list = field(default_factory=list)
    memberships: list = field(default_factory=list)
    roles: list = field(default_factory=list)

    @classmethod
    def open(cls, server, name):
        """Makes the account with the command line, beside the running server."""
        made = server.run("account", "create", name, "--owner-email", OWNER)
        assert made.returncode == 0, made.stderr
        token = server.make_token(account=name)
        owner = server.session(token).get(f"{server.url}/api/v2/users/me.json").json()["user"]
        assert owner["email"] == OWNER, owner
        # What only this one answer has.
        del owner["authenticity_token"]
        return cls(server, name, token, owner, [owner])

    @property
    def api(self):
        """Where the dialect's paths begin."""
        return f"{self.server.url}/api/v2"

    @property
    def ids(self):
        """The numbers of all who are there, in ascending order."""
        return [user["id"] for user in self.users]

    @property
    def deleted_ids(self):
        """The numbers of those who were deleted."""
        return [user["id"] for user in self.deleted]

    def session(self, token=None):
        """A plain client."""
        return self.server.session(token or self.token)

    def make_token(self, email):
        """A token that acts for one user."""
        return self.server.make_token("--user", email, account=self.name)

    def with_role(self, *roles):
        """Those who have one of these roles."""
        return [user for user in self.users if user["role"] in roles]

    def fill(self):
        """Writes everybody and where they belong, and deletes those who leave."""
        with self.session() as client:

            def call(method, path, kind, record=None):
                body = {kind: record} if record else None
                answer = client.request(method, f"{self.api}/{path}", json=body)
                assert answer.status_code in (200, 201), answer.text
                return answer.json()[kind]

            for person in people():
                self.users.append(call("POST", "users.json", "user", person))
            for leaver in self.users[-DELETED:]:
                self.deleted.append(call("DELETE", f"users/{leaver['id']}.json", "user"))
            del self.users[-DELETED:]

            self.roles = [call("POST", "custom_roles.json", "custom_role", {"name": "Night shift"})]
            self.groups = [call("POST", "groups.json", "group", {"name": name}) for name in GROUPS]
            for number, agent in enumerate(self.with_role("agent")):
                membership = {
                    "user_id": agent["id"],
                    "group_id": self.groups[number % len(GROUPS)]["id"],
                }
                made = call("POST", "group_memberships.json", "group_membership", membership)
                self.memberships.append(made)
                role = {"custom_role_id": self.roles[0]["id"]}
                path = f"users/{agent['id']}.json"
                # The membership has given a default group, which this answer has as well.
                self.users[self.users.index(agent)] = call("PUT", path, "user", role)
        # The owner was made by another process, whose numbers may be higher ones.
        self.users.sort(key=lambda user: user["id"])
        return self


class Bounded(HTTPAdapter):
    """The way of a session to the server, which ends a client that asks without end, as it may
    where a link is wrong."""

    def __init__(self):
        super().__init__()
        self.count = itertools.count(1)

    def send(self, request, **settings):
        assert next(self.count) <= REQUESTS, f"one request too many: {request.url}"
        return super().send(request, **settings)


def bounded(session):
    """The session, with a bound."""
    session.mount("http://", Bounded())
    return session


def moment(text):
    """A timestamp of an answer."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)
