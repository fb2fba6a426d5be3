"""What a review says about one resource."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Level(enum.StrEnum):
    """How a change is treated."""

    SAFE = "safe"
    WARNING = "warning"
    BLOCKED = "blocked"


class Kind(enum.StrEnum):
    """What happens to a resource that holds data. The worst first."""

    REPLACED = "replaced"
    DELETED = "deleted"
    MOVED = "moved"
    RENAMED = "renamed"
    ORPHANED = "orphaned"
    MAY_BE_REPLACED = "may be replaced"
    UNPROTECTED = "unprotected"
    IN_PLACE = "in place"
    SAFE = "safe"
    CREATED = "created"

    @property
    def level(self) -> Level:
        """How it is treated, as long as nobody acknowledges it."""
        return _LEVELS.get(self, Level.SAFE)


_LEVELS = {
    **dict.fromkeys((Kind.REPLACED, Kind.DELETED, Kind.MOVED, Kind.RENAMED, Kind.ORPHANED), Level.BLOCKED),
    **dict.fromkeys((Kind.MAY_BE_REPLACED, Kind.UNPROTECTED), Level.WARNING),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What would happen to one resource.

    Args:
        stack: Its stack: of the old templates, unless it is new.
        logical_id: Its logical id there.
        type: Such as `AWS::SageMaker::Domain`.
        kind: What happens to it.
        name: Its physical name, where the template fixes it. Defaults to none.
        reasons: Why, in words, one for each property or resource behind it.
        properties: The properties of the top level that change, by themselves or by what they refer to.
        consequence: What would be lost, and what would stay, in words.
        acknowledged: The reason that somebody gave for accepting it. Defaults to none.

    """

    stack: str
    logical_id: str
    type: str
    kind: Kind
    name: str | None = None
    reasons: tuple[str, ...] = ()
    properties: tuple[str, ...] = ()
    consequence: str = ""
    acknowledged: str | None = None

    @property
    def level(self) -> Level:
        """How it is treated. What somebody has acknowledged is worth a warning still."""
        level = self.kind.level
        return Level.WARNING if level is Level.BLOCKED and self.acknowledged is not None else level

    def __str__(self) -> str:
        what = f"{self.type.removeprefix('AWS::')} {self.name or self.logical_id}"
        where = f"{self.stack}/{self.logical_id}" if self.stack else self.logical_id
        because = "; ".join(self.reasons)
        end = f". {self.consequence}" if self.consequence else ""
        return (
            f"{where}: {what} {self.kind}: {because}{end}" if because else f"{where}: {what} {self.kind}{end}"
        )
