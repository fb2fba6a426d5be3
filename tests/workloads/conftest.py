"""Neighbours that workloads need: a VPC, a key, a bucket; and the SageMaker SDK in an environment of its own."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from tests.environments import python_with

if TYPE_CHECKING:
    from collections.abc import Callable

SDK_SCRIPTS = Path(__file__).parent / "pipelines" / "sagemaker_sdk"
#: The SDK asks for a region; nothing else of the machine's own is read.
SDK_SURROUNDINGS = {
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "SAGEMAKER_SUPPRESS_V2_WARNING": "1",
}
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


@pytest.fixture(scope="session")
def sagemaker_sdk() -> Callable[..., None]:
    """Runs a script of `sagemaker_sdk` where the SDK is; the environment is built once, when first needed."""

    def run(script: str, *arguments: Path, **more: str) -> None:
        python = python_with(SDK_SCRIPTS / "requirements.txt", name="sagemaker-sdk")
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "SAGEMAKER_"))}
        ran = subprocess.run(
            [python, SDK_SCRIPTS / script, *arguments],
            capture_output=True,
            text=True,
            check=False,
            timeout=240,
            env=kept | SDK_SURROUNDINGS | more,
        )
        assert ran.returncode == 0, ran.stderr

    return run
