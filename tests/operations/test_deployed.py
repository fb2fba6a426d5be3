"""Money and watches on the embedded AWS: made, changed, removed; and what a spent budget's denial really denies."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from botocore.exceptions import ClientError

from studio_infra.operations import AlertTopic, SpendAnomalies, TeamBudget
from studio_infra.operations.monitoring.lifecycle_failures import FAILURES
from studio_infra.rehearsal.server import EmbeddedAws
from tests.deployment import Deployment
from tests.operations.money.test_deny_new_apps import DENIAL
from tests.operations.monitoring.test_monitoring import everything
from tests.rehearsal.conftest import make_studio

if TYPE_CHECKING:
    from collections.abc import Iterator

    import aws_cdk as cdk

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def aws() -> Iterator[EmbeddedAws]:
    with EmbeddedAws() as embedded:
        yield embedded


def money(stack: cdk.Stack, *, from_usd: float = 100, percent: float = 100) -> None:
    alerts = AlertTopic(stack, "Alerts", key=kms.Key(stack, "Key", enable_key_rotation=True))
    alerts.allow("budgets.amazonaws.com")
    budget = TeamBudget(stack, "Budget", name_prefix="p", team="vision", monthly_usd=10, alerts=alerts.topic)
    role = iam.Role(stack, "People", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))
    budget.deny_new_apps(roles=[role], at_percent=percent)
    SpendAnomalies(stack, "Anomalies", name="p", alerts=alerts.topic, from_usd=from_usd)


def test_a_budget_with_its_action_and_a_monitor_live_through_a_change_and_an_end(aws: EmbeddedAws) -> None:
    deployment = Deployment(aws, "money")
    first = deployment.deploy(money)
    second = deployment.deploy(lambda stack: money(stack, from_usd=50, percent=90))
    # Both changes are made in place.
    assert first == second
    deployment.destroy()
    assert aws.client("budgets").describe_budgets(AccountId="000000000000")["Budgets"] == []


def test_alarms_and_the_dashboard_are_there_and_the_filter_reads_the_log_of_studio(aws: EmbeddedAws) -> None:
    deployment = Deployment(aws, "watches")

    def build(stack: cdk.Stack) -> None:
        everything(stack)

    deployment.deploy(build)
    cloudwatch, logs = aws.client("cloudwatch"), aws.client("logs")
    alarms = {one["MetricName"]: one for one in cloudwatch.describe_alarms()["MetricAlarms"]}
    assert {"Sweeps", "RunningApps", "LifecycleFailures-research", "ModelLatency"} <= set(alarms)
    assert alarms["Sweeps"]["TreatMissingData"] == "breaching"
    (board,) = cloudwatch.list_dashboards()["DashboardEntries"]
    shown = json.loads(cloudwatch.get_dashboard(DashboardName=board["DashboardName"])["DashboardBody"])
    assert len(shown["widgets"]) == 7
    group = "/aws/sagemaker/studio"
    (kept,) = logs.describe_metric_filters(logGroupName=group)["metricFilters"]
    # The embedded AWS keeps the pattern and does not match by it; `test_lifecycle_lines` says what it has to find.
    assert kept["filterPattern"] == " ".join(f'?"{term}"' for term in FAILURES)
    assert kept["metricTransformations"][0]["metricName"] == "LifecycleFailures-research"
    deployment.destroy()
    assert cloudwatch.describe_alarms()["MetricAlarms"] == []
    # What scripts said stays.
    assert [one["logGroupName"] for one in logs.describe_log_groups()["logGroups"]] == [group]


@pytest.fixture(scope="module")
def strict() -> Iterator[EmbeddedAws]:
    with EmbeddedAws(strict=True) as embedded:
        yield embedded


def test_a_team_whose_budget_is_spent_starts_nothing_and_can_still_stop_everything(
    strict: EmbeddedAws,
) -> None:
    studio = make_studio(strict, strict.client("sagemaker"))
    for space in ("before", "after"):
        studio.space(space, "ana")
    iam_client = strict.client("iam")
    anybody = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    role = iam_client.create_role(
        RoleName="team",
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [anybody]}),
    )["Role"]["Arn"]
    everything_allowed = {"Effect": "Allow", "Action": "sagemaker:*", "Resource": "*"}
    iam_client.put_role_policy(
        RoleName="team",
        PolicyName="all",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [everything_allowed]}),
    )
    given = strict.client("sts").assume_role(RoleArn=role, RoleSessionName="ana")["Credentials"]
    people = strict.client(
        "sagemaker",
        aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"],
        aws_session_token=given["SessionToken"],
    )

    def start(space: str) -> None:
        people.create_app(DomainId=studio.domain_id, SpaceName=space, AppType="JupyterLab", AppName="default")

    start("before")
    # What AWS Budgets does when the action is approved.
    statement = {key: value for key, value in DENIAL["Statement"][0].items() if key != "Why"}
    denial = iam_client.create_policy(
        PolicyName="denial", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    )["Policy"]["Arn"]
    iam_client.attach_role_policy(RoleName="team", PolicyArn=denial)
    with pytest.raises(ClientError, match="AccessDenied"):
        start("after")
    with pytest.raises(ClientError, match="AccessDenied"):
        people.start_pipeline_execution(PipelineName="p", ClientRequestToken="x" * 32)
    assert len(people.list_apps(DomainIdEquals=studio.domain_id)["Apps"]) == 1
    people.delete_app(DomainId=studio.domain_id, SpaceName="before", AppType="JupyterLab", AppName="default")
    # And what it does when the action is reversed.
    iam_client.detach_role_policy(RoleName="team", PolicyArn=denial)
    start("after")
