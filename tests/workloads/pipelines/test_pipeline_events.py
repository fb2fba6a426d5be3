"""Schedules and notices: on any pipeline, with the one permission that they need."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk import aws_sqs as sqs

from studio_infra.errors import InvalidInput
from studio_infra.storage import ArtifactBucket
from studio_infra.workloads import PipelineNotice, PipelineOnNewData, PipelineSchedule, TrainingPipeline
from studio_infra.workloads.pipelines.new_data import NEW_OBJECT_KEY
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


def on_new_data(stack: cdk.Stack, **options: Any) -> PipelineOnNewData:
    churn = TrainingPipeline.from_pipeline_name(stack, "Churn", "churn")
    given: dict[str, Any] = {
        "pipeline": churn,
        "bucket": s3.Bucket.from_bucket_name(stack, "Bucket", "artifacts"),
        "prefix": "teams/vision/new/",
    }
    return PipelineOnNewData(stack, "NewData", **(given | options))


def test_new_data_starts_this_pipeline_and_nothing_else(stack: cdk.Stack) -> None:
    on_new_data(stack, parameters={"Data": NEW_OBJECT_KEY})
    template = resources(stack)
    rule = only(template, "AWS::Events::Rule")
    assert rule["EventPattern"] == {
        "source": ["aws.s3"],
        "detail-type": ["Object Created"],
        "detail": {
            "bucket": {"name": ["artifacts"]},
            "object": {"key": [{"prefix": "teams/vision/new/"}]},
        },
    }
    (target,) = rule["Targets"]
    assert text(target["Arn"]) == CHURN
    assert target["SageMakerPipelineParameters"] == {
        "PipelineParameterList": [{"Name": "Data", "Value": "$.detail.object.key"}]
    }
    (allowed,) = only(template, "AWS::IAM::ManagedPolicy")["PolicyDocument"]["Statement"]
    assert (allowed["Action"], texts(allowed["Resource"])) == ("sagemaker:StartPipelineExecution", [CHURN])
    (trust,) = only(template, "AWS::IAM::Role")["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "events.amazonaws.com"}
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}


def test_a_last_object_can_say_that_the_others_are_there(stack: cdk.Stack) -> None:
    on_new_data(stack, suffix="_SUCCESS")
    rule = only(resources(stack), "AWS::Events::Rule")
    assert rule["EventPattern"]["detail"]["object"]["key"] == [{"wildcard": "teams/vision/new/*_SUCCESS"}]
    assert "SageMakerPipelineParameters" not in rule["Targets"][0]


@pytest.mark.parametrize("kind", ["construct", "l1"])
def test_any_bucket_can_bring_the_data(stack: cdk.Stack, kind: str) -> None:
    bucket = (
        ArtifactBucket(stack, "Artifacts", key=kms.Key(stack, "Key"), event_bridge=True)
        if kind == "construct"
        else s3.CfnBucket(stack, "Raw")
    )
    on_new_data(stack, bucket=bucket)
    template = resources(stack)
    (name,) = only(template, "AWS::Events::Rule")["EventPattern"]["detail"]["bucket"]["name"]
    assert template[name["Ref"]]["Type"] == "AWS::S3::Bucket"


def test_a_bucket_tells_eventbridge_without_a_lambda_function(stack: cdk.Stack) -> None:
    ArtifactBucket(stack, "Artifacts", key=kms.Key(stack, "Key"), event_bridge=True)
    template = resources(stack)
    told = [
        resource["Properties"]["NotificationConfiguration"]
        for resource in template.values()
        if "NotificationConfiguration" in resource["Properties"]
    ]
    assert told == [{"EventBridgeConfiguration": {"EventBridgeEnabled": True}}]
    assert "AWS::Lambda::Function" not in {resource["Type"] for resource in template.values()}


@pytest.mark.parametrize("options", [{"prefix": ""}, {"prefix": "/"}, {"prefix": "a*"}, {"suffix": "\\x"}])
def test_what_would_start_itself_again_or_means_something_else_is_refused(
    stack: cdk.Stack, options: dict[str, Any]
) -> None:
    with pytest.raises(InvalidInput) as caught:
        on_new_data(stack, **options)
    assert (caught.value.code, caught.value.path) == ("NewDataPrefix", "S/NewData")


@pytest.mark.slow
def test_no_compliance_pack_and_no_validator_finds_anything() -> None:
    strict = compliance.strict_app()
    stack = cdk.Stack(strict, "S")
    schedule(stack)
    events_stack = cdk.Stack(strict, "E")
    on_new_data(events_stack, parameters={"Data": NEW_OBJECT_KEY})
    assert compliance.findings(stack) == set()
    assert compliance.findings(events_stack) == set()
    strict.synth()
