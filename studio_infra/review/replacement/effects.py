"""What a changed property does to its resource, as the registry says."""

from __future__ import annotations

import enum
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from studio_infra.review.replacement.resolver import Reference, is_opaque
from studio_infra.review.replacement.stateful import facts_of, second_opinion, sources

if TYPE_CHECKING:
    from collections.abc import Iterator

    from studio_infra.review.replacement.stateful import PropertyPath

_ABSENT: Final = object()


class Effect(enum.IntEnum):
    """What an update does to a resource; the worst counts."""

    NONE = 0
    IN_PLACE = 1
    MAY_REPLACE = 2
    REPLACES = 3


class Place(NamedTuple):
    """A place in the properties of a resource.

    Args:
        path: Names from the top; list items have none.
        opaque: Only the deployment knows what stands there, and what stands below it.

    """

    path: PropertyPath
    opaque: bool


class Judgement(NamedTuple):
    """What a change does, and who says so."""

    effect: Effect
    because: str


def changed_places(old: Any, new: Any, path: PropertyPath = ()) -> Iterator[Place]:
    """Where two resolved values differ, as deep down as can be told."""
    if old == new:
        return
    # What comes or goes as a whole, comes or goes part by part.
    old = type(new)() if old is _ABSENT and _has_parts(new) else old
    new = type(old)() if new is _ABSENT and _has_parts(old) else new
    if any(is_opaque(one) or not isinstance(one, dict | list) for one in (old, new)) or type(old) is not type(
        new
    ):
        opaque = any(is_opaque(one) or _has_parts(one) for one in (old, new))
        yield Place(path, opaque)
    elif isinstance(old, dict):
        for key in sorted(old.keys() | new.keys()):
            yield from changed_places(old.get(key, _ABSENT), new.get(key, _ABSENT), (*path, key))
    else:
        for one, other in zip_longest(old, new, fillvalue=_ABSENT):
            yield from changed_places(one, other, path)


def references(
    value: Any, path: PropertyPath = (), *, opaque: bool = False
) -> Iterator[tuple[Place, Reference]]:
    """Every reference in a resolved value, and where it stands."""
    if isinstance(value, Reference):
        yield Place(path, opaque=True), value
    elif isinstance(value, list):
        for one in value:
            if not isinstance(one, str):
                yield from references(one, path, opaque=opaque)
    elif isinstance(value, dict):
        inside = opaque or is_opaque(value)
        for key, one in value.items():
            if not isinstance(one, str):
                yield from references(one, path if inside else (*path, key), opaque=inside)


def judge(resource_type: str, place: Place) -> Judgement:
    """What a change at a place does to a resource of a type."""
    facts, (registry, second) = facts_of(resource_type), sources()
    if facts is None:
        return Judgement(Effect.MAY_REPLACE, f"nothing is known about {resource_type} ({registry})")
    if place.path and place.path[0] not in facts.properties:
        return Judgement(Effect.MAY_REPLACE, f"the property is unknown ({registry})")
    if any(_covers(pattern, place.path) for pattern in facts.create_only):
        return Judgement(Effect.REPLACES, "create-only")
    for patterns, because in (
        (facts.create_only, "what is create-only in it cannot be told"),
        (facts.conditional, "create-only under conditions that the registry does not tell"),
        (
            second_opinion(resource_type),
            f"{second} calls this a replacement, the registry an update in place",
        ),
    ):
        if any(_meets(pattern, place) for pattern in patterns):
            return Judgement(Effect.MAY_REPLACE, because)
    return Judgement(Effect.IN_PLACE, "updated in place")


def _meets(pattern: PropertyPath, place: Place) -> bool:
    return _covers(pattern, place.path) or (place.opaque and _covers(place.path, pattern))


def _covers(pattern: PropertyPath, path: PropertyPath) -> bool:
    return path[: len(pattern)] == pattern


def _has_parts(value: Any) -> bool:
    return isinstance(value, dict | list) and bool(value)
