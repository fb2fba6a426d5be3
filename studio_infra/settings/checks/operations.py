"""Alarms and budgets that would act on nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio_infra.settings.checks.draft import get
from studio_infra.settings.findings import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from studio_infra.settings.checks.draft import Draft


def operations_contradictions(draft: Draft) -> Iterator[Problem]:
    """Actions that reach nobody, and alarms that hear nothing."""
    yield from _actions_that_reach_nobody(draft)
    yield from _alarms_that_hear_nothing(draft)


def _actions_that_reach_nobody(draft: Draft) -> Iterator[Problem]:
    """AWS Budgets puts its policy on roles that are named one by one, at most 100, and only once."""
    if get(draft.access, "role_sharing", str) != "per_person":
        return
    for name, team in draft.teams.items():
        action = get(team, "budget_action", str)
        if action is not None:
            yield Problem(
                ("teams", name, "budget_action"),
                "cannot reach people with a role each, who come and go",
                'leave it out, or let access.role_sharing be "per_team"',
                action,
            )


def _alarms_that_hear_nothing(draft: Draft) -> Iterator[Problem]:
    alarms = getattr(draft.operations, "alarms", None)
    if alarms is None or getattr(draft.operations, "studio_log_group", None) is not None:
        return
    if "lifecycle_failures" in alarms.model_fields_set:
        yield Problem(
            ("operations", "alarms", "lifecycle_failures"),
            "nobody reads what the scripts log",
            'leave it out, or give operations.studio_log_group = "make" or "use"',
            alarms.lifecycle_failures,
        )
