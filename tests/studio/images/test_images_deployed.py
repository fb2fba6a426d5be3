"""Images on the embedded AWS: attached to a domain, a new version, gone again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2

from studio_infra.rehearsal.server import EmbeddedAws
from studio_infra.studio.domain.domain import StudioDomain
from studio_infra.studio.images import StudioImage
from tests.deployment import Deployment
from tests.rehearsal.conftest import make_network

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.slow

REPOSITORY = "000000000000.dkr.ecr.us-east-1.amazonaws.com/lab"


@pytest.fixture(scope="module")
def aws() -> Iterator[EmbeddedAws]:
    with EmbeddedAws() as running:
        yield running


def studio(aws: EmbeddedAws) -> Callable[[str | None], Callable[[cdk.Stack], None]]:
    """A domain in a network of its own, with an image of some tag or with none."""
    vpc_id, subnets = make_network(aws)
    group = aws.client("ec2").create_security_group(VpcId=vpc_id, GroupName="apps", Description="apps")[
        "GroupId"
    ]

    def build(stack: cdk.Stack, tag: str | None) -> None:
        vpc = ec2.Vpc.from_vpc_attributes(
            stack,
            "Vpc",
            vpc_id=vpc_id,
            availability_zones=["us-east-1a", "us-east-1b"],
            private_subnet_ids=subnets,
        )
        images = (
            []
            if tag is None
            else [StudioImage(stack, "Lab", image_name="lab", container_image=f"{REPOSITORY}:{tag}")]
        )
        StudioDomain(
            stack,
            "Domain",
            domain_name="research",
            vpc=vpc,
            security_groups=[ec2.SecurityGroup.from_security_group_id(stack, "Group", group)],
            images=images,
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )

    return lambda tag: lambda stack: build(stack, tag)


def offered(aws: EmbeddedAws) -> list[dict[str, Any]]:
    sagemaker = aws.client("sagemaker")
    (domain,) = sagemaker.list_domains()["Domains"]
    settings = sagemaker.describe_domain(DomainId=domain["DomainId"])["DefaultUserSettings"]
    found: list[dict[str, Any]] = settings["JupyterLabAppSettings"].get("CustomImages", [])
    return found


def test_an_image_is_attached_versioned_detached_and_gone(aws: EmbeddedAws) -> None:
    sagemaker = aws.client("sagemaker")
    deployment, with_image = Deployment(aws, "Images"), studio(aws)
    deployment.deploy(with_image("1"))
    assert offered(aws) == [{"ImageName": "lab", "AppImageConfigName": "lab-jl"}]

    deployment.deploy(with_image("2"))
    versions = sagemaker.list_image_versions(ImageName="lab")["ImageVersions"]
    assert sorted(version["Version"] for version in versions) == [1, 2]
    newest = sagemaker.describe_image_version(ImageName="lab")
    assert newest["BaseImage"] == f"{REPOSITORY}:2"

    deployment.deploy(with_image(None))
    assert offered(aws) == []
    assert sagemaker.list_images()["Images"] == []
    deployment.destroy()
