"""Settings of `serve` do what its help says: links, metrics of their own, the cache."""

import itertools
import re
import threading

import pytest
import requests

from program import PATIENCE, free_port, run

FORWARDED = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "people.example"}


class Links:
    """The links to the next page of a list of three users."""

    def __init__(self, server):
        self.client = server.session()
        self.url = f"{server.url}/api/v2/end-users/"
        for _ in range(3):
            assert self.client.post(self.url, json={}).status_code == 201

    def next_page(self, query="limit=1", **headers):
        answer = self.client.get(f"{self.url}?{query}", headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()["meta"]["next_page_url"]

    def origin(self, **headers):
        origin, rest = self.next_page(**headers).split("/api/v2/end-users/?")
        assert re.search(r"\bcursor=[0-9a-f]{24}\b", rest)
        return origin


def test_links_are_on_the_public_url(start):
    server = start(None, "--public-url", "https://people.example/roster/")
    links = Links(server)
    assert links.origin() == "https://people.example/roster"
    assert links.origin(Host="elsewhere.example") == "https://people.example/roster"
    # Whoever takes the address back to this server's own walks through all pages.
    ids, link = [], links.next_page()
    first = links.client.get(f"{links.url}?limit=1").json()["data"]
    while link:
        page = links.client.get(link.replace("https://people.example/roster", server.url)).json()
        ids += [user["end_user_id"] for user in page["data"]]
        link = page["meta"]["next_page_url"]
    everybody = links.client.get(links.url).json()["data"]
    assert [first[0]["end_user_id"], *ids] == [user["end_user_id"] for user in everybody]
    assert len(everybody) == 3


def test_the_public_url_counts_for_more_than_a_proxy(start):
    links = Links(start(None, "--public-url", "https://people.example", "--trust-proxy"))
    forged = {"X-Forwarded-Proto": "http", "X-Forwarded-Host": "forged.example"}
    assert links.origin(**forged) == "https://people.example"


def test_the_welcome_shows_the_public_url(start):
    server = start(None, "--public-url", "https://people.example")
    assert "https://people.example/api/v2/end-users/" in server.errors
    assert server.url not in server.errors


def test_a_trusted_proxy_says_what_clients_see(start):
    server = start(None, "--trust-proxy")
    links = Links(server)
    assert links.origin(**FORWARDED) == "https://people.example"
    port = {"X-Forwarded-Host": "people.example:8443"}
    assert links.origin(**FORWARDED | port) == "https://people.example:8443"
    # Of a chain of proxies the first is the one that the client saw.
    chain = {"X-Forwarded-Proto": "https, http", "X-Forwarded-Host": "people.example, inner:80"}
    assert links.origin(**chain) == "https://people.example"
    assert links.origin() == server.url
    assert links.origin(**{"X-Forwarded-Proto": "https"}) == server.url.replace("http", "https")
    assert links.origin(**{"X-Forwarded-Host": "people.example"}) == "http://people.example"


@pytest.mark.parametrize("scheme", ["javascript", "ftp", "", "https://evil.example/?", "ws"])
def test_a_scheme_of_no_web_page_is_passed_over(start, scheme):
    links = Links(start(None, "--trust-proxy"))
    headers = {"X-Forwarded-Proto": scheme, "X-Forwarded-Host": "people.example"}
    assert links.origin(**headers) == "http://people.example"


@pytest.mark.parametrize("host", ["", "people.example/path", 'a"b', "a b", "user@people.example"])
def test_a_host_that_is_none_is_passed_over(start, host):
    server = start(None, "--trust-proxy")
    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": host}
    assert Links(server).origin(**headers) == server.url.replace("http", "https")


def test_without_the_flag_nobody_is_trusted(server):
    links = Links(server)
    assert links.origin(**FORWARDED) == server.url
    assert links.origin(Host="people.local:9000", **FORWARDED) == "http://people.local:9000"


def test_metrics_have_an_address_of_their_own(start):
    port = free_port()
    server = start(None, "--metrics-listen", f"127.0.0.1:{port}")
    client = server.session()
    refused = client.get(f"{server.url}/metrics")
    assert refused.status_code == 404
    assert refused.json()["errors"][0]["type"] == "not_found"
    assert client.post(f"{server.url}/api/v2/end-users/", json={}).status_code == 201

    own = f"http://127.0.0.1:{port}"
    answer = requests.get(f"{own}/metrics", timeout=PATIENCE)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain")
    line = 'method="POST",route="/api/v2/end-users",status="201"} 1'
    assert line in answer.text
    # Nothing of the directory is served there, whoever asks.
    assert client.get(f"{own}/api/v2/end-users/").status_code == 404
    assert client.post(f"{own}/api/v2/end-users/", json={}).status_code == 404
    assert server.stop()[0] == 0
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{own}/metrics", timeout=PATIENCE)


def test_without_the_flag_metrics_are_on_the_main_address(server, client):
    answer = client.get(f"{server.url}/metrics")
    assert answer.status_code == 200
    assert "roster_http_requests_total" in answer.text


@pytest.mark.embedded
def test_an_address_for_metrics_that_is_taken_is_refused(server, tmp_path):
    flags = ["--listen", f"127.0.0.1:{free_port()}", "--metrics-listen", f"127.0.0.1:{server.port}"]
    done = run("serve", "--data", tmp_path / "other", *flags)
    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert str(server.port) in line and "--metrics-listen" in line
    assert not (tmp_path / "other").exists(), "the token of a first start would be lost"


def cache_bytes(client, server):
    text = client.get(f"{server.url}/metrics").text
    return int(re.search(r"^roster_cache_bytes (\d+)$", text, re.M)[1])


@pytest.mark.parametrize(("size", "most"), [("0", 0), ("4KiB", 4096), ("64MiB", 64 << 20)])
def test_answers_are_right_with_a_cache_of_any_size(start, size, most):
    """Each of several clients has people of its own, and reads everybody's over its connection."""
    server = start(None, "--cache-size", size)
    url = f"{server.url}/api/v2/end-users/"
    clients = [server.session() for _ in range(4)]
    people = [
        clients[0].post(url, json={"external_id": f"person-{number}"}).json()
        for number in range(12)
    ]
    newest = {person["end_user_id"]: 0 for person in people}
    failures = []

    def read(client, person):
        """Whatever was answered before a read begins must be seen by it."""
        identifier = person["end_user_id"]
        ways = [f"{url}{identifier}", f"{url}?external_id={person['external_id']}"]
        for way in ways:
            least = newest[identifier]
            found = client.get(way, timeout=PATIENCE).json()
            version = found["profile"]["metadata"].get("version", 0)
            if version < least:
                failures.append(f"{way} shows {version} after {least} was answered")

    def write(number):
        client = clients[number]
        for version in range(1, 31):
            for person in people[number :: len(clients)]:
                identifier = person["end_user_id"]
                change = {"profile": {"metadata": {"version": version}, "first_name": f"{version}"}}
                answer = client.patch(f"{url}{identifier}", json=change, timeout=PATIENCE)
                if answer.status_code != 200:
                    failures.append(answer.text)
                newest[identifier] = version
                own = client.get(f"{url}{identifier}", timeout=PATIENCE).json()
                if own != answer.json():
                    failures.append(f"{own} is not {answer.json()}")
            read(client, people[(version * 5 + number) % len(people)])

    writers = [threading.Thread(target=write, args=[number]) for number in range(len(clients))]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(4 * PATIENCE)
        assert not writer.is_alive()
    assert not failures, failures[:5]

    for client, person in itertools.product(clients, people):
        identifier = person["end_user_id"]
        found = client.get(f"{url}{identifier}").json()
        assert found["profile"]["metadata"] == {"version": 30}
        assert client.get(f"{url}?external_id={person['external_id']}").json() == found
    listed = clients[-1].get(url).json()["data"]
    assert len(listed) == len(people)
    assert {user["profile"]["first_name"] for user in listed} == {"30"}
    assert cache_bytes(clients[0], server) <= most


@pytest.mark.parametrize("size", ["0", "4KiB"])
def test_a_name_that_moves_is_followed_at_once(start, size):
    """The look-up by external id must not remember who had it before."""
    server = start(None, "--cache-size", size)
    url = f"{server.url}/api/v2/end-users/"
    writer, reader = server.session(), server.session()
    first = writer.post(url, json={"external_id": "wanders"}).json()["end_user_id"]
    second = writer.post(url, json={}).json()["end_user_id"]
    for holder, other in [(first, second), (second, first)] * 10:
        assert reader.get(f"{url}?external_id=wanders").json()["end_user_id"] == holder
        body = {"profile": {}, "external_id": None}
        assert writer.patch(f"{url}{holder}", json=body).status_code == 200
        assert reader.get(f"{url}?external_id=wanders").status_code == 404
        assert reader.get(f"{url}{holder}").json()["external_id"] is None
        body = {"profile": {}, "external_id": "wanders"}
        assert writer.patch(f"{url}{other}", json=body).status_code == 200
        assert reader.get(f"{url}{other}").json()["external_id"] == "wanders"
