"""SIGKILL at random moments, while others write: everything that was acknowledged is there."""

import random
import threading

import requests

from program import PATIENCE

ROUNDS = 6
WRITERS = 8


class Writer(threading.Thread):
    """Creates and changes users, and remembers what the server acknowledged."""

    def __init__(self, server, token, name, kill_after):
        super().__init__()
        self.server = server
        self.client = server.session(token)
        self.prefix = name
        self.kill_after = kill_after
        self.created = {}
        self.changed = {}
        self.unexpected = []

    def run(self):
        try:
            for count in range(1_000_000):
                self.write(f"{self.prefix}-{count}")
                if count == self.kill_after:
                    self.server.process.kill()
        except requests.RequestException:
            pass

    def write(self, external_id):
        url = f"{self.server.url}/api/v2/end-users/"
        body = {"external_id": external_id, "profile": {"metadata": {"version": 0}}}
        user = self.check(self.client.post(url, json=body, timeout=PATIENCE), 201)
        self.created[external_id] = user
        body = {"profile": {"metadata": {"version": 1}, "first_name": external_id}}
        url += user["end_user_id"]
        self.changed[external_id] = self.check(
            self.client.patch(url, json=body, timeout=PATIENCE), 200
        )

    def check(self, answer, status):
        if answer.status_code != status:
            self.unexpected.append(answer.text)
        return answer.json()


def check(writer, server, token):
    """What the writer was told holds; the last change may have happened without an answer."""
    client = server.session(token)
    for external_id, created in writer.created.items():
        url = f"{server.url}/api/v2/end-users/{created['end_user_id']}"
        found = client.get(url).json()
        if external_id in writer.changed:
            assert found == writer.changed[external_id]
        else:
            assert found["profile"]["metadata"]["version"] in (0, 1)
            assert found["external_id"] == external_id
        url = f"{server.url}/api/v2/end-users/?external_id={external_id}"
        assert client.get(url).json() == found


def list_all(server, token):
    client = server.session(token)
    url = f"{server.url}/api/v2/end-users/"
    while url:
        page = client.get(url).json()
        yield from (user["end_user_id"] for user in page["data"])
        url = page["meta"]["next_page_url"]


def test_everything_acknowledged_is_there(start):
    server = start()
    token = server.token
    everybody = []
    for number in range(ROUNDS):
        killer = random.randrange(5, 200)
        writers = [
            Writer(server, token, f"{number}-{name}", killer if name == 0 else None)
            for name in range(WRITERS)
        ]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
            assert writer.unexpected == []
        server.kill()
        everybody += writers
        server = start(server.store)
        for writer in writers:
            check(writer, server, token)
    acknowledged = {
        user["end_user_id"] for writer in everybody for user in writer.created.values()
    }
    listed = list(list_all(server, token))
    assert listed == sorted(set(listed))
    # Each writer may have made one more user whose answer never came.
    assert acknowledged <= set(listed)
    assert len(listed) <= len(acknowledged) + len(everybody)
