"""The replacement guard's verdict on a whole change: what is blocked, what is only said."""

from __future__ import annotations

import datetime as dt
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from studio_infra.errors import InvalidInput
from studio_infra.review.acknowledgements import FILE, acknowledge, read_acknowledgements
from studio_infra.review.changes import Level
from studio_infra.review.replacement import diff
from studio_infra.review.sources import read_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from studio_infra.review.assembly import Template
    from studio_infra.review.changes import Change

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


def check_baseline(assembly: str, baseline: str | None, acknowledged: str | None = None) -> None:
    """Refuse an assembly that would lose what its baseline has: for apps, after `synth()`.

    Warnings go to standard error.

    Args:
        assembly: Folder of the new assembly.
        baseline: Folder of an assembly or of templates that stand for what is deployed. None: nothing is checked.
        acknowledged: File of acknowledgements. Defaults as in `guard`.

    Raises:
        InvalidInput: Something would be lost that nobody has acknowledged, or the baseline cannot be read.

    """
    if baseline is None:
        return
    file = None if acknowledged is None else Path(acknowledged)
    verdict = guard(read_folder(Path(baseline)), read_folder(Path(assembly)), acknowledged=file)
    for line in (*verdict.warnings, *verdict.lines(Level.WARNING)):
        sys.stderr.write(f"warning: {line}\n")
    if verdict.blocked:
        found = "".join(f"\n  {line}" for line in verdict.lines(Level.BLOCKED))
        raise InvalidInput(
            "Baseline",
            f"would lose data; acknowledge it in {file or FILE} if it must be:{found}\n",
            path=baseline,
        )


def _lines(those: list[Change]) -> Iterable[str]:
    yield from map(_line, those[:_NAMED])
    if len(those) > _NAMED:
        first, rest = those[0], len(those) - _NAMED
        kind = first.type.removeprefix("AWS::")
        yield f"{first.stack}: {rest} more of {kind} {first.kind}, for the same reasons"


def _line(change: Change) -> str:
    return str(change) if change.acknowledged is None else f"{change}. Acknowledged: {change.acknowledged}"
