"""`studio-infra validate` as a person or a program runs it: the real command, in a process of its own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COMMAND = Path(sys.executable).with_name("studio-infra")
ROSTER = "user_name,team,full_name,email\nana,sandbox,Ana Silva,ana@example.com\n"


def studio_infra(
    *arguments: str | Path, cwd: Path = ROOT, **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COMMAND, *arguments],
        cwd=cwd,
        env={**os.environ, "COLUMNS": "120", "NO_COLOR": "1", **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    """A copy of the sandbox to make mistakes in."""
    text = (
        (ROOT / "settings/sandbox.toml").read_text(encoding="utf-8").replace("sandbox-users.csv", "users.csv")
    )
    (tmp_path / "users.csv").write_text(ROSTER, encoding="utf-8")
    (tmp_path / "settings.toml").write_text(text, encoding="utf-8")
    return tmp_path / "settings.toml"


def test_good_settings_are_summed_up() -> None:
    result = studio_infra("validate", "settings/production.toml")
    assert (result.returncode, result.stderr) == (0, "")
    assert re.search(r"vision +data_scientist +12 +ml\.t3\.medium +60 min +1,500 USD", result.stdout)
    assert "40 people: 40 in stack 1" in result.stdout
    assert "endpoint churn: owner tomasz-wojcik, until 2027-06-30" in result.stdout
    assert result.stdout.endswith("settings/production.toml is good\n")


def test_good_settings_are_summed_up_for_programs() -> None:
    summary = json.loads(studio_infra("validate", "--json", "settings/production.toml").stdout)
    assert summary["valid"] is True
    assert summary["findings"] == []
    assert summary["teams"]["forecasting"] == {
        "persona": "data_scientist",
        "people": 11,
        "default_instance_type": "ml.t3.xlarge",
        "idle_after_minutes": 120,
        "monthly_budget_usd": 900.0,
    }
    assert summary["endpoints"] == {"churn": {"owner": "tomasz-wojcik", "until": "2027-06-30"}}


def test_every_finding_is_one_line_with_the_path_as_it_was_given(settings: Path) -> None:
    settings.write_text(
        settings.read_text().replace('"IAM"', '"IMA"').replace("after_minutes = 60", "after_minutes = 5")
    )
    (settings.parent / "users.csv").write_text(f"{ROSTER}Ana,sandbx,Ana,ana\n")
    result = studio_infra("validate", "settings.toml", cwd=settings.parent)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == (
        'settings.toml:6: domain.auth_mode: not one of the choices (got "IMA"), '
        'use "IAM" or "SSO"; did you mean "IAM"?\n'
        'settings.toml:20: idle_shutdown.after_minutes: not a limit that engine "native_with_guard" can keep '
        '(got 5), use 60 to 525600 minutes, or engine = "watcher" for fewer\n'
        'users.csv:3: email: not an e-mail address (got "ana"), write it like "ana.silva@example.com"\n'
        'users.csv:3: team: no such team (got "sandbx"), use one of sandbox; did you mean "sandbox"?\n'
        'users.csv:3: user_name: differs only in upper and lower case from "ana" on line 2 (got "Ana"), '
        "give each person a name of their own\n"
    )


def test_findings_for_programs(settings: Path) -> None:
    settings.write_text("nme = 1")
    result = studio_infra("validate", "--json", settings)
    assert (result.returncode, result.stderr) == (1, "")
    report = json.loads(result.stdout)
    assert report["valid"] is False
    assert report["findings"][0] == {
        "file": str(settings),
        "line": 1,
        "field": "name",
        "message": "missing, add it: prefix of every stack and parameter",
    }


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["validate"], "studio-infra validate: Missing argument 'settings'"),
        (["validate", "x", "y"], "studio-infra validate: Got unexpected extra argument"),
        (["validate", "x", "--jsn"], "studio-infra validate: No such option: --jsn"),
        (["valdate"], "studio-infra: No such command 'valdate'. Did you mean 'validate'?"),
    ],
)
def test_a_slip_on_the_command_line_is_one_line_that_names_the_help(arguments: list[str], says: str) -> None:
    result = studio_infra(*arguments)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith(says)
    assert result.stderr.count("\n") == 1
    assert "--help" in result.stderr


def test_the_command_alone_shows_its_commands_as_a_slip() -> None:
    result = studio_infra()
    assert result.returncode == 2
    assert "validate" in result.stdout


@pytest.mark.parametrize("arguments", [["--help"], ["validate", "--help"], ["validate", "-h"]])
def test_help_is_good(arguments: list[str]) -> None:
    result = studio_infra(*arguments)
    assert (result.returncode, result.stderr) == (0, "")
    assert "Usage: studio-infra" in result.stdout


def test_a_terminal_that_knows_no_letters_still_gets_the_findings(settings: Path) -> None:
    (settings.parent / "users.csv").write_text(
        f"{ROSTER}josé,sandbox,José,jose@example.com\n", encoding="utf-8"
    )
    result = studio_infra("validate", settings, PYTHONIOENCODING="ascii", LC_ALL="C")
    assert result.returncode == 1
    assert r"jos\xe9" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_reader_that_stops_reading_is_no_mistake() -> None:
    script = f"{COMMAND} validate --json settings/production.toml | true; exit ${{PIPESTATUS[0]}}"
    result = subprocess.run(["bash", "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode in {0, 1}
    assert result.stderr == ""


@pytest.mark.parametrize("name", ["nothing.toml", ".", "/dev/zero", "x\ny.toml", "\udcff.toml"])
def test_no_path_leads_to_a_traceback(name: str) -> None:
    result = studio_infra("validate", name)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.count("\n") == 1
    assert ":1: file: " in result.stderr


def test_the_network_is_explained_with_what_it_costs_an_hour() -> None:
    result = studio_infra("validate", "settings/production.toml", "--explain")
    assert (result.returncode, result.stderr) == (0, "")
    assert "com.amazonaws.us-east-1.sagemaker.api: interface endpoint in 2 subnets" in result.stdout
    assert "7 interface endpoints, 1 NAT gateways: about 0.185 USD an hour" in result.stdout


def test_the_network_is_explained_to_programs() -> None:
    result = studio_infra("validate", "settings/production.toml", "--explain", "--json")
    cost = json.loads(result.stdout)["network_cost"]
    assert (len(cost["interfaces"]), cost["zones"], cost["nat_gateways"]) == (7, 2, 1)
