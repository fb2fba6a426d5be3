"""What money, watches and copies in the settings do to the stacks of the production settings."""

from __future__ import annotations

from typing import Any

import pytest

from studio_infra.errors import InvalidInput
from studio_infra.settings import StudioSettings
from studio_infra.stacks import operations_stack
from tests.stacks.test_access_settings import PRODUCTION, of_type, templates


def changed(**sections: Any) -> StudioSettings:
    values = dict(PRODUCTION) | {"roster": PRODUCTION.roster[:3], "endpoints": {}}
    return StudioSettings.model_validate(values | sections)


def with_action(**more: Any) -> StudioSettings:
    team = PRODUCTION.teams["vision"].model_dump(exclude_unset=True)
    acting = team | {"budget_action": "deny_new_apps"} | more
    teams = {**PRODUCTION.teams, "vision": acting}
    return changed(teams=teams, access={"role_sharing": "per_team"})


def test_without_a_word_nothing_acts_when_a_budget_is_spent() -> None:
    made = templates(changed())
    assert of_type("AWS::Budgets::BudgetsAction", *made.values()) == []


@pytest.mark.parametrize(
    ("said", "model"), [({}, "MANUAL"), ({"budget_action_approval": "automatic"}, "AUTOMATIC")]
)
def test_an_action_reaches_the_role_that_the_team_shares(said: dict[str, str], model: str) -> None:
    made = templates(with_action(**said))
    (action,) = of_type("AWS::Budgets::BudgetsAction", made["research-operations"])
    assert action["ApprovalModel"] == model
    (role,) = action["Definition"]["IamActionDefinition"]["Roles"]
    shared = [
        output["Value"]
        for name, output in made["research-studio"]["Outputs"].items()
        if name == role["Fn::GetStackOutput"]["OutputName"]
    ]
    (value,) = shared
    assert "TeamVisionSharedRole" in value["Ref"]


def test_an_action_that_the_role_has_no_room_for_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations_stack, "MAX_POLICIES", 1)
    with pytest.raises(
        InvalidInput, match="holds [0-9]+ policies and the budget_action needs one more, a role holds 1"
    ) as caught:
        templates(with_action())
    assert caught.value.code == "BudgetActionPolicies"


def test_anomalies_are_told_from_the_sum_that_the_settings_name() -> None:
    made = templates(changed(operations={"anomalies_from_usd": 250}))
    (subscription,) = of_type("AWS::CE::AnomalySubscription", made["research-operations"])
    assert '"250"' in subscription["ThresholdExpression"]
    assert of_type("AWS::CE::AnomalyMonitor", *templates(changed(operations={})).values()) == []


def test_watches_alone_make_an_operations_stack() -> None:
    poor = {
        name: team.model_copy(update={"monthly_budget_usd": None}) for name, team in PRODUCTION.teams.items()
    }
    assert "research-operations" not in templates(changed(teams=poor, operations={}))
    assert "research-operations" in templates(changed(teams=poor, operations={"anomalies_from_usd": 1}))


@pytest.mark.parametrize("copied", [True, False])
def test_homes_are_copied_if_the_settings_say_so(*, copied: bool) -> None:
    domain = PRODUCTION.domain.model_copy(update={"home_backup": copied})
    made = templates(changed(domain=domain))["research-studio"]
    selections = of_type("AWS::Backup::BackupSelection", made)
    assert len(selections) == int(copied)
    vaults = [one for one in made["Resources"].values() if one["Type"] == "AWS::Backup::BackupVault"]
    assert [vault["DeletionPolicy"] for vault in vaults] == ["Retain"] * copied


def with_endpoints(**operations: Any) -> dict[str, dict[str, Any]]:
    return templates(StudioSettings.model_validate(dict(PRODUCTION) | {"operations": operations}))


def named_log_groups(template: dict[str, Any]) -> list[str]:
    """Log groups of others: those of our own functions have no name of their own."""
    groups = of_type("AWS::Logs::LogGroup", template)
    return [group["LogGroupName"] for group in groups if "LogGroupName" in group]


def alarms(made: dict[str, dict[str, Any]]) -> set[str]:
    return {one["MetricName"] for one in of_type("AWS::CloudWatch::Alarm", made["research-operations"])}


def test_without_a_word_there_is_no_alarm_no_page_and_no_log_group_of_studio() -> None:
    made = with_endpoints()
    assert alarms(made) == set()
    for kind in ("AWS::CloudWatch::Dashboard", "AWS::Logs::MetricFilter"):
        assert of_type(kind, made["research-operations"]) == []
    assert named_log_groups(made["research-operations"]) == []


def test_all_alarms_watch_what_the_settings_have() -> None:
    made = with_endpoints(
        studio_log_group="use", alarms={"endpoint_latency_ms": 500, "running_apps": {"ml.g5.xlarge": 5}}
    )
    assert alarms(made) == {
        "Invocation4XXErrors",
        "Invocation5XXErrors",
        "LifecycleFailures-research",
        "ModelLatency",
        "RunningApps",
    }
    endpoints = {
        dimension["Value"]
        for alarm in of_type("AWS::CloudWatch::Alarm", made["research-operations"])
        for dimension in alarm.get("Dimensions", [])
        if dimension["Name"] == "EndpointName"
    }
    assert endpoints == {"research-churn"}


@pytest.mark.parametrize(("word", "groups"), [("make", ["/aws/sagemaker/studio"]), ("use", [])])
def test_the_log_group_of_studio_is_made_or_used(word: str, groups: list[str]) -> None:
    made = with_endpoints(studio_log_group=word)["research-operations"]
    assert named_log_groups(made) == groups
    (kept,) = of_type("AWS::Logs::MetricFilter", made)
    name = kept["LogGroupName"]
    assert name == "/aws/sagemaker/studio" or "StudioLog" in name["Ref"]


def test_the_page_names_the_endpoints() -> None:
    (board,) = of_type("AWS::CloudWatch::Dashboard", with_endpoints(dashboard=True)["research-operations"])
    assert "research-churn" in str(board["DashboardBody"])
    assert board["DashboardName"] == "research-studio"
