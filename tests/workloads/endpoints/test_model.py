"""The model construct: closed in, least privilege, and a new one whenever anything changes."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3

from studio_infra.errors import InvalidInput
from studio_infra.workloads import Model, ModelContainer
from tests import compliance
from tests.workloads.conftest import GROUP, IMAGE, SUBNET, Place, imported_place
from tests.workloads.templates import needs, only, resources, statements, text, texts

DATA = "s3://artifacts/models/1/model.tar.gz"


def container(**options: Any) -> ModelContainer:
    given: dict[str, Any] = {"image": IMAGE, "model_data": DATA}
    return ModelContainer(**(given | options))


def model(stack: cdk.Stack, place: Place, *containers: ModelContainer, **options: Any) -> Model:
    given: dict[str, Any] = {
        "containers": containers or (container(),),
        "vpc": place.vpc,
        "security_groups": [place.group],
        "key": place.key,
    }
    return Model(stack, "Model", **(given | options))


def test_a_model_is_isolated_in_the_vpc_and_has_no_name_of_its_own(stack: cdk.Stack, imported: Place) -> None:
    model(stack, imported)
    properties = only(resources(stack), "AWS::SageMaker::Model")
    assert properties["EnableNetworkIsolation"] is True
    assert properties["VpcConfig"] == {"Subnets": [SUBNET], "SecurityGroupIds": [GROUP]}
    assert properties["PrimaryContainer"] == {
        "Image": IMAGE,
        "ModelDataUrl": DATA,
        "ImageConfig": {"RepositoryAccessMode": "Platform"},
    }
    assert "ModelName" not in properties


def test_its_role_reads_its_own_data_and_image_and_nothing_else(stack: cdk.Stack, imported: Place) -> None:
    model(stack, imported)
    allowed = statements(resources(stack), "ModelRole")
    assert texts(allowed["ReadData"]["Resource"]) == [
        "arn:<AWS::Partition>:s3:::artifacts/models/1/model.tar.gz*"
    ]
    assert texts(allowed["PullImages"]["Resource"]) == [
        "arn:<AWS::Partition>:ecr:eu-west-1:123456789012:repository/churn"
    ]
    assert texts(allowed["WriteLogs"]["Resource"])[0].endswith(":log-group:/aws/sagemaker/Endpoints*")
    assert "WriteData" not in allowed


def test_a_model_inside_its_image_reads_no_data(stack: cdk.Stack, imported: Place) -> None:
    model(stack, imported, container(model_data=None))
    allowed = statements(resources(stack), "ModelRole")
    assert not {"ReadData", "ListFolders1"} & allowed.keys()


def test_every_option_of_a_container_reaches_it(stack: cdk.Stack, imported: Place) -> None:
    many = container(
        model_data="s3://artifacts/models/", environment={"A": "b"}, private_registry=True, many_models=True
    )
    model(stack, imported, many, network_isolation=False)
    properties = only(resources(stack), "AWS::SageMaker::Model")
    assert properties["EnableNetworkIsolation"] is False
    assert properties["PrimaryContainer"] == {
        "Image": IMAGE,
        "ModelDataUrl": "s3://artifacts/models/",
        "Mode": "MultiModel",
        "Environment": {"A": "b"},
        "ImageConfig": {"RepositoryAccessMode": "Vpc"},
    }


@pytest.mark.parametrize("direct", [True, False])
def test_several_containers_stand_in_a_row_or_are_called_by_name(
    stack: cdk.Stack, imported: Place, *, direct: bool
) -> None:
    names = ("first", "second") if direct else (None, None)
    model(
        stack,
        imported,
        container(name=names[0]),
        container(model_data=None, name=names[1]),
        direct=direct,
    )
    properties = only(resources(stack), "AWS::SageMaker::Model")
    assert "PrimaryContainer" not in properties
    assert tuple(one.get("ContainerHostname") for one in properties["Containers"]) == names
    assert properties.get("InferenceExecutionConfig") == ({"Mode": "Direct"} if direct else None)


def test_role_and_policies_are_deleted_after_the_model(stack: cdk.Stack, imported: Place) -> None:
    model(stack, imported)
    template = resources(stack)
    (logical_id,) = [key for key, value in template.items() if value["Type"] == "AWS::SageMaker::Model"]
    assert {template[key]["Type"] for key in needs(template, logical_id)} == {
        "AWS::IAM::Role",
        "AWS::IAM::ManagedPolicy",
    }


def test_a_given_role_gets_its_policy_before_the_model_uses_it(stack: cdk.Stack, imported: Place) -> None:
    role = iam.Role.from_role_name(stack, "TeamRole", "vision-inference")
    made = model(stack, imported, role=role)
    template = resources(stack)
    assert made.role is role
    assert only(template, "AWS::IAM::ManagedPolicy")["Roles"] == ["vision-inference"]
    (logical_id,) = [key for key, value in template.items() if value["Type"] == "AWS::SageMaker::Model"]
    assert {template[key]["Type"] for key in needs(template, logical_id)} == {"AWS::IAM::ManagedPolicy"}


def test_a_grant_to_the_model_lands_on_its_role(stack: cdk.Stack, imported: Place) -> None:
    s3.Bucket(stack, "Features").grant_read(model(stack, imported))
    (role,) = only(resources(stack), "AWS::IAM::Policy")["Roles"]
    assert text(role).startswith("<ModelRole")


def test_images_and_places_that_are_tokens_pass(stack: cdk.Stack, imported: Place) -> None:
    image = cdk.CfnParameter(stack, "Image").value_as_string
    data = cdk.CfnParameter(stack, "Data").value_as_string
    model(stack, imported, container(image=image, model_data=data))
    assert only(resources(stack), "AWS::SageMaker::Model")["PrimaryContainer"]["ModelDataUrl"] == {
        "Ref": "Data"
    }


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"containers": []}, "between 1 and 15 containers"),
        ({"containers": [container()] * 16}, "got 16"),
        ({"direct": True}, "direct needs two containers or more"),
        ({"direct": True, "containers": [container()] * 2}, "give each ModelContainer a name"),
        ({"containers": [container(name="a"), container()]}, "got 1 names for 2"),
        ({"containers": [container(name="a")] * 2}, "a name of its own, got a, a"),
        ({"security_groups": []}, "1-5 security groups"),
        ({"vpc": None, "containers": [container(private_registry=True)]}, "give vpc as well"),
    ],
)
def test_what_could_never_deploy_is_refused(
    stack: cdk.Stack, imported: Place, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(InvalidInput, match=message) as caught:
        model(stack, imported, **options)
    assert caught.value.path == "S/Model"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"image": ""}, "1-255 characters, got 0"),
        ({"image": "x" * 256}, "got 256"),
        ({"model_data": "models/1"}, "s3://bucket/folder"),
        ({"many_models": True}, "needs a folder as model_data, ending with a slash"),
        ({"name": "first_one"}, "1-63 letters, digits or inner hyphens, got 'first_one'"),
        ({"environment": {"A": "x" * 1025}}, "variable A can be 1024 characters long, got 1025"),
        ({"environment": {f"V{n}": "" for n in range(101)}}, "at most 100 variables"),
    ],
)
def test_a_container_that_could_never_start_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        container(**options)


@pytest.mark.slow
def test_no_compliance_pack_and_no_validator_finds_anything() -> None:
    strict = compliance.strict_app()
    stack = cdk.Stack(strict, "S")
    model(stack, imported_place(stack))
    assert compliance.findings(stack) == set()
    strict.synth()
