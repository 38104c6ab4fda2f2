"""schemathesis reads the served OpenAPI documents and tries everything that they allow and
forbid: the server must keep to its own documents, with a token and without."""

import subprocess
import sys
from pathlib import Path

import pytest

from program import environment

HERE = Path(__file__).parent
# What no document can say: a module of hooks for each dialect, and settings.
DIALECTS = {
    "ada": ("openapi_hooks", [], 50),
    "zendesk": ("openapi_hooks_zendesk", ["--config-file", HERE / "openapi_zendesk.toml"], 20),
}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_server_keeps_to_its_document(server, tmp_path, dialect):
    hooks, settings, examples = DIALECTS[dialect]
    document = f"{server.url}/openapi/{dialect}.json"
    command = [sys.executable, "-m", "schemathesis.cli", *settings, "run", document]
    command += ["--url", server.url, "--header", f"Authorization: Bearer {server.token}"]
    command += ["--seed", "1", "--max-examples", str(examples), "--continue-on-failure"]
    done = subprocess.run(
        [*map(str, command), "--no-color"],
        # It keeps what it found, here rather than in the repository.
        cwd=tmp_path,
        env=environment() | {"PYTHONPATH": str(HERE), "SCHEMATHESIS_HOOKS": hooks},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
