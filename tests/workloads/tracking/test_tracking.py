"""MLflow as a server with an owner and as a serverless app: whose it is, what it may keep where, who may log."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker

from studio_infra.errors import InvalidInput
from studio_infra.workloads import TrackingApp, TrackingGrants, TrackingServer, TrackingServerSize
from tests import compliance
from tests.workloads.botocore_shapes import shapes
from tests.workloads.conftest import Place, imported_place
from tests.workloads.templates import needs, only, resources, statements, text, texts

SERVER, APP = "AWS::SageMaker::MlflowTrackingServer", "AWS::SageMaker::MlflowApp"
KINDS = {"server": SERVER, "app": APP}
both = pytest.mark.parametrize("kind", KINDS)


def make(kind: str, stack: cdk.Stack, place: Place, **options: Any) -> TrackingServer | TrackingApp:
    given: dict[str, Any] = {"team": "vision", "bucket": place.bucket, "key": place.key}
    if kind == "server":
        return TrackingServer(stack, "Tracking", **({"owner": "ana"} | given | options))
    return TrackingApp(stack, "Tracking", **(given | options))


def role(stack: cdk.Stack) -> iam.IRole:
    return iam.Role(stack, "Jobs", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))


def granted(stack: cdk.Stack) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = only(resources(stack), "AWS::IAM::Policy")["PolicyDocument"]["Statement"]
    return found


def test_a_server_has_a_team_an_owner_and_a_folder(stack: cdk.Stack, imported: Place) -> None:
    make("server", stack, imported, server_name="vision", size="Medium", mlflow_version="3.0")
    server = only(resources(stack), SERVER)
    assert server["ArtifactStoreUri"] == "s3://artifacts/teams/vision/mlflow"
    assert server["Tags"] == [
        {"Key": "studio:owner", "Value": "ana"},
        {"Key": "studio:team", "Value": "vision"},
    ]
    assert (server["TrackingServerName"], server["TrackingServerSize"]) == ("vision", "Medium")
    assert (server["MlflowVersion"], server["AutomaticModelRegistration"]) == ("3.0", False)


def test_an_app_needs_no_owner_because_nothing_runs(stack: cdk.Stack, imported: Place) -> None:
    make("app", stack, imported, maintenance_start="Sun:03:30")
    app = only(resources(stack), APP)
    assert app["Tags"] == [{"Key": "studio:team", "Value": "vision"}]
    assert app["ModelRegistrationMode"] == "AutoModelRegistrationDisabled"
    assert app["WeeklyMaintenanceWindowStart"] == "Sun:03:30"


@both
def test_it_keeps_its_artifacts_in_its_folder_and_may_do_nothing_else(
    kind: str, stack: cdk.Stack, imported: Place
) -> None:
    make(kind, stack, imported, prefix="teams/vision/experiments/")
    allowed = statements(resources(stack), "TrackingRole")
    folder = ["arn:<AWS::Partition>:s3:::artifacts/teams/vision/experiments/*"]
    assert texts(allowed["ReadData"]["Resource"]) == folder
    assert texts(allowed["WriteData"]["Resource"]) == folder
    actions = {action for statement in allowed.values() for action in texts(statement["Action"])}
    assert {action.partition(":")[0] for action in actions} == {"kms", "s3"}
    assert not any(action.endswith("*") for action in actions)


@both
def test_models_are_registered_only_where_that_was_asked_for(
    kind: str, stack: cdk.Stack, imported: Place
) -> None:
    make(kind, stack, imported, register_models=True)
    allowed = statements(resources(stack), "TrackingRole")
    assert "sagemaker:CreateModelPackage" in allowed["RegisterTrackedModels"]["Action"]


@both
def test_a_role_of_ones_own_gets_the_policy_first(kind: str, stack: cdk.Stack, imported: Place) -> None:
    own = iam.Role.from_role_arn(stack, "Own", "arn:aws:iam::123456789012:role/mlflow")
    assert make(kind, stack, imported, role=own).role is own
    template = resources(stack)
    (logical_id,) = [name for name, one in template.items() if one["Type"] == KINDS[kind]]
    assert any(template[name]["Type"] == "AWS::IAM::ManagedPolicy" for name in needs(template, logical_id))
    assert "AWS::IAM::Role" not in {one["Type"] for one in template.values()}


@both
def test_what_people_tracked_outlives_the_stack_unless_two_agree(
    kind: str, stack: cdk.Stack, imported: Place
) -> None:
    make(kind, stack, imported, removal_policy=cdk.RemovalPolicy.DESTROY)
    (one,) = [one for one in resources(stack).values() if one["Type"] == KINDS[kind]]
    assert one["DeletionPolicy"] == "Retain"


def test_jobs_may_log_to_this_server_and_to_no_other(stack: cdk.Stack, imported: Place) -> None:
    server = make("server", stack, imported)
    server.grants.log(role(stack))
    found = granted(stack)
    assert all(text(one["Resource"]).endswith(".TrackingServerArn>") for one in found)
    actions = {action for one in found for action in texts(one["Action"])}
    assert {"sagemaker-mlflow:Log*", "sagemaker-mlflow:Get*", "sagemaker-mlflow:Create*"} <= actions
    assert "sagemaker:CreatePresignedMlflowTrackingServerUrl" not in actions


def test_whoever_may_open_it_may_change_nothing(stack: cdk.Stack, imported: Place) -> None:
    make("server", stack, imported).grants.open(role(stack))
    actions = {action for one in granted(stack) for action in texts(one["Action"])}
    assert actions == {
        "sagemaker:CreatePresignedMlflowTrackingServerUrl",
        "sagemaker:DescribeMlflowTrackingServer",
        "sagemaker-mlflow:Get*",
        "sagemaker-mlflow:List*",
        "sagemaker-mlflow:Search*",
    }


def test_a_server_can_be_stopped_and_started_by_whom_one_likes(stack: cdk.Stack, imported: Place) -> None:
    server = TrackingServer(
        stack, "Tracking", team="vision", owner="ana", bucket=imported.bucket, key=imported.key
    )
    server.grants.stop_and_start(role(stack))
    actions = {action for one in granted(stack) for action in texts(one["Action"])}
    assert {"sagemaker:StopMlflowTrackingServer", "sagemaker:StartMlflowTrackingServer"} <= actions


def test_an_app_has_one_action_for_all_of_mlflow(stack: cdk.Stack, imported: Place) -> None:
    make("app", stack, imported).grants.log(role(stack))
    actions = {action for one in granted(stack) for action in texts(one["Action"])}
    assert actions == {"sagemaker:CallMlflowAppApi", "sagemaker:DescribeMlflowApp"}


@both
def test_an_l1_can_be_granted_on_as_well(kind: str, stack: cdk.Stack) -> None:
    if kind == "server":
        raw = sagemaker.CfnMlflowTrackingServer(
            stack,
            "Raw",
            tracking_server_name="raw",
            artifact_store_uri="s3://b/x",
            role_arn="arn:aws:iam::1:role/r",
        )
        TrackingGrants.from_server(raw).log(role(stack))
    else:
        app = sagemaker.CfnMlflowApp(
            stack, "Raw", name="raw", artifact_store_uri="s3://b/x", role_arn="arn:aws:iam::1:role/r"
        )
        TrackingGrants.from_app(app).log(role(stack))
    assert granted(stack)


@both
@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"prefix": ""}, "TrackingPrefix"),
        ({"prefix": "/"}, "TrackingPrefix"),
        ({"prefix": "teams/*"}, "TrackingPrefix"),
        ({"prefix": "teams/../x"}, "TrackingPrefix"),
        ({"maintenance_start": "Sunday:03:30"}, "TrackingMaintenance"),
        ({"maintenance_start": "Sun:24:00"}, "TrackingMaintenance"),
    ],
)
def test_what_the_service_would_refuse_is_refused(
    kind: str, stack: cdk.Stack, imported: Place, options: dict[str, Any], code: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        make(kind, stack, imported, **options)
    assert (caught.value.code, caught.value.path) == (code, "S/Tracking")


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"owner": " "}, "TrackingOwner"),
        ({"size": "Huge"}, "TrackingServerSize"),
        ({"server_name": "a_b"}, "ServerName"),
    ],
)
def test_a_server_that_nobody_owns_or_knows_is_refused(
    stack: cdk.Stack, imported: Place, options: dict[str, Any], code: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        make("server", stack, imported, **options)
    assert caught.value.code == code


@both
def test_a_region_without_it_is_refused(kind: str, app: cdk.App) -> None:
    stack = cdk.Stack(app, "S", env=cdk.Environment(region="cn-north-1"))
    with pytest.raises(InvalidInput, match="CloudFormation has no AWS::SageMaker::Mlflow"):
        make(kind, stack, imported_place(stack))


def test_the_sizes_are_the_services_own() -> None:
    assert {size.value for size in TrackingServerSize} == set(shapes()["TrackingServerSize"]["enum"])


@pytest.mark.slow
@both
def test_no_compliance_pack_and_no_validator_finds_anything(kind: str) -> None:
    strict = compliance.strict_app()
    stack = cdk.Stack(strict, "S")
    make(kind, stack, imported_place(stack), register_models=True)
    assert compliance.findings(stack) == set()
    strict.synth()
