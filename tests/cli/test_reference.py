"""The generated reference is up to date, and it is of use to an editor."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from studio_infra.cli.reference import SCHEMA_FILE, settings_schema, write_reference
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
