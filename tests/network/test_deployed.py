"""Network and storage on the embedded AWS: made, changed, removed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2

from studio_infra.network import Feature, StudioNetwork
from studio_infra.rehearsal.server import EmbeddedAws
from studio_infra.storage import ArtifactBucket, StudioBackup, StudioKey, TeamFileSystem
from tests.deployment import Deployment

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow


@pytest.fixture
def aws() -> Iterator[EmbeddedAws]:
    with EmbeddedAws() as embedded:
        yield embedded


def everything(stack: cdk.Stack, *, grown: bool) -> None:
    destroy = cdk.RemovalPolicy.DESTROY
    key = StudioKey(stack, "Key", removal_policy=destroy).key
    network = StudioNetwork(
        stack,
        "Network",
        availability_zones=3 if grown else 2,
        nat_gateways=2 if grown else 1,
        features=Feature,
        flow_log_key=key,
        people_apart=True,
        removal_policy=destroy,
    )
    ArtifactBucket(stack, "Artifacts", key=key, removal_policy=destroy)
    files = TeamFileSystem(
        stack,
        "Files",
        vpc=network.vpc,
        subnets=network.subnets,
        clients=[network.studio_security_group, network.job_security_group],
        key=key,
        removal_policy=destroy,
    )
    files.add_team_directory("Vision", team="vision", gid=2001)
    if grown:
        files.add_team_directory("Text", team="text", gid=2002)
        network.add_person_security_group(stack, "AnaGroup")
    backup = StudioBackup(stack, "Backup", key=key, removal_policy=destroy)
    backup.add_file_system("Shared", files.file_system)


def test_a_network_with_files_is_made_grows_without_replacing_anything_and_goes(aws: EmbeddedAws) -> None:
    deployment = Deployment(aws, "Studio")
    before = deployment.deploy(lambda stack: everything(stack, grown=False))
    after = deployment.deploy(lambda stack: everything(stack, grown=True))
    assert before.items() <= after.items()
    assert len(after) > len(before)
    points = aws.client("efs").describe_access_points()["AccessPoints"]
    made = {point["RootDirectory"]["Path"]: point["RootDirectory"]["CreationInfo"] for point in points}
    assert {path: (info["OwnerGid"], info["Permissions"]) for path, info in made.items()} == {
        "/teams/vision": (2001, "0770"),
        "/teams/text": (2002, "0770"),
    }
    deployment.destroy()
    assert aws.client("efs").describe_file_systems()["FileSystems"] == []
    assert [vpc for vpc in aws.client("ec2").describe_vpcs()["Vpcs"] if not vpc["IsDefault"]] == []


def test_two_networks_share_one_vpc_and_each_goes_alone(aws: EmbeddedAws) -> None:
    client = aws.client("ec2")
    vpc_id = client.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        client.create_subnet(VpcId=vpc_id, CidrBlock=f"10.9.{n}.0/24")["Subnet"]["SubnetId"] for n in (0, 1)
    ]

    def network(stack: cdk.Stack) -> None:
        vpc = ec2.Vpc.from_vpc_attributes(
            stack, "Vpc", vpc_id=vpc_id, availability_zones=["a", "b"], private_subnet_ids=subnets
        )
        StudioNetwork(stack, "Network", vpc=vpc, removal_policy=cdk.RemovalPolicy.DESTROY)

    def groups() -> set[str]:
        found: list[dict[str, Any]] = client.describe_security_groups(
            Filters=[{"Name": "vpc-id", "Values": [vpc_id]}]
        )["SecurityGroups"]
        return {group["GroupId"] for group in found if group["GroupName"] != "default"}

    one, two = Deployment(aws, "One"), Deployment(aws, "Two")
    one.deploy(network)
    before = groups()
    two.deploy(network)
    assert len(groups()) == 2 * len(before) == 4
    two.destroy()
    assert groups() == before
    one.destroy()
    assert groups() == set()
