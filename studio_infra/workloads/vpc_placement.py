"""Where jobs and models get their network interfaces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from studio_infra.errors import InvalidInput
from studio_infra.workloads import limits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import aws_ec2 as ec2
    from constructs import Construct


@dataclass(frozen=True)
class VpcPlacement:
    """Subnets and security groups by their ids."""

    subnet_ids: tuple[str, ...]
    security_group_ids: tuple[str, ...]


def placement(
    scope: Construct,
    *,
    vpc: ec2.IVpc,
    subnets: Sequence[ec2.ISubnet] | None,
    security_groups: Sequence[ec2.ISecurityGroup],
) -> VpcPlacement:
    """The given subnets, or the private ones of `vpc` (those without any way out, where it has no others).

    Raises:
        InvalidInput: No subnet or security group, or more than the service takes.

    """
    chosen = subnets
    if chosen is None:
        chosen = vpc.private_subnets or vpc.isolated_subnets
    if not 1 <= len(chosen) <= limits.SUBNETS_MAX:
        raise InvalidInput(
            "Subnets",
            f"between 1 and {limits.SUBNETS_MAX} subnets are possible, got {len(chosen)}"
            + ("; the VPC has no private subnets: give subnets" if subnets is None and not chosen else ""),
            scope=scope,
        )
    if not 1 <= len(security_groups) <= limits.SECURITY_GROUPS_MAX:
        raise InvalidInput(
            "SecurityGroups",
            f"1-{limits.SECURITY_GROUPS_MAX} security groups are possible, got {len(security_groups)}",
            scope=scope,
        )
    return VpcPlacement(
        tuple(subnet.subnet_id for subnet in chosen),
        tuple(group.security_group_id for group in security_groups),
    )
