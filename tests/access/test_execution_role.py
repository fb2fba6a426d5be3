from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Match, Template

from studio_infra.access import StudioExecutionRole, role_json, trust_policy
from studio_infra.errors import InvalidInput

BOUNDARY = "arn:aws:iam::123456789012:policy/boundary"


def policies(stack: cdk.Stack, count: int) -> list[iam.IManagedPolicy]:
    arn = "arn:aws:iam::123456789012:policy/p"
    return [iam.ManagedPolicy.from_managed_policy_arn(stack, f"P{n}", f"{arn}{n}") for n in range(count)]


def role_of(stack: cdk.Stack) -> dict[str, Any]:
    (role,) = Template.from_stack(stack).find_resources("AWS::IAM::Role").values()
    return dict(role["Properties"])


def test_a_role_without_options_can_do_nothing(stack: cdk.Stack) -> None:
    StudioExecutionRole(stack, "Role")
    assert role_of(stack) == {"AssumeRolePolicyDocument": trust_policy()}


@pytest.mark.parametrize("app", [{"@aws-cdk/aws-iam:minimizePolicies": True}, {}], indirect=True)
def test_a_construct_and_the_json_of_a_roster_are_the_same_role(stack: cdk.Stack) -> None:
    cdk.Tags.of(stack).add("cost-center", "42")
    StudioExecutionRole(
        stack,
        "Role",
        managed_policies=policies(stack, 2),
        user_name="ana",
        team="vision",
        permissions_boundary=iam.ManagedPolicy.from_managed_policy_arn(stack, "Boundary", BOUNDARY),
        path="/studio/",
    )
    expected = role_json(
        managed_policy_arns=[policy.managed_policy_arn for policy in policies(cdk.Stack(), 2)],
        permissions_boundary_arn=BOUNDARY,
        path="/studio/",
        user_name="ana",
        team="vision",
    )
    expected["Tags"] = [{"Key": "cost-center", "Value": "42"}, *expected["Tags"]]
    assert role_of(stack) == expected


def test_the_json_of_a_role_leaves_out_what_nobody_asked_for() -> None:
    assert role_json() == {"AssumeRolePolicyDocument": trust_policy()}
    assert role_json(user_name="ana")["Tags"] == [{"Key": "studio:user", "Value": "ana"}]


def test_only_sagemaker_can_become_the_role_and_only_for_this_account() -> None:
    for statement in trust_policy()["Statement"]:
        assert statement["Principal"] == {"Service": "sagemaker.amazonaws.com"}
        assert statement["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
        assert statement["Condition"]["ArnLike"].keys() == {"aws:SourceArn"}
    actions = [statement["Action"] for statement in trust_policy()["Statement"]]
    assert actions == ["sts:AssumeRole", "sts:SetSourceIdentity"]


def test_an_app_cannot_say_that_a_role_is_somebody_else(stack: cdk.Stack) -> None:
    StudioExecutionRole(stack, "Role", user_name="ana", team="vision")
    cdk.Tags.of(stack).add("studio:user", "eve")
    assert {"Key": "studio:user", "Value": "ana"} in role_of(stack)["Tags"]
    assert {"Key": "studio:user", "Value": "eve"} not in role_of(stack)["Tags"]


def test_a_grant_lands_on_the_role(stack: cdk.Stack) -> None:
    role: iam.IRole = StudioExecutionRole(stack, "Role")
    s3.Bucket(stack, "Data").grant_read(role)
    Template.from_stack(stack).has_resource_properties(
        "AWS::IAM::Policy", {"Roles": [{"Ref": Match.string_like_regexp("^Role")}]}
    )


def test_others_take_it_as_any_role(stack: cdk.Stack) -> None:
    role = StudioExecutionRole(stack, "Role")
    iam.CfnInstanceProfile(stack, "Profile", roles=[role.role_name])
    cdk.CfnOutput(stack, "Arn", value=role.role_arn)
    assert Template.from_stack(stack).find_outputs("Arn")["Arn"]["Value"]["Fn::GetAtt"][1] == "Arn"


def test_a_role_of_ones_own_comes_in_by_its_arn(stack: cdk.Stack) -> None:
    role = StudioExecutionRole.from_role_arn(stack, "Own", "arn:aws:iam::123456789012:role/own/ana")
    assert role.role_name == "ana"
    Template.from_stack(stack).resource_count_is("AWS::IAM::Role", 0)


def test_names_that_only_cloudformation_knows_are_taken(stack: cdk.Stack) -> None:
    name = cdk.CfnParameter(stack, "Name").value_as_string
    StudioExecutionRole(stack, "Role", user_name=name, team=name, path=name)
    tag = {"Key": "studio:user", "Value": {"Ref": "Name"}}
    assert tag in role_of(stack)["Tags"]


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"user_name": ""}, "user_name must be 1-63"),
        ({"user_name": "ana*"}, "user_name must be 1-63"),
        ({"user_name": "ana\n"}, "user_name must be 1-63"),
        ({"user_name": "ana/../eve"}, "user_name must be 1-63"),
        ({"user_name": "${aws:username}"}, "user_name must be 1-63"),
        ({"user_name": "a" * 64}, "user_name must be 1-63"),
        ({"team": "Vision"}, "team must be 1-32"),
        ({"team": "vision--churn"}, "team must be 1-32"),
        ({"path": "studio"}, "must start and end with a slash"),
        ({"path": "/studio"}, "must start and end with a slash"),
        ({"path": "/with space/"}, "must start and end with a slash"),
        ({"path": "/" + "a" * 511 + "/"}, "must start and end with a slash"),
    ],
)
def test_a_bad_option_is_refused(stack: cdk.Stack, options: dict[str, Any], complaint: str) -> None:
    with pytest.raises(InvalidInput, match=complaint) as caught:
        StudioExecutionRole(stack, "Role", **options)
    assert caught.value.path == "S"


def test_more_policies_than_a_role_can_hold_are_refused(stack: cdk.Stack) -> None:
    StudioExecutionRole(stack, "Ten", managed_policies=policies(stack, 10))
    with pytest.raises(InvalidInput, match="a role holds 10 managed policies, got 11"):
        StudioExecutionRole(stack, "Eleven", managed_policies=policies(cdk.Stack(), 11))
