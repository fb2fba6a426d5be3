"""Files that a team shares: an EFS file system with a directory for each team and person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_efs as efs
from constructs import Construct

from studio_infra.errors import InvalidInput, located
from studio_infra.guardrails.acknowledge import acknowledge
from studio_infra.settings.facts.limits import DEFAULT_GID, EFS_DAYS
from studio_infra.storage.file_system_grants import TeamFileSystemGrants
from studio_infra.storage.removal import effective_removal_policy
from studio_infra.storage.shared_directory import PERSON_MODE, TEAM_MODE, Claims, SharedDirectory

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk.interfaces import aws_ec2 as ec2_refs
    from aws_cdk.interfaces import aws_efs as refs
    from aws_cdk.interfaces import aws_kms as key_refs

_NFS: Final = 2049

# EFS's own words; it knows no other number of days.
_TRANSITIONS: Final = {days: f"AFTER_{days}_DAY{'S' if days > 1 else ''}" for days in EFS_DAYS}

_ROOT: Final = "0"


class TeamFileSystem(Construct):
    """An encrypted EFS file system beside people's homes, which outlives its stack.

    Studio mounts a directory that exists; it makes none. An access point makes its directory, with the owner
    and the mode given here, when something first mounts through it: do so once for every new directory, for
    example from an instance in ``clients`` with ``mount -t efs -o tls,accesspoint=fsap-… fs-… /mnt``. Until
    then, no space should mount it: its app may not start.

    Args:
        scope: The construct this one belongs to.
        construct_id: Unique among the children of ``scope``. Renaming it makes a new, empty file system; the
            old one is retained.
        vpc: The domain's VPC.
        subnets: Where it can be mounted, at most one for each availability zone; usually the network's
            ``subnets``. Adding one at the end leaves the others alone.
        studio_nfs_group: The domain's own group, ``security-group-for-inbound-nfs-<domain-id>``: mount targets
            wear it, and Studio mounts through it. SageMaker makes it with the domain, and CloudFormation cannot
            tell its id. Without it, a space that mounts the file system does not start.
        clients: Other security groups that may mount it, such as those of batch hosts. Defaults to none.
        key: Encrypts the files. Changing it replaces the file system.
        infrequent_after_days: When files that nobody reads move to cheaper storage; they come back when they
            are read. Defaults to 30.
        archive_after_days: When they move to the cheapest, later than that. Defaults to never.
        backup: Whether AWS Backup copies it every day by the account's default plan. Defaults to yes.
        removal_policy: What happens to the files when they leave the template. Defaults to ``RETAIN``.
            ``DESTROY`` counts only with the app's consent (``studio_infra.storage.removal``).

    Raises:
        InvalidInput: No subnet, or numbers of days that EFS does not know or that contradict each other.

    """

    @classmethod
    def from_file_system_id(
        cls, scope: Construct, construct_id: str, file_system_id: str, *, security_group: ec2.ISecurityGroup
    ) -> efs.IFileSystem:
        """Refer to somebody else's file system; ``TeamFileSystemGrants.from_file_system`` grants on it."""
        return efs.FileSystem.from_file_system_attributes(
            scope, construct_id, file_system_id=file_system_id, security_group=security_group
        )

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        vpc: ec2.IVpc,
        subnets: Sequence[ec2_refs.ISubnetRef],
        studio_nfs_group: ec2.ISecurityGroup | None = None,
        clients: Sequence[ec2.ISecurityGroup] = (),
        key: key_refs.IKeyRef,
        infrequent_after_days: int = 30,
        archive_after_days: int | None = None,
        backup: bool = True,
        removal_policy: cdk.RemovalPolicy | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        self._check(subnets, infrequent_after_days, archive_after_days)
        self._file_system = efs.CfnFileSystem(
            self,
            "Resource",
            encrypted=True,
            kms_key_id=key,
            throughput_mode="elastic",
            backup_policy=efs.CfnFileSystem.BackupPolicyProperty(status="ENABLED" if backup else "DISABLED"),
            lifecycle_policies=_lifecycle(infrequent_after_days, archive_after_days),
        )
        self._file_system.apply_removal_policy(effective_removal_policy(self, removal_policy))
        if backup:
            acknowledge(
                self._file_system, "EFSInBackupPlan", "its own policy puts it into the account's daily plan"
            )
        cdk.Tags.of(self._file_system).add("Name", self.node.path)
        self.security_group = ec2.SecurityGroup(
            self,
            "SecurityGroup",
            vpc=vpc,
            description="Shared files: NFS from those who may mount them",
            allow_all_outbound=False,
        )
        worn = [self.security_group, *([studio_nfs_group] if studio_nfs_group is not None else [])]
        for number, subnet in enumerate(subnets):
            efs.CfnMountTarget(
                self,
                f"MountTarget{number}",
                file_system_id=self._file_system,
                subnet_id=subnet,
                security_groups=[*worn],
            )
        for client in clients:
            self.allow_from(client)
        self._claims = Claims()

    @property
    def file_system_id(self) -> str:
        """What SageMaker names it by."""
        return self._file_system.ref

    @property
    def file_system(self) -> refs.IFileSystemRef:
        """What other constructs take as ``IFileSystemRef``."""
        return self._file_system

    @property
    def grants(self) -> TeamFileSystemGrants:
        """Permissions on this file system."""
        return TeamFileSystemGrants.from_file_system(self._file_system)

    def allow_from(self, client: ec2.ISecurityGroup) -> None:
        """Let whoever wears ``client`` mount it: batch hosts, functions. Studio needs no rule but its own group."""
        client.connections.allow_to(self.security_group, ec2.Port.tcp(_NFS), "NFS to shared files")

    def add_team_directory(self, construct_id: str, *, team: str, gid: int | None = None) -> SharedDirectory:
        """Share ``/teams/<team>`` among those whose POSIX group is ``gid``.

        Args:
            construct_id: Unique among the directories. Renaming it makes a new access point, for the same
                files.
            team: The team.
            gid: The group's number: what people of the team have in ``CustomPosixUserConfig``. Defaults to 1001,
                which everybody has whom SageMaker gives no other: then it is Studio alone that keeps teams
                apart, by mounting nobody more than the directory in their profile.

        Raises:
            InvalidInput: A name or a number that is not allowed, or that another directory has.

        """
        with located(self):
            path = self._claims.team(team, gid)
        return self._directory(construct_id, path, owner=_ROOT, gid=gid, mode=TEAM_MODE)

    def add_shared_directory(self, construct_id: str) -> SharedDirectory:
        """Share ``/shared`` among everybody whose profile names it and who has the group 1001.

        Args:
            construct_id: Unique among the directories.

        """
        return self._directory(construct_id, "/shared", owner=_ROOT, gid=None, mode=TEAM_MODE)

    def add_person_directory(
        self, construct_id: str, *, user_name: str, uid: int, gid: int
    ) -> SharedDirectory:
        """Keep ``/people/<user name>`` for one person alone.

        Args:
            construct_id: Unique among the directories.
            user_name: The person's user profile.
            uid: The person's number: what they have in ``CustomPosixUserConfig``.
            gid: Their group; it cannot look inside.

        Raises:
            InvalidInput: A name or a number that is not allowed, or that another directory has.

        """
        with located(self):
            path = self._claims.person(user_name, uid, gid)
        return self._directory(
            construct_id,
            path,
            owner=str(uid),
            gid=gid,
            mode=PERSON_MODE,
            # Whoever comes through a person's access point is that person; in a team's, people stay who they
            # are.
            posix_user=efs.CfnAccessPoint.PosixUserProperty(uid=str(uid), gid=str(gid)),
        )

    def _directory(
        self,
        construct_id: str,
        path: str,
        *,
        owner: str,
        gid: int | None,
        mode: str,
        posix_user: efs.CfnAccessPoint.PosixUserProperty | None = None,
    ) -> SharedDirectory:
        gid = gid if gid is not None else DEFAULT_GID
        point = efs.CfnAccessPoint(
            self,
            construct_id,
            file_system_id=self._file_system,
            posix_user=posix_user,
            root_directory=efs.CfnAccessPoint.RootDirectoryProperty(
                path=path,
                creation_info=efs.CfnAccessPoint.CreationInfoProperty(
                    owner_uid=owner, owner_gid=str(gid), permissions=mode
                ),
            ),
        )
        cdk.Tags.of(point).add("Name", path)
        return SharedDirectory(file_system_id=self.file_system_id, path=path, gid=gid, access_point=point)

    def _check(
        self,
        subnets: Sequence[ec2_refs.ISubnetRef],
        infrequent_after_days: int,
        archive_after_days: int | None,
    ) -> None:
        if not subnets:
            raise InvalidInput(
                "FileSystemSubnets", "subnets must name at least one subnet, got none", scope=self
            )
        ages = {"infrequent_after_days": infrequent_after_days, "archive_after_days": archive_after_days}
        for name, days in ages.items():
            if days is not None and days not in _TRANSITIONS:
                raise InvalidInput(
                    "FileSystemTransition",
                    f"{name} must be one of {', '.join(map(str, _TRANSITIONS))}, got {days}",
                    scope=self,
                )
        if archive_after_days is not None and archive_after_days <= infrequent_after_days:
            raise InvalidInput(
                "FileSystemTransition",
                f"archive_after_days must be more than infrequent_after_days, which is {infrequent_after_days}, "
                f"got {archive_after_days}",
                scope=self,
            )


def _lifecycle(
    infrequent_after_days: int, archive_after_days: int | None
) -> list[efs.CfnFileSystem.LifecyclePolicyProperty]:
    """One policy for each transition, as EFS wants it."""
    policy = efs.CfnFileSystem.LifecyclePolicyProperty
    policies = [policy(transition_to_ia=_TRANSITIONS[infrequent_after_days])]
    if archive_after_days is not None:
        policies.append(policy(transition_to_archive=_TRANSITIONS[archive_after_days]))
    return [*policies, policy(transition_to_primary_storage_class="AFTER_1_ACCESS")]
