"""A VPC made for Studio: apps and jobs in private subnets of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from studio_infra.guardrails.acknowledge import acknowledge

if TYPE_CHECKING:
    from collections.abc import Sequence

    from studio_infra.network.address_plan import AddressPlan

# Logical ids hang on these, so a zone keeps its letter whatever AWS calls it.
_LETTERS: Final = "ABC"
#: Which of a VPC's 256 networks of IPv6 are whose: a zone that is added later takes a free one.
_BLOCKS: Final = 8
_STUDIO_BLOCKS: Final = 0
_JOB_BLOCKS: Final = 4


class StudioVpc(Construct):
    """A VPC whose apps leave it through NAT gateways, or not at all, and whose jobs never do.

    It is built from subnets and not by ``ec2.Vpc``, which looks up the zones of an account while it
    synthesizes as soon as the stack names one, and which renumbers subnets when a zone is added.

    The VPC's default security group stays as AWS makes it, open within itself: CloudFormation cannot change
    it and ``restrict_default_security_group`` takes a Lambda function. Nothing of this library uses the
    group.

    Args:
        scope: The construct this one belongs to.
        construct_id: Unique among the children of ``scope``. Renaming it replaces the VPC, which fails as
            long as anything lives in it.
        plan: Its addresses. Changing them replaces the VPC.
        zones: One to three names of availability zones, or tokens. Adding one at the end leaves the others
            alone.
        nat_gateways: How many ways out Studio apps have; zones share them in turn. Zero closes them in.
        dual_stack: Whether it has IPv6 addresses too. Apps that may leave it then do so by IPv6 as well, and nobody
            comes in. Changing it later may replace the subnets.

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        plan: AddressPlan,
        zones: Sequence[str],
        nat_gateways: int,
        dual_stack: bool = False,
    ) -> None:
        super().__init__(scope, construct_id)
        self._zones = list(zones)
        self._resource = ec2.CfnVPC(
            self, "Resource", cidr_block=plan.cidr, enable_dns_hostnames=True, enable_dns_support=True
        )
        cdk.Tags.of(self._resource).add("Name", self.node.path)
        acknowledge(
            self._resource,
            "VPCDefaultSecurityGroupClosed",
            "closing it takes a Lambda function; nothing uses it",
        )
        self._ipv6 = self._addresses_of_ipv6() if dual_stack else None
        plans = [plan.zone(number) for number in range(len(self._zones))]
        self.studio_subnets = [
            self._private("Studio", number, zone.studio, _STUDIO_BLOCKS) for number, zone in enumerate(plans)
        ]
        self.job_subnets = [
            self._private("Jobs", number, zone.jobs, _JOB_BLOCKS) for number, zone in enumerate(plans)
        ]
        if nat_gateways > 0:
            self._route_out([zone.public for zone in plans[:nat_gateways]])
        self.vpc = self._handle(plan.cidr, outward=nat_gateways > 0)

    def apply_removal_policy(self, removal_policy: cdk.RemovalPolicy) -> None:
        """Decide what happens to the VPC and the subnets of Studio's apps, in which home file systems stand."""
        self._resource.apply_removal_policy(removal_policy)
        for subnet in self.studio_subnets:
            subnet.apply_removal_policy(removal_policy)

    def _private(self, purpose: str, number: int, cidr: str, blocks: int) -> ec2.PrivateSubnet:
        subnet = ec2.PrivateSubnet(
            self,
            f"{purpose}{_LETTERS[number]}",
            vpc_id=self._resource.ref,
            availability_zone=self._zones[number],
            cidr_block=cidr,
            map_public_ip_on_launch=False,
            ipv6_cidr_block=self._ipv6_block(blocks + number),
            assign_ipv6_address_on_creation=True if self._ipv6 is not None else None,
        )
        if self._ipv6 is not None:
            subnet.node.add_dependency(self._ipv6)
        return subnet

    def _addresses_of_ipv6(self) -> ec2.CfnVPCCidrBlock:
        return ec2.CfnVPCCidrBlock(
            self, "Ipv6", vpc_id=self._resource.ref, amazon_provided_ipv6_cidr_block=True
        )

    def _ipv6_block(self, number: int) -> str | None:
        """One of the /64 networks of the /56 that AWS gives the VPC."""
        if self._ipv6 is None:
            return None
        whole = cdk.Fn.select(0, self._resource.attr_ipv6_cidr_blocks)
        return cdk.Fn.select(number, cdk.Fn.cidr(whole, _BLOCKS, "64"))

    def _route_out(self, cidrs: Sequence[str]) -> None:
        gateway = ec2.CfnInternetGateway(self, "InternetGateway")
        attachment = ec2.CfnVPCGatewayAttachment(
            self,
            "InternetGatewayAttachment",
            vpc_id=self._resource.ref,
            internet_gateway_id=gateway.ref,
        )
        ways_out = [self._nat_gateway(number, cidr, gateway, attachment) for number, cidr in enumerate(cidrs)]
        for number, subnet in enumerate(self.studio_subnets):
            subnet.add_default_nat_route(ways_out[number % len(ways_out)].ref)
        if self._ipv6 is not None:
            one_way = ec2.CfnEgressOnlyInternetGateway(self, "Ipv6WayOut", vpc_id=self._resource.ref)
            for subnet in self.studio_subnets:
                subnet.add_ipv6_default_egress_only_internet_route(one_way.ref)

    def _nat_gateway(
        self, number: int, cidr: str, gateway: ec2.CfnInternetGateway, attachment: ec2.CfnVPCGatewayAttachment
    ) -> ec2.CfnNatGateway:
        subnet = ec2.PublicSubnet(
            self,
            f"Public{_LETTERS[number]}",
            vpc_id=self._resource.ref,
            availability_zone=self._zones[number],
            cidr_block=cidr,
            # The NAT gateway brings its own address, and nothing else is meant to live here.
            map_public_ip_on_launch=False,
        )
        subnet.add_default_internet_route(gateway.ref, attachment)
        acknowledge(
            subnet, "VPCNoUnrestrictedRouteToIGW", "the way out of a NAT gateway, which lives here alone"
        )
        nat_gateway = subnet.add_nat_gateway()
        nat_gateway.node.add_dependency(subnet.internet_connectivity_established)
        return nat_gateway

    def _handle(self, cidr: str, *, outward: bool) -> ec2.IVpc:
        studio = [subnet.subnet_id for subnet in self.studio_subnets]
        studio_tables = [subnet.route_table.route_table_id for subnet in self.studio_subnets]
        jobs = [subnet.subnet_id for subnet in self.job_subnets]
        job_tables = [subnet.route_table.route_table_id for subnet in self.job_subnets]
        return ec2.Vpc.from_vpc_attributes(
            self,
            "Handle",
            vpc_id=self._resource.ref,
            vpc_cidr_block=cidr,
            availability_zones=self._zones,
            private_subnet_names=["Studio"] if outward else None,
            private_subnet_ids=studio if outward else None,
            private_subnet_route_table_ids=studio_tables if outward else None,
            isolated_subnet_names=["Jobs"] if outward else ["Studio", "Jobs"],
            isolated_subnet_ids=jobs if outward else studio + jobs,
            isolated_subnet_route_table_ids=job_tables if outward else studio_tables + job_tables,
        )
