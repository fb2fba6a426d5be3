"""A network and a domain of each kind that a construct may meet: ours, an L1, an imported one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_sagemaker as sagemaker

from studio_infra.studio.domain.domain import StudioDomain

if TYPE_CHECKING:
    import aws_cdk as cdk
    from aws_cdk.interfaces import aws_sagemaker as refs


@pytest.fixture
def vpc(stack: cdk.Stack) -> ec2.IVpc:
    return ec2.Vpc.from_vpc_attributes(
        stack,
        "Vpc",
        vpc_id="vpc-1",
        availability_zones=["eu-1a", "eu-1b"],
        private_subnet_ids=["subnet-a", "subnet-b"],
    )


@pytest.fixture
def group(stack: cdk.Stack) -> ec2.ISecurityGroup:
    return ec2.SecurityGroup.from_security_group_id(stack, "Group", "sg-1")


@pytest.fixture
def domain_options(vpc: ec2.IVpc, group: ec2.ISecurityGroup) -> dict[str, Any]:
    return {"domain_name": "research", "vpc": vpc, "security_groups": [group]}


@pytest.fixture(params=["ours", "l1", "imported"])
def any_domain(
    request: pytest.FixtureRequest, stack: cdk.Stack, domain_options: dict[str, Any]
) -> refs.IDomainRef:
    if request.param == "ours":
        return StudioDomain(stack, "Domain", **domain_options)
    if request.param == "l1":
        return sagemaker.CfnDomain(
            stack,
            "Domain",
            domain_name="other",
            auth_mode="IAM",
            default_user_settings=sagemaker.CfnDomain.UserSettingsProperty(
                execution_role="arn:aws:iam::1:role/r"
            ),
        )
    return StudioDomain.from_domain_id(stack, "Domain", "d-imported")
