"""`docs/reference/settings.md`: every field of the settings and of the roster, from the JSON Schema."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Schema = dict[str, Any]

_INTRODUCTION: Final = """\
<!-- Made by `make docs` from the models in studio_infra/settings. -->

# Settings, field by field

A settings file is TOML, a roster is CSV in UTF-8. `studio-infra validate FILE` checks both, in under a second and
without AWS. Unknown keys are errors. Where the default is "left out", the key may be missing, and the last column says
what that means.

Editors that know TOML show all of this while you type: the first line of `settings/production.toml` names
[the JSON Schema](settings.schema.json).
"""
_ROSTER: Final = """\
The first line names the columns. Only the first four must be there; an empty cell means the default.
"""
#: What texts with a pattern are called, by the end of their field's name.
_TEXTS: Final = {
    "account": "12 digits, in quotes",
    "instance_type": "instance type",
    "instance_types": "instance type",
    "region": "region",
    "image": "image in Amazon ECR",
    "model_data": "`s3://` URI",
    "code_repositories": "`https://` URL",
}


def settings_page(settings: Schema, person: Schema) -> str:
    """The page in Markdown.

    Args:
        settings: JSON Schema of a settings file.
        person: JSON Schema of a line of the roster.

    """
    parts = [_INTRODUCTION, *_section("Top level", settings)]
    for name, field in settings["properties"].items():
        parts += _table_of(f"[{name}]", field, settings["$defs"])
    parts += ["## The roster\n", _ROSTER, _fields(person, "column")]
    return "\n".join(parts)


def _table_of(title: str, field: Schema, defs: Mapping[str, Schema]) -> Iterator[str]:
    """The part about one TOML table, and those about tables inside it."""
    section, named = _reference(field)
    if section is not None:
        title = f"{title[:-1]}.NAME]" if named else title
        yield from _section(f"`{title}`", defs[section])
        for name, inner in defs[section]["properties"].items():
            many = inner.get("type") == "array"
            place = f"[{title.strip('[]')}.{name}]"
            yield from _table_of(f"[{place}]" if many else place, inner, defs)


def _reference(field: Schema) -> tuple[str | None, bool]:
    """The section that a field leads to, and whether there is one for each name."""
    if "$ref" in field:
        return field["$ref"].rpartition("/")[2], False
    more = field.get("additionalProperties")
    for inner in (*field.get("patternProperties", {}).values(), *([more] if isinstance(more, dict) else [])):
        return _reference(inner)[0], True
    return _reference(field["items"]) if "items" in field else (None, False)


def _section(title: str, schema: Schema) -> Iterator[str]:
    _, _, text = schema["description"].rpartition("`: ")
    yield f"## {title}\n"
    yield f"{textwrap.fill(text[0].upper() + text[1:], 120)}\n"
    yield _fields(schema, "key")


def _fields(schema: Schema, what: str) -> str:
    rows = [f"| {what} | value | default | meaning |", "|---|---|---|---|"]
    for name, field in schema["properties"].items():
        value = _value(name, field)
        rows.append(f"| `{name}` | {value} | {_default(name, schema)} | {_escaped(field['description'])} |")
    return "\n".join(rows) + "\n"


def _default(name: str, schema: Schema) -> str:
    if name in schema.get("required", ()):
        return "required"
    value = schema["properties"][name].get("default")
    if value is None or value == []:
        return "left out" if value is None else "none"
    return f"`{_toml(value)}`"


def _value(name: str, field: Schema) -> str:
    """What may stand there, in words."""
    if "enum" in field or "const" in field:
        return " or ".join(f"`{_toml(one)}`" for one in field.get("enum", [field.get("const")]))
    if "anyOf" in field:
        return " or ".join(_value(name, one) for one in field["anyOf"])
    section, named = _reference(field)
    kind = field.get("type")
    if section is not None and kind != "array":
        return "tables, one for each name" if named else "table"
    if kind == "array":
        inner = "tables" if section is not None else f"list: {_value(name, field['items'])}"
        return inner + _bounds(field, "minItems", "maxItems", of="entries")
    if kind == "object":
        values = [*field.get("patternProperties", {}).values(), field.get("additionalProperties")][0]
        return f"table: {_value(name, values)}" + _bounds(
            field, "minProperties", "maxProperties", of="entries"
        )
    return _plain(name, field)


def _plain(name: str, field: Schema) -> str:
    if field["type"] == "boolean":
        return "`true` or `false`"
    if field["type"] in ("integer", "number"):
        word = "whole number" if field["type"] == "integer" else "number"
        least = field.get("minimum", field.get("ge"))
        most = field.get("maximum", field.get("le"))
        if "exclusiveMinimum" in field:
            return f"{word} above {field['exclusiveMinimum']:,}, at most {most:,}"
        return f"{word}, {least:,} to {most:,}" if least is not None else word
    if field.get("format") == "date":
        return "date, as 2027-03-31"
    return next((word for end, word in _TEXTS.items() if name.endswith(end)), "text")


def _bounds(field: Schema, least: str, most: str, *, of: str) -> str:
    low, high = field.get(least, 0), field.get(most)
    if high is None:
        return f", at least {low}" if low else ""
    return f", {low} {of}" if low == high else f", at most {high} {of}"


def _toml(value: object) -> str:
    """A default as it would stand in the file."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    return str(value)


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")
