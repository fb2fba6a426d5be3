"""Idle limits of teams and people against what the engine of the domain can keep."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio_infra.settings.checks.draft import get
from studio_infra.settings.findings import Path, Problem
from studio_infra.settings.sections.idle import OWN_LIMITS_MAX, DomainLimit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from studio_infra.settings.checks.draft import Draft


def idle_contradictions(draft: Draft) -> Iterator[Problem]:
    """Limits that nothing would keep."""
    yield from _limits_no_engine_can_keep(draft)
    yield from _too_many_limits(draft)


def _limits_no_engine_can_keep(draft: Draft) -> Iterator[Problem]:
    idle, field_name = draft.idle_shutdown, "idle_after_minutes"
    domain = DomainLimit(
        engine=get(idle, "engine", str),
        after=get(idle, "after_minutes", int),
        allowed_range=get(idle, "allowed_range_minutes", tuple),
    )
    places: list[tuple[Path, int | None]] = [
        *((("teams", name, field_name), get(team, field_name, int)) for name, team in draft.teams.items()),
        *(
            (("roster", row, field_name), get(one.person, field_name, int))
            for row, one in enumerate(draft.roster)
        ),
    ]
    for path, minutes in places:
        if minutes is not None:
            yield from domain.problems(path, minutes)


def _too_many_limits(draft: Draft) -> Iterator[Problem]:
    limits: set[int] = set()
    for row, one in enumerate(draft.roster):
        minutes = get(one.person, "idle_after_minutes", int)
        if minutes is None or minutes in limits:
            continue
        if len(limits) == OWN_LIMITS_MAX:
            allowed = f"use one of {', '.join(map(str, sorted(limits)))}"
            yield Problem(
                ("roster", row, "idle_after_minutes"),
                f"the roster has {OWN_LIMITS_MAX} other limits already, and each is a script of its own",
                allowed,
                minutes,
            )
            return
        limits.add(minutes)
