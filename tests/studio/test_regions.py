"""Every construct refuses a region in which CloudFormation cannot make it, and names both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_sagemaker as sagemaker

from studio_infra.access import role_json
from studio_infra.errors import InvalidInput
from studio_infra.settings import Person
from studio_infra.studio.domain.apps import StudioApp
from studio_infra.studio.domain.domain import StudioDomain
from studio_infra.studio.domain.user_settings import UserSettings
from studio_infra.studio.lifecycle.lifecycle_config import StudioLifecycleConfig
from studio_infra.studio.lifecycle.lifecycle_script import LifecycleScript
from studio_infra.studio.people.people import StudioPeople
from studio_infra.studio.people.person import TeamDefaults
from studio_infra.studio.people.space import Space
from studio_infra.studio.people.user_profile import UserProfile

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk.interfaces import aws_sagemaker as refs


def stack_in(region: str) -> cdk.Stack:
    return cdk.Stack(cdk.App(), "S", env=cdk.Environment(region=region))


def elsewhere(stack: cdk.Stack) -> refs.IDomainRef:
    return sagemaker.CfnDomain.from_domain_id(stack, "Domain", "d-1")


def domain(stack: cdk.Stack) -> object:
    vpc = ec2.Vpc.from_vpc_attributes(
        stack, "Vpc", vpc_id="vpc-1", availability_zones=["a"], private_subnet_ids=["subnet-a"]
    )
    group = ec2.SecurityGroup.from_security_group_id(stack, "Group", "sg-1")
    return StudioDomain(stack, "It", domain_name="research", vpc=vpc, security_groups=[group])


def people(stack: cdk.Stack) -> object:
    ana = Person(user_name="ana", team="vision", full_name="Ana", email="ana@example.com")
    team = TeamDefaults(team="vision", execution_role=role_json(), settings=UserSettings())
    return StudioPeople(
        stack, "It", domain=elsewhere(stack), name_prefix="r", people=[ana], teams={"vision": team}
    )


def profile(stack: cdk.Stack) -> object:
    return UserProfile(stack, "It", domain=elsewhere(stack), user_name="ana")


def space(stack: cdk.Stack) -> object:
    domain = elsewhere(stack)
    owner = UserProfile.from_user_profile_attributes(stack, "Ana", domain=domain, user_name="ana")
    return Space(stack, "It", domain=domain, space_name="ana", owner=owner)


def config(stack: cdk.Stack) -> object:
    script = LifecycleScript(text="#!/bin/bash\ntrue\n")
    return StudioLifecycleConfig(
        stack, "It", app_type=StudioApp.JUPYTER_LAB, script=script, prefix="research"
    )


CASES: list[tuple[Callable[[cdk.Stack], Any], str, str]] = [
    (domain, "AWS::SageMaker::Domain", "ca-west-1"),
    (people, "AWS::SageMaker::UserProfile", "ap-south-2"),
    (profile, "AWS::SageMaker::UserProfile", "ap-southeast-4"),
    (space, "AWS::SageMaker::Space", "cn-north-1"),
    (config, "AWS::SageMaker::StudioLifecycleConfig", "mx-central-1"),
]


@pytest.mark.parametrize(("make", "kind", "region"), CASES)
def test_a_region_without_the_type_is_refused_and_both_are_named(
    make: Callable[[cdk.Stack], Any], kind: str, region: str
) -> None:
    with pytest.raises(InvalidInput, match=f"CloudFormation has no {kind} in {region}") as caught:
        make(stack_in(region))
    assert caught.value.path == "S/It"


@pytest.mark.parametrize(("make", "kind", "region"), CASES)
def test_other_regions_and_unknown_ones_pass(
    make: Callable[[cdk.Stack], Any], kind: str, region: str
) -> None:
    del kind, region
    make(stack_in("eu-west-1"))
    make(cdk.Stack(cdk.App(), "S"))
