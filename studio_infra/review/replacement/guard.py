"""The replacement guard's verdict on a whole change: what is blocked, what is only said."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from studio_infra.review.replacement.acknowledgements import FILE, acknowledge, read_acknowledgements
from studio_infra.review.replacement.changes import Level
from studio_infra.review.replacement.comparison import diff

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from studio_infra.review.assembly import Template
    from studio_infra.review.replacement.changes import Change

#: So many of one kind are named; the others are counted.
_NAMED: Final = 3


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the guard says.

    Args:
        changes: Every change of a resource that holds data, the worst first.
        warnings: About acknowledgements that are over, or that nothing needs.

    """

    changes: list[Change]
    warnings: list[str]

    @property
    def blocked(self) -> list[Change]:
        """What would lose data, or part with it, and nobody has acknowledged."""
        return [change for change in self.changes if change.level is Level.BLOCKED]

    def lines(self, level: Level) -> list[str]:
        """The changes of a level in words, the first of those that are alike, and how many more."""
        alike: defaultdict[tuple[Any, ...], list[Change]] = defaultdict(list)
        for change in self.changes:
            if change.level is level:
                key = (change.stack, change.type, change.kind, change.properties, change.acknowledged)
                alike[key].append(change)
        return [line for those in alike.values() for line in _lines(those)]


def guard(
    old: Mapping[str, Template],
    new: Mapping[str, Template],
    *,
    acknowledged: Path | None = None,
    today: dt.date | None = None,
) -> Verdict:
    """Compare templates, and look up what somebody has accepted.

    Args:
        old: What is deployed, by stack name.
        new: What shall be deployed, by stack name.
        acknowledged: File of acknowledgements. Defaults to `acknowledged-changes.toml` in the current folder, if there
            is one.
        today: What `until` is measured by. Defaults to today, UTC.

    Raises:
        InvalidInput: A template or the file cannot be read.

    """
    file = acknowledged if acknowledged is not None else Path(FILE)
    given = read_acknowledgements(file) if acknowledged is not None or file.exists() else []
    return Verdict(*acknowledge(diff(old, new), given, today=today or dt.datetime.now(dt.UTC).date()))


def _lines(those: list[Change]) -> Iterable[str]:
    yield from map(_line, those[:_NAMED])
    if len(those) > _NAMED:
        first, rest = those[0], len(those) - _NAMED
        kind = first.type.removeprefix("AWS::")
        yield f"{first.stack}: {rest} more of {kind} {first.kind}, for the same reasons"


def _line(change: Change) -> str:
    return str(change) if change.acknowledged is None else f"{change}. Acknowledged: {change.acknowledged}"
