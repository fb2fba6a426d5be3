"""Schedules and notices: on any pipeline, with the one permission that they need."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk import aws_sqs as sqs

from studio_infra.errors import InvalidInput
from studio_infra.workloads import PipelineNotice, PipelineSchedule, TrainingPipeline
from tests import compliance
from tests.workloads.botocore_shapes import shapes
from tests.workloads.templates import only, resources, text, texts

SCHEDULE = "AWS::Scheduler::Schedule"
CHURN = "arn:<AWS::Partition>:sagemaker:<AWS::Region>:<AWS::AccountId>:pipeline/churn"


def schedule(stack: cdk.Stack, **options: Any) -> PipelineSchedule:
    churn = TrainingPipeline.from_pipeline_name(stack, "Churn", "churn")
    given: dict[str, Any] = {"pipeline": churn, "expression": "cron(0 6 ? * MON *)"}
    return PipelineSchedule(stack, "Weekly", **(given | options))


def test_a_schedule_may_start_this_pipeline_and_nothing_else(stack: cdk.Stack) -> None:
    schedule(stack, time_zone="Europe/Zurich", parameters={"Rounds": "10"})
    template = resources(stack)
    properties = only(template, SCHEDULE)
    assert properties["ScheduleExpression"] == "cron(0 6 ? * MON *)"
    assert properties["ScheduleExpressionTimezone"] == "Europe/Zurich"
    assert properties["FlexibleTimeWindow"] == {"Mode": "OFF"}
    assert text(properties["Target"]["Arn"]) == CHURN
    assert properties["Target"]["SageMakerPipelineParameters"] == {
        "PipelineParameterList": [{"Name": "Rounds", "Value": "10"}]
    }
    (allowed,) = only(template, "AWS::IAM::ManagedPolicy")["PolicyDocument"]["Statement"]
    assert allowed["Action"] == "sagemaker:StartPipelineExecution"
    assert texts(allowed["Resource"]) == [CHURN]
    (trust,) = only(template, "AWS::IAM::Role")["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "scheduler.amazonaws.com"}
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}


def test_without_parameters_the_pipelines_own_defaults_count(stack: cdk.Stack) -> None:
    schedule(stack, expression="rate(7 days)")
    assert "SageMakerPipelineParameters" not in only(resources(stack), SCHEDULE)["Target"]


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"expression": "every monday"}, "ScheduleExpression"),
        ({"expression": "rate(0 days)"}, "ScheduleExpression"),
        ({"expression": "cron(0 6 ? * MON *)\n"}, "ScheduleExpression"),
        ({"time_zone": "Europe/Zürich"}, "ScheduleTimeZone"),
        ({"time_zone": ""}, "ScheduleTimeZone"),
    ],
)
def test_a_schedule_that_could_never_run_is_refused(
    stack: cdk.Stack, options: dict[str, Any], code: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        schedule(stack, **options)
    assert (caught.value.code, caught.value.path) == (code, "S/Weekly")


def test_expressions_and_zones_that_are_tokens_pass(stack: cdk.Stack) -> None:
    value = cdk.CfnParameter(stack, "Value").value_as_string
    schedule(stack, expression=value, time_zone=value)
    assert only(resources(stack), SCHEDULE)["ScheduleExpression"] == {"Ref": "Value"}


def test_somebody_hears_of_a_failure_of_this_pipeline(stack: cdk.Stack) -> None:
    raw = sagemaker.CfnPipeline(
        stack, "Raw", pipeline_name="churn", pipeline_definition={}, role_arn="arn:aws:iam::1:role/r"
    )
    queue = sqs.Queue(stack, "Inbox")
    PipelineNotice(stack, "Failures", pipeline=raw, target=targets.SqsQueue(queue))
    rule = only(resources(stack), "AWS::Events::Rule")
    assert rule["EventPattern"]["source"] == ["aws.sagemaker"]
    assert rule["EventPattern"]["detail"]["currentPipelineExecutionStatus"] == ["Failed"]
    (arn,) = rule["EventPattern"]["detail"]["pipelineArn"]
    assert text(arn).endswith(":pipeline/<Raw>")
    assert len(rule["Targets"]) == 1


@pytest.mark.parametrize("statuses", [[], ["Broken"], ["Failed", "failed"]])
def test_a_status_that_no_execution_has_is_refused(stack: cdk.Stack, statuses: list[str]) -> None:
    churn = TrainingPipeline.from_pipeline_name(stack, "Churn", "churn")
    target = targets.SqsQueue(sqs.Queue(stack, "Inbox"))
    with pytest.raises(InvalidInput, match="statuses must be some of Executing, Stopping"):
        PipelineNotice(stack, "Notice", pipeline=churn, target=target, statuses=statuses)


def test_the_statuses_are_the_services_own() -> None:
    assert set(PipelineNotice.STATUSES) == set(shapes()["PipelineExecutionStatus"]["enum"])


@pytest.mark.slow
def test_no_compliance_pack_and_no_validator_finds_anything() -> None:
    strict = compliance.strict_app()
    stack = cdk.Stack(strict, "S")
    schedule(stack)
    assert compliance.findings(stack) == set()
    strict.synth()
