"""IPv6 in CloudFormation: a VPC's addresses, subnets inside of them, the way out that nobody comes in by."""

from __future__ import annotations

import secrets
from functools import partial
from typing import TYPE_CHECKING, Any

from studio_infra.rehearsal.emulator.cfn import registry
from studio_infra.rehearsal.emulator.hooks import cloudformation as engine
from studio_infra.rehearsal.emulator.hooks import ipv6, network

if TYPE_CHECKING:
    from collections.abc import Callable

    from studio_infra.rehearsal.emulator.hooks.cloudformation import Made, Props

_ADDRESSES = "AWS::EC2::VPCCidrBlock"
_WAY_OUT = "AWS::EC2::EgressOnlyInternetGateway"


def register() -> None:
    """Teach the engine these types, and EC2's own ones their addresses."""
    for name, create, delete in ((_ADDRESSES, _associate, _disassociate), (_WAY_OUT, _open, _close)):
        schema = registry.schema(name)
        engine.register_type(
            engine.Type(
                name=name,
                create=create,
                update=partial(engine.replace, name),
                delete=delete,
                replacing=tuple(path for path in schema.create_only if "/" not in path),
            )
        )
    for operation in ("create", "update"):
        engine.extend_type("AWS::EC2::VPC", operation, _with_blocks)
    engine.extend_type("AWS::EC2::Subnet", "create", _with_block)
    ipv6.show()


def _associate(logical_id: str, props: Props, stack: str) -> Made:
    del logical_id, stack
    if str(props.get("AmazonProvidedIpv6CidrBlock", "")).lower() != "true":
        raise ValueError("only AmazonProvidedIpv6CidrBlock of a VPCCidrBlock is emulated")
    made = f"vpc-cidr-assoc-{secrets.token_hex(9)[:17]}"
    return made, {"Id": made, "Ipv6CidrBlock": ipv6.associate(props["VpcId"])}


def _disassociate(physical_id: str, props: Props) -> None:
    del physical_id
    ipv6.disassociate(props["VpcId"])


def _open(logical_id: str, props: Props, stack: str) -> Made:
    del logical_id, stack
    made = network.call_ec2("CreateEgressOnlyInternetGateway", VpcId=props["VpcId"])
    return made["egressOnlyInternetGatewayId"], {"Id": made["egressOnlyInternetGatewayId"]}


def _close(physical_id: str, props: Props) -> None:
    del props
    network.call_ec2("DeleteEgressOnlyInternetGateway", EgressOnlyInternetGatewayId=physical_id)


def _with_blocks(old: Callable[..., Made], *given: Any, **more: Any) -> Made:
    """AWS reads them when somebody asks; here they are known before, and a subnet that comes too early is refused."""
    physical_id, attributes = old(*given, **more)
    return physical_id, {**attributes, "Ipv6CidrBlocks": [ipv6.block_of(physical_id)]}


def _with_block(old: Callable[..., Made], logical_id: str, props: Props, stack: str) -> Made:
    block = props.get("Ipv6CidrBlock")
    if block is None:
        return old(logical_id, props, stack)
    problem = ipv6.problem(props["VpcId"], block)
    if problem is not None:
        raise ValueError(f"{problem} (Service: Ec2, Status Code: 400, Error Code: InvalidSubnet.Range)")
    physical_id, attributes = old(logical_id, props, stack)
    ipv6.set_subnet_block(physical_id, block)
    return physical_id, {**attributes, "Ipv6CidrBlocks": [block]}
