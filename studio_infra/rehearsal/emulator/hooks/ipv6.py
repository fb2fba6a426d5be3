"""IPv6 addresses of VPCs and subnets, which MiniStack's EC2 does not know."""

from __future__ import annotations

import hashlib
import ipaddress
from typing import TYPE_CHECKING, Any

from ministack.services import ec2

if TYPE_CHECKING:
    from collections.abc import Callable

_BLOCK = "Ipv6CidrBlock"


def block_of(vpc_id: str) -> str:
    """The /56 that Amazon would give a VPC: the same whenever it is asked."""
    digest = hashlib.sha256(vpc_id.encode()).hexdigest()
    return f"2600:1f{digest[:2]}:{digest[2:6]}:{digest[6:8]}00::/56"


def associate(vpc_id: str) -> str:
    """Give a VPC its IPv6 addresses."""
    if vpc_id not in ec2._vpcs:
        raise ValueError(f"The vpc ID '{vpc_id}' does not exist (Service: Ec2, Status Code: 400, "
                         "Error Code: InvalidVpcID.NotFound)")  # fmt: skip
    ec2._vpcs[vpc_id][_BLOCK] = block_of(vpc_id)
    return block_of(vpc_id)


def disassociate(vpc_id: str) -> None:
    """Take a VPC's IPv6 addresses back, unless it is gone."""
    if vpc_id in ec2._vpcs:
        ec2._vpcs[vpc_id].pop(_BLOCK, None)


def problem(vpc_id: str, block: str) -> str | None:
    """Why a subnet cannot have these addresses: its VPC does not have them (yet)."""
    whole = ec2._vpcs.get(vpc_id, {}).get(_BLOCK)
    if whole is None:
        return f"The vpc '{vpc_id}' has no IPv6 CIDR block"
    if not ipaddress.IPv6Network(block).subnet_of(ipaddress.IPv6Network(whole)):
        return f"The CIDR '{block}' is not within the CIDR of the vpc '{vpc_id}'"
    return None


def set_subnet_block(subnet_id: str, block: str) -> None:
    """Give a subnet IPv6 addresses."""
    ec2._subnets[subnet_id][_BLOCK] = block


def show() -> None:
    """Let EC2 show IPv6 addresses where it describes VPCs and subnets."""
    ec2._vpc_fields_xml = _showing(ec2._vpc_fields_xml)
    ec2._subnet_fields_xml = _showing(ec2._subnet_fields_xml)


def _showing(old: Callable[..., str]) -> Callable[..., str]:
    def fields(record: dict[str, Any], tag: str = "item") -> str:
        text = old(record, tag=tag)
        if _BLOCK not in record:
            return text
        entry = (
            f"<item><ipv6CidrBlock>{record[_BLOCK]}</ipv6CidrBlock>"
            "<ipv6CidrBlockState><state>associated</state></ipv6CidrBlockState></item>"
        )
        body, closing, rest = text.rpartition(f"</{tag}>")
        return f"{body}<ipv6CidrBlockAssociationSet>{entry}</ipv6CidrBlockAssociationSet>{closing}{rest}"

    return fields
