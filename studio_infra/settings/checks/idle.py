"""Idle limits of teams and people against what the engine of the domain can keep."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from studio_infra.settings.findings import Problem
from studio_infra.settings.sections.idle import OWN_LIMITS_MAX

if TYPE_CHECKING:
    from collections.abc import Iterator

    from studio_infra.settings.checks.draft import Checks, Draft
    from studio_infra.settings.sections.teams import TeamSettings

_FIELD: Final = "idle_after_minutes"


def idle_checks(draft: Draft) -> Checks:
    """Limits that nothing would keep."""
    for name, team in draft.teams.items():
        yield _limit_of_a_team(draft, name, team)
    for row, one in enumerate(draft.roster):
        if one.person is not None and one.person.idle_after_minutes is not None:
            minutes = one.person.idle_after_minutes
            yield draft.idle_shutdown.own_limit_problems(("roster", row, _FIELD), minutes)
    yield _too_many_limits(draft)


def _limit_of_a_team(draft: Draft, name: str, team: TeamSettings) -> Iterator[Problem]:
    if team.idle_after_minutes is not None:
        path = ("teams", name, _FIELD)
        yield from draft.idle_shutdown.own_limit_problems(path, team.idle_after_minutes)


def _too_many_limits(draft: Draft) -> Iterator[Problem]:
    limits: set[int] = set()
    for row, one in enumerate(draft.roster):
        minutes = one.person.idle_after_minutes if one.person is not None else None
        if minutes is None or minutes in limits:
            continue
        if len(limits) == OWN_LIMITS_MAX:
            yield Problem(
                ("roster", row, _FIELD),
                f"the roster has {OWN_LIMITS_MAX} other limits already, and each is a script of its own",
                f"use one of {', '.join(map(str, sorted(limits)))}",
                minutes,
            )
            return
        limits.add(minutes)
