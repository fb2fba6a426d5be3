"""What happens to an endpoint now: decided from its tags, its metric and the clock that is passed in.

Nothing here looks at AWS or at a clock of its own. The rules, in this order:

1. What cannot be read is left alone, and somebody is told: a typing error never costs a model its endpoint.
2. An endpoint past its end, or idle for too long, is stopped; its owner is warned a notice ahead. If no
   warning went out (the sweeper was down), it goes out now and the endpoint is stopped by the next sweep.
3. Outside its office hours an endpoint is stopped, which needs no warning; inside it is started again, if it was
   stopped before they began.
4. Of an end that comes while an endpoint is stopped, its owner is warned a notice ahead as well: nothing starts it
   after that.
5. Its owner may extend its end, as far as the one who deployed it allows and no further.
6. Stopping keeps model and configuration.
"""

from __future__ import annotations

import datetime as dt
import enum
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..shared.hours import Hours

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

OWNER, EXPIRES, DAYS = "studio:owner", "studio:expires", "studio:lifetime-days"
OFFICE_HOURS, IDLE_HOURS = "studio:office-hours", "studio:stop-after-idle-hours"
#: When an endpoint that was stopped and started again was first made.
CREATED = "studio:created"
#: The end that its owner gave it, and how many days beyond its own end that may be.
EXTENDED, EXTENDABLE = "studio:extended-until", "studio:extendable-days"
FOREVER = "forever"

_DAY = dt.timedelta(days=1)
_OVER = "its lifetime is over"


class Unreadable(ValueError):  # noqa: N818 - named for what happened
    """A tag that says nothing we understand."""


@dataclass(frozen=True)
class Wish:
    """What the tags of an endpoint say."""

    owner: str
    expires: dt.datetime | None
    hours: Hours | None
    idle: dt.timedelta | None

    @classmethod
    def from_tags(cls, tags: Mapping[str, str], *, created: dt.datetime) -> Wish:
        """Read the tags of an endpoint.

        Args:
            tags: Its tags.
            created: When it was made, if no tag says that it was there before.

        Raises:
            Unreadable: No owner, no end, or a value that says nothing.

        """
        if not tags.get(OWNER):
            raise Unreadable(f"{OWNER}: missing")
        hours, idle = tags.get(OFFICE_HOURS), tags.get(IDLE_HOURS)
        return cls(
            tags[OWNER],
            _expires(tags, _first_created(tags, created)),
            None if hours is None else _hours(hours),
            None if idle is None else dt.timedelta(hours=_number(IDLE_HOURS, idle)),
        )


@dataclass(frozen=True)
class Endpoint:
    """What is known about an endpoint.

    Args:
        wish: What its tags say.
        running: Whether it runs and costs money.
        since: Since when it runs, or has been stopped.
        last_used: When it was last invoked; `None` for not since it runs.
        usage_known: Whether the metric could be read. Gaps in it are silence, a failed call is not.
        warned_of: The ends that its owner was warned of.

    """

    wish: Wish
    running: bool
    since: dt.datetime
    last_used: dt.datetime | None = None
    usage_known: bool = True
    warned_of: frozenset[dt.datetime] = frozenset()


class Act(enum.Enum):
    """What to do with an endpoint."""

    KEEP = "keep"
    WARN = "warn"
    STOP = "stop"
    START = "start"


@dataclass(frozen=True)
class Decision:
    """What to do, why, and for a warning: of which moment."""

    act: Act
    why: str
    end: dt.datetime | None = None


def decide(endpoint: Endpoint, *, now: dt.datetime, notice: dt.timedelta) -> Decision:
    """What happens to `endpoint` now.

    Args:
        endpoint: What is known about it.
        now: With a time zone.
        notice: How long ahead its owner is warned; of silence, in its last quarter at the earliest.

    """
    wish = endpoint.wish
    opened = None if wish.hours is None else wish.hours.opening(now)
    if not endpoint.running:
        return _while_off(endpoint, opened, now=now, notice=notice)
    ends = sorted(_ends(endpoint, notice))
    for end, why, _ in ends:
        if end <= now and end in endpoint.warned_of:
            return Decision(Act.STOP, why)
    if wish.hours is not None and opened is None:
        return Decision(Act.STOP, "office hours are over")
    for end, why, ahead in ends:
        if end - ahead <= now and end not in endpoint.warned_of:
            return Decision(Act.WARN, why, end)
    return Decision(Act.KEEP, "wanted")


def _while_off(
    endpoint: Endpoint, opened: dt.datetime | None, *, now: dt.datetime, notice: dt.timedelta
) -> Decision:
    end = endpoint.wish.expires
    if opened is not None and endpoint.since < opened and (end is None or end > now):
        return Decision(Act.START, "office hours have begun")
    if end is not None and end - notice <= now and end not in endpoint.warned_of:
        return Decision(Act.WARN, _OVER, end)
    return Decision(Act.KEEP, "stopped")


def last_used(points: Iterable[tuple[dt.datetime, float]], *, period: dt.timedelta) -> dt.datetime | None:
    """When the `Invocations` metric last counted anything: the end of that period. Gaps are silence."""
    return max((moment + period for moment, count in points if count > 0), default=None)


def _ends(endpoint: Endpoint, notice: dt.timedelta) -> Iterator[tuple[dt.datetime, str, dt.timedelta]]:
    """When it is not wanted any more, why, and how long ahead its owner is warned."""
    wish = endpoint.wish
    if wish.expires is not None:
        yield wish.expires, _OVER, notice
    if wish.idle is not None and endpoint.usage_known:
        quiet_since = max(filter(None, (endpoint.last_used, endpoint.since)))
        hours = wish.idle // dt.timedelta(hours=1)
        # Else an endpoint in use, whose end moves with every request, would be warned of at every sweep.
        yield quiet_since + wish.idle, f"nobody used it for {hours} hours", min(notice, wish.idle / 4)


def latest_end(tags: Mapping[str, str], *, created: dt.datetime) -> dt.datetime | None:
    """How far its owner may extend it; nothing if it has no end, or nobody may.

    Raises:
        Unreadable: A value that says nothing.

    """
    end, days = _planned_end(tags, _first_created(tags, created)), tags.get(EXTENDABLE)
    if end is None or days is None:
        return None
    try:
        return end + dt.timedelta(days=_number(EXTENDABLE, days))
    except OverflowError as error:
        raise Unreadable(f"{EXTENDABLE}: {days!r}") from error


def end_of(text: str) -> dt.datetime:
    """The moment that a tag means: a day counts to its end, in UTC.

    Raises:
        ValueError: Neither a day nor a moment with a time zone.
        OverflowError: Beyond all calendars.

    """
    if len(text) == len("2027-03-31"):
        return dt.datetime.combine(dt.date.fromisoformat(text), dt.time(), dt.UTC) + _DAY
    moment = dt.datetime.fromisoformat(text)
    return moment.astimezone(dt.UTC) if moment.tzinfo is not None else _refuse(EXPIRES, text)


def _expires(tags: Mapping[str, str], created: dt.datetime) -> dt.datetime | None:
    end, latest = _planned_end(tags, created), latest_end(tags, created=created)
    if end is None or latest is None or EXTENDED not in tags:
        return end
    try:
        wanted = end_of(tags[EXTENDED])
    except (ValueError, OverflowError):
        # A typing error of its owner costs nobody an endpoint, and buys no more than was allowed.
        return latest
    return max(end, min(wanted, latest))


def _planned_end(tags: Mapping[str, str], created: dt.datetime) -> dt.datetime | None:
    text, days = tags.get(EXPIRES), tags.get(DAYS)
    if text == FOREVER:
        return None
    try:
        if text is None and days is not None:
            return created + dt.timedelta(days=_number(DAYS, days))
        return end_of(text or "")
    except (ValueError, OverflowError) as error:
        raise Unreadable(f"{EXPIRES}: {text!r}, {DAYS}: {days!r}") from error


def _first_created(tags: Mapping[str, str], created: dt.datetime) -> dt.datetime:
    text = tags.get(CREATED)
    if text is None:
        return created
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise Unreadable(f"{CREATED}: {text!r}") from error
    return moment if moment.tzinfo is not None else _refuse(CREATED, text)


def _hours(text: str) -> Hours:
    try:
        return Hours.from_text(text)
    except ValueError as error:
        raise Unreadable(f"{OFFICE_HOURS}: {text!r}") from error


def _number(tag: str, text: str) -> int:
    if re.fullmatch("[1-9][0-9]{0,5}", text) is None:
        raise Unreadable(f"{tag}: {text!r}")
    return int(text)


def _refuse(tag: str, text: str | None) -> dt.datetime:
    raise Unreadable(f"{tag}: {text!r} has no time zone")
