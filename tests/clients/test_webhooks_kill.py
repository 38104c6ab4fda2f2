"""SIGKILL between a commit and its delivery, a hundred times: nothing is lost.

A change is acknowledged, and the server is killed at once: sometimes before it has sent the
message, sometimes while the receiver has it, sometimes before it has noted that it was taken.

Over a folder the next server knows that the one before it is dead, and goes on at once; over a
database it waits for the lease to end, which `test_postgres_webhooks.py` is about.
"""

import pytest

from program import Server
from webhooks import LOOPBACK, SOON, Endpoint, Webhooks

KILLS = 100


@pytest.mark.embedded
def test_nothing_is_lost_with_the_server(store, tmp_path, open_receiver):
    receiver = open_receiver()

    def start(token=None):
        server = Server(store, tmp_path, *LOOPBACK, *SOON).wait_until_ready()
        servers.append(server)
        return Webhooks(server, token and server.session(token))

    servers = []
    try:
        webhooks = start()
        token = webhooks.server.token
        endpoint = webhooks.register(receiver)
        created = {}
        for number in range(KILLS):
            for person in [f"{number}-first", f"{number}-second"]:
                created[person] = webhooks.create(person)
            webhooks.server.kill()
            webhooks = start(token)
        endpoint = Endpoint(webhooks, {"id": endpoint.id}, receiver)
        # The kills must have found messages under way, or this would show nothing.
        assert receiver.deliveries.qsize() > KILLS / 2
        found = {}
        while len(found) < len(created):
            message = endpoint.next()
            event = message.event
            person = event["data"]["external_id"]
            known = found.setdefault(person, (message.identifier, event))
            assert known == (message.identifier, event)
        assert {person: event["data"] for person, (_, event) in found.items()} == created
        webhooks.verify_with_node(tmp_path)
    finally:
        for server in servers:
            server.kill()
