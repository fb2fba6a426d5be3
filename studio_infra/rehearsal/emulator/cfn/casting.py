"""From template properties to API parameters: templates write numbers as text, and some names differ."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from botocore.model import ListShape, MapShape, StringShape, StructureShape

from studio_infra.rehearsal.emulator.rules import cloudformation as rules

if TYPE_CHECKING:
    from collections.abc import Mapping

    from botocore.model import Shape

_NUMBERS = {"integer": int, "long": int, "float": float, "double": float}


def to_api(kind: str, props: dict[str, Any], shape: Shape) -> dict[str, Any]:
    """A template's properties as an API operation takes them.

    Args:
        kind: The resource's kind.
        props: The template's properties, resolved.
        shape: The operation's input; properties that it does not have are left out.

    """
    renamed = rules.RENAMED.get(kind, {})
    given = {renamed.get(name, name): value for name, value in props.items()}
    for name in rules.JSON_TEXT.get(kind, ()):
        if name in given:
            given[name] = _as_text(given[name])
    cast: dict[str, Any] = to_shape(given, shape)
    return cast


def to_shape(value: Any, shape: Shape) -> Any:
    """``value`` with the types of ``shape``, without what ``shape`` does not have."""
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        members = shape.members
        named = {_called(n, members): v for n, v in value.items() if v is not None}
        return {n: to_shape(v, members[n]) for n, v in named.items() if n in members}
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [to_shape(item, shape.member) for item in value]
    if isinstance(shape, MapShape) and isinstance(value, list):
        # Templates write every service's tags as a list of pairs; some services take a map.
        value = {pair["Key"]: pair["Value"] for pair in value}
    if isinstance(shape, MapShape) and isinstance(value, dict):
        return {str(n): to_shape(v, shape.value) for n, v in value.items()}
    if isinstance(shape, StringShape) and value not in shape.enum:
        # Some words that the API writes small are capitals in templates: DUALSTACK.
        value = next((word for word in shape.enum if word.upper() == value), value)
    return _scalar(value, shape)


def _called(name: str, members: Mapping[str, Shape]) -> str:
    """What an operation calls a property: updates have another name for some structures."""
    return f"{name}ForUpdate" if name not in members and f"{name}ForUpdate" in members else name


def _scalar(value: Any, shape: Shape) -> Any:
    if shape.type_name == "boolean" and isinstance(value, str):
        return {"true": True, "false": False}.get(value.lower(), value)
    if shape.type_name == "string" and isinstance(value, bool):
        return str(value).lower()
    if shape.type_name == "string" and isinstance(value, int | float):
        return str(value)
    if shape.type_name in _NUMBERS and isinstance(value, str):
        try:
            return _NUMBERS[shape.type_name](value)
        except ValueError:
            return value  # refused by the validation, with AWS's sentence
    return value


def _as_text(value: Any) -> Any:
    if isinstance(value, dict) and set(value) == {"PipelineDefinitionBody"}:
        return value["PipelineDefinitionBody"]
    return value if isinstance(value, str) else json.dumps(value)
