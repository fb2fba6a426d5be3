"""The sweeper against what people were promised inside their apps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio_infra.settings.fields.partial import known, where
from studio_infra.settings.findings import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from studio_infra.settings.checks.draft import Checks, Draft


def sweeper_checks(draft: Draft) -> Checks:
    """A sweeper that would be quicker than what people were promised inside their apps."""
    yield _quicker_than_an_idle_limit(draft)
    yield _quicker_than_work(draft)


def _quicker_than_an_idle_limit(draft: Draft) -> Iterator[Problem]:
    sweeper, longest = draft.operations.sweeper, max(filter(None, _limits(draft)), default=None)
    if sweeper is None or longest is None:
        return
    if sweeper.idle_hours > 0 and sweeper.idle_hours * 60 < longest:
        yield Problem(
            ("operations", "sweeper", "idle_hours"),
            f"apps may be idle for {longest} minutes",
            f"use at least {-(-longest // 60)}, or 0 for never",
            sweeper.idle_hours,
        )


def _quicker_than_work(draft: Draft) -> Iterator[Problem]:
    sweeper, busy = draft.operations.sweeper, draft.idle_shutdown.busy_cap_hours
    if sweeper is None or busy is None:
        return
    if sweeper.lifetime_days > 0 and sweeper.lifetime_days * 24 < busy:
        yield Problem(
            ("operations", "sweeper", "lifetime_days"),
            f"work keeps an app alive for {busy} hours (idle_shutdown.busy_cap_hours)",
            f"use at least {-(-busy // 24)}, or 0 for never",
            sweeper.lifetime_days,
        )


def _limits(draft: Draft) -> Iterator[int | None]:
    """Every limit in minutes that somebody's app may have, as far as they are known: one is enough to be too long."""
    idle = draft.idle_shutdown
    yield known(lambda: idle.after_minutes)
    yield from known(lambda: idle.allowed_range_minutes) or ()
    yield from (known(lambda: idle.by_instance_type) or {}).values()
    for team in where(draft.teams, lambda team: team.idle_after_minutes is not None).values():
        yield team.idle_after_minutes
    for row in draft.roster:
        yield row.person.idle_after_minutes if row.person is not None else None
