"""The generated reference is up to date, and it is of use to an editor."""

from __future__ import annotations

import importlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
import typer

from studio_infra.cli import main
from studio_infra.cli.app import COMMANDS
from studio_infra.cli.reference.commands_page import commands_page
from studio_infra.cli.reference.writing import SCHEMA_FILE, SETTINGS_FILE, settings_schema, write_reference
from studio_infra.settings.roster.person import Person
from studio_infra.settings.studio_settings import SettingsFile

COMMITTED = Path(__file__).parents[2] / "docs/reference"
SCHEMA: dict[str, Any] = json.loads(settings_schema())


def test_the_committed_reference_is_what_the_code_says(tmp_path: Path) -> None:
    write_reference(tmp_path)
    for page in tmp_path.iterdir():
        committed = (COMMITTED / page.name).read_text(encoding="utf-8")
        assert committed == page.read_text(encoding="utf-8"), "run `make docs` and commit what it writes"
    assert (tmp_path / SCHEMA_FILE).is_file()


@pytest.mark.parametrize("section", [SCHEMA, *SCHEMA["$defs"].values()], ids=lambda section: section["title"])
def test_every_field_is_described_and_unknown_ones_are_refused(section: dict[str, Any]) -> None:
    assert section["additionalProperties"] is False
    for name, field in section["properties"].items():
        assert field["description"], name


def test_the_schema_says_what_must_be_there_and_what_may_be_chosen() -> None:
    assert SCHEMA["required"] == [
        name for name, field in SettingsFile.model_fields.items() if field.is_required()
    ]
    domain = SCHEMA["$defs"]["DomainSettings"]
    assert domain["properties"]["network"]["enum"] == ["VpcOnly", "PublicInternetOnly"]
    assert domain["properties"]["space_ebs_gb"]["minimum"] == 5
    assert "null" not in settings_schema()


def test_the_page_has_every_field_with_its_default_and_its_limits(tmp_path: Path) -> None:
    write_reference(tmp_path)
    page = (tmp_path / SETTINGS_FILE).read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    fields = [name for section in (SCHEMA, *SCHEMA["$defs"].values()) for name in section["properties"]]
    assert sorted(row.split("`")[1] for row in rows) == sorted([*fields, *Person.model_fields])
    assert (
        "| `space_ebs_gb` | whole number, 5 to 16,384 | `20` | Size of a new space's volume in GB. |" in rows
    )
    assert "| `spot` | `true` or `false` | `true` |" in page
    assert '| `auth_mode` | `"IAM"` or `"SSO"` | required |' in page
    assert '| `expires` | date, as 2027-03-31 or `"forever"` | left out |' in page
    assert "| `subnet_ids` | list: text, at most 16 entries | none |" in page
    assert "## `[[git.custom_hosts]]`" in page
    assert "## `[teams.NAME]`" in page


def each_command() -> list[str]:
    """Every command, and instead of a group each command in it."""
    names: list[str] = []
    for name, (module, _) in COMMANDS.items():
        command = typer.main.get_command(importlib.import_module(module).app)
        names += [f"{name} {inner}" for inner in getattr(command, "commands", ())] or [name]
    return names


@pytest.mark.parametrize("name", each_command())
def test_the_page_says_what_the_help_of_a_command_says(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    _, _, after = commands_page().partition(f"## `studio-infra {name}`\n")
    part = after.partition("\n## ")[0]
    assert main([*name.split(), "--help"]) == 0
    helped = set(re.findall(r"--[a-z-]+", capsys.readouterr().out)) - {"--help"}
    assert helped
    assert {option for option in helped if option not in part} == set()
