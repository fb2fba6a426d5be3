"""Alarms and budgets that would act on nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio_infra.settings.findings import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from studio_infra.settings.checks.draft import Checks, Draft
    from studio_infra.settings.sections.teams import TeamSettings


def operations_checks(draft: Draft) -> Checks:
    """Actions that reach nobody, and alarms that hear nothing."""
    for name, team in draft.teams.items():
        yield _action_that_reaches_nobody(draft, name, team)
    yield _alarms_that_hear_nothing(draft)


def _action_that_reaches_nobody(draft: Draft, name: str, team: TeamSettings) -> Iterator[Problem]:
    """AWS Budgets puts its policy on roles that are named one by one, at most 100, and only once."""
    if draft.access.role_sharing == "per_person" and team.budget_action is not None:
        yield Problem(
            ("teams", name, "budget_action"),
            "cannot reach people with a role each, who come and go",
            'leave it out, or let access.role_sharing be "per_team"',
            team.budget_action,
        )


def _alarms_that_hear_nothing(draft: Draft) -> Iterator[Problem]:
    alarms = draft.operations.alarms
    if alarms is None or draft.operations.studio_log_group is not None:
        return
    if "lifecycle_failures" in alarms.model_fields_set:
        yield Problem(
            ("operations", "alarms", "lifecycle_failures"),
            "nobody reads what the scripts log",
            'leave it out, or give operations.studio_log_group = "make" or "use"',
            alarms.lifecycle_failures,
        )
