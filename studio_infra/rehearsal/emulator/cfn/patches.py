"""Repairs to MiniStack's own types: attributes it hides, tags and boundaries it drops, deletions it should refuse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from studio_infra.rehearsal.emulator.cfn import registry
from studio_infra.rehearsal.emulator.hooks import cloudformation as engine
from studio_infra.rehearsal.emulator.hooks import network, roles, services
from studio_infra.rehearsal.emulator.service import tags

if TYPE_CHECKING:
    from collections.abc import Callable

    from studio_infra.rehearsal.emulator.hooks.cloudformation import Made, Props

#: Types of which every property can be read by ``GetAtt``, as in AWS.
_READABLE: Final = ("AWS::EC2::VPC", "AWS::EC2::Subnet", "AWS::EC2::SecurityGroup", "AWS::EFS::MountTarget")

#: Types without an entry in the engine's replacement table that this project's stacks use.
_UNCLASSIFIED: Final = (
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::Dashboard",
    "AWS::EC2::InternetGateway",
    "AWS::EC2::Route",
    "AWS::EC2::RouteTable",
    "AWS::EC2::SecurityGroup",
    "AWS::EC2::Subnet",
    "AWS::EC2::SubnetRouteTableAssociation",
    "AWS::EC2::VPC",
    "AWS::EC2::VPCEndpoint",
    "AWS::EC2::VPCGatewayAttachment",
    "AWS::IAM::Policy",
    "AWS::KMS::Alias",
    "AWS::KMS::Key",
    "AWS::Logs::LogGroup",
    "AWS::S3::Bucket",
    "AWS::S3::BucketPolicy",
    "AWS::Scheduler::Schedule",
    "AWS::SNS::Subscription",
    "AWS::SecretsManager::Secret",
)


def apply() -> None:
    """Repair everything."""
    for name in _READABLE:
        engine.extend_type(name, "create", _show_properties)
        engine.extend_type(name, "update", _show_updated)
    engine.extend_type("AWS::S3::Bucket", "create", _tag_new_bucket)
    engine.extend_type("AWS::S3::Bucket", "update", _tag_bucket)
    engine.extend_type("AWS::IAM::Role", "create", _bound_new_role)
    engine.extend_type("AWS::IAM::Role", "update", _bound_role)
    engine.extend_type("AWS::EC2::Subnet", "delete", _guarded(subnet_problem))
    engine.extend_type("AWS::EC2::SecurityGroup", "delete", _guarded(group_problem))
    engine.extend_type("AWS::EC2::VPC", "delete", _guarded(vpc_problem))
    services.show_recovery_point_tags()
    network.guard("DeleteVpc", "VpcId", vpc_problem)
    network.guard("DeleteSubnet", "SubnetId", subnet_problem)
    network.guard("DeleteSecurityGroup", "GroupId", group_problem)


# -- deletions that AWS refuses ------------------------------------------------------------------


def subnet_problem(subnet_id: str) -> str | None:
    """Why a subnet cannot be deleted: something has an address in it."""
    holders = [holder for holder, subnet, _ in network.interfaces() if subnet == subnet_id]
    if holders:
        return (
            f"The subnet '{subnet_id}' has dependencies and cannot be deleted. ({', '.join(sorted(holders))})"
        )
    return None


def group_problem(group_id: str) -> str | None:
    """Why a security group cannot be deleted: something uses it, or another group's rule names it."""
    holders = {holder for holder, _, groups in network.interfaces() if group_id in groups}
    for group in network.security_groups():
        rules = [*group["IpPermissions"], *group["IpPermissionsEgress"]]
        peers = {pair.get("GroupId") for rule in rules for pair in rule.get("UserIdGroupPairs", [])}
        if group_id in peers and group["GroupId"] != group_id:
            holders.add(group["GroupId"])
    if holders:
        return f"resource {group_id} has a dependent object ({', '.join(sorted(holders))})"
    return None


def vpc_problem(vpc_id: str) -> str | None:
    """Why a VPC cannot be deleted: subnets, security groups or gateways are left in it."""
    left = network.left_in_vpc(vpc_id)
    if left:
        return f"The vpc '{vpc_id}' has dependencies and cannot be deleted. ({', '.join(left)})"
    return None


def _guarded(problem: Callable[[str], str | None]) -> Callable[..., Any]:
    def delete(old: Callable[..., None], physical_id: str, *rest: Any) -> None:
        found = problem(physical_id)
        if found is not None:
            raise ValueError(f"{found} (Service: Ec2, Status Code: 400, Error Code: DependencyViolation)")
        old(physical_id, *rest)

    return delete


# -- attributes --------------------------------------------------------------------------------------


def _show_properties(old: Callable[..., Made], logical_id: str, props: Props, stack: str) -> Made:
    physical_id, attributes = old(logical_id, props, stack)
    return physical_id, _scalars(props) | attributes


def _show_updated(
    old: Callable[..., Made], physical_id: str, before: Props, after: Props, *rest: Any
) -> Made:
    new_id, attributes = old(physical_id, before, after, *rest)
    return new_id, _scalars(after) | attributes


def _scalars(props: Props) -> Props:
    return {name: value for name, value in props.items() if isinstance(value, str | int | bool)}


# -- buckets -----------------------------------------------------------------------------------------


def _tag_new_bucket(old: Callable[..., Made], logical_id: str, props: Props, stack: str) -> Made:
    made = old(logical_id, props, stack)
    if props.get("Tags"):
        services.set_bucket_tags(made[0], tags.from_list(props["Tags"]))
    return made


def _tag_bucket(old: Callable[..., Made], physical_id: str, before: Props, after: Props, *rest: Any) -> Made:
    made = old(physical_id, before, after, *rest)
    if before.get("Tags") != after.get("Tags"):
        services.set_bucket_tags(made[0], tags.from_list(after.get("Tags")))
    return made


# -- roles -------------------------------------------------------------------------------------------


def _bound_new_role(old: Callable[..., Made], logical_id: str, props: Props, stack: str) -> Made:
    _check_boundary(props)
    made = old(logical_id, props, stack)
    roles.set_boundary(made[0], props.get("PermissionsBoundary"))
    return made


def _bound_role(old: Callable[..., Made], physical_id: str, before: Props, after: Props, *rest: Any) -> Made:
    _check_boundary(after)
    made = old(physical_id, before, after, *rest)
    roles.set_boundary(made[0], after.get("PermissionsBoundary"))
    return made


def _check_boundary(props: Props) -> None:
    problem = roles.boundary_problem(props.get("PermissionsBoundary"))
    if problem is not None:
        raise ValueError(f"{problem} (Service: Iam, Status Code: 404, Error Code: NoSuchEntity)")


def classify() -> None:
    """Give the change sets of common types the registry's verdict instead of "may be replaced"."""
    for name in _UNCLASSIFIED:
        create_only = registry.schema(name).create_only
        engine.set_replacing(name, tuple(path for path in create_only if "/" not in path))
