"""Fast files for many machines at once: an FSx for Lustre file system that Studio can mount."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, cast

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_fsx as fsx
from constructs import Construct

from studio_infra.errors import InvalidInput, one_of
from studio_infra.settings.facts.limits import (
    LUSTRE_SMALLEST,
    LUSTRE_STEP,
    LUSTRE_THROUGHPUTS,
    is_file_system_id,
    is_s3_uri,
)
from studio_infra.storage.removal import effective_removal_policy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk.interfaces import aws_ec2 as ec2_refs
    from aws_cdk.interfaces import aws_kms as key_refs

#: What Lustre speaks, between servers and with clients.
#: https://docs.aws.amazon.com/fsx/latest/LustreGuide/limit-access-security-groups.html
LUSTRE_PORTS: Final = (ec2.Port.tcp(988), ec2.Port.tcp_range(1018, 1023))
#: A group without a rule for ways out would let everything out; CDK says the same rule for that reason.
_NOWHERE: Final = {
    "CidrIp": "255.255.255.255/32",
    "Description": "Disallow all traffic",
    "FromPort": 252,
    "IpProtocol": "icmp",
    "ToPort": 86,
}
_VERSION: Final = "2.15"
_BACKUP_DAYS: Final = 30
_MOUNT_NAME: Final = re.compile("[A-Za-z0-9_-]{1,8}", re.ASCII)
_ALL_EVENTS: Final = ["NEW", "CHANGED", "DELETED"]


class LustreDeployment(StrEnum):
    """How lasting a file system is."""

    SCRATCH_2 = "SCRATCH_2"
    """Not replicated, and encrypted with FSx's own key: for data that is elsewhere, too."""
    PERSISTENT_1 = "PERSISTENT_1"
    """Replicated in its zone; in every region that has FSx for Lustre."""
    PERSISTENT_2 = "PERSISTENT_2"
    """Replicated in its zone, with more throughput; not in every region."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LustreFileSystemAttributes:
    """What a client must know of a file system to mount it.

    Attributes:
        file_system_id: ``fs-…``: all that Studio needs.
        dns_name: Where it is.
        mount_name: What stands in front of every path, in jobs too.

    """

    file_system_id: str
    dns_name: str
    mount_name: str

    def directory_path(self, path: str = "/") -> str:
        """A directory as the input of a training job names it: ``DirectoryPath`` of ``FileSystemDataSource``."""
        return f"/{self.mount_name}{path.rstrip('/')}"


class LustreFileSystem(Construct):
    """An FSx for Lustre file system on SSD, which outlives its stack.

    Lustre has no access points: a directory, its owner and its mode are made by whoever mounts it first. A
    new file system has a root that belongs to root; what is linked from S3 is readable for everybody.

    Args:
        scope: The construct this one belongs to.
        construct_id: Unique among the children of ``scope``. Renaming it makes a new, empty file system; the
            old one is retained.
        vpc: The domain's VPC.
        subnet: The one subnet it stands in, one of the domain's. Changing it replaces the file system.
        studio_nfs_group: The domain's own group, ``security-group-for-inbound-nfs-<domain-id>``: Studio mounts
            through it. FSx takes groups with a new file system and never changes them, so it cannot come later.
        clients: Other security groups that may mount it. Defaults to none.
        key: Encrypts the files of a persistent file system. Changing it replaces the file system.
        deployment: How lasting it is. Defaults to ``PERSISTENT_2``. Changing it replaces the file system.
        capacity_gib: Size: 1200, 2400 or a multiple of that. It can grow, never shrink. Defaults to 1200.
        throughput_per_tib: MB/s for each TiB: 50, 100 or 200 with ``PERSISTENT_1``; 125, 250, 500 or 1000 with
            ``PERSISTENT_2``. Defaults to the least.
        s3_uri: Folder in S3 that it shows and follows; nothing is written back. Defaults to none. Changing it
            unlinks the old one.
        removal_policy: What happens to the files when they leave the template. Defaults to ``RETAIN``.
            ``DESTROY`` counts only with the app's consent (``studio_infra.storage.removal``).

    Raises:
        InvalidInput: A size or a throughput that FSx does not have, or no place in S3.

    """

    @classmethod
    def from_file_system_attributes(
        cls, *, file_system_id: str, dns_name: str, mount_name: str
    ) -> LustreFileSystemAttributes:
        """Refer to somebody else's file system.

        Raises:
            InvalidInput: An id or a mount name that FSx does not give.

        """
        if not cdk.Token.is_unresolved(file_system_id) and not is_file_system_id(file_system_id):
            raise InvalidInput(
                "FileSystemId", f"file_system_id must be like fs-0123abcd, got {file_system_id!r}"
            )
        if not cdk.Token.is_unresolved(mount_name) and _MOUNT_NAME.fullmatch(mount_name) is None:
            raise InvalidInput(
                "LustreMountName",
                f"mount_name must be 1-8 letters, digits, '_' or '-', got {mount_name!r}",
            )
        return LustreFileSystemAttributes(
            file_system_id=file_system_id, dns_name=dns_name, mount_name=mount_name
        )

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        vpc: ec2.IVpc,
        subnet: ec2_refs.ISubnetRef,
        studio_nfs_group: ec2.ISecurityGroup,
        clients: Sequence[ec2.ISecurityGroup] = (),
        key: key_refs.IKeyRef,
        deployment: LustreDeployment = LustreDeployment.PERSISTENT_2,
        capacity_gib: int = LUSTRE_SMALLEST,
        throughput_per_tib: int | None = None,
        s3_uri: str | None = None,
        removal_policy: cdk.RemovalPolicy | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        deployment = one_of(LustreDeployment, "deployment", deployment, scope=self)
        self._check(deployment, capacity_gib, throughput_per_tib, s3_uri)
        lasting = deployment is not LustreDeployment.SCRATCH_2
        least = min(LUSTRE_THROUGHPUTS[deployment], default=None)
        self.security_group = ec2.SecurityGroup(
            self,
            "SecurityGroup",
            vpc=vpc,
            description="Lustre: its servers among themselves, and those who may mount it",
            allow_all_outbound=False,
        )
        for port in LUSTRE_PORTS:
            self.security_group.add_ingress_rule(self.security_group, port, "Lustre among its servers")
            self.security_group.add_egress_rule(self.security_group, port, "Lustre among its servers")
        # CDK leaves it out once there is another rule, although that one stands outside the group.
        cast("ec2.CfnSecurityGroup", self.security_group.node.default_child).add_property_override(
            "SecurityGroupEgress", [_NOWHERE]
        )
        for client in clients:
            self.allow_from(client)
        self._resource = fsx.CfnFileSystem(
            self,
            "Resource",
            file_system_type="LUSTRE",
            file_system_type_version=_VERSION,
            storage_type="SSD",
            storage_capacity=capacity_gib,
            subnet_ids=[subnet.subnet_ref.subnet_id],
            security_group_ids=[self.security_group.security_group_id, studio_nfs_group.security_group_id],
            kms_key_id=key.key_ref.key_arn if lasting else None,
            lustre_configuration=fsx.CfnFileSystem.LustreConfigurationProperty(
                deployment_type=deployment,
                data_compression_type="LZ4",
                per_unit_storage_throughput=throughput_per_tib if throughput_per_tib is not None else least,
                automatic_backup_retention_days=_backup_days(s3_uri) if lasting else None,
            ),
        )
        # FSx looks for its ports in the groups while it makes the file system.
        self._resource.node.add_dependency(self.security_group)
        self._resource.apply_removal_policy(effective_removal_policy(self, removal_policy))
        cdk.Tags.of(self._resource).add("Name", self.node.path)
        if s3_uri is not None:
            self._link(s3_uri)

    @property
    def attributes(self) -> LustreFileSystemAttributes:
        """What a client must know to mount it."""
        return LustreFileSystemAttributes(
            file_system_id=self.file_system_id,
            dns_name=self._resource.attr_dns_name,
            mount_name=self._resource.attr_lustre_mount_name,
        )

    @property
    def file_system_id(self) -> str:
        """What SageMaker names it by."""
        return self._resource.ref

    def allow_from(self, client: ec2.ISecurityGroup) -> None:
        """Let whoever wears ``client`` mount it. Studio needs no rule but its own group."""
        for port in LUSTRE_PORTS:
            client.connections.allow_to(self.security_group, port, "Lustre")

    def _link(self, s3_uri: str) -> None:
        fsx.CfnDataRepositoryAssociation(
            self,
            "Repository",
            file_system_id=self.file_system_id,
            file_system_path="/",
            data_repository_path=s3_uri,
            batch_import_meta_data_on_create=True,
            s3=fsx.CfnDataRepositoryAssociation.S3Property(
                auto_import_policy=fsx.CfnDataRepositoryAssociation.AutoImportPolicyProperty(
                    events=_ALL_EVENTS
                )
            ),
        )

    def _check(
        self, deployment: LustreDeployment, capacity: int, throughput: int | None, s3_uri: str | None
    ) -> None:
        if capacity != LUSTRE_SMALLEST and (capacity <= 0 or capacity % LUSTRE_STEP):
            raise InvalidInput(
                "LustreCapacity",
                f"capacity_gib must be {LUSTRE_SMALLEST} or a multiple of {LUSTRE_STEP}, got {capacity}",
                scope=self,
            )
        known = LUSTRE_THROUGHPUTS[deployment]
        if throughput is not None and throughput not in known:
            allowed = f"one of {', '.join(map(str, known))}" if known else "left out"
            raise InvalidInput(
                "LustreThroughput",
                f"throughput_per_tib must be {allowed} with {deployment}, got {throughput}",
                scope=self,
            )
        if s3_uri is not None and not cdk.Token.is_unresolved(s3_uri) and not is_s3_uri(s3_uri):
            raise InvalidInput(
                "LustreRepository", f"s3_uri must be like s3://bucket/folder/, got {s3_uri!r}", scope=self
            )


def _backup_days(s3_uri: str | None) -> int:
    """What is linked to S3 has its copy there. 0 is said: a value that only goes may stay as it was."""
    return _BACKUP_DAYS if s3_uri is None else 0
