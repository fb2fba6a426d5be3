"""Spending unlike a team's before is told: for every team, with what AWS's own model takes."""

from __future__ import annotations

import json
from typing import Any

import aws_cdk as cdk
import botocore.session
import pytest
from aws_cdk import aws_kms as kms
from aws_cdk.assertions import Template
from botocore.validate import ParamValidator

from studio_infra.errors import InvalidInput
from studio_infra.operations import AlertTopic, SpendAnomalies
from tests import compliance

COSTS: Any = botocore.session.get_session().get_service_model("ce")


def watched(stack: cdk.Stack, **options: Any) -> None:
    alerts = AlertTopic(stack, "Alerts", key=kms.Key(stack, "Key", enable_key_rotation=True))
    alerts.allow("costalerts.amazonaws.com")
    SpendAnomalies(
        stack, "Anomalies", name="research-teams", alerts=alerts.topic, **{"from_usd": 100} | options
    )


def properties(stack: cdk.Stack, kind: str) -> dict[str, Any]:
    (found,) = Template.from_stack(stack).find_resources(kind).values()
    return dict(found["Properties"])


def test_one_monitor_looks_at_every_team_by_itself(stack: cdk.Stack) -> None:
    watched(stack)
    monitor = properties(stack, "AWS::CE::AnomalyMonitor")
    assert (monitor["MonitorType"], monitor["MonitorDimension"]) == ("DIMENSIONAL", "TAG")
    assert json.loads(monitor["MonitorSpecification"]) == {"Tags": {"Key": "studio:team"}}


def test_tells_the_alert_topic_each_anomaly_that_cost_enough(stack: cdk.Stack) -> None:
    watched(stack, from_usd=49.5)
    subscription = properties(stack, "AWS::CE::AnomalySubscription")
    assert subscription["Frequency"] == "IMMEDIATE"
    (subscriber,) = subscription["Subscribers"]
    assert subscriber["Type"] == "SNS"
    expression = json.loads(subscription["ThresholdExpression"])["Dimensions"]
    assert (expression["Key"], expression["Values"]) == ("ANOMALY_TOTAL_IMPACT_ABSOLUTE", ["49.50"])


@pytest.mark.parametrize(
    ("kind", "member", "field"),
    [
        ("AWS::CE::AnomalyMonitor", "AnomalyMonitor", "MonitorSpecification"),
        ("AWS::CE::AnomalySubscription", "AnomalySubscription", "ThresholdExpression"),
    ],
)
def test_what_is_written_as_text_is_what_the_service_takes(
    stack: cdk.Stack, kind: str, member: str, field: str
) -> None:
    watched(stack)
    shape = COSTS.shape_for(member).members[field]
    report = ParamValidator().validate(json.loads(properties(stack, kind)[field]), shape)
    assert not report.has_errors(), report.generate_report()


def test_the_service_may_publish_and_use_the_key(stack: cdk.Stack) -> None:
    watched(stack)
    for kind, field in (("AWS::SNS::TopicPolicy", "PolicyDocument"), ("AWS::KMS::Key", "KeyPolicy")):
        assert "costalerts.amazonaws.com" in json.dumps(properties(stack, kind)[field])


@pytest.mark.parametrize("bad", [0, -1])
def test_refuses_anomalies_of_nothing(stack: cdk.Stack, bad: float) -> None:
    with pytest.raises(InvalidInput, match="from_usd must be more than 0"):
        watched(stack, from_usd=bad)


@pytest.mark.slow
def test_no_pack_and_no_rule_of_cdk_finds_anything() -> None:
    app = compliance.strict_app()
    stack = cdk.Stack(app, "S")
    watched(stack)
    assert compliance.findings(stack) == set()
    app.synth()
