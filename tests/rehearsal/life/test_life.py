"""The whole life of the sandbox, by the command a person would give. Production's is played by `make rehearse`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def rehearse(*options: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if key != "CDK_VALIDATION"}
    return subprocess.run(
        [Path(sys.executable).with_name("studio-infra"), "rehearse", *options],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=590,
    )


@pytest.fixture(scope="module")
def life() -> dict[str, Any]:
    done = rehearse("--settings", "settings/sandbox.toml", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    return dict(json.loads(done.stdout))


def test_every_step_of_the_sandbox_passes_and_none_is_skipped(life: dict[str, Any]) -> None:
    assert {step["outcome"] for step in life["steps"]} == {"passed"}
    assert len(life["steps"]) == 14


def test_what_is_left_over_is_what_people_made_and_the_place_it_stands_in(life: dict[str, Any]) -> None:
    left = life["left_over"]
    assert left["profiles"] == ["ana", "bela", "rehearsal-joiner"]
    assert len(left["domains"]) == len(left["file systems"]) == len(left["VPCs"]) == 1
    for costly in ("endpoints", "NAT gateways", "VPC endpoints", "functions"):
        assert costly not in left


def test_bad_settings_are_said_before_anything_starts(tmp_path: Path) -> None:
    file = tmp_path / "bad.toml"
    file.write_text('name = "Bad Name"\n', encoding="utf-8")
    done = rehearse("--settings", str(file))
    assert done.returncode == 1
    assert "bad.toml:1: name:" in done.stderr
    assert "Traceback" not in done.stderr


def test_outside_a_cdk_app_one_line_says_what_to_do(tmp_path: Path) -> None:
    done = rehearse("--settings", str(ROOT / "settings" / "sandbox.toml"), cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "there is no cdk.json in" in done.stderr
