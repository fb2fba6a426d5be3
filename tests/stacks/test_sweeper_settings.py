"""What the settings say of the sweeper is what its function is told."""

from __future__ import annotations

import json
from typing import Any

from studio_infra.settings import StudioSettings
from tests.stacks.test_access_settings import PRODUCTION, of_type, templates


def made(**operations: Any) -> dict[str, dict[str, Any]]:
    values = dict(PRODUCTION) | {"roster": PRODUCTION.roster[:2], "endpoints": {}, "training": {}}
    teams = {
        name: team.model_dump(exclude_unset=True) | {"monthly_budget_usd": None}
        for name, team in PRODUCTION.teams.items()
    }
    return templates(StudioSettings.model_validate(values | {"teams": teams, "operations": operations}))


def test_without_a_word_there_is_no_function_and_no_stack_for_one() -> None:
    assert set(made()) == {"research-studio", "research-users-1"}


def test_a_sweeper_alone_has_a_stack_and_hears_what_the_settings_say() -> None:
    stacks = made(sweeper={"lifetime_days": 0, "idle_hours": 30, "stops": ("apps",), "summary_hour": 5})
    (function,) = of_type("AWS::Lambda::Function", stacks["research-operations"])
    told = function["Environment"]["Variables"]
    assert json.loads(told["RULES"]) == {
        "lifetime_days": None,
        "idle_hours": 30.0,
        "unopened_days": 30.0,
        "notice_hours": 24.0,
        "protected_hours": None,
        "dry_run_days": 7.0,
        "summary_hour": 5,
        "stops": ["apps"],
    }
    assert told["DOMAIN_NAME"] == "research"
    assert json.loads(told["STACKS"]) == ["research-workloads"]
    assert json.loads(told["TEAMS"]) == sorted(PRODUCTION.teams)
