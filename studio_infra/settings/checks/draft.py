"""The settings as far as they are right by themselves."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from studio_infra.settings.fields.base import Section
    from studio_infra.settings.roster.collisions import RosterRow

T = TypeVar("T")


@dataclass(frozen=True)
class Draft:
    """Sections of the settings; each may lack the fields that are wrong by themselves."""

    aws: Section | None = None
    domain: Section | None = None
    network: Section | None = None
    access: Section | None = None
    git: Section | None = None
    idle_shutdown: Section | None = None
    operations: Section | None = None
    teams: Mapping[str, Section] = field(default_factory=dict)
    people: Section | None = None
    files: Mapping[str, Section] = field(default_factory=dict)
    images: Mapping[str, Section] = field(default_factory=dict)
    training: Mapping[str, Section] = field(default_factory=dict)
    endpoints: Mapping[str, Section] = field(default_factory=dict)
    tracking: Mapping[str, Section] = field(default_factory=dict)
    roster: Sequence[RosterRow] = ()
    #: Whether the roster has more people, on lines that could not be read.
    roster_goes_on: bool = False


def get(section: Section | None, name: str, kind: type[T]) -> T | None:
    """A field that is there and right."""
    value = getattr(section, name, None)
    return value if isinstance(value, kind) else None
