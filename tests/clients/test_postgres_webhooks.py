"""Webhooks with several nodes on one database: shared by lease, taken over, and nothing lost."""

import re
import signal
import threading
import time
from collections import Counter

import pytest

from nodes import Nodes
from program import PATIENCE, wait_until
from receivers import Receiver
from webhooks import SOON, Webhooks

# Within this the work of a dead node is somebody else's.
TAKEN_OVER_WITHIN = 30
# How long the receiver takes for an answer, so that a second delivery would meet the first.
HOLD = 0.05


class Watcher(Receiver):
    """A receiver that sees when a message comes while the same one is still being taken."""

    def __init__(self):
        self.under_way = set()
        self.overlaps = []
        self.lock = threading.Lock()
        super().__init__()

    def receive(self, handler, delivery):
        with self.lock:
            if delivery.identifier in self.under_way:
                self.overlaps.append(delivery.identifier)
            self.under_way.add(delivery.identifier)
        threading.Event().wait(HOLD)
        with self.lock:
            self.under_way.discard(delivery.identifier)
        super().receive(handler, delivery)


def attempts(nodes, place):
    """How many deliveries a node has tried."""
    text = nodes.session().get(f"{nodes.servers[place].url}/metrics", timeout=PATIENCE).text
    return sum(map(int, re.findall(r"^roster_webhook_attempts_total\S* (\d+)$", text, re.M)))


class Scene:
    """Nodes, an endpoint, and somebody who receives there."""

    def __init__(self, database, folder, count):
        self.receiver = Watcher()
        self.nodes = Nodes(database, folder, count, *SOON)
        self.numbers = iter(range(10_000))
        webhooks = Webhooks(self.nodes.servers[0], self.nodes.session())
        self.endpoint = webhooks.register(self.receiver)

    def create(self, count, places):
        """Makes users through these nodes in turn, and returns their external ids."""
        made = []
        with self.nodes.session() as client:
            for number in range(count):
                external_id = f"person-{next(self.numbers)}"
                url = self.nodes.servers[places[number % len(places)]].url
                body = {"external_id": external_id, "profile": {"first_name": "Grace"}}
                answer = client.post(f"{url}/api/v2/end-users/", json=body, timeout=PATIENCE)
                assert answer.status_code == 201, answer.text
                made.append(external_id)
        return made

    def take(self, people, timeout=PATIENCE):
        """Waits until a message of each of them came, and counts the messages."""
        counts = Counter()
        while set(counts) < set(people):
            event = self.endpoint.next(timeout).event
            assert event["type"] == "v1.end_user.created"
            counts[event["data"]["external_id"]] += 1
        return counts

    def find_holder(self):
        """The node that delivers."""
        places = range(len(self.nodes.servers))
        [holder] = [place for place in places if attempts(self.nodes, place)]
        return holder

    def close(self):
        for server in self.nodes.servers:
            # One that was stopped would not see anything else.
            server.process.send_signal(signal.SIGCONT)
        self.nodes.close()
        self.receiver.close()


@pytest.fixture
def open_scene(postgres, tmp_path):
    opened = []

    def open_scene(count):
        opened.append(Scene(postgres.create_database(), tmp_path, count))
        return opened[-1]

    yield open_scene
    for scene in opened:
        scene.close()


def test_each_message_is_delivered_by_one_node_once(open_scene):
    scene = open_scene(3)
    people = scene.create(150, places=[0, 1, 2])
    assert scene.take(people) == Counter(people)
    assert scene.receiver.overlaps == []
    assert scene.receiver.is_idle
    scene.find_holder()


def kill(server):
    server.kill()


def pause(server):
    server.process.send_signal(signal.SIGSTOP)


def stop(server):
    assert server.stop()[0] == 0


def test_the_work_of_a_node_that_is_gone_is_taken_over(open_scene):
    """One is killed, one is held up, one is stopped as it should be."""
    strikes = [kill, pause, stop]
    scenes = [open_scene(2) for _ in strikes]
    holders, missing, struck = [], [], []
    for scene in scenes:
        scene.take(scene.create(5, places=[0, 1]))
        holders.append(scene.find_holder())
    for scene, holder, strike in zip(scenes, holders, strikes):
        # Some of these are on their way when it happens.
        people = scene.create(10, places=[holder])
        strike(scene.nodes.servers[holder])
        struck.append(time.monotonic())
        missing.append(people + scene.create(10, places=[1 - holder]))
    # What the holder had sent came before the strike; what it did not comes from the other.
    for scene, people, begin, within in zip(scenes, missing, struck, [30, 30, 30]):
        scene.take(people, timeout=TAKEN_OVER_WITHIN + 1)
        assert time.monotonic() - begin < within, "nobody took it over in time"
        assert scene.receiver.overlaps == []

    # The one that was held up finds that its work is another's.
    paused, holder = scenes[1], holders[1]
    server = paused.nodes.servers[holder]
    wait_until(lambda: leases_are_recorded(paused), "the results")
    server.process.send_signal(signal.SIGCONT)
    server.wait_until_ready()
    before = attempts(paused.nodes, holder)
    people = paused.create(40, places=[0, 1])
    paused.take(people)
    assert paused.receiver.overlaps == []
    assert attempts(paused.nodes, holder) == before


def leases_are_recorded(scene):
    """Whether what was delivered is noted."""
    waiting = "select count(*) from message where not exists (select from delivery where state = 1 "
    waiting += "and delivery.account_id = message.account_id and message = number)"
    return scene.nodes.sql(waiting) == "0"
