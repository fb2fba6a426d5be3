"""What jobs started by hand use, and that the SageMaker SDK uses it without a line of configuration."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam

from studio_infra.errors import InvalidInput
from studio_infra.workloads import TrainingEnvironment
from studio_infra.workloads.environment.sdk_defaults import SdkDefaults
from tests import compliance
from tests.workloads.conftest import GROUP, KEY, SUBNET, Place, imported_place
from tests.workloads.templates import only, resources, statements, text, texts

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ROLE, MODEL_ROLE = "arn:aws:iam::123456789012:role/job", "arn:aws:iam::123456789012:role/model"
TAGS = [{"Key": "studio:team", "Value": "vision"}]
VPC = {"Subnets": [SUBNET], "SecurityGroupIds": [GROUP]}


def environment(stack: cdk.Stack, place: Place, **options: Any) -> TrainingEnvironment:
    given: dict[str, Any] = {
        "name_prefix": "research",
        "team": "vision",
        "subnet_ids": [SUBNET],
        "security_group_ids": [GROUP],
        "key": place.key,
        "bucket": place.bucket,
    }
    return TrainingEnvironment(stack, "Vision", **(given | options))


def defaults(**options: Any) -> dict[str, Any]:
    given: dict[str, Any] = {
        "role_arn": ROLE,
        "model_role_arn": MODEL_ROLE,
        "subnet_ids": [SUBNET],
        "security_group_ids": [GROUP],
        "key_arn": KEY,
        "bucket": "artifacts",
        "prefix": "teams/vision",
        "tags": {"studio:team": "vision"},
    }
    return SdkDefaults(**(given | options)).to_json()


def test_the_teams_defaults_stand_in_its_parameter(stack: cdk.Stack, place: Place) -> None:
    role = iam.Role.from_role_arn(stack, "Job", ROLE)
    model_role = iam.Role.from_role_arn(stack, "ModelRole", MODEL_ROLE)
    made = environment(stack, place, role=role, model_role=model_role)
    template = resources(stack)
    parameter = only(template, "AWS::SSM::Parameter")
    assert parameter["Name"] == "/research/teams/vision/sagemaker-defaults"
    written = json.loads(text(parameter["Value"]))
    assert written["SchemaVersion"] == "1.0"
    assert written["SageMaker"]["TrainingJob"]["RoleArn"] == ROLE
    assert written["SageMaker"]["Model"]["ExecutionRoleArn"] == MODEL_ROLE
    assert written["SageMaker"]["TrainingJob"]["OutputDataConfig"]["KmsKeyId"].startswith("<Key")
    session = written["SageMaker"]["PythonSDK"]["Modules"]["Session"]
    assert session["DefaultS3Bucket"].startswith("<Bucket")
    assert session["DefaultS3ObjectKeyPrefix"] == "teams/vision"
    assert made.role is role
    assert "AWS::IAM::Role" not in {resource["Type"] for resource in template.values()}


def test_without_a_role_there_is_one_for_the_teams_folder_alone(stack: cdk.Stack, imported: Place) -> None:
    environment(stack, imported)
    allowed = statements(resources(stack), "JobRole")
    folder = ["arn:<AWS::Partition>:s3:::artifacts/teams/vision/*"]
    assert texts(allowed["ReadData"]["Resource"]) == folder
    assert texts(allowed["WriteData"]["Resource"]) == folder
    assert not any(
        action.endswith("*") for statement in allowed.values() for action in texts(statement["Action"])
    )


@pytest.mark.parametrize(("subnets", "limit"), [(4, 4096), (16, 8192)], ids=["free", "advanced"])
def test_the_file_fits_into_a_parameter_with_the_longest_of_names(subnets: int, limit: int) -> None:
    longest = defaults(
        role_arn=ROLE + "x" * (64 + 40),
        model_role_arn=ROLE + "x" * (64 + 40),
        subnet_ids=["subnet-0123456789abcdef0"] * subnets,
        security_group_ids=["sg-0123456789abcdef0"] * 2,
        bucket="b" * 63,
        prefix="teams/" + "t" * 32,
        tags={"studio:team": "t" * 32},
    )
    assert len(json.dumps(longest, separators=(",", ":"))) <= limit


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"team": "Vision"}, "TrainingEnvironmentName"),
        ({"name_prefix": "a/b"}, "TrainingEnvironmentName"),
        ({"subnet_ids": []}, "TrainingEnvironmentNetwork"),
        ({"security_group_ids": []}, "TrainingEnvironmentNetwork"),
    ],
)
def test_an_environment_that_nobody_could_use_is_refused(
    stack: cdk.Stack, imported: Place, options: dict[str, Any], code: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        environment(stack, imported, **options)
    assert (caught.value.code, caught.value.path) == (code, "S/Vision")


@pytest.mark.slow
@pytest.mark.timeout(900)  # the first one makes the environment
def test_an_estimator_in_a_notebook_uses_role_network_key_and_folder_of_the_team(
    tmp_path: Path, sagemaker_sdk: Callable[..., None]
) -> None:
    folder = tmp_path / "etc" / "sagemaker"
    folder.mkdir(parents=True)
    (folder / "config.yaml").write_text("# of team vision\n" + json.dumps(defaults()), encoding="utf-8")
    written = tmp_path / "requests.json"
    sagemaker_sdk(
        "defaults.py",
        written,
        XDG_CONFIG_DIRS=str(tmp_path / "etc"),
        XDG_CONFIG_HOME=str(tmp_path / "home"),
    )
    found = json.loads(written.read_text(encoding="utf-8"))
    train = found["train"]
    assert train["RoleArn"] == ROLE
    assert train["VpcConfig"] == VPC
    assert train["OutputDataConfig"] == {"S3OutputPath": "s3://artifacts/teams/vision/", "KmsKeyId": KEY}
    assert train["ResourceConfig"]["VolumeKmsKeyId"] == KEY
    assert train["EnableInterContainerTrafficEncryption"] is True
    assert train["Tags"] == TAGS
    assert "DebugHookConfig" not in train
    # The generic estimator does not look for the profiler's default. What it writes stays in the team's folder.
    assert train["ProfilerConfig"].get("S3OutputPath") == "s3://artifacts/teams/vision/"
    # The machines whose own disks take no key: SageMaker would refuse one.
    assert "VolumeKmsKeyId" not in found["own disks"]["ResourceConfig"]
    process = found["process"]
    assert process["RoleArn"] == ROLE
    assert process["NetworkConfig"]["VpcConfig"] == VPC
    assert process["ProcessingResources"]["ClusterConfig"]["VolumeKmsKeyId"] == KEY
    assert process["Tags"] == TAGS
    transform = found["transform"]
    assert transform["TransformOutput"]["KmsKeyId"] == KEY
    assert transform["TransformOutput"]["S3OutputPath"].startswith("s3://artifacts/teams/vision/")
    assert transform["TransformResources"]["VolumeKmsKeyId"] == KEY
    assert (found["model"]["ExecutionRoleArn"], found["model"]["VpcConfig"]) == (MODEL_ROLE, VPC)
    # What people's policies let them list is the folder of their team.
    assert {request["Prefix"] for request in found["bucket asked"]} <= {"teams/vision"}


@pytest.mark.slow
def test_no_compliance_pack_and_no_validator_finds_anything() -> None:
    strict = compliance.strict_app()
    stack = cdk.Stack(strict, "S")
    environment(stack, imported_place(stack))
    assert compliance.findings(stack) == set()
    strict.synth()
