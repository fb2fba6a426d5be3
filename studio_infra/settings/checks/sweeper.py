"""The sweeper against what people were promised inside their apps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio_infra.settings.findings import Problem
from studio_infra.settings.sections.sweeper import SweeperSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from studio_infra.settings.checks.draft import Draft


def sweeper_contradictions(draft: Draft) -> Iterator[Problem]:
    """A sweeper that would be quicker than what people were promised inside their apps."""
    sweeper = getattr(draft.operations, "sweeper", None)
    if not isinstance(sweeper, SweeperSettings):
        return
    longest = max(_limits(draft), default=0)
    if 0 < sweeper.idle_hours * 60 < longest:
        yield Problem(
            ("operations", "sweeper", "idle_hours"),
            f"apps may be idle for {longest} minutes",
            f"use at least {-(-longest // 60)}, or 0 for never",
            sweeper.idle_hours,
        )
    busy = getattr(draft.idle_shutdown, "busy_cap_hours", None)
    if isinstance(busy, int) and 0 < sweeper.lifetime_days * 24 < busy:
        yield Problem(
            ("operations", "sweeper", "lifetime_days"),
            f"work keeps an app alive for {busy} hours (idle_shutdown.busy_cap_hours)",
            f"use at least {-(-busy // 24)}, or 0 for never",
            sweeper.lifetime_days,
        )


def _limits(draft: Draft) -> Iterator[int]:
    """Every limit in minutes that somebody's app may have."""
    idle = draft.idle_shutdown
    candidates: list[object] = [
        getattr(idle, "after_minutes", None),
        *(getattr(idle, "allowed_range_minutes", None) or ()),
        *(getattr(idle, "by_instance_type", None) or {}).values(),
        *(getattr(team, "idle_after_minutes", None) for team in draft.teams.values()),
        *(getattr(row.person, "idle_after_minutes", None) for row in draft.roster),
    ]
    return (minutes for minutes in candidates if isinstance(minutes, int))
