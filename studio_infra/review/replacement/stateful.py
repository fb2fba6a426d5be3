"""What is known about resource types: what holds data, what replaces it, and who disagrees."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_HERE: Final = Path(__file__).parent
#: A path into properties, as the registry writes it; `*` and the numbers of list items are left out.
PropertyPath = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatefulType:
    """A type whose replacement or deletion somebody would miss.

    Args:
        lost: What goes with a resource, in words.
        kept: Where that is when the resource is retained, in words.
        name: The property that fixes the physical name. Defaults to a type that has none.
        within: What else a name depends on: the same name under another parent is another name.
        unique: Whether two resources with one name exclude each other.
        contents_unseen: A change in place may do anything to what is inside.
        routine: Replaced whenever it changes, by design.

    """

    lost: str
    kept: str
    name: str | None = None
    within: tuple[str, ...] = ()
    unique: bool = True
    contents_unseen: bool = False
    routine: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """What the registry says about the properties of a type.

    Args:
        properties: Every property of the top level.
        create_only: Changing one of these replaces the resource.
        conditional: Changing one of these may replace it.

    """

    properties: frozenset[str]
    create_only: tuple[PropertyPath, ...]
    conditional: tuple[PropertyPath, ...]


@cache
def stateful_types() -> Mapping[str, StatefulType]:
    """The types that hold what nobody wants to lose."""
    return {
        name: StatefulType(**{**entry, "within": tuple(entry.get("within", ()))})
        for name, entry in _table().items()
        if name != "second_source"
    }


@cache
def facts_of(resource_type: str) -> Facts | None:
    """What the registry says about a type; None for a type that the table does not have."""
    entry = _registry()["types"].get(resource_type)
    if entry is None:
        return None
    return Facts(
        frozenset(entry["properties"]), _paths(entry["create_only"]), _paths(entry.get("conditional", []))
    )


@cache
def second_opinion(resource_type: str) -> tuple[PropertyPath, ...]:
    """What the second source alone calls a replacement."""
    return _paths(_table()["second_source"]["types"].get(resource_type, []))


@cache
def sources() -> tuple[str, str]:
    """The names of the registry's table and of the second source, for people who want to look."""
    return str(_registry()["source"]), str(_table()["second_source"]["name"])


def _paths(found: list[str]) -> tuple[PropertyPath, ...]:
    return tuple(tuple(part for part in path.split("/") if part != "*") for path in found)


@cache
def _registry() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((_HERE / "registry_facts.json").read_text(encoding="utf-8"))
    return found


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads((_HERE / "stateful_types.toml").read_text(encoding="utf-8"))
