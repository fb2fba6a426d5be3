"""The sweeper as it is deployed: what it may do, when it runs, what it is told."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk.assertions import Match, Template

from studio_infra.errors import InvalidInput
from studio_infra.operations import AlertTopic, IdleSweeper, SweepRules, Swept
from studio_infra.runtime.functions.idle_sweeper import handler
from studio_infra.runtime.functions.idle_sweeper.core import Kind
from tests import compliance

if TYPE_CHECKING:
    from collections.abc import Mapping


def sweeper(stack: cdk.Stack, **more: Any) -> IdleSweeper:
    key = kms.Key(stack, "Key", enable_key_rotation=True)
    domain = sagemaker.CfnDomain(
        stack,
        "Domain",
        auth_mode="IAM",
        domain_name="research",
        default_user_settings=sagemaker.CfnDomain.UserSettingsProperty(
            execution_role="arn:aws:iam::123456789012:role/r"
        ),
        vpc_id="vpc-0123456789abcdef0",
        subnet_ids=["subnet-0123456789abcdef0"],
        kms_key_id=key.key_id,
        app_network_access_type="VpcOnly",
    )
    return IdleSweeper(
        stack,
        "Sweeper",
        domain=domain,
        domain_name="research",
        key=key,
        alerts=AlertTopic(stack, "Alerts", key=key).topic,
        memory=s3.Bucket.from_bucket_name(stack, "Bucket", "artifacts"),
        **{"stacks": ["research-workloads"], "teams": ["vision"], **more},
    )


def statements(stack: cdk.Stack) -> dict[str, dict[str, Any]]:
    found = Template.from_stack(stack).find_resources(
        "AWS::IAM::ManagedPolicy", {"Properties": {"Description": "What idle_sweeper may do"}}
    )
    (policy,) = found.values()
    return {one.get("Sid", ""): one for one in policy["Properties"]["PolicyDocument"]["Statement"]}


def environment(stack: cdk.Stack) -> Mapping[str, Any]:
    (function,) = Template.from_stack(stack).find_resources("AWS::Lambda::Function").values()
    found: Mapping[str, Any] = function["Properties"]["Environment"]["Variables"]
    return found


def test_runs_every_hour_by_a_role_that_can_call_it_and_nothing_else(stack: cdk.Stack) -> None:
    sweeper(stack)
    template = Template.from_stack(stack)
    template.has_resource_properties(
        "AWS::Scheduler::Schedule",
        {
            "ScheduleExpression": "rate(60 minutes)",
            "Target": {"Arn": Match.any_value(), "RoleArn": Match.any_value(), "Input": "{}"},
        },
    )
    template.has_resource_properties(
        "AWS::IAM::ManagedPolicy",
        {
            "Description": "What a schedule may do",
            "PolicyDocument": {"Statement": [Match.object_like({"Action": "lambda:InvokeFunction"})]},
        },
    )


def test_the_function_understands_what_it_is_told(stack: cdk.Stack) -> None:
    sweeper(stack, rules=SweepRules(protected_hours="Mon-Fri 08:00-18:00 Europe/Zurich", idle=None))
    told = environment(stack)
    rules, dry_run, hour = handler.rules_of(json.loads(told["RULES"]))
    assert (rules.lifetime and rules.lifetime.days, rules.idle, dry_run.days, hour) == (7, None, 7, 6)
    assert rules.stops == {Kind.APP, Kind.NOTEBOOK}
    assert rules.hours is not None
    plain = {name: value if isinstance(value, str) else "x" for name, value in told.items()}
    domain = handler.domain_of(plain)
    assert (domain.name, domain.stacks, domain.teams) == ("research", ("research-workloads",), ("vision",))


def test_everything_that_can_be_stopped_has_one_name() -> None:
    assert {one.value for one in Swept} == {one.value for one in Kind}


def test_it_changes_apps_of_its_domain_and_nothing_that_the_rules_leave_alone(stack: cdk.Stack) -> None:
    sweeper(stack, rules=SweepRules(stops=[Swept.APPS]))
    found = statements(stack)
    assert not any("Notebook" in sid or "TrackingServer" in sid for sid in found)
    delete = found["StopAppsOfTheDomain"]
    assert delete["Action"] == "sagemaker:DeleteApp"
    (resource,) = [delete["Resource"]] if not isinstance(delete["Resource"], list) else delete["Resource"]
    assert {"Ref": "Domain"} in resource["Fn::Join"][1] or "Domain" in json.dumps(resource)
    changing = [
        action
        for one in found.values()
        for action in ([one["Action"]] if isinstance(one["Action"], str) else one["Action"])
        if action.startswith("sagemaker:") and not action.split(":")[1].startswith(("List", "Describe"))
    ]
    assert changing == ["sagemaker:DeleteApp"]


def test_what_has_no_domain_in_its_arn_is_stopped_by_a_tag_of_the_domain_only(stack: cdk.Stack) -> None:
    sweeper(stack, rules=SweepRules(stops=list(Swept)))
    bound = [one for sid, one in statements(stack).items() if "Notebook" in sid or "TrackingServer" in sid]
    assert len(bound) == 6
    assert all(len(one["Condition"]["StringEquals"]) == 1 for one in bound)


def test_it_remembers_in_one_object_and_sees_no_other(stack: cdk.Stack) -> None:
    sweeper(stack)
    found = statements(stack)
    assert json.dumps(found["Remember"]["Resource"]).endswith(
        'artifacts/operations/sweeper/research.json"]]}'
    )
    assert found["SeeWhetherThereIsAMemory"]["Condition"] == {
        "StringEquals": {"s3:prefix": "operations/sweeper/research.json"}
    }


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"lifetime": timedelta()}, "lifetime must be longer than nothing"),
        ({"notice": timedelta(hours=200)}, "notice must be 1 to 168 hours"),
        ({"summary_hour": 24}, "summary_hour must be 0 to 23, got 24"),
        ({"protected_hours": "8-18"}, "hours are written like"),
    ],
)
def test_rules_that_cannot_be_kept_are_refused(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        SweepRules(**wrong)


def test_no_pack_finds_anything() -> None:
    app = compliance.strict_app()
    stack = cdk.Stack(app, "S")
    sweeper(stack, rules=SweepRules(stops=list(Swept)))
    assert compliance.findings(stack) == set()
