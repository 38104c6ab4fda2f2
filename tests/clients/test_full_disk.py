"""A full disk: writes fail clearly, reads go on, and it heals when there is space again."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from program import wait_until

pytestmark = pytest.mark.embedded

SIZE = 16 * 1024 * 1024
MOUNT = f'mount -t tmpfs -o size={SIZE} tmpfs "$0" && exec "$@"'


def mounting_command():
    """A command that runs another one with a small file system of its own, which nobody else
    sees and which goes with it; `None` where that is not allowed, as in many containers."""
    for unshare in (["unshare", "--mount"], ["unshare", "--map-root-user", "--mount"]):
        command = [*unshare, "sh", "-c", MOUNT]
        if subprocess.run([*command, "/mnt", "true"], capture_output=True).returncode == 0:
            return command
    return None


@pytest.fixture
def small_disk(tmp_path, start):
    """A server on a small disk, and the path under which this process finds its folder."""
    command = mounting_command()
    if command:
        folder = tmp_path / "small"
        folder.mkdir()
        server = start(folder / "data", prefix=[*command, folder])
        yield server, Path(f"/proc/{server.process.pid}/root{folder}")
        return
    # A container's own small disk.
    shared = Path("/dev/shm")
    space = os.statvfs(shared)
    assert space.f_blocks * space.f_frsize <= 8 * SIZE, (
        "this test needs a small disk: allow it to mount a tmpfs, or make /dev/shm small"
    )
    data = shared / f"roster-test-{os.getpid()}"
    try:
        yield start(data), shared
    finally:
        shutil.rmtree(data)


def fill(folder):
    """Takes all space that is left, to the last byte."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (1024 * 1024, 4096, 1):
            try:
                while True:
                    file.write(b"\xff" * size)
            except OSError:
                pass
    return filler


def test_a_full_disk(small_disk):
    server, folder = small_disk
    client = server.session()
    url = f"{server.url}/api/v2/end-users/"
    created = []

    def create():
        name = f"user-{len(created)}"
        answer = client.post(url, json={"external_id": name, "profile": {"first_name": "é" * 2000}})
        if answer.status_code == 201:
            created.append(answer.json())
        return answer

    for _ in range(10):
        assert create().status_code == 201
    filler = fill(folder)
    try:
        # Files that were large enough already take a few more writes.
        answer = create()
        while answer.status_code == 201:
            assert len(created) < 20_000
            answer = create()
        for _ in range(20):
            assert answer.status_code in (500, 503, 507)
            [error] = answer.json()["errors"]
            assert "disk" in error["message"], error
            answer = create()
        changed = client.patch(f"{url}{created[0]['end_user_id']}", json={"profile": {"email": "a"}})
        assert changed.status_code == 503, changed.text
        for user in created:
            found = client.get(f"{url}{user['end_user_id']}")
            assert (found.status_code, found.json()) == (200, user)
        assert client.get(f"{url}?limit=10").status_code == 200
        assert client.get(f"{server.url}/healthz").status_code == 200
        refused = client.get(f"{url}?external_id=user-{len(created)}")
        assert refused.status_code == 404, "what was refused did not happen"
    finally:
        filler.unlink()

    wait_until(lambda: create().status_code == 201, "a write after space returned")
    for user in created:
        assert client.get(f"{url}{user['end_user_id']}").json() == user
    assert client.get(f"{server.url}/readyz").status_code == 200
    assert server.stop()[0] == 0
