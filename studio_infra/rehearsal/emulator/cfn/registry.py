"""The CloudFormation registry schemas that cfn-lint carries, read from its files.

cfn-lint itself is not imported: that takes a second, and it prefers a cache in the user's home to its own
files.
"""

from __future__ import annotations

import importlib.util
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

_REGION: Final = "us-east-1"


@dataclass(frozen=True)
class Schema:
    """A resource type's schema.

    Args:
        name: For example ``AWS::SageMaker::Domain``.
        properties: Its properties' names.
        identifier: What ``Ref`` is made of.
        read_only: What ``GetAtt`` can read, as paths.
        write_only: Properties that cannot be read back.
        create_only: Paths whose change makes a new resource.
        conditional: Paths whose change may make one.
        tags: The property for tags, if stack tags reach it.
        system_tags: Whether CloudFormation adds its own three tags.

    """

    name: str
    properties: frozenset[str]
    identifier: tuple[str, ...]
    read_only: tuple[str, ...]
    write_only: tuple[str, ...]
    create_only: tuple[str, ...]
    conditional: tuple[str, ...]
    tags: str | None
    system_tags: bool

    @property
    def kind(self) -> str:
        """The last part of the name."""
        return self.name.rpartition(":")[2]


def types(*families: str) -> list[str]:
    """The names of every type that begins with one of ``families``."""
    return sorted(name for name in _index() if name.startswith(families))


@cache
def schema(name: str) -> Schema:
    """The schema of a type."""
    found = json.loads((_folder() / "resources" / f"{_index()[name]}.json").read_text())
    tagging = found.get("tagging", {})
    taggable = tagging.get("taggable", False) and tagging.get("tagProperty")
    return Schema(
        name=name,
        properties=frozenset(found["properties"]),
        identifier=_paths(found, "primaryIdentifier"),
        read_only=_paths(found, "readOnlyProperties"),
        write_only=_paths(found, "writeOnlyProperties"),
        create_only=_paths(found, "createOnlyProperties"),
        conditional=_paths(found, "conditionalCreateOnlyProperties"),
        tags=tagging["tagProperty"].removeprefix("/properties/") if taggable else None,
        system_tags=tagging.get("cloudFormationSystemTags", True),
    )


def check() -> str | None:
    """What is wrong with the schema files, if anything."""
    try:
        schema("AWS::SageMaker::Domain")
    except (OSError, KeyError, ValueError) as error:
        return f"cfn-lint's schema files are not where they were: {error!r}"
    return None


def _paths(found: dict[str, Any], member: str) -> tuple[str, ...]:
    return tuple(p.removeprefix("/properties/") for p in found.get(member, []) if isinstance(p, str))


@cache
def _index() -> dict[str, str]:
    index: dict[str, str] = json.loads((_folder() / "providers" / f"{_REGION}.json").read_text())
    return index


@cache
def _folder() -> Path:
    spec = importlib.util.find_spec("cfnlint")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("cfn-lint")
    return Path(spec.origin).parent / "data" / "schemas"
