"""The apps that `make bench` compares make the same people: else it would compare nothing, after many minutes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks.roster import HERE, install_cdk

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow


def templates(out: Path, *command: str | Path, **environment: str) -> dict[str, Any]:
    """What an app makes of 113 people: one more than a stack holds."""
    subprocess.run(
        [*command, "113", out],
        env={
            **os.environ,
            "CDK_VALIDATION": "false",
            "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "1",
            **environment,
        },
        check=True,
        timeout=240,
    )
    return {file.name: json.loads(file.read_text(encoding="utf-8")) for file in out.glob("*.template.json")}


def test_the_library_javascript_and_plain_python_make_the_same_templates(tmp_path: Path) -> None:
    python = templates(tmp_path / "python", sys.executable, HERE / "roster_app.py")
    modules = install_cdk(tmp_path / "node_modules")
    assert sorted(python) == ["users-1.template.json", "users-2.template.json"]
    assert python == templates(tmp_path / "node", "node", HERE / "roster_app.js", NODE_PATH=str(modules))
    assert python == templates(tmp_path / "plain", sys.executable, HERE / "roster_plain.py")
