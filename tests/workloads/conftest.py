"""Neighbours that workloads need: a VPC, a key, a bucket."""

from __future__ import annotations

from dataclasses import dataclass

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

SUBNET, GROUP = "subnet-0a1b2c3d", "sg-0a1b2c3d"
KEY = "arn:aws:kms:eu-west-1:123456789012:key/0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f"
IMAGE = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/churn:1.4.0"


@dataclass(frozen=True)
class Place:
    """Where workloads run in a test."""

    vpc: ec2.IVpc
    group: ec2.ISecurityGroup
    key: kms.IKey
    bucket: s3.IBucket


@pytest.fixture
def place(stack: cdk.Stack) -> Place:
    """Neighbours of the same stack."""
    private = ec2.SubnetConfiguration(name="Private", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
    vpc = ec2.Vpc(stack, "Vpc", max_azs=2, nat_gateways=0, subnet_configuration=[private])
    key = kms.Key(stack, "Key")
    return Place(
        vpc, ec2.SecurityGroup(stack, "Group", vpc=vpc), key, s3.Bucket(stack, "Bucket", encryption_key=key)
    )


def imported_place(stack: cdk.Stack) -> Place:
    """Neighbours that exist already."""
    vpc = ec2.Vpc.from_vpc_attributes(
        stack, "Vpc", vpc_id="vpc-0a1b2c3d", availability_zones=["a"], private_subnet_ids=[SUBNET]
    )
    return Place(
        vpc,
        ec2.SecurityGroup.from_security_group_id(stack, "Group", GROUP),
        kms.Key.from_key_arn(stack, "Key", KEY),
        s3.Bucket.from_bucket_name(stack, "Bucket", "artifacts"),
    )


@pytest.fixture
def imported(stack: cdk.Stack) -> Place:
    """Neighbours that exist already."""
    return imported_place(stack)
