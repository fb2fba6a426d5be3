"""EC2's resource types that MiniStack lacks, on top of its EC2 API."""

from __future__ import annotations

import secrets
from functools import partial
from typing import TYPE_CHECKING, Final

from studio_infra.rehearsal.emulator.cfn import registry
from studio_infra.rehearsal.emulator.hooks import cloudformation as engine
from studio_infra.rehearsal.emulator.hooks import network

if TYPE_CHECKING:
    from studio_infra.rehearsal.emulator.hooks.cloudformation import Made, Props

_RULES: Final = {"AWS::EC2::SecurityGroupIngress": False, "AWS::EC2::SecurityGroupEgress": True}


def register() -> None:
    """Teach the engine these types, unless it knows them already."""
    types = [
        _tagged("AWS::EC2::EIP", _make_address, _delete_address, _address_attributes),
        _tagged("AWS::EC2::NatGateway", _make_gateway, _delete_gateway, lambda pid: {"NatGatewayId": pid}),
        _tagged("AWS::EC2::FlowLog", _make_flow_log, _delete_flow_log, lambda pid: {"Id": pid}),
        *(_rule(name, egress=egress) for name, egress in _RULES.items()),
    ]
    for made in types:
        if not engine.has_type(made.name):
            engine.register_type(made)


def _tagged(
    name: str, make: engine.Maker, delete: engine.Deleter, attributes: engine.Attributes
) -> engine.Type:
    """A type of which only the tags can change in place."""
    schema = registry.schema(name)

    def create(logical_id: str, props: Props, stack: str) -> Made:
        del logical_id, stack
        physical_id, tagged_id = make(props)
        network.set_ec2_tags(tagged_id, props)
        return physical_id, attributes(physical_id)

    def update(change: engine.Change) -> Made:
        if change.changed - {"Tags"}:
            return engine.replace(name, change)
        shown = attributes(change.physical_id)
        network.set_ec2_tags(shown.get("AllocationId", change.physical_id), change.new, change.old)
        return change.physical_id, shown

    return engine.Type(
        name=name,
        create=create,
        update=update,
        delete=lambda physical_id, _: delete(physical_id),
        replacing=tuple(path for path in schema.create_only if "/" not in path),
        tags="Tags",
    )


# -- addresses and gateways ------------------------------------------------------------------------


def _make_address(props: Props) -> tuple[str, str]:
    del props
    made = network.call_ec2("AllocateAddress", Domain="vpc")
    return made["publicIp"], made["allocationId"]


def _address_attributes(public_ip: str) -> Props:
    return {"PublicIp": public_ip, "AllocationId": network.allocation_of(public_ip)}


def _delete_address(public_ip: str) -> None:
    if allocation := network.allocation_of(public_ip):
        network.call_ec2("ReleaseAddress", AllocationId=allocation)


def _make_gateway(props: Props) -> tuple[str, str]:
    wanted = ("SubnetId", "AllocationId", "ConnectivityType")
    made = network.call_ec2("CreateNatGateway", **{name: props.get(name) for name in wanted})
    return made["natGatewayId"], made["natGatewayId"]


def _delete_gateway(gateway_id: str) -> None:
    _unless_gone(partial(network.call_ec2, "DeleteNatGateway", NatGatewayId=gateway_id))


def _make_flow_log(props: Props) -> tuple[str, str]:
    wanted = ("ResourceType", "TrafficType", "LogDestinationType", "LogDestination", "LogGroupName")
    made = network.call_ec2(
        "CreateFlowLogs", ResourceId=[props["ResourceId"]], **{name: props.get(name) for name in wanted}
    )
    return made["item"], made["item"]


def _delete_flow_log(flow_log_id: str) -> None:
    network.call_ec2("DeleteFlowLogs", FlowLogId=[flow_log_id])


def _unless_gone(call: partial[dict[str, str]]) -> None:
    try:
        call()
    except ValueError as error:
        if "NotFound" not in str(error):
            raise


# -- rules of security groups ------------------------------------------------------------------------


def _rule(name: str, *, egress: bool) -> engine.Type:
    schema = registry.schema(name)

    def create(logical_id: str, props: Props, stack: str) -> Made:
        del logical_id, stack
        network.add_rule(props["GroupId"], props, egress=egress)
        rule_id = f"sgr-{secrets.token_hex(9)[:17]}"
        return rule_id, {"Id": rule_id}

    def update(change: engine.Change) -> Made:  # of the description: all else replaces the rule
        network.remove_rule(change.old["GroupId"], change.old, egress=egress)
        network.add_rule(change.new["GroupId"], change.new, egress=egress)
        return change.physical_id, {"Id": change.physical_id}

    def delete(physical_id: str, props: Props) -> None:
        del physical_id
        network.remove_rule(props["GroupId"], props, egress=egress)

    return engine.Type(name=name, create=create, update=update, delete=delete, replacing=schema.create_only)
