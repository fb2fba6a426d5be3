"""Approve, and something happens: a pipeline of this account starts, or somebody is told."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_sqs as sqs

from studio_infra.errors import InvalidInput
from studio_infra.workloads import APPROVED_MODEL_ARN, ModelApproval, ModelRegistry, TrainingPipeline
from tests import compliance
from tests.workloads.botocore_shapes import shapes
from tests.workloads.templates import only, resources, text, texts

DEPLOY = "arn:<AWS::Partition>:sagemaker:<AWS::Region>:<AWS::AccountId>:pipeline/deploy"
RULE = "AWS::Events::Rule"


def deploying(stack: cdk.Stack) -> Any:
    return TrainingPipeline.from_pipeline_name(stack, "Deploy", "deploy")


def test_an_approved_version_starts_a_pipeline_that_is_told_which(stack: cdk.Stack) -> None:
    registry = ModelRegistry(stack, "Models", group_name="Churn")
    registry.on_approved("Deploy", pipeline=deploying(stack), parameters={"ModelPackage": APPROVED_MODEL_ARN})
    template = resources(stack)
    rule = only(template, RULE)
    assert rule["EventPattern"] == {
        "source": ["aws.sagemaker"],
        "detail-type": ["SageMaker Model Package State Change"],
        "detail": {"ModelPackageGroupName": ["Churn"], "ModelApprovalStatus": ["Approved"]},
    }
    (target,) = rule["Targets"]
    assert text(target["Arn"]) == DEPLOY
    assert target["SageMakerPipelineParameters"] == {
        "PipelineParameterList": [{"Name": "ModelPackage", "Value": "$.detail.ModelPackageArn"}]
    }
    (allowed,) = only(template, "AWS::IAM::ManagedPolicy")["PolicyDocument"]["Statement"]
    assert (allowed["Action"], texts(allowed["Resource"])) == ("sagemaker:StartPipelineExecution", [DEPLOY])


def test_a_target_of_ones_own_is_told_instead(stack: cdk.Stack) -> None:
    queue = sqs.Queue(stack, "Approved")
    ModelRegistry(stack, "Models").on_approved("Tell", target=targets.SqsQueue(queue))
    template = resources(stack)
    rule = only(template, RULE)
    (name,) = rule["EventPattern"]["detail"]["ModelPackageGroupName"]
    assert name == only(template, "AWS::SageMaker::ModelPackageGroup")["ModelPackageGroupName"]
    assert text(rule["Targets"][0]["Arn"]).startswith("<Approved")
    assert "AWS::IAM::Role" not in {one["Type"] for one in template.values()}


def test_other_changes_of_a_group_that_somebody_else_made_can_be_heard_of(stack: cdk.Stack) -> None:
    target = targets.SqsQueue(sqs.Queue(stack, "Inbox"))
    ModelApproval(stack, "Heard", group_name="theirs", target=target, statuses=["Rejected", "Approved"])
    detail = only(resources(stack), RULE)["EventPattern"]["detail"]
    assert detail == {"ModelPackageGroupName": ["theirs"], "ModelApprovalStatus": ["Rejected", "Approved"]}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "give a pipeline or a target, got neither"),
        ({"pipeline": True, "target": True}, "got both"),
        ({"target": True, "parameters": {"a": "b"}}, "parameters are a pipeline's"),
        ({"pipeline": True, "statuses": []}, "statuses must be some of Approved, Rejected"),
        ({"pipeline": True, "statuses": ["approved"]}, "got approved"),
        ({"pipeline": True, "group_name": "a_b"}, "group_name must be"),
    ],
)
def test_what_would_never_happen_is_refused(stack: cdk.Stack, options: dict[str, Any], message: str) -> None:
    given: dict[str, Any] = {"group_name": "churn"} | options
    if "pipeline" in given:
        given["pipeline"] = deploying(stack)
    if "target" in given:
        given["target"] = targets.SqsQueue(sqs.Queue(stack, "Inbox"))
    with pytest.raises(InvalidInput, match=message) as caught:
        ModelApproval(stack, "Approval", **given)
    assert caught.value.path == "S/Approval"


def test_the_statuses_are_the_services_own() -> None:
    assert set(ModelApproval.STATUSES) == set(shapes()["ModelApprovalStatus"]["enum"])


@pytest.mark.slow
def test_no_compliance_pack_and_no_validator_finds_anything() -> None:
    strict = compliance.strict_app()
    stack = cdk.Stack(strict, "S")
    registry = ModelRegistry(stack, "Models")
    registry.on_approved("Deploy", pipeline=deploying(stack), parameters={"ModelPackage": APPROVED_MODEL_ARN})
    assert compliance.findings(stack) == set()
    strict.synth()
