"""VPCs and file systems: what SageMaker makes and needs in the neighbouring services."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final
from xml.etree import ElementTree as ET  # the emulator's own answers, nothing from outside

from ministack.services import ec2, efs
from ministack.services.cloudformation import provisioners

if TYPE_CHECKING:
    from collections.abc import Callable

NFS_PORT: Final = 2049


def call_ec2(action: str, **params: Any) -> dict[str, str]:
    """An EC2 action through the service's own dispatcher.

    Args:
        action: For example ``AllocateAddress``.
        **params: The query parameters; lists become ``Name.1``, ``Name.2``.

    Returns:
        The texts of the answer's elements, by tag.

    Raises:
        ValueError: EC2 refused; the text is its message.

    """
    query: dict[str, list[str]] = {}
    for name, value in params.items():
        if isinstance(value, list):
            query |= {f"{name}.{n}": [str(item)] for n, item in enumerate(value, 1)}
        elif value is not None:
            query[name] = [str(value)]
    status, _, body = ec2._ACTION_MAP[action](query)
    texts = {e.tag.rpartition("}")[2]: e.text or "" for e in ET.fromstring(body).iter()}  # noqa: S314 - our own answer
    if status >= 400:  # noqa: PLR2004 - HTTP
        raise ValueError(f"{texts.get('Message', action)} (Service: Ec2, Status Code: {status}, Error Code: "
                         f"{texts.get('Code', 'Unknown')})")  # fmt: skip
    return texts


def set_ec2_tags(resource_id: str, new: dict[str, Any], old: dict[str, Any] | None = None) -> None:
    """Apply a template's ``Tags`` to an EC2 resource."""
    provisioners._ec2_apply_tags(resource_id, new, old)


def subnet(subnet_id: str) -> dict[str, Any] | None:
    """EC2's record of a subnet."""
    ec2._ensure_defaults_initialized()
    found: dict[str, Any] | None = ec2._subnets.get(subnet_id)
    return found


def vpc(vpc_id: str) -> dict[str, Any] | None:
    """EC2's record of a VPC."""
    ec2._ensure_defaults_initialized()
    found: dict[str, Any] | None = ec2._vpcs.get(vpc_id)
    return found


def security_group(group_id: str) -> dict[str, Any] | None:
    """EC2's record of a security group."""
    found: dict[str, Any] | None = ec2._security_groups.get(group_id)
    return found


def security_groups() -> list[dict[str, Any]]:
    """Every security group of the account and region."""
    groups: list[dict[str, Any]] = ec2._security_groups.values()
    return groups


def interfaces() -> list[tuple[str, str, list[str]]]:
    """Everything that holds an address in a subnet: what it is, the subnet, its security groups."""
    targets = [(m["MountTargetId"], m["SubnetId"], m["SecurityGroups"]) for m in efs._mount_targets.values()]
    cards = [
        (i["NetworkInterfaceId"], i.get("SubnetId", ""), [g["GroupId"] for g in i.get("Groups", [])])
        for i in ec2._network_interfaces.values()
    ]
    endpoints = [
        (e["VpcEndpointId"], subnet_id, e.get("SecurityGroupIds", []))
        for e in ec2._vpc_endpoints.values()
        for subnet_id in e.get("SubnetIds", [])
    ]
    gateways: list[tuple[str, str, list[str]]] = [
        (g["NatGatewayId"], g["SubnetId"], []) for g in ec2._nat_gateways.values() if g["State"] != "deleted"
    ]
    return targets + cards + endpoints + gateways


def left_in_vpc(vpc_id: str) -> list[str]:
    """What keeps a VPC from being deleted, with the names that people know it by."""
    subnets = [s["SubnetId"] for s in ec2._subnets.values() if s["VpcId"] == vpc_id]
    groups = [
        f"{g['GroupId']} {g['GroupName']}"
        for g in ec2._security_groups.values()
        if g["VpcId"] == vpc_id and g["GroupName"] != "default"
    ]
    gateways = [
        g["InternetGatewayId"]
        for g in ec2._internet_gateways.values()
        if any(a.get("VpcId") == vpc_id for a in g.get("Attachments", []))
    ]
    return sorted(subnets) + sorted(groups) + sorted(gateways)


def make_security_group(vpc_id: str, name: str, description: str, tags: dict[str, str]) -> str:
    """A security group without any rule."""
    ec2._ensure_defaults_initialized()
    group_id: str = ec2._new_sg_id()
    ec2._security_groups[group_id] = {
        "GroupId": group_id,
        "GroupName": name,
        "Description": description,
        "VpcId": vpc_id,
        "OwnerId": ec2.get_account_id(),
        "IpPermissions": [],
        "IpPermissionsEgress": [],
    }
    set_ec2_tags(group_id, {"Tags": [{"Key": k, "Value": v} for k, v in tags.items()]})
    return group_id


def permissions(rule: dict[str, Any]) -> list[dict[str, Any]]:
    """A template's rule in EC2's own shape."""
    made: list[dict[str, Any]] = provisioners._ec2_sg_permissions([rule])
    for permission in made:
        for pair in permission["UserIdGroupPairs"]:
            # As AWS shows it: a rule can be revoked by what Describe answered.
            pair.setdefault("UserId", ec2.get_account_id())
    return made


def make_file_system(tags: dict[str, str], kms_key_id: str | None) -> str:
    """An encrypted EFS file system."""
    body: dict[str, Any] = {"Encrypted": True, "Tags": [{"Key": k, "Value": v} for k, v in tags.items()]}
    if kms_key_id:
        body["KmsKeyId"] = kms_key_id
    return str(_efs(efs._create_file_system(body))["FileSystemId"])


def make_mount_target(file_system_id: str, subnet_id: str, group_id: str) -> None:
    """A mount target in a subnet; a second one in the same zone is left out, as EFS allows one."""
    zone = ec2._subnets[subnet_id]["AvailabilityZone"]
    taken = {
        m["AvailabilityZoneName"] for m in efs._mount_targets.values() if m["FileSystemId"] == file_system_id
    }
    if zone not in taken:
        body = {"FileSystemId": file_system_id, "SubnetId": subnet_id, "SecurityGroups": [group_id]}
        _efs(efs._create_mount_target(body))


def delete_file_system(file_system_id: str) -> None:
    """A file system and its mount targets."""
    targets = [m for m, t in efs._mount_targets.items() if t["FileSystemId"] == file_system_id]
    for target in targets:
        _efs(efs._delete_mount_target(target))
    if file_system_id in efs._file_systems:
        _efs(efs._delete_file_system(file_system_id))


def vpc_of(resource_id: str) -> str | None:
    """The VPC in which a security group or a network interface is."""
    found = ec2._security_groups.get(resource_id) or ec2._network_interfaces.get(resource_id)
    return None if found is None else found.get("VpcId")


def file_system_of(mount_target_id: str) -> str | None:
    """The file system whose mount target it is."""
    found = efs._mount_targets.get(mount_target_id)
    return None if found is None else str(found["FileSystemId"])


def _efs(response: tuple[int, Any, bytes]) -> dict[str, Any]:
    status, _, body = response
    answer: dict[str, Any] = json.loads(body) if body else {}
    if status >= 400:  # noqa: PLR2004 - HTTP
        raise ValueError(answer.get("Message") or answer.get("message") or str(answer))
    return answer


def add_rule(group_id: str, rule: dict[str, Any], *, egress: bool) -> None:
    """Add a template's rule to a security group."""
    kept, new = _rules(group_id, egress=egress), permissions(rule)
    if any(permission in kept for permission in new):
        raise ValueError("the specified rule already exists (Service: Ec2, Status Code: 400, "
                         "Error Code: InvalidPermission.Duplicate)")  # fmt: skip
    kept.extend(new)


def remove_rule(group_id: str, rule: dict[str, Any], *, egress: bool) -> None:
    """Take a template's rule out of a security group, if both are there."""
    if group_id not in ec2._security_groups:
        return
    kept = _rules(group_id, egress=egress)
    for permission in permissions(rule):
        if permission in kept:
            kept.remove(permission)


def _rules(group_id: str, *, egress: bool) -> list[dict[str, Any]]:
    group = ec2._security_groups.get(group_id)
    if group is None:
        raise ValueError(f"The security group '{group_id}' does not exist (Service: Ec2, Status Code: 400, "
                         "Error Code: InvalidGroup.NotFound)")  # fmt: skip
    kept: list[dict[str, Any]] = group["IpPermissionsEgress" if egress else "IpPermissions"]
    return kept


def allocation_of(public_ip: str) -> str:
    """The allocation id of an elastic IP address, or nothing when it is released."""
    return next((str(a["AllocationId"]) for a in ec2._addresses.values() if a["PublicIp"] == public_ip), "")


def guard(action: str, parameter: str, problem: Callable[[str], str | None]) -> None:
    """Let an EC2 action refuse with a ``DependencyViolation``.

    Args:
        action: For example ``DeleteSubnet``.
        parameter: The parameter that names the resource.
        problem: Says why it must stay, or nothing.

    """
    old = ec2._ACTION_MAP[action]

    def guarded(query: dict[str, list[str]]) -> tuple[int, dict[str, str], bytes]:
        found = problem(ec2._p(query, parameter))
        answer: tuple[int, dict[str, str], bytes] = (
            ec2._error("DependencyViolation", found, 400) if found is not None else old(query)
        )
        return answer

    ec2._ACTION_MAP[action] = guarded
