from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk.assertions import Template

from studio_infra.access import SsoAssignment
from studio_infra.errors import InvalidInput

GROUP = "94482488-3041-7091-8f3a-0f0d5b2ac51d"
USER = "906754a2c1-94482488-3041-7091-8f3a-0f0d5b2ac51e"
APPLICATION = "arn:aws:sso::123456789012:application/ssoins-1234567890123456/apl-1234567890123456"


def assignments(stack: cdk.Stack) -> dict[str, Any]:
    found = Template.from_stack(stack).find_resources("AWS::SSO::ApplicationAssignment")
    return {logical_id: resource["Properties"] for logical_id, resource in found.items()}


def test_groups_and_users_are_assigned_to_the_domains_application(stack: cdk.Stack) -> None:
    role = sagemaker.CfnDomain.UserSettingsProperty(execution_role="arn:aws:iam::123456789012:role/r")
    domain = sagemaker.CfnDomain(stack, "D", auth_mode="SSO", domain_name="d", default_user_settings=role)
    arn = domain.attr_single_sign_on_application_arn
    SsoAssignment(stack, "People", application_arn=arn, groups=[GROUP], users=[USER])
    application = {"Fn::GetAtt": ["D", "SingleSignOnApplicationArn"]}
    assert list(assignments(stack).values()) == [
        {"ApplicationArn": application, "PrincipalId": GROUP, "PrincipalType": "GROUP"},
        {"ApplicationArn": application, "PrincipalId": USER, "PrincipalType": "USER"},
    ]


def test_an_assignment_does_not_change_when_others_come_before_it() -> None:
    first, second = cdk.Stack(), cdk.Stack()
    SsoAssignment(first, "People", application_arn=APPLICATION, users=[USER])
    SsoAssignment(second, "People", application_arn=APPLICATION, groups=[GROUP], users=[GROUP, USER])
    assert assignments(first).items() < assignments(second).items()


@pytest.mark.parametrize(
    "bad", ["", "ana", "ana@example.com", GROUP[:-1], GROUP + "\n", "g" + GROUP[1:], "*"]
)
def test_a_name_is_no_id(stack: cdk.Stack, bad: str) -> None:
    with pytest.raises(InvalidInput, match="is no id of a user; they look like"):
        SsoAssignment(stack, "People", application_arn=APPLICATION, users=[bad])


def test_an_id_that_only_cloudformation_knows_is_refused_as_the_name_of_a_child_cannot_hang_on_it(
    stack: cdk.Stack,
) -> None:
    with pytest.raises(InvalidInput, match="is no id of a group"):
        SsoAssignment(stack, "People", application_arn=APPLICATION, groups=[cdk.Fn.import_value("group")])


def test_the_same_id_twice_is_refused_however_it_is_written(stack: cdk.Stack) -> None:
    with pytest.raises(InvalidInput, match="is assigned twice"):
        SsoAssignment(stack, "People", application_arn=APPLICATION, groups=[GROUP, GROUP.upper()])


def test_nobody_to_assign_is_refused(stack: cdk.Stack) -> None:
    with pytest.raises(InvalidInput, match="nobody is assigned, name groups or users"):
        SsoAssignment(stack, "People", application_arn=APPLICATION)
