"""Whether JSON is what a SageMaker API takes: compared with botocore's model of the service."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

import botocore.loaders

if TYPE_CHECKING:
    from collections.abc import Iterator

_REFERENCES = {"Get", "Std:Join", "Std:JsonGet"}
_PYTHON: dict[str, type[Any]] = {
    "string": str,
    "integer": int,
    "long": int,
    "float": float,
    "double": float,
    "boolean": bool,
}


@cache
def shapes() -> dict[str, Any]:
    """Every shape of the service."""
    found: dict[str, Any] = botocore.loaders.Loader().load_service_model("sagemaker", "service-2")["shapes"]
    return found


def is_reference(value: object) -> bool:
    """Whether a pipeline fills it in when it runs."""
    return isinstance(value, dict) and len(value) == 1 and value.keys() <= _REFERENCES


def problems(
    shape_name: str, value: Any, *, without: frozenset[str] = frozenset(), at: str = ""
) -> Iterator[str]:
    """What the service would not understand in `value`.

    Args:
        shape_name: The shape it should have.
        value: The JSON.
        without: Required members that SageMaker itself adds: names, in pipelines.
        at: Where it stands.

    """
    shape = shapes()[shape_name]
    kind = shape["type"]
    if is_reference(value) and kind not in {"structure", "list", "map"}:
        return
    if kind == "structure":
        members = shape["members"]
        yield from (f"{at}.{name} is unknown" for name in value.keys() - members.keys())
        required = set(shape.get("required", ())) - without
        yield from (f"{at}.{name} is missing" for name in required - value.keys())
        for name in value.keys() & members.keys():
            yield from problems(members[name]["shape"], value[name], at=f"{at}.{name}")
    elif kind == "list":
        yield from _size(shape, len(value), at)
        for number, item in enumerate(value):
            yield from problems(shape["member"]["shape"], item, at=f"{at}[{number}]")
    elif kind == "map":
        yield from _size(shape, len(value), at)
        for key, item in value.items():
            yield from problems(shape["key"]["shape"], key, at=f"{at}.{key}")
            yield from problems(shape["value"]["shape"], item, at=f"{at}.{key}")
    else:
        yield from _scalar(shape, value, at)


def _scalar(shape: dict[str, Any], value: Any, at: str) -> Iterator[str]:
    python = _PYTHON[shape["type"]]
    if type(value) is not python and not (python is float and type(value) is int):
        yield f"{at} should be a {shape['type']}, is {value!r}"
        return
    known: Any = value
    size: float = len(known) if isinstance(known, str) else known
    yield from _size(shape, size, at)
    if value not in shape.get("enum", [value]):
        yield f"{at} is none of the values the service knows: {value!r}"
    pattern = shape.get("pattern", "")
    if pattern and r"\p" not in pattern and re.fullmatch(pattern, str(value)) is None:
        yield f"{at} does not match {pattern}: {value!r}"


def _size(shape: dict[str, Any], size: float, at: str) -> Iterator[str]:
    if not shape.get("min", size) <= size <= shape.get("max", size):
        yield f"{at} is outside {shape.get('min')}-{shape.get('max')}: {size}"
