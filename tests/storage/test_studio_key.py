"""The key in CloudFormation's words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk.assertions import Match, Template

from studio_infra.errors import InvalidInput
from studio_infra.storage import StudioKey, StudioKeyGrants

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk.interfaces import aws_kms as refs

DESTROYABLE = {"@studio-infra/allow-destroy": True}


def role(stack: cdk.Stack) -> iam.Role:
    return iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))


def granted(stack: cdk.Stack) -> list[dict[str, Any]]:
    (policy,) = Template.from_stack(stack).find_resources("AWS::IAM::Policy").values()
    statements: list[dict[str, Any]] = policy["Properties"]["PolicyDocument"]["Statement"]
    return statements


def test_a_key_rotates_and_outlives_its_stack(stack: cdk.Stack) -> None:
    StudioKey(stack, "Key")
    Template.from_stack(stack).has_resource(
        "AWS::KMS::Key",
        {
            "Properties": {"EnableKeyRotation": True, "PendingWindowInDays": 30},
            "DeletionPolicy": "Retain",
            "UpdateReplacePolicy": "Retain",
        },
    )
    Template.from_stack(stack).resource_count_is("AWS::KMS::Alias", 0)


def test_the_policy_delegates_to_the_account_and_names_nobody_else(stack: cdk.Stack) -> None:
    StudioKey(stack, "Key")
    (key,) = Template.from_stack(stack).find_resources("AWS::KMS::Key").values()
    (statement,) = key["Properties"]["KeyPolicy"]["Statement"]
    assert stack.resolve(statement["Principal"]) == stack.resolve(
        {"AWS": f"arn:{cdk.Aws.PARTITION}:iam::{cdk.Aws.ACCOUNT_ID}:root"}
    )


@pytest.mark.parametrize("app", [DESTROYABLE], indirect=True)
def test_two_consents_let_the_key_go(stack: cdk.Stack) -> None:
    StudioKey(stack, "Key", removal_policy=cdk.RemovalPolicy.DESTROY)
    Template.from_stack(stack).has_resource("AWS::KMS::Key", {"DeletionPolicy": "Delete"})


def test_one_consent_does_not(stack: cdk.Stack) -> None:
    StudioKey(stack, "Key", removal_policy=cdk.RemovalPolicy.DESTROY)
    Template.from_stack(stack).has_resource("AWS::KMS::Key", {"DeletionPolicy": "Retain"})


@pytest.mark.parametrize("alias", ["research", "a", "team/vision_2-x", "a" * 250])
def test_an_alias_is_a_name_for_people(stack: cdk.Stack, alias: str) -> None:
    StudioKey(stack, "Key", alias=alias)
    Template.from_stack(stack).has_resource_properties("AWS::KMS::Alias", {"AliasName": f"alias/{alias}"})


def test_an_alias_may_be_known_to_cloudformation_alone(stack: cdk.Stack) -> None:
    StudioKey(stack, "Key", alias=cdk.CfnParameter(stack, "Alias").value_as_string)
    Template.from_stack(stack).has_resource_properties(
        "AWS::KMS::Alias", {"AliasName": {"Fn::Join": ["", ["alias/", {"Ref": "Alias"}]]}}
    )


@pytest.mark.parametrize("alias", ["", "aws/studio", "a b", "a" * 251, "alias:x", "ä", "name\n"])
def test_refuses_an_alias_that_kms_would_refuse(stack: cdk.Stack, alias: str) -> None:
    with pytest.raises(InvalidInput, match="alias must be 1-250 letters") as caught:
        StudioKey(stack, "Key", alias=alias)
    assert (caught.value.code, caught.value.path) == ("KeyAlias", "S/Key")


def owned(stack: cdk.Stack) -> refs.IKeyRef:
    return StudioKey(stack, "Key").key


def imported(stack: cdk.Stack) -> refs.IKeyRef:
    return StudioKey.from_key_arn(stack, "Key", "arn:aws:kms:eu-west-1:111122223333:key/1234")


def l1(stack: cdk.Stack) -> refs.IKeyRef:
    return kms.CfnKey(stack, "Key")


@pytest.mark.parametrize("key", [owned, imported, l1])
def test_grants_land_on_the_grantee_and_name_one_key(
    stack: cdk.Stack, key: Callable[[cdk.Stack], refs.IKeyRef]
) -> None:
    target = key(stack)
    grants = StudioKeyGrants.from_key(target)
    ana = role(stack)
    for grant in (grants.use(ana), grants.attach(ana)):
        grant.assert_success()
    statements = granted(stack)
    assert {str(s["Resource"]) for s in statements} == {str(stack.resolve(target.key_ref.key_arn))}
    assert all("*" not in str(s["Action"]) for s in statements)
    (attach,) = [s for s in statements if s["Action"] == "kms:CreateGrant"]
    assert attach["Condition"] == {"Bool": {"kms:GrantIsForAWSResource": "true"}}


def test_reading_does_not_include_writing(stack: cdk.Stack) -> None:
    StudioKey(stack, "Key").grants.decrypt(role(stack))
    assert granted(stack)[0]["Action"] == ["kms:Decrypt", "kms:DescribeKey"]


def test_a_domain_takes_the_key(stack: cdk.Stack) -> None:
    key = StudioKey(stack, "Key")
    assert key.key_arn == key.key.key_arn == key.key_ref.key_arn
    sagemaker.CfnDomain(
        stack,
        "Domain",
        auth_mode="IAM",
        domain_name="research",
        default_user_settings=sagemaker.CfnDomain.UserSettingsProperty(
            execution_role="arn:aws:iam::1:role/r"
        ),
        kms_key_id=key.key_arn,
    )
    Template.from_stack(stack).has_resource_properties(
        "AWS::SageMaker::Domain", {"KmsKeyId": {"Fn::GetAtt": [Match.string_like_regexp("^Key"), "Arn"]}}
    )
