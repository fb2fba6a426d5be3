"""What is stopped, warned of and reported: decided from what was seen, what is remembered, and the clock passed in.

Nothing here looks at AWS. The rules, in this order:

1. What somebody wants to keep is kept: the tag `studio:keep` on the thing itself, on its space, or on its person. A tag
   that nobody can read keeps, too.
2. An app without any sign of life for the idle limit is stopped. AWS documents that health checks count as signs, so
   that this catches what neither answers nor is used; the scripts inside the apps catch the rest.
3. Whatever has run for its whole lifetime is stopped, after a summary has warned of it a notice ahead.
4. In protected hours nothing is stopped.

How long something runs is what sweeps have seen, never its `CreationTime`: AWS keeps that when an app is started
again within a day, so that an app which is stopped every evening would look weeks old every morning.
"""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..shared.hours import Hours

KEEP_TAG = "studio:keep"
OWNER_TAG = "studio:owner"
#: An endpoint has an end if it has one of these.
END_TAGS = ("studio:expires", "studio:lifetime-days")

#: Shared by a whole domain, or without a machine of their own: nothing would be saved.
NEVER_STOPPED = frozenset({"RStudioServerPro"})
FREE = frozenset({"system"})


class Kind(enum.Enum):
    """What runs and costs money. The values are those of the settings."""

    APP = "apps"
    NOTEBOOK = "notebook_instances"
    SERVER = "tracking_servers"


class Phase(enum.Enum):
    """What a status means for who pays."""

    UP = "up"
    GOING = "going"
    DOWN = "down"


_PHASES = {
    "InService": Phase.UP,
    "Pending": Phase.UP,
    "Updating": Phase.UP,
    "PendingMaintenance": Phase.UP,
    "InMaintenance": Phase.UP,
    "Created": Phase.UP,
    "Started": Phase.UP,
    "Updated": Phase.UP,
    "UpdateFailed": Phase.UP,
    "StopFailed": Phase.UP,
    "MaintenanceInProgress": Phase.UP,
    "MaintenanceComplete": Phase.UP,
    "MaintenanceFailed": Phase.UP,
    "Creating": Phase.UP,
    "Starting": Phase.UP,
    "Deleting": Phase.GOING,
    "Stopping": Phase.GOING,
}
#: Only in these can something be stopped: what starts or changes is left alone until it has.
_SETTLED = frozenset(
    {"InService", "Created", "Started", "Updated", "UpdateFailed", "MaintenanceComplete", "MaintenanceFailed"}
)


@dataclass(frozen=True)
class Thing:
    """Something that runs, or did.

    Args:
        kind: What it is.
        key: Tells it from everything else of its domain.
        label: For people: `"JupyterLab default in space lab"`.
        owner: Whose it is: a person, or what it is shared by.
        instance: Instance type.
        status: The service's word.
        created: AWS's `CreationTime`. Of apps it may be that of an earlier start.
        names: What calls about it take.

    """

    kind: Kind
    key: str
    label: str
    owner: str
    instance: str
    status: str
    created: dt.datetime
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def phase(self) -> Phase:
        """Whether it costs money. An app that failed, and what is stopped or deleted, does not."""
        return _PHASES.get(self.status, Phase.DOWN)

    @property
    def worth_stopping(self) -> bool:
        """Whether it may be stopped at all, now, and something is saved by that."""
        free = self.instance in FREE or self.names.get("AppType") in NEVER_STOPPED
        return self.status in _SETTLED and not free


@dataclass(frozen=True)
class Rules:
    """What the platform team decided.

    Args:
        lifetime: How long something may run. None for as long as it likes.
        idle: How long an app may go without a sign of life. None for ever.
        notice: How long ahead a summary has to warn of the end of a lifetime.
        unopened: After how long a space that nobody opened is reported. None for never.
        hours: When nothing is stopped. None for never.
        stops: What is stopped. The rest is reported.

    """

    lifetime: dt.timedelta | None
    idle: dt.timedelta | None
    notice: dt.timedelta
    unopened: dt.timedelta | None
    hours: Hours | None
    stops: frozenset[Kind]


class Act(enum.Enum):
    """What to do."""

    KEEP = "keep"
    #: Say in the next summary that it will be stopped.
    WARN = "warn"
    STOP = "stop"


@dataclass(frozen=True)
class Decision:
    """What to do and why; of a warning, when it will be stopped."""

    act: Act
    why: str
    end: dt.datetime | None = None


_WANTED = Decision(Act.KEEP, "wanted")


@dataclass(frozen=True)
class Evidence:
    """What is known of one thing besides itself.

    Args:
        since: Since when sweeps have seen it run without a gap.
        sign: The last sign of life that AWS tells; None if it tells none.
        warned: When a summary warned of its end.
        tags: Of the thing, its space and its person.

    """

    since: dt.datetime
    sign: dt.datetime | None = None
    warned: dt.datetime | None = None
    tags: tuple[Mapping[str, str], ...] = ()


def decide(thing: Thing, known: Evidence, *, now: dt.datetime, rules: Rules) -> Decision:
    """What happens to `thing` now."""
    if not thing.worth_stopping:
        return Decision(Act.KEEP, "nothing to stop")
    wanted = next(filter(None, (kept(tags.get(KEEP_TAG), now) for tags in known.tags)), None)
    if wanted is not None:
        return Decision(Act.KEEP, wanted)
    decision = _over(thing, known, now=now, rules=rules)
    if decision.act is Act.STOP and rules.hours is not None and rules.hours.opening(now) is not None:
        return Decision(Act.KEEP, "protected hours")
    return decision


def needs_a_look(thing: Thing, known: Evidence, *, now: dt.datetime, rules: Rules) -> bool:
    """Whether it could be over, going by what is remembered: only then AWS is asked about it alone."""
    if decide(thing, known, now=now, rules=rules).act is Act.STOP:
        return True
    if thing.kind is not Kind.APP or rules.idle is None or known.sign is not None:
        return False
    # Nobody has asked yet: what could be, if the answer were as old as it can be?
    silent = replace(known, sign=known.since)
    return decide(thing, silent, now=now, rules=rules).act is Act.STOP


def kept(tag: str | None, now: dt.datetime) -> str | None:
    """Why the tag `studio:keep` keeps what carries it; None if it does not.

    `true`, `forever` or nothing keeps; `false` does not; `2027-03-31` does up to and including that day in UTC. What
    cannot be read keeps: a typing error costs money, and never somebody's work.
    """
    if tag is None or tag.strip().lower() in {"false", "no"}:
        return None
    if tag.strip().lower() in {"", "true", "yes", "forever"}:
        return "kept by its tag"
    try:
        last = dt.date.fromisoformat(tag.strip())
    except ValueError:
        return f"kept by a tag that cannot be read: {tag!r}"
    return f"kept by its tag until {last}" if now.astimezone(dt.UTC).date() <= last else None


def warning_due(end: dt.datetime, *, now: dt.datetime, rules: Rules) -> bool:
    """Whether a summary that is sent now has to warn of `end`: the next one comes in a day."""
    return end - rules.notice - dt.timedelta(days=1) <= now


def was_warned(known: Evidence, *, rules: Rules) -> bool:
    """Whether there was a warning of this end: one of another end, before something changed, was none of this one."""
    if known.warned is None or rules.lifetime is None:
        return False
    return warning_due(known.since + rules.lifetime, now=known.warned, rules=rules)


def unopened_since(
    created: dt.datetime, opened: dt.datetime | None, modified: dt.datetime, *, now: dt.datetime, rules: Rules
) -> dt.datetime | None:
    """Since when nobody opened a space, if that is worth a report."""
    last = max(filter(None, (created, opened, modified)))
    return last if rules.unopened is not None and now - last >= rules.unopened else None


def misses(tags: Mapping[str, str]) -> list[str]:
    """What an endpoint does not say, and should."""
    found = [] if tags.get(OWNER_TAG) else [OWNER_TAG]
    return found if any(tags.get(tag) for tag in END_TAGS) else [*found, END_TAGS[0]]


def _over(thing: Thing, known: Evidence, *, now: dt.datetime, rules: Rules) -> Decision:
    if thing.kind is Kind.APP and rules.idle is not None and known.sign is not None:
        # A sign from before it was started again says nothing about now.
        quiet = now - max(known.sign, known.since)
        if quiet >= rules.idle:
            return Decision(Act.STOP, f"no sign of life for {_span(quiet)}")
    if rules.lifetime is None:
        return _WANTED
    end, why = known.since + rules.lifetime, f"has run for {_span(now - known.since)}"
    warned = was_warned(known, rules=rules)
    stop = max(end, (known.warned if warned and known.warned is not None else now) + rules.notice)
    if warned and stop <= now:
        return Decision(Act.STOP, why)
    return Decision(Act.WARN, why, stop) if warning_due(end, now=now, rules=rules) else _WANTED


def _span(time: dt.timedelta) -> str:
    hours = round(time / dt.timedelta(hours=1))
    return f"{hours} h" if hours < 72 else f"{hours // 24} days"  # noqa: PLR2004 - three days read well as hours
