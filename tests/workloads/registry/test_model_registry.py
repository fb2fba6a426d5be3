"""The registry construct: kept, shared on request, granted version by version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk.assertions import Template

from studio_infra.errors import InvalidInput
from studio_infra.storage.removal import ALLOW_DESTROY
from studio_infra.workloads import ModelRegistry, ModelRegistryGrants
from tests import compliance
from tests.workloads.templates import only, resources, text, texts

if TYPE_CHECKING:
    from collections.abc import Callable

GROUP = "AWS::SageMaker::ModelPackageGroup"


def test_a_group_is_retained_and_this_accounts_own(stack: cdk.Stack) -> None:
    made = ModelRegistry(stack, "Churn")
    Template.from_stack(stack).has_resource(
        GROUP, {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
    )
    assert only(resources(stack), GROUP) == {"ModelPackageGroupName": made.group_name}
    assert made.group_name == "s-churn-7350b46f"


@pytest.mark.parametrize(("consent", "policy"), [(True, "Delete"), (False, "Retain")])
def test_a_group_is_deleted_only_with_two_consents(*, consent: bool, policy: str) -> None:
    stack = cdk.Stack(cdk.App(context={ALLOW_DESTROY: consent}), "S")
    ModelRegistry(stack, "Churn", removal_policy=cdk.RemovalPolicy.DESTROY)
    Template.from_stack(stack).has_resource(GROUP, {"DeletionPolicy": policy})


def test_other_accounts_read_and_approve_but_do_not_register(stack: cdk.Stack) -> None:
    ModelRegistry(stack, "Churn", group_name="Churn", reading_accounts=["111122223333", "444455556666"])
    policy = only(resources(stack), GROUP)["ModelPackageGroupPolicy"]
    for statement in policy["Statement"]:
        assert texts(statement["Principal"]["AWS"]) == [
            "arn:<AWS::Partition>:iam::111122223333:root",
            "arn:<AWS::Partition>:iam::444455556666:root",
        ]
    actions = {action for statement in policy["Statement"] for action in statement["Action"]}
    assert "sagemaker:UpdateModelPackage" in actions
    assert not {"sagemaker:CreateModelPackage", "sagemaker:DeleteModelPackage"} & actions
    own = "arn:<AWS::Partition>:sagemaker:<AWS::Region>:<AWS::AccountId>"
    assert [text(statement["Resource"]) for statement in policy["Statement"]] == [
        f"{own}:model-package-group/churn",
        f"{own}:model-package/churn/*",
    ]


@pytest.mark.parametrize("kind", ["ours", "l1", "imported", "by name"])
def test_grants_reach_the_group_and_its_versions(stack: cdk.Stack, kind: str) -> None:
    own = "arn:aws:sagemaker:eu-west-1:123456789012"
    user = iam.User(stack, "Reviewer")
    makers: dict[str, Callable[[], Any]] = {
        "ours": lambda: ModelRegistry(stack, "Group"),
        "l1": lambda: sagemaker.CfnModelPackageGroup(stack, "Group", model_package_group_name="churn"),
        "imported": lambda: ModelRegistry.from_group_arn(stack, "Group", f"{own}:model-package-group/churn"),
        "by name": lambda: ModelRegistry.from_group_name(stack, "Group", "Churn"),
    }
    grants = ModelRegistryGrants.from_group(makers[kind]())
    grants.read(user)
    grants.register(user)
    grants.approve(user)
    statement = only(resources(stack), "AWS::IAM::Policy")["PolicyDocument"]["Statement"]
    assert {action for each in statement for action in each["Action"]} == {
        "sagemaker:DescribeModelPackageGroup",
        "sagemaker:ListModelPackages",
        "sagemaker:DescribeModelPackage",
        "sagemaker:CreateModelPackage",
        "sagemaker:UpdateModelPackage",
    }
    if kind == "imported":
        expected = [f"{own}:model-package-group/churn", f"{own}:model-package/churn/*"]
        assert all(each["Resource"] == expected for each in statement)
    if kind == "by name":
        here = "arn:<AWS::Partition>:sagemaker:<AWS::Region>:<AWS::AccountId>"
        assert text(statement[0]["Resource"][0]) == f"{here}:model-package-group/churn"


def test_ours_grants_by_itself(stack: cdk.Stack) -> None:
    made = ModelRegistry(stack, "Churn", description="Who leaves")
    made.grants.read(iam.User(stack, "Reviewer"))
    template = resources(stack)
    assert only(template, GROUP)["ModelPackageGroupDescription"] == "Who leaves"
    (first, _) = only(template, "AWS::IAM::Policy")["PolicyDocument"]["Statement"][0]["Resource"]
    assert text(first).startswith("<Churn")
    assert stack.resolve(made.group_arn) == first


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"group_name": "a_b"}, "GroupName"),
        ({"group_name": "a" * 64}, "GroupName"),
        ({"description": ""}, "ModelRegistryDescription"),
        ({"description": "x" * 1025}, "ModelRegistryDescription"),
        ({"reading_accounts": ["123"]}, "ModelRegistryAccount"),
        ({"reading_accounts": ["１２３４５６７８９０１２"]}, "ModelRegistryAccount"),
    ],
)
def test_what_could_never_deploy_is_refused(stack: cdk.Stack, options: dict[str, Any], code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        ModelRegistry(stack, "Churn", **options)
    assert (caught.value.code, caught.value.path) == (code, "S/Churn")


def test_tokens_pass(stack: cdk.Stack) -> None:
    value = cdk.CfnParameter(stack, "Value").value_as_string
    ModelRegistry(stack, "Churn", group_name=value, description=value, reading_accounts=[value])
    assert only(resources(stack), GROUP)["ModelPackageGroupName"] == {"Ref": "Value"}


@pytest.mark.slow
def test_no_compliance_pack_and_no_validator_finds_anything() -> None:
    strict = compliance.strict_app()
    stack = cdk.Stack(strict, "S")
    ModelRegistry(stack, "Churn", reading_accounts=["111122223333"])
    assert compliance.findings(stack) == set()
    strict.synth()
