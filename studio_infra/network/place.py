"""The VPC and subnets of a Studio network: made, or brought along."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2

from studio_infra.errors import InvalidInput, located
from studio_infra.network.address_plan import ADDRESSES_PER_PERSON, MAX_ZONES, AddressPlan, capacity
from studio_infra.network.studio_vpc import StudioVpc

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs import Construct

    from studio_infra.settings.facts.vpc_endpoints import NetworkMode

#: What a new VPC has unless it is told otherwise.
DEFAULT_CIDR: Final = "10.0.0.0/16"
DEFAULT_ZONES: Final = 2

#: Part of the public contract: people acknowledge it by this name.
FEW_ADDRESSES_WARNING: Final = "studio-infra:StudioNetwork.fewAddresses"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where Studio's apps and jobs stand.

    Attributes:
        vpc: The VPC.
        subnets: For apps.
        job_subnets: For jobs and model containers.
        made: Whether ``vpc`` was made here.
        outward: Whether apps have a route to the world, as far as is known.

    """

    vpc: ec2.IVpc
    subnets: list[ec2.ISubnet]
    job_subnets: list[ec2.ISubnet]
    made: bool
    outward: bool


def make_place(
    scope: Construct,
    *,
    mode: NetworkMode,
    availability_zones: int | Sequence[str] | None,
    nat_gateways: int | None,
    cidr: str | None,
    dual_stack: bool = False,
    removal_policy: cdk.RemovalPolicy,
) -> Place:
    """Make a VPC under ``scope``.

    Raises:
        InvalidInput: The zones, the NAT gateways or the addresses are not what a VPC can have.

    """
    zones = _zones(scope, availability_zones if availability_zones is not None else DEFAULT_ZONES)
    if nat_gateways is None:
        nat_gateways = 1 if mode == "VpcOnly" else 0
    if not 0 <= nat_gateways <= len(zones):
        raise InvalidInput(
            "NatGateways",
            f"nat_gateways must be between 0 and the number of zones ({len(zones)}), got {nat_gateways}",
            scope=scope,
        )
    with located(scope):
        plan = AddressPlan(cidr if cidr is not None else DEFAULT_CIDR)
    built = StudioVpc(scope, "Vpc", plan=plan, zones=zones, nat_gateways=nat_gateways, dual_stack=dual_stack)
    built.apply_removal_policy(removal_policy)
    return Place(
        vpc=built.vpc,
        subnets=[*built.studio_subnets],
        job_subnets=[*built.job_subnets],
        made=True,
        outward=nat_gateways > 0,
    )


def use_place(
    scope: Construct,
    vpc: ec2.IVpc,
    *,
    subnets: Sequence[ec2.ISubnet] | None,
    job_subnets: Sequence[ec2.ISubnet] | None,
) -> Place:
    """Use a VPC that exists.

    Raises:
        InvalidInput: Neither the caller nor ``vpc`` names a private subnet.

    """
    chosen = [*subnets] if subnets is not None else [*vpc.private_subnets] or [*vpc.isolated_subnets]
    if not chosen:
        raise InvalidInput(
            "NetworkSubnets",
            "vpc names no private subnet: give subnets, "
            "or import it with private_subnet_ids or isolated_subnet_ids",
            scope=scope,
        )
    jobs = [*job_subnets] if job_subnets is not None else chosen
    return Place(vpc=vpc, subnets=chosen, job_subnets=jobs, made=False, outward=True)


def check_addresses(scope: Construct, subnets: Sequence[ec2.ISubnet], people: int) -> None:
    """Compare the addresses of ``subnets`` with what ``people`` use; subnets of unknown size pass.

    Raises:
        InvalidInput: There are not even two for each, SageMaker's lower figure.

    """
    if people < 0:
        raise InvalidInput("People", f"people must not be negative, got {people}", scope=scope)
    cidrs = [_known_cidr(subnet) for subnet in subnets]
    sizes = [cidr for cidr in cidrs if cidr is not None]
    if len(sizes) < len(cidrs):
        return
    free, (least, comfortable) = capacity(sizes), ADDRESSES_PER_PERSON
    if free < least * people:
        raise InvalidInput(
            "NetworkAddresses",
            f"{people} people need at least {least * people} addresses and better {comfortable * people}, "
            f"the subnets {', '.join(sizes)} have {free}: choose larger or more subnets",
            scope=scope,
        )
    if free < comfortable * people:
        cdk.Validations.of(scope).add_warning(
            FEW_ADDRESSES_WARNING,
            f"{people} people may use up to {comfortable * people} addresses, the subnets have {free}",
        )


def vpc_cidr(scope: Construct, vpc: ec2.IVpc) -> str:
    """Ask a VPC for its addresses.

    Raises:
        InvalidInput: It was imported without them.

    """
    try:
        return vpc.vpc_cidr_block
    except RuntimeError:  # what an imported VPC answers that was not told its addresses
        raise InvalidInput(
            "VpcCidr",
            "with s3_prefix_list the addresses of vpc must be known: import it with vpc_cidr_block",
            scope=scope,
        ) from None


def _zones(scope: Construct, wanted: int | Sequence[str]) -> list[str]:
    # By number and not by `stack.availability_zones`, which asks AWS as soon as the stack names an account.
    names = (
        [cdk.Fn.select(i, cdk.Fn.get_azs()) for i in range(wanted)] if isinstance(wanted, int) else [*wanted]
    )
    if isinstance(wanted, str) or not 1 <= len(names) <= MAX_ZONES or len(set(names)) < len(names):
        raise InvalidInput(
            "AvailabilityZones",
            f"availability_zones must be a number from 1 to {MAX_ZONES} or as many different names, "
            f"got {wanted!r}",
            scope=scope,
        )
    return names


def _known_cidr(subnet: ec2.ISubnet) -> str | None:
    try:
        cidr = subnet.ipv4_cidr_block
    except RuntimeError:  # what an imported subnet answers that was not told its addresses
        return None
    return None if cdk.Token.is_unresolved(cidr) else cidr
