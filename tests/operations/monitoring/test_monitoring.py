"""Alarms and the page that shows them: none without being asked, all of them if all are asked for."""

from __future__ import annotations

import json
import re
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk.assertions import Template

from studio_infra.errors import InvalidInput
from studio_infra.operations import (
    AlertTopic,
    EndpointLimits,
    LifecycleFailures,
    StudioAlarms,
    StudioDashboard,
    SweepMetrics,
)
from studio_infra.workloads.endpoints.endpoint_metrics import EndpointMetrics
from tests import compliance

SWEEPS = SweepMetrics("research")
CHURN = EndpointMetrics("research-churn", "primary")


def key_of(stack: cdk.Stack) -> kms.Key:
    found = stack.node.try_find_child("Key")
    return found if isinstance(found, kms.Key) else kms.Key(stack, "Key", enable_key_rotation=True)


def alarms_of(stack: cdk.Stack) -> StudioAlarms:
    alerts = AlertTopic(stack, "Alerts", key=key_of(stack))
    alerts.allow("cloudwatch.amazonaws.com")
    return StudioAlarms(stack, "Alarms", alerts=alerts.topic)


def failures_of(stack: cdk.Stack, *, made: bool = True) -> LifecycleFailures:
    group: logs.ILogGroup = (
        LifecycleFailures.make_log_group(stack, "Log", key=key_of(stack))
        if made
        else LifecycleFailures.use_log_group(stack, "Log")
    )
    return LifecycleFailures(stack, "Failures", log_group=group, name="research")


def everything(stack: cdk.Stack, *, made: bool = True) -> StudioAlarms:
    alarms, failures = alarms_of(stack), failures_of(stack, made=made)
    alarms.add_lifecycle_failures(failures)
    alarms.add_sweeper_silent(SWEEPS)
    alarms.add_running_apps(SWEEPS, {"ml.g5.xlarge": 5, "ml.p4d.24xlarge": 1})
    alarms.add_endpoint("Churn", CHURN, limits=EndpointLimits(latency_ms=2000))
    StudioDashboard(
        stack,
        "Dashboard",
        name="research",
        sweeps=SWEEPS,
        failures=failures,
        endpoints={"churn": CHURN},
        alarms=alarms.alarms,
    )
    return alarms


def found(stack: cdk.Stack) -> dict[str, dict[str, Any]]:
    """Alarms by the part of their logical id that says what they are for."""
    made = Template.from_stack(stack).find_resources("AWS::CloudWatch::Alarm")
    return {re.sub(r"^Alarms|[0-9A-F]{8}$", "", name): dict(one["Properties"]) for name, one in made.items()}


def body(stack: cdk.Stack) -> str:
    (board,) = Template.from_stack(stack).find_resources("AWS::CloudWatch::Dashboard").values()
    return json.dumps(board["Properties"]["DashboardBody"])


def test_no_alarm_exists_until_somebody_asks_for_it(stack: cdk.Stack) -> None:
    assert alarms_of(stack).alarms == []
    StudioDashboard(stack, "Dashboard", name="research", sweeps=SWEEPS)
    assert found(stack) == {}
    Template.from_stack(stack).resource_count_is("AWS::Logs::MetricFilter", 0)
    assert '\\"type\\":\\"alarm\\"' not in body(stack)


@pytest.mark.parametrize("made", [True, False])
def test_all_alarms_are_there_if_all_are_asked_for(stack: cdk.Stack, *, made: bool) -> None:
    asked = everything(stack, made=made)
    alarms = found(stack)
    assert sorted(alarms) == [
        "ChurnClientErrors",
        "ChurnLatency",
        "ChurnServerErrors",
        "LifecycleFailures",
        "RunningAppsmlg5xlarge",
        "RunningAppsmlp4d24xlarge",
        "SweeperSilent",
    ]
    assert len(asked.alarms) == len(alarms)
    for alarm in alarms.values():
        assert len(alarm["AlarmActions"]) == 1
        assert alarm["AlarmDescription"]
    groups = Template.from_stack(stack).find_resources("AWS::Logs::LogGroup")
    assert len(groups) == int(made)


def test_a_silent_sweeper_is_one_that_says_nothing_for_hours(stack: cdk.Stack) -> None:
    alarms_of(stack).add_sweeper_silent(SWEEPS, after_hours=4)
    (alarm,) = found(stack).values()
    assert alarm["TreatMissingData"] == "breaching"
    assert (alarm["Namespace"], alarm["MetricName"], alarm["Statistic"]) == ("StudioInfra", "Sweeps", "Sum")
    assert alarm["Dimensions"] == [{"Name": "Domain", "Value": "research"}]
    assert (alarm["Period"], alarm["EvaluationPeriods"]) == (3600, 4)
    assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("LessThanThreshold", 1)


def test_quiet_scripts_endpoints_and_apps_are_no_alarm(stack: cdk.Stack) -> None:
    everything(stack)
    quiet = {name for name, alarm in found(stack).items() if alarm["TreatMissingData"] == "notBreaching"}
    assert quiet == set(found(stack)) - {"SweeperSilent"}


def test_apps_are_counted_by_instance_type_and_as_many_as_allowed_are_no_alarm(stack: cdk.Stack) -> None:
    alarms_of(stack).add_running_apps(SWEEPS, {"ml.g5.xlarge": 5})
    (alarm,) = found(stack).values()
    assert alarm["ComparisonOperator"] == "GreaterThanThreshold"
    assert (alarm["Threshold"], alarm["MetricName"]) == (5, "RunningApps")
    assert {one["Name"]: one["Value"] for one in alarm["Dimensions"]} == {
        "Domain": "research",
        "InstanceType": "ml.g5.xlarge",
    }


def test_a_limit_in_milliseconds_is_compared_in_the_services_microseconds(stack: cdk.Stack) -> None:
    limits = EndpointLimits(server_errors=None, client_errors=None, latency_ms=250)
    alarms_of(stack).add_endpoint("Churn", CHURN, limits=limits)
    (alarm,) = found(stack).values()
    assert (alarm["MetricName"], alarm["Threshold"], alarm["ExtendedStatistic"]) == (
        "ModelLatency",
        250_000,
        "p90",
    )
    assert (alarm["Period"], alarm["EvaluationPeriods"]) == (300, 3)


@pytest.mark.parametrize("bad", [1, 25])
def test_refuses_a_silence_that_cloudwatch_cannot_look_back_to(stack: cdk.Stack, bad: int) -> None:
    with pytest.raises(InvalidInput, match=f"after_hours must be 2 to 24, got {bad}"):
        alarms_of(stack).add_sweeper_silent(SWEEPS, after_hours=bad)


def test_studios_log_group_is_made_encrypted_with_an_end_and_is_kept(stack: cdk.Stack) -> None:
    failures_of(stack)
    (group,) = Template.from_stack(stack).find_resources("AWS::Logs::LogGroup").values()
    assert group["DeletionPolicy"] == "Retain"
    assert group["Properties"]["LogGroupName"] == "/aws/sagemaker/studio"
    assert group["Properties"]["RetentionInDays"] == 365
    assert "KmsKeyId" in group["Properties"]


def test_the_page_shows_apps_scripts_and_endpoints(stack: cdk.Stack) -> None:
    everything(stack)
    text = body(stack)
    for word in (
        "RunningApps",
        "LifecycleFailures-research",
        "research-churn",
        "ModelLatency",
        "Invocation5XXErrors",
    ):
        assert word in text
    assert "SEARCH('{StudioInfra,Domain,InstanceType}" in text
    Template.from_stack(stack).resource_count_is("AWS::CloudWatch::Dashboard", 1)


@pytest.mark.slow
def test_no_pack_and_no_rule_of_cdk_finds_anything() -> None:
    app = compliance.strict_app()
    stack = cdk.Stack(app, "S")
    everything(stack)
    assert compliance.findings(stack) == set()
    app.synth()
