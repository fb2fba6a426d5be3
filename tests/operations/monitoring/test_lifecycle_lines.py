"""What the scripts really log when they cannot work is what the metric counts, and nothing else is."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from studio_infra import GitHost, GitSsh, LifecycleScript
from studio_infra.operations.monitoring.lifecycle_failures import FAILURES
from studio_infra.studio.lifecycle.lifecycle_script import SHIPPED_SCRIPTS
from tests.runtime.idle.shipped import shipped

if TYPE_CHECKING:
    from pathlib import Path

TOOLS = ("bash", "cat", "date", "readlink", "sed", "tee", "timeout", "base64", "gzip", "python3")


def counted(text: str) -> list[str]:
    """The lines that the metric filter counts: CloudWatch looks for each term as it is."""
    return [line for line in text.splitlines() if any(term in line for term in FAILURES)]


def run(text: str, home: Path, **environment: str) -> str:
    """What a script says where there is no git, no ssh, and nobody else's home."""
    tools = home / "bin"
    tools.mkdir(exist_ok=True)
    for name in TOOLS:
        found = subprocess.run(["which", name], capture_output=True, text=True, check=True).stdout.strip()
        (tools / name).symlink_to(found)
    done = subprocess.run(
        [tools / "bash", "-c", text],
        env={"PATH": str(tools), "HOME": str(home), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        check=False,
        cwd=home,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_a_part_of_a_composed_script_that_fails_is_counted_once(tmp_path: Path) -> None:
    good, bad = (
        LifecycleScript(text=f"#!/bin/bash\nexit {code}\n", name=name)
        for name, code in (("good", 0), ("bad", 3))
    )
    (line,) = counted(run(LifecycleScript.compose(good, bad, good).text, tmp_path))
    assert "part bad ended with 3" in line


def test_scripts_that_do_their_work_are_not_counted(tmp_path: Path) -> None:
    good = LifecycleScript(text="#!/bin/bash\necho INFO done, no ERROR, no WARN\n", name="good")
    said = run(LifecycleScript.compose(good).text, tmp_path)
    assert "done" in said
    assert counted(said) == []


def test_git_that_cannot_be_set_up_is_counted(tmp_path: Path) -> None:
    said = run(GitSsh(hosts=[GitHost.github()], people="/research/people").script().text, tmp_path)
    (line,) = counted(said)
    assert "git is not in this image" in line


def test_an_idle_program_that_does_not_start_is_counted(tmp_path: Path) -> None:
    text = (SHIPPED_SCRIPTS / "idle.sh").read_text("utf-8").replace("#program", "raise SystemExit(7)")
    (line,) = counted(run(text, tmp_path, IDLE="{}"))
    assert "not watching, code 7" in line


def test_a_script_that_cannot_be_unpacked_is_counted(tmp_path: Path) -> None:
    text = (SHIPPED_SCRIPTS / "packed.sh").read_text("utf-8").replace("#script", "bm90IGd6aXA=")
    (line,) = counted(run(text, tmp_path))
    assert "cannot be unpacked" in line


@pytest.mark.parametrize("keeper", ["guard", "watcher"])
def test_errors_of_what_watches_an_app_are_counted_and_the_rest_is_not(keeper: str, tmp_path: Path) -> None:
    log = tmp_path / "log"
    app = shipped(keeper).App({"engine": keeper, "logs": [str(log)]})
    app.log("INFO", "in use: a kernel")
    app.log("WARN", "the heartbeat file lay in the future: repaired")
    app.log("ERROR", "DeleteApp failed")
    (line,) = counted(log.read_text("utf-8"))
    assert line.endswith("ERROR DeleteApp failed")
