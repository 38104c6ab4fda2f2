"""Bodies that are too large are refused, however they come: declared, chunked or compressed."""

import gzip
import json
import socket
import zlib
from pathlib import Path

import pytest

from program import PATIENCE

LIMIT = 10 * 1024 * 1024
JSON = {"Content-Type": "application/json"}


def check_refused(answer):
    assert answer.status_code == 413, answer.text
    [error] = answer.json()["errors"]
    assert error["type"] == "content_too_large"


def resident_memory(server):
    for line in Path(f"/proc/{server.process.pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024


def test_the_largest_body_is_read(client, end_users):
    body = b"{}".ljust(LIMIT)
    assert client.post(end_users, data=body, headers=JSON).status_code == 201
    assert client.post(end_users, data=iter([body]), headers=JSON).status_code == 201


def test_a_declared_length_is_refused_before_the_body_comes(server):
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as connection:
        connection.sendall(
            b"POST /api/v2/end-users/ HTTP/1.1\r\nHost: localhost\r\n"
            b"Authorization: Bearer " + server.token.encode() + b"\r\n"
            b"Content-Type: application/json\r\n"
            b"Content-Length: " + str(LIMIT + 1).encode() + b"\r\n\r\n"
        )
        answer = connection.recv(10_000)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"content_too_large" in answer


def test_chunks_are_counted(client, end_users):
    piece = b" " * 65_536

    def pieces():
        for _ in range(LIMIT // len(piece) + 1):
            yield piece

    check_refused(client.post(end_users, data=pieces(), headers=JSON))
    assert client.post(end_users, json={}).status_code == 201


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_compressed_body_counts_as_what_it_becomes(server, client, end_users, encoding):
    def compress(body):
        return gzip.compress(body) if encoding == "gzip" else zlib.compress(body)

    headers = JSON | {"Content-Encoding": encoding}
    body = json.dumps({"profile": {"first_name": "Grace"}}).encode()
    answer = client.post(end_users, data=compress(body), headers=headers)
    assert answer.status_code == 201
    assert answer.json()["profile"]["first_name"] == "Grace"

    check_refused(client.post(end_users, data=compress(b"{}".ljust(LIMIT + 1)), headers=headers))
    bomb = compress(b" " * (1024 * 1024 * 1024))
    assert len(bomb) < LIMIT
    for _ in range(8):
        check_refused(client.post(end_users, data=bomb, headers=headers))
    assert resident_memory(server) < 200 * 1024 * 1024


def test_a_bomb_of_many_parts(client, end_users):
    """A gzip file may have several members, each small."""
    bomb = gzip.compress(b" " * 1024 * 1024) * 20
    headers = JSON | {"Content-Encoding": "gzip"}
    check_refused(client.post(end_users, data=bomb, headers=headers))


def test_without_a_token_the_size_does_not_matter(server, end_users):
    answer = server.session("none").post(end_users, data=b" " * 1000, headers=JSON)
    assert answer.status_code == 401
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as connection:
        connection.sendall(
            b"POST /api/v2/end-users/ HTTP/1.1\r\nHost: localhost\r\n"
            b"Content-Length: 99999999999\r\n\r\n"
        )
        assert connection.recv(10_000).startswith(b"HTTP/1.1 401 ")
