"""The function that keeps endpoints to their lifetimes: on a schedule, with what it needs and nothing more."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms
from aws_cdk.assertions import Match, Template

from studio_infra.errors import InvalidInput
from studio_infra.operations import AlertTopic, EndpointKeeper
from studio_infra.runtime.functions.endpoint_lifetime import core, fleet, memory
from studio_infra.workloads.endpoints import endpoint_lifetime, model_endpoint
from tests import compliance
from tests.workloads.templates import resources, texts


def keeper(stack: cdk.Stack, **options: Any) -> EndpointKeeper:
    key = kms.Key(stack, "Key", enable_key_rotation=True)
    return EndpointKeeper(
        stack, "Keeper", key=key, alerts=AlertTopic(stack, "Alerts", key=key).topic, **options
    )


def allowed(stack: cdk.Stack) -> dict[str, Any]:
    """The statements of its policy file, by Sid."""
    return {
        statement["Sid"]: statement
        for logical_id, resource in resources(stack).items()
        if resource["Type"] == "AWS::IAM::ManagedPolicy" and "KeeperFunction" in logical_id
        for statement in resource["Properties"]["PolicyDocument"]["Statement"]
        if "Sid" in statement
    }


def test_it_looks_every_quarter_of_an_hour_and_warns_a_day_ahead(stack: cdk.Stack) -> None:
    keeper(stack)
    template = Template.from_stack(stack)
    template.has_resource_properties(
        "AWS::Lambda::Function",
        {
            "Handler": "functions.endpoint_lifetime.handler.handle",
            "Timeout": 900,
            "Environment": {
                "Variables": {
                    "ALERTS_TOPIC_ARN": {"Ref": Match.string_like_regexp("^Alerts")},
                    "NOTICE_HOURS": "24",
                }
            },
        },
    )
    template.has_resource_properties("AWS::Scheduler::Schedule", {"ScheduleExpression": "rate(15 minutes)"})


def test_a_run_ends_before_the_next_one_begins(stack: cdk.Stack) -> None:
    keeper(stack, every=cdk.Duration.minutes(5), notice=cdk.Duration.days(2))
    template = Template.from_stack(stack)
    template.has_resource_properties("AWS::Lambda::Function", {"Timeout": 300})
    template.has_resource_properties(
        "AWS::Lambda::Function", {"Environment": {"Variables": {"NOTICE_HOURS": "48"}}}
    )


def test_what_it_may_delete_has_an_owner_and_what_it_may_make_too(stack: cdk.Stack) -> None:
    keeper(stack)
    found = allowed(stack)
    assert found["StopWhatHasAnOwner"]["Condition"] == {"Null": {"aws:ResourceTag/studio:owner": "false"}}
    assert found["StartWhatHasAnOwner"]["Condition"] == {"Null": {"aws:RequestTag/studio:owner": "false"}}
    actions = {action for statement in found.values() for action in texts(statement["Action"])}
    # Nothing that an endpoint is made of can be lost; components it can make again.
    assert not {action for action in actions if action.startswith("sagemaker:Delete")} - {
        "sagemaker:DeleteEndpoint",
        "sagemaker:DeleteInferenceComponent",
        "sagemaker:DeleteTags",
    }
    assert found["TakeComponentsAway"]["Condition"] == {"Null": {"aws:ResourceTag/studio:owner": "false"}}
    assert found["MakeComponentsAgain"]["Condition"] == {"Null": {"aws:RequestTag/studio:owner": "false"}}
    assert "iam:PassRole" not in actions


def test_its_words_for_tags_are_those_of_the_construct() -> None:
    assert (core.OWNER, core.EXPIRES, core.DAYS) == (
        endpoint_lifetime.OWNER_TAG,
        endpoint_lifetime.EXPIRES_TAG,
        endpoint_lifetime.LIFETIME_DAYS_TAG,
    )
    assert (core.OFFICE_HOURS, core.IDLE_HOURS, core.EXTENDABLE) == (
        endpoint_lifetime.OFFICE_HOURS_TAG,
        endpoint_lifetime.IDLE_HOURS_TAG,
        endpoint_lifetime.EXTENDABLE_TAG,
    )
    assert (fleet.KIND, fleet.VARIANTS) == (model_endpoint.KIND_TAG, model_endpoint.VARIANTS_TAG)


def test_every_tag_that_it_writes_is_one_that_its_policy_lets_it_write(stack: cdk.Stack) -> None:
    keeper(stack)
    found = allowed(stack)
    condition = found["RememberWhatWasStopped"]["Condition"]["ForAllValues:StringLike"]["aws:TagKeys"]
    starts = tuple(pattern.removesuffix("*") for pattern in condition)
    assert all(key.startswith(starts) for key in (memory.ENDPOINT, memory.AT, memory.WHY, "studio:memory-1"))
    assert found["RememberWarnings"]["Condition"]["ForAllValues:StringEquals"]["aws:TagKeys"] == [
        fleet.TOLD,
        fleet.WARNED,
    ]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"every": cdk.Duration.minutes(4)}, "every must be whole minutes from 5 to 60, got 4"),
        ({"every": cdk.Duration.seconds(330)}, "every must be whole minutes from 5 to 60, got 5.5"),
        ({"notice": cdk.Duration.days(15)}, "notice must be whole hours from 1 to 336, got 360"),
    ],
)
def test_a_precision_that_makes_no_sense_is_refused(
    stack: cdk.Stack, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(InvalidInput, match=message):
        keeper(stack, **options)


@pytest.mark.slow
def test_no_compliance_pack_and_no_validator_finds_anything() -> None:
    strict = compliance.strict_app()
    stack = cdk.Stack(strict, "S")
    keeper(stack)
    assert compliance.findings(stack) == set()
    strict.synth()
