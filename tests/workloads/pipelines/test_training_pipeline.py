"""The pipeline construct: two roles, one definition, nothing beyond what the steps need."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk.assertions import Template

from studio_infra.errors import InvalidInput
from studio_infra.workloads import PipelineGrants, RegisterModelStep, TrainingPipeline, TrainingStep
from studio_infra.workloads.pipelines.pipeline_definition import (
    CreateModelStep,
    ProcessingOutput,
    ProcessingStep,
    Step,
)
from tests import compliance
from tests.workloads.conftest import IMAGE, Place, imported_place
from tests.workloads.templates import needs, only, resources, statements, text, texts

HOUR = timedelta(hours=1)


def train(**options: Any) -> TrainingStep:
    given: dict[str, Any] = {"image": IMAGE, "instance_type": "ml.m5.xlarge", "max_runtime": HOUR}
    return TrainingStep(**(given | options))


def pipeline(stack: cdk.Stack, place: Place, *steps: Step, **options: Any) -> TrainingPipeline:
    given: dict[str, Any] = {
        "steps": steps or (train(),),
        "vpc": place.vpc,
        "security_groups": [place.group],
        "key": place.key,
        "bucket": place.bucket,
    }
    return TrainingPipeline(stack, "Churn", **(given | options))


def definition(template: dict[str, Any]) -> dict[str, Any]:
    """The definition as it arrives: the text joined, tokens as `<…>`."""
    body = only(template, "AWS::SageMaker::Pipeline")["PipelineDefinition"]["PipelineDefinitionBody"]
    found: dict[str, Any] = json.loads(text(body))
    return found


def test_tokens_inside_the_definition_survive(stack: cdk.Stack, place: Place) -> None:
    image = f"{stack.account}.dkr.ecr.{stack.region}.{stack.url_suffix}/churn:1"
    data = place.bucket.s3_url_for_object('with "quotes"')
    pipeline(stack, place, train(image=image, inputs={"train": data}))
    job = definition(resources(stack))["Steps"][0]["Arguments"]
    assert job["AlgorithmSpecification"]["TrainingImage"] == (
        "<AWS::AccountId>.dkr.ecr.<AWS::Region>.<AWS::URLSuffix>/churn:1"
    )
    uri = job["InputDataConfig"][0]["DataSource"]["S3DataSource"]["S3Uri"]
    assert uri.startswith("s3://<Bucket")
    assert uri.endswith('/with "quotes"')
    assert job["RoleArn"].startswith("<ChurnJobRole")
    assert job["ResourceConfig"]["VolumeKmsKeyId"].startswith("<Key")
    assert len(job["VpcConfig"]["Subnets"]) == 2


def test_jobs_have_a_role_that_reads_and_writes_only_what_the_steps_name(
    stack: cdk.Stack, place: Place
) -> None:
    pipeline(stack, place, train(inputs={"train": "s3://data/train/"}), pipeline_name="churn")
    template = resources(stack)
    allowed = statements(template, "ChurnJobRole")
    assert texts(allowed["ReadData"]["Resource"]) == [
        "arn:<AWS::Partition>:s3:::data/train/*",
        f"arn:<AWS::Partition>:s3:::<{_id(template, 'AWS::S3::Bucket')}>/pipelines/churn/checkpoints/*",
    ]
    assert [place.rpartition("churn/")[2] for place in texts(allowed["WriteData"]["Resource"])] == [
        "models/*",
        "checkpoints/*",
    ]
    assert texts(allowed["PullImages"]["Resource"]) == [
        "arn:<AWS::Partition>:ecr:eu-west-1:123456789012:repository/churn"
    ]
    assert texts(allowed["WriteLogs"]["Resource"]) == [
        "arn:<AWS::Partition>:logs:<AWS::Region>:<AWS::AccountId>:log-group:/aws/sagemaker/TrainingJobs*"
    ]
    assert not any(
        action.endswith("*") for statement in allowed.values() for action in texts(statement["Action"])
    )


def test_listing_is_bound_to_the_folders_of_each_bucket(stack: cdk.Stack, imported: Place) -> None:
    pipeline(stack, imported, train(inputs={"train": "s3://data/train/"}), prefix="teams/vision/churn")
    found = [
        (text(statement["Resource"]), statement["Condition"]["StringLike"]["s3:prefix"])
        for resource in resources(stack).values()
        if resource["Type"] == "AWS::IAM::ManagedPolicy"
        for statement in resource["Properties"]["PolicyDocument"]["Statement"]
        if statement["Action"] == "s3:ListBucket"
    ]
    assert found == [
        ("arn:<AWS::Partition>:s3:::data", ["train/*"]),
        (
            "arn:<AWS::Partition>:s3:::artifacts",
            ["teams/vision/churn/checkpoints/*", "teams/vision/churn/models/*"],
        ),
    ]


def test_the_pipelines_own_role_makes_jobs_and_lends_one_role_to_sagemaker(
    stack: cdk.Stack, place: Place
) -> None:
    step = train()
    pipeline(stack, place, step, RegisterModelStep(group_name="Churn", image=IMAGE, model_data=step.model))
    template = resources(stack)
    allowed = statements(template, "ChurnRole")
    assert sorted(allowed) == ["HandRoleToJobs", "RegisterModels", "RunTraining", "UseKey"]
    assert allowed["HandRoleToJobs"]["Condition"] == {
        "StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}
    }
    assert texts(allowed["HandRoleToJobs"]["Resource"])[0].startswith("<ChurnJobRole")
    assert texts(allowed["RunTraining"]["Resource"])[0].endswith(":training-job/pipelines-*")
    # SageMaker writes the group's name in lower case, and IAM compares exactly.
    assert [arn.rpartition(":")[2] for arn in texts(allowed["RegisterModels"]["Resource"])] == [
        "model-package-group/churn",
        "model-package/churn/*",
    ]


def test_each_kind_of_step_brings_its_own_permissions(stack: cdk.Stack, place: Place) -> None:
    pipeline(
        stack,
        place,
        ProcessingStep(
            name="Check",
            image=IMAGE,
            instance_type="ml.m5.large",
            max_runtime=HOUR,
            outputs={"report": ProcessingOutput(path="/out")},
        ),
        CreateModelStep(name="Model", image=IMAGE, model_data="s3://b/m.tar.gz"),
    )
    template = resources(stack)
    assert sorted(statements(template, "ChurnRole")) == [
        "HandRoleToJobs",
        "MakeModels",
        "ReadFigures",
        "RunProcessing",
        "UseKey",
    ]
    written = texts(statements(template, "ChurnJobRole")["WriteData"]["Resource"])
    assert [place.endswith("/Check/report/*") for place in written] == [True]


def test_only_sagemaker_and_only_for_this_account_takes_the_roles(stack: cdk.Stack, place: Place) -> None:
    pipeline(stack, place)
    roles = [resource for resource in resources(stack).values() if resource["Type"] == "AWS::IAM::Role"]
    assert len(roles) == 2
    for role in roles:
        (trust,) = role["Properties"]["AssumeRolePolicyDocument"]["Statement"]
        assert trust["Principal"] == {"Service": "sagemaker.amazonaws.com"}
        assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}


def test_roles_and_policies_are_deleted_after_the_pipeline(stack: cdk.Stack, place: Place) -> None:
    pipeline(stack, place)
    template = resources(stack)
    before = needs(template, _id(template, "AWS::SageMaker::Pipeline"))
    kinds = sorted(
        template[logical_id]["Type"] for logical_id in before if "IAM" in template[logical_id]["Type"]
    )
    assert kinds == ["AWS::IAM::ManagedPolicy"] * 2 + ["AWS::IAM::Role"] * 2


@pytest.mark.parametrize("mutable", [True, False])
def test_a_given_role_gets_a_policy_here_and_is_not_changed_otherwise(
    stack: cdk.Stack, imported: Place, *, mutable: bool
) -> None:
    arn = "arn:aws:iam::123456789012:role/team/vision-jobs"
    role = iam.Role.from_role_arn(stack, "TeamRole", arn, mutable=mutable)
    made = pipeline(stack, imported, job_role=role)
    template = resources(stack)
    assert made.job_role is role
    assert definition(template)["Steps"][0]["Arguments"]["RoleArn"] == arn
    policies = [
        resource["Properties"]
        for resource in template.values()
        if resource["Type"] == "AWS::IAM::ManagedPolicy"
    ]
    assert [policy["Roles"] for policy in policies if "Roles" in policy] == [["vision-jobs"]]
    pipeline_id = _id(template, "AWS::SageMaker::Pipeline")
    assert any("JobPolicies" in logical_id for logical_id in needs(template, pipeline_id))


def test_a_role_of_another_stack_stays_as_it_is(app: cdk.App, stack: cdk.Stack, imported: Place) -> None:
    studio = cdk.Stack(app, "Studio")
    role = iam.Role(studio, "Jobs", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))
    pipeline(stack, imported, job_role=role)
    template = Template.from_stack(studio).to_json()["Resources"]
    assert [resource["Type"] for resource in template.values()] == ["AWS::IAM::Role"]


def test_an_image_that_is_one_token_may_be_any_repository_of_this_account(
    stack: cdk.Stack, place: Place
) -> None:
    image = cdk.CfnParameter(stack, "Image").value_as_string
    pipeline(stack, place, train(image=image))
    assert texts(statements(resources(stack), "ChurnJobRole")["PullImages"]["Resource"]) == [
        "arn:<AWS::Partition>:ecr:<AWS::Region>:<AWS::AccountId>:repository/*"
    ]


def test_an_image_from_outside_aws_needs_no_permission(stack: cdk.Stack, place: Place) -> None:
    pipeline(stack, place, train(image="public.registry.example/churn:1"))
    assert "PullImages" not in statements(resources(stack), "ChurnJobRole")


def test_options_reach_the_pipeline(stack: cdk.Stack, place: Place) -> None:
    pipeline(
        stack,
        place,
        pipeline_name="Churn-weekly",
        description="Every Monday",
        max_parallel_steps=3,
        job_tags={"studio:team": "vision"},
        subnets=place.vpc.isolated_subnets[:1],
    )
    template = resources(stack)
    properties = only(template, "AWS::SageMaker::Pipeline")
    assert properties["PipelineName"] == "Churn-weekly"
    assert properties["PipelineDescription"] == "Every Monday"
    assert properties["ParallelismConfiguration"] == {"MaxParallelExecutionSteps": 3}
    job = definition(template)["Steps"][0]["Arguments"]
    assert job["Tags"] == [{"Key": "studio:team", "Value": "vision"}]
    assert len(job["VpcConfig"]["Subnets"]) == 1
    assert job["OutputDataConfig"]["S3OutputPath"].endswith("/pipelines/Churn-weekly/models")


def test_the_name_is_the_same_in_every_synthesis() -> None:
    def name() -> str:
        stack = cdk.Stack(cdk.App(), "Research-Workloads")
        return pipeline(stack, imported_place(stack)).pipeline_name

    assert name() == name() == "research-workloads-churn-bb107846"


@pytest.mark.parametrize("kind", ["ours", "l1", "imported"])
def test_grants_work_on_any_pipeline(stack: cdk.Stack, imported: Place, kind: str) -> None:
    user = iam.User(stack, "Scheduler")
    if kind == "ours":
        grants = pipeline(stack, imported, pipeline_name="churn").grants
    elif kind == "l1":
        raw = sagemaker.CfnPipeline(
            stack, "Raw", pipeline_name="churn", pipeline_definition={}, role_arn="arn:aws:iam::1:role/r"
        )
        grants = PipelineGrants.from_pipeline(raw)
    else:
        grants = PipelineGrants.from_pipeline(TrainingPipeline.from_pipeline_name(stack, "Other", "churn"))
    grants.start(user)
    grants.stop(user)
    grants.read(user)
    found = {
        tuple(texts(statement["Action"])): [
            arn.partition(":pipeline/")[2] for arn in texts(statement["Resource"])
        ]
        for statement in only(resources(stack), "AWS::IAM::Policy")["PolicyDocument"]["Statement"]
    }
    (started,) = found["sagemaker:StartPipelineExecution",]
    (stopped,) = found["sagemaker:StopPipelineExecution",]
    assert stopped == f"{started}/execution/*"
    assert any("sagemaker:ListPipelineExecutions" in actions for actions in found)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"pipeline_name": "a_b"}, "PipelineName"),
        ({"pipeline_name": "a\n"}, "PipelineName"),
        ({"pipeline_name": "a" * 257}, "PipelineName"),
        ({"prefix": "../x"}, "PipelinePrefix"),
        ({"prefix": "a//b"}, "PipelinePrefix"),
        ({"prefix": "a*"}, "PipelinePrefix"),
        ({"max_parallel_steps": 0}, "PipelineParallelism"),
        ({"security_groups": []}, "SecurityGroups"),
        ({"subnets": []}, "Subnets"),
        ({"steps": []}, "PipelineSteps"),
    ],
)
def test_what_could_never_deploy_is_refused(
    stack: cdk.Stack, imported: Place, options: dict[str, Any], code: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        pipeline(stack, imported, **options)
    assert caught.value.code == code
    assert caught.value.path == "S/Churn"


def test_a_refusal_of_the_steps_names_pipeline_and_step(stack: cdk.Stack, imported: Place) -> None:
    with pytest.raises(InvalidInput) as caught:
        pipeline(stack, imported, train(depends_on=("Prepare",)))
    assert caught.value.path == "S/Churn/step Train"


def test_names_that_are_tokens_pass(stack: cdk.Stack, place: Place) -> None:
    name = cdk.CfnParameter(stack, "Name").value_as_string
    pipeline(stack, place, pipeline_name=name, prefix=f"{name}/x")
    assert only(resources(stack), "AWS::SageMaker::Pipeline")["PipelineName"] == {"Ref": "Name"}


@pytest.mark.slow
def test_no_compliance_pack_and_no_validator_finds_anything() -> None:
    strict = compliance.strict_app()
    stack = cdk.Stack(strict, "S")
    step = train()
    pipeline(
        stack,
        imported_place(stack),
        step,
        RegisterModelStep(group_name="churn", image=IMAGE, model_data=step.model),
    )
    assert compliance.findings(stack) == set()
    strict.synth()


def _id(template: dict[str, Any], kind: str) -> str:
    (found,) = [logical_id for logical_id, resource in template.items() if resource["Type"] == kind]
    return found
