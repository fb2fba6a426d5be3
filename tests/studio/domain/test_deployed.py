"""Domains on the embedded AWS: two in one VPC, in a VPC brought along, Studio Classic, both kinds of addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms

from studio_infra.network import StudioNetwork
from studio_infra.operations import DomainDrain
from studio_infra.rehearsal.server import EmbeddedAws
from studio_infra.studio.domain.apps import CLASSIC_APPS, DefaultImage, StudioApp
from studio_infra.studio.domain.domain import StudioDomain
from studio_infra.studio.domain.domain_options import DomainOptions
from studio_infra.studio.git.git_host import GitHost
from studio_infra.studio.git.git_ssh import GitSsh
from studio_infra.studio.idle.idle_shutdown import IdleEngine, IdleShutdown
from tests.deployment import Deployment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.slow
DESTROY = cdk.RemovalPolicy.DESTROY
IMAGE = "arn:aws:sagemaker:us-east-1:081325390199:image/datascience-1.0"
VERSION = "arn:aws:sagemaker:us-east-1:081325390199:image-version/datascience-1.0/{}"
#: What AWS changes by itself as time goes by.
_CLOCKS = ("CreationTime", "LastModifiedTime", "SizeInBytes", "AvailableIpAddressCount")


@pytest.fixture(scope="module")
def aws() -> Iterator[EmbeddedAws]:
    with EmbeddedAws() as embedded:
        yield embedded


class Vpc:
    """A VPC that somebody else made, and everything in it that EC2 knows of."""

    def __init__(self, aws: EmbeddedAws, number: int) -> None:
        self.aws, self.ec2 = aws, aws.client("ec2")
        self.vpc_id = self.ec2.create_vpc(CidrBlock=f"10.{number}.0.0/16")["Vpc"]["VpcId"]
        self.subnet_ids = [
            self.ec2.create_subnet(VpcId=self.vpc_id, CidrBlock=f"10.{number}.{one}.0/24")["Subnet"][
                "SubnetId"
            ]
            for one in (0, 1)
        ]

    def imported(self, stack: cdk.Stack) -> ec2.IVpc:
        return ec2.Vpc.from_vpc_attributes(
            stack,
            "Vpc",
            vpc_id=self.vpc_id,
            availability_zones=["us-east-1a", "us-east-1b"],
            private_subnet_ids=self.subnet_ids,
        )

    def portrait(self) -> dict[str, Any]:
        """The VPC, its subnets, tables, endpoints and groups."""
        mine = [{"Name": "vpc-id", "Values": [self.vpc_id]}]
        found = {
            "vpc": self.ec2.describe_vpcs(VpcIds=[self.vpc_id])["Vpcs"],
            "subnets": self.ec2.describe_subnets(Filters=mine)["Subnets"],
            "tables": self.ec2.describe_route_tables(Filters=mine)["RouteTables"],
            "endpoints": self.ec2.describe_vpc_endpoints(Filters=mine)["VpcEndpoints"],
            "groups": self.ec2.describe_security_groups(Filters=mine)["SecurityGroups"],
        }
        seen: dict[str, Any] = without_clocks(found)
        return seen


def without_clocks(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: without_clocks(one) for name, one in value.items() if name not in _CLOCKS}
    return [without_clocks(one) for one in value] if isinstance(value, list) else value


def domain_of(aws: EmbeddedAws, name: str) -> dict[str, Any]:
    sagemaker = aws.client("sagemaker")
    (found,) = [one for one in sagemaker.list_domains()["Domains"] if one["DomainName"] == name]
    shown: dict[str, Any] = sagemaker.describe_domain(DomainId=found["DomainId"])
    return shown


def portrait(aws: EmbeddedAws, name: str) -> dict[str, Any]:
    """A domain with its file system, its mount targets and its NFS groups."""
    domain, efs = domain_of(aws, name), aws.client("efs")
    home = domain["HomeEfsFileSystemId"]
    groups = aws.client("ec2").describe_security_groups()["SecurityGroups"]
    found = {
        "domain": {key: value for key, value in domain.items() if key != "ResponseMetadata"},
        "home": efs.describe_file_systems(FileSystemId=home)["FileSystems"],
        "targets": efs.describe_mount_targets(FileSystemId=home)["MountTargets"],
        "groups": [one for one in groups if one["GroupName"].endswith(f"-nfs-{domain['DomainId']}")],
    }
    assert len(found["groups"]) == 2
    assert found["targets"]
    seen: dict[str, Any] = without_clocks(found)
    return seen


def in_vpc(
    vpc: Vpc, name: str, *, hidden: tuple[str, ...] = (), drained: bool = True
) -> Callable[[cdk.Stack], None]:
    def build(stack: cdk.Stack) -> None:
        imported = vpc.imported(stack)
        key = kms.Key(stack, "Key", enable_key_rotation=True, removal_policy=DESTROY)
        network = StudioNetwork(stack, "Network", vpc=imported, removal_policy=DESTROY)
        domain = StudioDomain(
            stack,
            "Domain",
            domain_name=name,
            vpc=imported,
            security_groups=[network.studio_security_group],
            key=key,
            hidden_instance_types=hidden,
            removal_policy=DESTROY,
        )
        if drained:
            DomainDrain(
                stack,
                "Drain",
                domain=domain,
                home_file_system_id=domain.home_file_system_id,
                vpc=imported,
                key=key,
                delete_homes=True,
                final_copy=False,
                removal_policy=DESTROY,
            )

    return build


def test_of_two_domains_in_a_vpc_that_was_brought_along_one_changes_and_goes_and_the_other_sees_nothing_of_it(
    aws: EmbeddedAws,
) -> None:
    vpc = Vpc(aws, 21)
    untouched = vpc.portrait()
    one, two = Deployment(aws, "one"), Deployment(aws, "two")
    one.deploy(in_vpc(vpc, "one"))
    alone, with_one = portrait(aws, "one"), vpc.portrait()
    two.deploy(in_vpc(vpc, "two"))
    other = portrait(aws, "two")
    assert portrait(aws, "one") == alone
    assert alone["home"] != other["home"]

    # One of them changes, in place.
    one.deploy(in_vpc(vpc, "one", hidden=("ml.p5.48xlarge",)))
    changed = portrait(aws, "one")
    assert changed["domain"]["DomainId"] == alone["domain"]["DomainId"]
    assert changed["domain"] != alone["domain"]
    assert portrait(aws, "two") == other

    # The other one goes, with its homes and its groups, and takes nothing of the first along.
    two.destroy()
    assert portrait(aws, "one") == changed
    assert vpc.portrait() == with_one
    homes = aws.client("efs").describe_file_systems()["FileSystems"]
    assert [home["FileSystemId"] for home in homes] == [changed["domain"]["HomeEfsFileSystemId"]]

    # The first goes, too: the VPC is as it was before anybody came.
    one.destroy()
    assert vpc.portrait() == untouched
    assert aws.client("sagemaker").list_domains()["Domains"] == []


def classic(vpc: Vpc, *, version: int, instance: str, minutes: int) -> Callable[[cdk.Stack], None]:
    def build(stack: cdk.Stack) -> None:
        imported = vpc.imported(stack)
        network = StudioNetwork(stack, "Network", vpc=imported, removal_policy=DESTROY)
        StudioDomain(
            stack,
            "Domain",
            domain_name="classic",
            vpc=imported,
            security_groups=[network.studio_security_group],
            apps=CLASSIC_APPS,
            default_instance_type=instance,
            default_images={
                StudioApp.KERNEL_GATEWAY: DefaultImage(image_arn=IMAGE, version_arn=VERSION.format(version))
            },
            git=GitSsh(hosts=[GitHost.github()]),
            idle=IdleShutdown(after=cdk.Duration.minutes(minutes), engine=IdleEngine.WATCHER),
            removal_policy=DESTROY,
        )

    return build


def test_a_classic_domain_is_made_changed_in_place_and_destroyed(aws: EmbeddedAws) -> None:
    vpc, sagemaker, deployment = Vpc(aws, 22), aws.client("sagemaker"), Deployment(aws, "classic")
    deployment.deploy(classic(vpc, version=1, instance="ml.t3.medium", minutes=60))
    before = domain_of(aws, "classic")

    def check(shown: dict[str, Any], version: int, instance: str) -> dict[StudioApp, str]:
        """Both apps start as they should; the lifecycle configurations that they start with."""
        settings, arns = shown["DefaultUserSettings"], {}
        for app, type_ in ((StudioApp.JUPYTER_SERVER, "system"), (StudioApp.KERNEL_GATEWAY, instance)):
            found = settings[f"{app}AppSettings"]
            spec = found["DefaultResourceSpec"]
            assert spec["InstanceType"] == type_
            assert spec["LifecycleConfigArn"] in found["LifecycleConfigArns"]
            name = spec["LifecycleConfigArn"].rpartition("/")[2]
            made = sagemaker.describe_studio_lifecycle_config(StudioLifecycleConfigName=name)
            assert made["StudioLifecycleConfigAppType"] == app
            arns[app] = spec["LifecycleConfigArn"]
        kernel = settings["KernelGatewayAppSettings"]["DefaultResourceSpec"]
        assert kernel["SageMakerImageVersionArn"] == VERSION.format(version)
        assert kernel["SageMakerImageArn"] == IMAGE
        return arns

    first = check(before, 1, "ml.t3.medium")
    deployment.deploy(classic(vpc, version=2, instance="ml.m5.large", minutes=120))
    after = domain_of(aws, "classic")
    assert (after["DomainId"], after["HomeEfsFileSystemId"]) == (
        before["DomainId"],
        before["HomeEfsFileSystemId"],
    )
    # Another limit is another script under another name, never the same name with another text. The server of Studio
    # Classic has none: it costs nothing.
    second = check(after, 2, "ml.m5.large")
    assert first[StudioApp.KERNEL_GATEWAY] != second[StudioApp.KERNEL_GATEWAY]
    assert first[StudioApp.JUPYTER_SERVER] == second[StudioApp.JUPYTER_SERVER]
    deployment.destroy()
    assert sagemaker.list_domains()["Domains"] == []
    # A configuration that another took the place of stays for who still runs it; the others go with the domain.
    left = sagemaker.list_studio_lifecycle_configs()["StudioLifecycleConfigs"]
    assert [one["StudioLifecycleConfigArn"] for one in left] == [first[StudioApp.KERNEL_GATEWAY]]


def test_a_domain_gets_both_kinds_of_addresses_in_place_in_a_network_that_has_them(aws: EmbeddedAws) -> None:
    def build(stack: cdk.Stack, *, dual: bool) -> None:
        network = StudioNetwork(
            stack, "Network", availability_zones=2, nat_gateways=1, dual_stack=True, removal_policy=DESTROY
        )
        StudioDomain(
            stack,
            "Domain",
            domain_name="dual",
            vpc=network.vpc,
            subnets=network.subnets,
            security_groups=[network.studio_security_group],
            options=DomainOptions(dual_stack=dual),
            removal_policy=DESTROY,
        )

    deployment = Deployment(aws, "dual")
    deployment.deploy(lambda stack: build(stack, dual=False))
    made = domain_of(aws, "dual")
    assert made.get("DomainSettings", {}).get("IpAddressType", "ipv4") == "ipv4"
    deployment.deploy(lambda stack: build(stack, dual=True))
    changed = domain_of(aws, "dual")
    assert changed["DomainId"] == made["DomainId"]
    # The API's own word for what the template calls DUALSTACK.
    assert changed["DomainSettings"]["IpAddressType"] == "dualstack"
    (vpc,) = aws.client("ec2").describe_vpcs(VpcIds=[changed["VpcId"]])["Vpcs"]
    assert vpc["Ipv6CidrBlockAssociationSet"]
    subnets = aws.client("ec2").describe_subnets(SubnetIds=changed["SubnetIds"])["Subnets"]
    assert all(subnet["Ipv6CidrBlockAssociationSet"] for subnet in subnets)
