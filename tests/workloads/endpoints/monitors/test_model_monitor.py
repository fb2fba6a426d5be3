"""Monitors: each of the four in CloudFormation's words, encrypted, isolated, under a name that follows its content."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms

from studio_infra.errors import InvalidInput
from studio_infra.workloads import (
    DataCapture,
    DataQuality,
    EndpointLifetime,
    InstanceVariant,
    Model,
    ModelBias,
    ModelContainer,
    ModelEndpoint,
    ModelExplainability,
    ModelMonitor,
    ModelQuality,
)
from tests import compliance
from tests.workloads.conftest import IMAGE, Place, imported_place
from tests.workloads.templates import needs, only, resources, statements, texts

if TYPE_CHECKING:
    from studio_infra.workloads.endpoints.monitors.kinds import Watched

OTHER_KEY = "arn:aws:kms:eu-west-1:123456789012:key/99999999-0a1b-0a1b-0a1b-0a1b2c3d4e5f"
SCHEDULE = "AWS::SageMaker::MonitoringSchedule"
FOUR: dict[str, Watched] = {
    "DataQuality": DataQuality(
        image=IMAGE, constraints="s3://a/base/constraints.json", statistics="s3://a/base/statistics.json"
    ),
    "ModelQuality": ModelQuality(
        image=IMAGE, problem="Regression", ground_truth="s3://a/truth/", answer="0", probability="1"
    ),
    "ModelBias": ModelBias(image=IMAGE, config="s3://a/bias.json", ground_truth="s3://a/truth/"),
    "ModelExplainability": ModelExplainability(image=IMAGE, config="s3://a/shap.json"),
}


def endpoint(stack: cdk.Stack, place: Place, *, captures: bool = True) -> ModelEndpoint:
    model = Model(
        stack,
        "Model",
        containers=[ModelContainer(image=IMAGE)],
        vpc=place.vpc,
        security_groups=[place.group],
        key=place.key,
    )
    own = kms.Key.from_key_arn(stack, "Own", OTHER_KEY)
    return ModelEndpoint(
        stack,
        "Churn",
        variants=[InstanceVariant(model=model, instance_type="ml.m5.large")],
        owner="ana",
        lifetime=EndpointLifetime.forever(),
        key=place.key,
        capture=DataCapture(place="s3://a/kept/", key=own) if captures else None,
    )


def monitor(stack: cdk.Stack, place: Place, watches: Watched, **options: Any) -> ModelMonitor:
    captures = options.pop("captures", True)
    return ModelMonitor(
        stack,
        "Monitor",
        endpoint=endpoint(stack, place, captures=captures),
        watches=watches,
        results="s3://a/found/",
        key=place.key,
        vpc=place.vpc,
        security_groups=[place.group],
        **options,
    )


@pytest.mark.parametrize("kind", FOUR)
def test_each_is_encrypted_isolated_and_scheduled(stack: cdk.Stack, imported: Place, kind: str) -> None:
    monitor(stack, imported, FOUR[kind])
    template = resources(stack)
    job = only(template, f"AWS::SageMaker::{kind}JobDefinition")
    network = job["NetworkConfig"]
    # Security Hub SageMaker.9 to .14, .20, .22 and .25: isolation, and encryption between containers.
    assert network["EnableNetworkIsolation"] is True
    assert network["EnableInterContainerTrafficEncryption"] is True
    assert network["VpcConfig"]["Subnets"]
    # checkov CKV_AWS_367 and 368.
    assert job["JobResources"]["ClusterConfig"]["VolumeKmsKeyId"]
    assert job[f"{kind}JobOutputConfig"]["KmsKeyId"]
    schedule = only(template, SCHEDULE)["MonitoringScheduleConfig"]
    assert schedule["MonitoringType"] == kind
    assert schedule["MonitoringJobDefinitionName"] == job["JobDefinitionName"]
    (logical_id,) = [name for name, one in template.items() if one["Type"] == SCHEDULE]
    before = {template[one]["Type"] for one in needs(template, logical_id)}
    assert {f"AWS::SageMaker::{kind}JobDefinition", "AWS::SageMaker::Endpoint", "AWS::IAM::Role"} <= before


def test_its_role_reads_what_was_captured_and_writes_what_it_finds(stack: cdk.Stack, imported: Place) -> None:
    monitor(stack, imported, FOUR["DataQuality"])
    found = statements(resources(stack), "MonitorRole")
    said = {
        action: texts(statement["Resource"])
        for statement in found.values()
        for action in texts(statement["Action"])
    }
    read = [arn.rpartition(":::")[2] for arn in said["s3:GetObject"]]
    assert read == ["a/kept/*", "a/base/constraints.json*", "a/base/statistics.json*"]
    assert [arn.rpartition(":::")[2] for arn in said["s3:PutObject"]] == ["a/found/*"]
    assert OTHER_KEY in {arn for one in found.values() for arn in texts(one["Resource"])}


def test_its_name_changes_exactly_when_its_content_does() -> None:
    def name(**options: Any) -> str:
        stack = cdk.Stack(cdk.App(), "S")
        monitor(stack, imported_place(stack), FOUR["ModelBias"], **options)
        found: str = only(resources(stack), "AWS::SageMaker::ModelBiasJobDefinition")["JobDefinitionName"]
        return found

    assert name() == name()
    assert name() == name(schedule="cron(0 0 ? * * *)")
    assert name() != name(volume_gb=30)
    assert len(name()) <= 63


def test_what_could_never_run_is_refused(stack: cdk.Stack, imported: Place) -> None:
    with pytest.raises(InvalidInput, match="captures nothing to look at"):
        monitor(stack, imported, FOUR["DataQuality"], captures=False)
    with pytest.raises(InvalidInput, match="problem must be one of BinaryClassification"):
        ModelQuality(image=IMAGE, problem="Guessing", ground_truth="s3://a/b")
    with pytest.raises(InvalidInput, match="config must be"):
        ModelBias(image=IMAGE, config="bias.json", ground_truth="s3://a/b")


def test_a_job_that_could_run_into_the_next_one_is_refused(stack: cdk.Stack, imported: Place) -> None:
    with pytest.raises(InvalidInput, match="max_runtime is at most an hour"):
        monitor(stack, imported, FOUR["DataQuality"], max_runtime=dt.timedelta(hours=2))


@pytest.mark.slow
@pytest.mark.parametrize("kind", FOUR)
def test_no_compliance_pack_and_no_validator_finds_anything(kind: str) -> None:
    strict = compliance.strict_app()
    stack = cdk.Stack(strict, "S")
    monitor(stack, imported_place(stack), FOUR[kind])
    assert compliance.findings(stack) == set()
    strict.synth()
