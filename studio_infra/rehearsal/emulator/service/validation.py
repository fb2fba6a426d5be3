"""Requests against the service model, with AWS's sentences.

AWS's patterns are run by the ``regex`` package under a time limit: some of them are exponential, and one
hostile name would otherwise freeze the whole server.
"""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import regex
from botocore.model import ListShape, MapShape, StringShape, StructureShape

from studio_infra.rehearsal.emulator.rules import patterns
from studio_infra.rehearsal.emulator.service.errors import ServiceError, invalid

if TYPE_CHECKING:
    from collections.abc import Iterator

    from botocore.model import Shape

_MATCH_SECONDS: Final = 0.1
_PYTHON_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "structure": (dict,),
    "map": (dict,),
    "list": (list,),
    "string": (str,),
    "blob": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "timestamp": (int, float, str),
}


def check(params: dict[str, Any], shape: Shape | None) -> None:
    """Refuse a request that the service model does not allow.

    Args:
        params: The request as it came in.
        shape: The operation's input.

    Raises:
        ServiceError: ``ValidationException`` that lists every broken constraint.

    """
    if shape is None:
        return
    broken = list(_walk(params, shape, ""))
    if broken:
        count = f"{len(broken)} validation error{'s' if len(broken) > 1 else ''} detected: "
        raise invalid(count + "; ".join(broken))


def matches(pattern: str, text: str) -> bool:
    """Whether the whole of ``text`` fits one of AWS's patterns."""
    by_hand = patterns.BY_HAND.get(pattern)
    if by_hand is not None:
        return by_hand(text)
    compiled = _compiled(pattern)
    if compiled is None:
        return True
    try:
        return compiled.fullmatch(text, timeout=_MATCH_SECONDS) is not None
    except TimeoutError:
        return False


@cache
def _compiled(pattern: str) -> Any:
    try:
        return regex.compile(pattern)
    except regex.error:
        # Written for Java, where a surrogate pair may stand in a range. They restrict nothing but control
        # characters.
        return None


def _walk(value: Any, shape: Shape, path: str) -> Iterator[str]:
    if not _fits(value, shape.type_name):
        raise ServiceError("SerializationException", f"{path or 'the request'} must be a {shape.type_name}")
    if isinstance(shape, StructureShape):
        yield from _structure(value, shape, path)
    elif isinstance(shape, ListShape):
        yield from _size(value, len(value), shape, path)
        for number, item in enumerate(value, 1):
            yield from _walk(item, shape.member, f"{path}.{number}.member")
    elif isinstance(shape, MapShape):
        yield from _size(value, len(value), shape, path)
        for key, item in value.items():
            yield from _walk(key, shape.key, f"{path}.key")
            yield from _walk(item, shape.value, f"{path}.{key}.member")
    elif isinstance(shape, StringShape):
        yield from _string(value, shape, path)
    elif shape.type_name in ("integer", "long", "float", "double"):
        yield from _range(value, shape, path)


def _fits(value: Any, type_name: str) -> bool:
    if isinstance(value, bool):
        return type_name == "boolean"  # to Python it is a number, too
    return isinstance(value, _PYTHON_TYPES.get(type_name, object))


def _structure(value: dict[str, Any], shape: StructureShape, path: str) -> Iterator[str]:
    for name in shape.required_members:
        if value.get(name) is None:
            yield _sentence("null", _join(path, name), "Member must not be null")
    for name, inner in value.items():
        member = shape.members.get(name)
        # AWS ignores members that it does not know.
        if member is not None and inner is not None:
            yield from _walk(inner, member, _join(path, name))


def _string(value: str, shape: StringShape, path: str) -> Iterator[str]:
    allowed = shape.enum
    pattern = shape.metadata.get("pattern")
    if allowed and value not in allowed:
        yield _sentence(value, path, f"Member must satisfy enum value set: [{', '.join(allowed)}]")
    if pattern and not matches(pattern, value):
        yield _sentence(value, path, f"Member must satisfy regular expression pattern: {pattern}")
    yield from _size(value, len(value), shape, path)


def _size(value: Any, size: int, shape: Shape, path: str) -> Iterator[str]:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is not None and size < low:
        yield _sentence(value, path, f"Member must have length greater than or equal to {low}")
    if high is not None and size > high:
        yield _sentence(value, path, f"Member must have length less than or equal to {high}")


def _range(value: float, shape: Shape, path: str) -> Iterator[str]:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is not None and (value < low or math.isnan(value)):
        yield _sentence(value, path, f"Member must have value greater than or equal to {low}")
    if high is not None and value > high:
        yield _sentence(value, path, f"Member must have value less than or equal to {high}")


def _sentence(value: Any, path: str, constraint: str) -> str:
    shown = value if value == "null" else f"'{str(value)[:200]}'"
    return f"Value {shown} at '{path}' failed to satisfy constraint: {constraint}"


def _join(path: str, name: str) -> str:
    own = name[0].lower() + name[1:]
    return f"{path}.{own}" if path else own
