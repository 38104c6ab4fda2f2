"""Several servers on one database, clients that write through all of them, and what must hold."""

import itertools
import threading
from dataclasses import dataclass, field

import requests

from postgres import psql
from program import PATIENCE, Server, wait_until
from webhooks import LOOPBACK

# What a client may be told while nodes and the database come and go.
AWAY = 503


class Nodes:
    """Servers that share a database. One that was killed is replaced by a new one in its place."""

    def __init__(self, database, folder, count, *flags):
        self.database = database
        self.folder = folder
        self.flags = [*LOOPBACK, *flags]
        self.servers = []
        self.turns = itertools.count()
        try:
            self.servers.append(self.launch())
            self.token = self.servers[0].wait_until_ready().token
            for _ in range(count - 1):
                self.servers.append(self.launch())
            for server in self.servers:
                server.wait_until_ready()
        except BaseException:
            # Whoever asked for them has nothing to close.
            self.close()
            raise

    def launch(self):
        return Server(self.database, self.folder, *self.flags)

    @property
    def any(self):
        """One of them after the other."""
        return self.servers[next(self.turns) % len(self.servers)]

    def session(self, token=None):
        return self.servers[0].session(token or self.token)

    def kill(self, place):
        """Ends one with SIGKILL."""
        self.servers[place].kill()

    def start(self, place):
        """Puts a new one where one was killed."""
        self.servers[place] = self.launch().wait_until_ready()

    def sql(self, text):
        """What the database holds, a line for each row."""
        return psql(self.database, text)

    def close(self):
        for server in self.servers:
            server.kill()

    def walk(self, path, token=None):
        """The pages of a list, each asked of another node."""
        with self.session(token) as client:
            while path:
                answer = client.get(f"{self.any.url}{path}", timeout=PATIENCE)
                assert answer.status_code == 200, answer.text
                page = answer.json()
                yield page
                link = page["meta"].get("next_page_url")
                if "links" in page and page["meta"]["has_more"]:
                    link = page["links"]["next"]
                path = link and link[link.index("/api/") :]

    def ada_ids(self):
        """Everybody whom Ada's list shows, in its order."""
        pages = self.walk("/api/v2/end-users/?limit=37")
        return [user["end_user_id"] for page in pages for user in page["data"]]

    def zendesk_ids(self, rest=""):
        """Everybody whom Zendesk's list shows, in its order."""
        pages = self.walk(f"/api/v2/users.json?page[size]=37{rest}")
        return [user["id"] for page in pages for user in page["users"]]


@dataclass
class Person:
    """Somebody whom a writer made, and what it knows of them."""

    key: str
    # What the server answered. None while nobody knows whether they were made.
    end_user_id: str = None
    user_id: int = None
    version: int = 0


@dataclass
class Known:
    """What a writer was told."""

    people: list = field(default_factory=list)
    # The names of those who were made without an external id, and nobody knows whether.
    doubtful: set = field(default_factory=set)
    unexpected: list = field(default_factory=list)


class Writer(threading.Thread):
    """Makes and changes users through every node in turn, until it is told to stop. What has an
    external id it tries again until it has happened; what has none it tries once.
    """

    def __init__(self, nodes, name):
        super().__init__(daemon=True)
        self.nodes = nodes
        self.name = name
        self.known = Known()
        self.acknowledged = 0
        self.over = threading.Event()

    def run(self):
        writes = [self.make_with_key, self.make_without, self.make_in_zendesk, self.change]
        try:
            for number, write in enumerate(itertools.cycle(writes)):
                if self.over.is_set():
                    return
                write(f"{self.name}-{number}")
        except Exception as error:  # noqa: BLE001 - told by whoever waits for this writer
            self.known.unexpected.append(repr(error))

    def call(self, method, path, body=None):
        """One try; None if the answer was none, or that the database is away."""
        server = self.nodes.any
        try:
            with self.nodes.session() as client:
                url = f"{server.url}/api/v2/{path}"
                answer = client.request(method, url, json=body, timeout=PATIENCE)
        except requests.RequestException:
            # The node is gone, and another one has the next turn.
            self.over.wait(0.02)
            return None
        if answer.status_code == AWAY:
            assert int(answer.headers["Retry-After"]) >= 1, answer.headers
            self.over.wait(0.05)
            return None
        return answer

    def insist(self, method, path, body=None):
        """Tries until there is an answer; says whether it was the first try's."""
        for tries in itertools.count():
            answer = self.call(method, path, body)
            if answer is not None:
                return answer, tries == 0

    def expect(self, answer, *statuses):
        if answer.status_code not in statuses:
            raise AssertionError(f"{answer.status_code}: {answer.text}")
        self.acknowledged += 1
        return answer.json()

    def make_with_key(self, key):
        person = Person(key)
        body = {"external_id": key, "profile": {"first_name": key, "metadata": {"version": 0}}}
        answer, first = self.insist("POST", "end-users/", body)
        # An earlier try may have made them after all.
        person.end_user_id = self.expect(answer, 201, *([] if first else [200]))["end_user_id"]
        self.known.people.append(person)

    def make_without(self, key):
        answer = self.call("POST", "end-users/", {"profile": {"first_name": key}})
        if answer is None:
            self.known.doubtful.add(key)
        else:
            identifier = self.expect(answer, 201)["end_user_id"]
            self.known.people.append(Person(key, identifier))

    def make_in_zendesk(self, key):
        person = {"name": key, "email": f"{key}@people.example", "external_id": key}
        answer, first = self.insist("POST", "users.json", {"user": person})
        if answer.status_code == 422 and not first:
            answer, _ = self.insist("GET", f"users.json?external_id={key}")
            [user] = self.expect(answer, 200)["users"]
        else:
            user = self.expect(answer, 201)["user"]
        self.known.people.append(Person(key, user_id=user["id"]))

    def change(self, key):
        people = [person for person in self.known.people if person.user_id is None]
        person = people[hash(key) % len(people)]
        body = {"profile": {"metadata": {"version": person.version + 1}}}
        answer, _ = self.insist("PATCH", f"end-users/{person.end_user_id}", body)
        self.expect(answer, 200)
        person.version += 1


class Load:
    """Writers at work."""

    def __init__(self, nodes, count):
        self.nodes = nodes
        self.writers = [Writer(nodes, f"w{number}") for number in range(count)]

    def __enter__(self):
        for writer in self.writers:
            writer.start()
        return self

    def __exit__(self, *_):
        for writer in self.writers:
            writer.over.set()
        for writer in self.writers:
            writer.join(PATIENCE)
            assert not writer.is_alive(), "a request hangs"

    def go_on(self, writes=8):
        """Waits until each writer had so many more writes acknowledged."""
        goals = [(writer, writer.acknowledged + writes) for writer in self.writers]

        def reached():
            for writer in self.writers:
                assert not writer.known.unexpected, writer.known.unexpected
            return all(writer.acknowledged >= goal for writer, goal in goals)

        wait_until(reached, "writing")

    @property
    def people(self):
        return [person for writer in self.writers for person in list(writer.known.people)]

    @property
    def doubtful(self):
        return set().union(*(writer.known.doubtful for writer in self.writers))

    def check(self):
        """Everything acknowledged is there exactly once, by the rows and through every node."""
        for writer in self.writers:
            assert not writer.known.unexpected, writer.known.unexpected
        check_people(self.nodes, self.people, self.doubtful)
        check_books(self.nodes)
        check_pages(self.nodes)


def check_people(nodes, people, doubtful):
    """Each was made once, and has the last version that was acknowledged."""
    rows = nodes.sql(
        "select user_id, encode(end_user_id, 'hex'), coalesce(external_id, first_name, ''), "
        "coalesce((metadata::json ->> 'version')::int, 0) from \"user\" where role = 0"
    )
    rows = [row.split("|") for row in rows.splitlines()]
    by_key = {key: (int(user), identifier, int(version)) for user, identifier, key, version in rows}
    assert len(by_key) == len(rows), "somebody was made twice"
    for person in people:
        assert person.key in by_key, f"{person} was acknowledged and is not there"
        user_id, end_user_id, version = by_key[person.key]
        assert person.end_user_id in (None, end_user_id)
        assert person.user_id in (None, user_id)
        assert version == person.version, person
    acknowledged = {person.key for person in people}
    assert set(by_key) - acknowledged <= doubtful
    identifiers = [identifier for _, identifier, _ in by_key.values()]
    assert len(set(identifiers)) == len(identifiers)


def check_books(nodes):
    """The counts agree with the rows, and the log has each change once, without a gap."""
    counted = nodes.sql("select end_users || '|' || agents || '|' || admins from account")
    found = nodes.sql(
        "select (count(*) filter (where role = 0)) || '|' || (count(*) filter (where role = 1)) "
        "|| '|' || (count(*) filter (where role = 2)) from \"user\""
    )
    assert counted == found
    log = nodes.sql(
        "select min(sequence) = 1, max(sequence) = count(*), max(sequence) + 1 = "
        "(select next_event from account) from event"
    )
    assert log == "t|t|t"
    unlike = nodes.sql(
        'select count(*) from (select user_id from "user" where user_id not in '
        "(select owner_user_id from account) except all select user_id from event where kind = 1) "
        "as missing"
    )
    assert unlike == "0", "somebody was made without an event"
    twice = nodes.sql(
        "select count(*) from (select user_id from event where kind = 1 group by user_id "
        "having count(*) > 1) as twice"
    )
    assert twice == "0", "somebody was made by two events"
    versions = nodes.sql(
        "select count(*) from \"user\" as u where role = 0 and "
        "coalesce((metadata::json ->> 'version')::int, 0) <> "
        "(select count(*) from event where event.user_id = u.user_id and kind = 2)"
    )
    assert versions == "0", "a change has no event, or several"
    moments = nodes.sql(
        "select count(*) from (select at - lag(at) over (order by sequence) as step from event) "
        "as steps where step <= 0"
    )
    assert moments == "0", "two changes have the same moment"


def check_pages(nodes):
    """Lists whose pages are asked of one node after the other show everybody once."""
    hexadecimal = "select encode(end_user_id, 'hex') from \"user\" where role = 0 order by 1"
    assert nodes.ada_ids() == nodes.sql(hexadecimal).splitlines()
    ids = list(map(int, nodes.sql('select user_id from "user" order by 1').splitlines()))
    assert nodes.zendesk_ids() == ids
    latest = 'select user_id from "user" order by updated_at desc, user_id desc'
    latest = list(map(int, nodes.sql(latest).splitlines()))
    assert nodes.zendesk_ids("&sort=-updated_at") == latest
    with nodes.session() as client:
        for server in nodes.servers:
            count = client.get(f"{server.url}/api/v2/users/count.json").json()["count"]["value"]
            assert count == len(ids)
