"""The one message of a day, as people read it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .core import Phase

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .core import Thing
    from .fleet import Space
    from .memory import Deed, Memory

#: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html: 100 characters, and 262,144 bytes.
_SUBJECT, _MESSAGE = 100, 262_144
#: So that a message about ten thousand apps can be sent; what is left out is counted.
_LINES = 200
_HOUR = dt.timedelta(hours=1)


@dataclass
class Findings:
    """What a look found besides what it stops.

    Args:
        ending: What will be stopped, when, and why.
        kept: What is over and kept, and why.
        stuck: What has been going for too long, and since when.
        unopened: Spaces that nobody opened, and since when.
        unclear: Endpoints, whose they are as far as a tag says, and the tags that they miss.

    """

    ending: list[tuple[Thing, dt.datetime, str]] = field(default_factory=list)
    kept: list[tuple[Thing, str]] = field(default_factory=list)
    stuck: list[tuple[Thing, dt.datetime]] = field(default_factory=list)
    unopened: list[tuple[Space, dt.datetime]] = field(default_factory=list)
    unclear: list[tuple[str, str, list[str]]] = field(default_factory=list)


def subject(domain: str, memory: Memory, found: Findings, *, dry: bool) -> str:
    """The subject: ASCII, as SNS wants it."""
    word = "would have been stopped" if dry else "stopped"
    text = f"Studio {domain}: {len(memory.deeds)} {word}, {len(found.ending)} ending soon"
    return text.encode("ascii", "replace").decode()[:_SUBJECT]


def message(
    domain: str, memory: Memory, found: Findings, *, now: dt.datetime, dry_until: dt.datetime | None
) -> str:
    """The text.

    Args:
        domain: Name of the domain.
        memory: With what was stopped since the last summary.
        found: What else there is to say.
        now: With a time zone.
        dry_until: Until when nothing is stopped; None when it is.

    """
    dry = dry_until is not None
    lines = [f"What ran in the SageMaker Studio domain {domain}, {_when(now)}."]
    if dry_until is not None:
        lines += ["", f"Nothing is stopped before {_when(dry_until)}: this is what would be."]
    deeds = sorted(memory.deeds.values(), key=lambda deed: (deed.owner, deed.label))
    lines += _section(
        "Would have been stopped" if dry else "Stopped",
        (
            f"{deed.owner or 'nobody'}: {deed.label}, {deed.instance}, ran since {_when(deed.since)}, "
            f"{'would have been stopped' if dry else 'stopped'} {_when(deed.at)}: {deed.why}"
            for deed in deeds
        ),
        len(deeds),
    )
    lines += _saved(deeds, memory, now=now, dry=dry)
    lines += _section(
        f"Will be stopped, unless somebody tags them studio:keep{', once the first days are over' if dry else ''}",
        (
            f"{thing.owner or 'nobody'}: {thing.label}, {thing.instance}, {why}, not before {_when(end)}"
            for thing, end, why in sorted(found.ending, key=lambda one: (one[0].owner, one[0].label))
        ),
        len(found.ending),
    )
    lines += _section(
        "Over, and kept",
        (f"{one.owner or 'nobody'}: {one.label}, {one.instance}: {why}" for one, why in found.kept),
        len(found.kept),
    )
    lines += _section(
        "Stuck while AWS stops them",
        (
            f"{one.owner or 'nobody'}: {one.label}, {one.status} since {_when(when)}"
            for one, when in found.stuck
        ),
        len(found.stuck),
    )
    lines += _section(
        "Spaces that nobody has opened; nothing deletes them",
        (
            f"{space.owner or 'shared'}: {space.name}, {_size(space)}, not opened since {_when(when)} or longer"
            for space, when in sorted(found.unopened, key=lambda one: (one[0].owner or "", one[0].name))
        ),
        len(found.unopened),
    )
    lines += _section(
        "Endpoints that nobody answers for",
        (
            f"{owner or 'nobody'}: {name} has no tag {' and no tag '.join(misses)}"
            for name, owner, misses in sorted(found.unclear)
        ),
        len(found.unclear),
    )
    lines += _section(
        "Could not be done",
        (f"{label}: {why}" for label, why in sorted(memory.failed.items())),
        len(memory.failed),
    )
    return _cut("\n".join(lines))


def saved_hours(deeds: Iterable[Deed], memory: Memory, *, now: dt.datetime) -> Counter[str]:
    """Hours in which something did not run since it was stopped, by instance type."""
    hours: Counter[str] = Counter()
    for deed in deeds:
        again = memory.seen.get(deed.key)
        up = again is not None and again.phase is Phase.UP and again.since > deed.at
        until = again.since if up and again is not None and not deed.dry else now
        hours[deed.instance or "unknown"] += max(0, round((until - deed.at) / _HOUR))
    return hours


def _saved(deeds: Sequence[Deed], memory: Memory, *, now: dt.datetime, dry: bool) -> list[str]:
    hours = saved_hours(deeds, memory, now=now)
    title = "Would have been saved until now" if dry else "Saved until now"
    return _section(title, (f"{kind}: {count} h" for kind, count in sorted(hours.items())), len(hours))


def _section(title: str, lines: Iterable[str], count: int) -> list[str]:
    if count == 0:
        return []
    shown = [f"- {line}" for line, _ in zip(lines, range(_LINES), strict=False)]
    more = [f"- and {count - len(shown)} more"] if count > len(shown) else []
    return ["", f"{title} ({count}):", *shown, *more]


def _cut(text: str) -> str:
    data = text.encode()
    return text if len(data) <= _MESSAGE else data[: _MESSAGE - 4].decode(errors="ignore") + "\n…"


def _size(space: Space) -> str:
    return f"{space.gigabytes} GB" if space.gigabytes is not None else "size not told"


def _when(moment: dt.datetime) -> str:
    return f"{moment.astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC"
