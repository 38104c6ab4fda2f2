"""schemathesis reads the served OpenAPI document and tries everything that it allows and
forbids: the server must keep to its own document, with a token and without."""

import subprocess
import sys
from pathlib import Path

from program import environment


def test_the_server_keeps_to_its_document(server, tmp_path):
    command = [sys.executable, "-m", "schemathesis.cli", "run", f"{server.url}/openapi/ada.json"]
    command += ["--url", server.url, "--header", f"Authorization: Bearer {server.token}"]
    command += ["--seed", "1", "--max-examples", "50", "--continue-on-failure", "--no-color"]
    done = subprocess.run(
        command,
        # It keeps what it found, here rather than in the repository.
        cwd=tmp_path,
        env=environment() | {
            "PYTHONPATH": str(Path(__file__).parent),
            "SCHEMATHESIS_HOOKS": "openapi_hooks",
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
