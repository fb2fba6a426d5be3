"""Generates `docs/reference` from the code: ``python -m studio_infra.cli.reference docs/reference``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic.json_schema import GenerateJsonSchema

from studio_infra.cli.probe.page import probe_page
from studio_infra.cli.reference.commands_page import commands_page
from studio_infra.cli.reference.guardrails_page import guardrails_page
from studio_infra.cli.reference.settings_page import settings_page
from studio_infra.settings.fields.descriptions import descriptions
from studio_infra.settings.roster.person import Person
from studio_infra.settings.studio_settings import SettingsFile

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic_core import core_schema

SCHEMA_FILE = "settings.schema.json"
SETTINGS_FILE = "settings.md"
COMMANDS_FILE = "commands.md"
GUARDRAILS_FILE = "guardrails.md"
PROBE_FILE = "probe.md"


class _WithDescriptions(GenerateJsonSchema):
    """pydantic's JSON Schema with the description of each field, for editors to show."""

    def model_schema(self, schema: core_schema.ModelSchema) -> dict[str, Any]:
        """The schema of one section."""
        section: type[BaseModel] = schema["cls"]
        result = super().model_schema(schema)
        for name, text in descriptions(section).items():
            result["properties"][name]["description"] = text.replace("\n", " ")
        return result

    def nullable_schema(self, schema: core_schema.NullableSchema) -> dict[str, Any]:
        """TOML has no null: what may be left out is left out."""
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> dict[str, Any]:
        """A default, unless it is that the field, or a whole section, is left out."""
        result = super().default_schema(schema)
        if result.get("default") is None or isinstance(result["default"], dict):
            result.pop("default", None)
        return result

    def field_title_should_be_set(self, _: object) -> bool:
        """Titles that only repeat the field's name are noise."""
        return False


def settings_schema() -> str:
    """The JSON Schema of a settings file, as it is written to disk."""
    schema = {"$schema": GenerateJsonSchema.schema_dialect, **_schema(SettingsFile)}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def write_reference(folder: Path) -> None:
    """Write every generated page of the reference."""
    folder.mkdir(parents=True, exist_ok=True)
    pages = {
        SCHEMA_FILE: settings_schema(),
        SETTINGS_FILE: settings_page(_schema(SettingsFile), _schema(Person)),
        COMMANDS_FILE: commands_page(),
        GUARDRAILS_FILE: guardrails_page(),
        PROBE_FILE: probe_page(),
    }
    for name, text in pages.items():
        (folder / name).write_text(text, encoding="utf-8")


def _schema(model: type[BaseModel]) -> dict[str, Any]:
    return model.model_json_schema(schema_generator=_WithDescriptions)
