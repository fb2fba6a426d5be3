"""The whole life of the sandbox, by the command a person would give. Production's is played by `make rehearse`."""

from __future__ import annotations

import json
import os
import shutil
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
    assert len(life["steps"]) == 17


def test_nothing_is_left_over_of_settings_that_consent_to_destroy(life: dict[str, Any]) -> None:
    assert life["left_over"] == {}
    details = {step["title"]: step["detail"] for step in life["steps"]}
    assert details["the domain is drained"].startswith("nothing is left of it after ")
    assert details["what is left over"] == "nothing"


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The life of the sandbox whose settings keep everything."""
    folder = tmp_path_factory.mktemp("kept")
    text = (ROOT / "settings" / "sandbox.toml").read_text(encoding="utf-8")
    (folder / "sandbox.toml").write_text(
        text.replace('removal = "destroy"', 'removal = "retain"'), encoding="utf-8"
    )
    shutil.copy(ROOT / "settings" / "sandbox-users.csv", folder)
    done = rehearse("--settings", str(folder / "sandbox.toml"), "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    return dict(json.loads(done.stdout))


def test_exactly_what_the_stacks_promised_to_keep_is_left_of_settings_that_do_not(
    kept: dict[str, Any],
) -> None:
    left = kept["left_over"]
    assert left.keys() == {
        "domains", "profiles", "spaces", "lifecycle configurations", "file systems", "VPCs", "subnets",
        "security groups", "buckets", "keys", "log groups",
    }  # fmt: skip
    assert left["profiles"] == left["spaces"] == ["ana", "bela", "rehearsal-joiner"]
    assert len(left["domains"]) == len(left["file systems"]) == len(left["VPCs"]) == len(left["keys"]) == 1
    details = {step["title"]: step["detail"] for step in kept["steps"]}
    assert details["the domain is drained"] == "the settings keep it"
    assert details["what is left over"].startswith("kept as promised: 1 domains, 3 profiles, 3 spaces")


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
