"""The settings as far as they are right by themselves."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from studio_infra.settings.roster.collisions import RosterRow

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from studio_infra.settings.fields.base import Section
    from studio_infra.settings.studio_settings import StudioSettings

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

    @classmethod
    def of(cls, settings: StudioSettings) -> Draft:
        """A draft of settings whose sections are all right."""
        rows = [
            RosterRow({name: str(value) for name, value in dict(person).items() if value is not None}, person)
            for person in settings.roster
        ]
        return cls(
            aws=settings.aws,
            domain=settings.domain,
            network=settings.network,
            access=settings.access,
            git=settings.git,
            idle_shutdown=settings.idle_shutdown,
            operations=settings.operations,
            teams=settings.teams,
            people=settings.people,
            files=settings.files,
            images=settings.images,
            training=settings.training,
            endpoints=settings.endpoints,
            tracking=settings.tracking,
            roster=rows,
        )


def get(section: Section | None, name: str, kind: type[T]) -> T | None:
    """A field that is there and right."""
    value = getattr(section, name, None)
    return value if isinstance(value, kind) else None
