"""Domains: the home file system, the two NFS groups that outlive it, and single sign-on."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from studio_infra.rehearsal.emulator import behaviour, hooks
from studio_infra.rehearsal.emulator.hooks import network
from studio_infra.rehearsal.emulator.rules import states
from studio_infra.rehearsal.emulator.service.errors import in_use, invalid
from studio_infra.rehearsal.emulator.state import store

if TYPE_CHECKING:
    from studio_infra.rehearsal.emulator.state.store import Record

    Members = dict[str, Any]

#: The tag by which people find a domain's file system after the domain is gone.
OWNER_TAG = "ManagedByAmazonSageMakerResource"
_GROUPS = ("inbound", "outbound")


def _prepare(members: Members) -> None:
    members.setdefault("AppNetworkAccessType", "PublicInternetOnly")
    members.setdefault("HomeEfsFileSystemCreation", "Enabled")
    if "KmsKeyId" in members:
        members.setdefault("HomeEfsFileSystemKmsKeyId", members["KmsKeyId"])
    if members["AppNetworkAccessType"] == "VpcOnly" and not members.get("VpcId"):
        raise invalid("VpcId and SubnetIds are required when AppNetworkAccessType is VpcOnly.")
    _check_network(members.get("VpcId"), members.get("SubnetIds", []))
    _check_groups(members)


def _created(record: Record) -> None:
    domain_id = record.key[1]
    record.members["Url"] = f"https://{domain_id}.studio.{hooks.region()}.sagemaker.aws"
    if record.members["AuthMode"] == "SSO":
        instance = f"{random.getrandbits(64):016x}"  # an id, not a secret
        record.members["SingleSignOnManagedApplicationInstanceId"] = f"ins-{instance}"
        record.members["SingleSignOnApplicationArn"] = (
            f"arn:aws:sso::{hooks.account()}:application/ssoins-{instance}/apl-{instance}"
        )
        record.members["SecurityGroupIdForDomainBoundary"] = _group(
            record, f"sagemaker-domain-boundary-{domain_id}", "Domain boundary."
        )
    if record.members["HomeEfsFileSystemCreation"] == "Enabled":
        _make_home(record)


def _make_home(record: Record) -> None:
    domain_id, subnets = record.key[1], record.members.get("SubnetIds", [])
    if not record.members.get("VpcId"):
        raise invalid("VpcId and SubnetIds are required to create a home EFS file system.")
    file_system = network.make_file_system(
        {OWNER_TAG: record.arn, **record.tags}, record.members.get("HomeEfsFileSystemKmsKeyId")
    )
    inbound, outbound = (
        _group(record, f"security-group-for-{way}-nfs-{domain_id}", f"NFS {way} of domain {domain_id}.")
        for way in _GROUPS
    )
    # They name each other, so neither can be deleted before its rule is revoked: as in AWS.
    rule = {"IpProtocol": "tcp", "FromPort": network.NFS_PORT, "ToPort": network.NFS_PORT}
    network.add_rule(inbound, rule | {"SourceSecurityGroupId": outbound}, egress=False)
    network.add_rule(outbound, rule | {"DestinationSecurityGroupId": inbound}, egress=True)
    for subnet_id in subnets:
        network.make_mount_target(file_system, subnet_id, inbound)
    record.members["HomeEfsFileSystemId"] = file_system
    record.hidden["nfs_groups"] = [inbound, outbound]


def _group(record: Record, name: str, description: str) -> str:
    return network.make_security_group(record.members["VpcId"], name, description, {OWNER_TAG: record.arn})


def _updating(record: Record, changes: Members) -> None:
    for member in ("AppNetworkAccessType", "VpcId"):
        old, new = record.members.get(member), changes.get(member)
        if new is not None and old is not None and new != old:
            if member == "VpcId":
                raise invalid("VpcId cannot be changed once it is set.")
            _check_no_app(record, "AppNetworkAccessType can be modified")
    subnets = changes.get("SubnetIds")
    if subnets is not None:
        _check_network(changes.get("VpcId") or record.members.get("VpcId"), subnets)
        if set(record.members.get("SubnetIds", [])) - set(subnets):
            _check_no_app(record, "Subnets can be removed")
    _check_groups(changes)
    _update_home(record, changes)


def _update_home(record: Record, changes: Members) -> None:
    wanted = changes.get("HomeEfsFileSystemCreation")
    had = record.members["HomeEfsFileSystemCreation"]
    if wanted == "Disabled" and had == "Enabled":
        raise invalid("HomeEfsFileSystemCreation cannot be changed from Enabled to Disabled.")
    record.members |= {m: changes[m] for m in ("VpcId", "SubnetIds") if changes.get(m)}
    if wanted == "Enabled" and had == "Disabled":
        _make_home(record)
    elif "HomeEfsFileSystemId" in record.members:
        for subnet_id in changes.get("SubnetIds") or []:
            network.make_mount_target(
                record.members["HomeEfsFileSystemId"], subnet_id, record.hidden["nfs_groups"][0]
            )


def _deleting(record: Record, request: Members) -> None:
    # By default everything stays. The two groups stay even if the file system goes.
    wanted = (request.get("RetentionPolicy") or {}).get("HomeEfsFileSystem", "Retain")
    if wanted == "Delete" and "HomeEfsFileSystemId" in record.members:
        network.delete_file_system(record.members["HomeEfsFileSystemId"])


def _check_no_app(record: Record, what: str) -> None:
    for app in store.every("App", DomainId=record.key[1]):
        if app.status not in states.DEAD | {"Failed"}:
            raise in_use(f"{what} only if there are no apps in the InService, Pending, or Deleting state.")


def _check_network(vpc_id: str | None, subnet_ids: list[str]) -> None:
    if vpc_id is not None and network.vpc(vpc_id) is None:
        raise invalid(f"The vpc ID '{vpc_id}' does not exist.")
    for subnet_id in subnet_ids:
        found = network.subnet(subnet_id)
        if found is None:
            raise invalid(f"The subnet ID '{subnet_id}' does not exist.")
        if found["VpcId"] != vpc_id:
            raise invalid(f"The subnet '{subnet_id}' does not belong to the VPC '{vpc_id}'.")


def _check_groups(members: Members) -> None:
    for settings in ("DefaultUserSettings", "DefaultSpaceSettings"):
        check_security_groups(members.get(settings) or {})


def check_security_groups(settings: Members) -> None:
    """Refuse user or space settings that name a security group which is not there.

    Raises:
        ServiceError: They do.

    """
    for group_id in settings.get("SecurityGroups") or []:
        if network.security_group(group_id) is None:
            raise invalid(f"The security group '{group_id}' does not exist.")


def next_home_uid(domain: Record) -> str:
    """The POSIX user id of the next person or shared space in a domain; none is ever given twice."""
    number = int(domain.hidden.get("next_uid", 200_005))
    domain.hidden["next_uid"] = number + 1
    return str(number)


behaviour.PREPARE["Domain"] = _prepare
behaviour.CREATED["Domain"] = _created
behaviour.UPDATING["Domain"] = _updating
behaviour.DELETING["Domain"] = _deleting
