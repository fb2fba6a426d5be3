"""Files that a team shares: an EFS file system with a directory for each team and person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_efs as efs
from aws_cdk import aws_iam as iam
from constructs import Construct

from studio_infra.errors import InvalidInput, located
from studio_infra.guardrails.acknowledge import acknowledge
from studio_infra.storage.removal import effective_removal_policy
from studio_infra.storage.shared_directory import Claims, SharedDirectory

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk.interfaces import aws_ec2 as ec2_refs
    from aws_cdk.interfaces import aws_efs as refs
    from aws_cdk.interfaces import aws_kms as key_refs

_NFS: Final = 2049

# EFS's own words; it knows no other number of days.
_TRANSITIONS: Final = {1: "AFTER_1_DAY"} | {d: f"AFTER_{d}_DAYS" for d in (7, 14, 30, 60, 90, 180, 270, 365)}

_ROOT: Final = "0"
# Owner and group, nobody else: a directory of one team says nothing to another.
_TEAM_MODE: Final = "0770"
_PERSON_MODE: Final = "0700"


class TeamFileSystemGrants:
    """Permissions on a file system, given to somebody else's identity policy.

    They count where a client mounts with its IAM identity, as batch jobs and functions do. Studio mounts as
    an NFS
    client: there, security groups and POSIX owners decide.
    """

    @classmethod
    def from_file_system(cls, file_system: refs.IFileSystemRef) -> TeamFileSystemGrants:
        """Start granting on ``file_system``: ours, an L1 ``CfnFileSystem``, or an imported one."""
        return cls(file_system)

    def __init__(self, file_system: refs.IFileSystemRef) -> None:
        self._arn = file_system.file_system_ref.file_system_arn

    def read(self, grantee: iam.IGrantable, through: refs.IAccessPointRef) -> iam.Grant:
        """Let ``grantee`` read what lies behind one access point."""
        return self._mount(grantee, through, "elasticfilesystem:ClientMount")

    def read_write(self, grantee: iam.IGrantable, through: refs.IAccessPointRef) -> iam.Grant:
        """Let ``grantee`` read and write what lies behind one access point."""
        return self._mount(grantee, through, "elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite")

    def _mount(self, grantee: iam.IGrantable, through: refs.IAccessPointRef, *actions: str) -> iam.Grant:
        point = through.access_point_ref.access_point_arn
        return iam.Grant.add_to_principal(
            grantee=grantee,
            actions=[*actions],
            resource_arns=[self._arn],
            conditions={"StringEquals": {"elasticfilesystem:AccessPointArn": point}},
        )


class TeamFileSystem(Construct):
    """An encrypted EFS file system beside people's homes, which outlives its stack.

    Studio mounts a directory that exists; it makes none. An access point makes its directory, with the owner
    and the mode given here, when something first mounts through it: do so once for every new directory, for
    example from an instance in ``clients`` with ``mount -t efs -o tls,accesspoint=fsap-… fs-… /mnt``. Until
    then, apps start without it.

    Args:
        scope: The construct this one belongs to.
        construct_id: Unique among the children of ``scope``. Renaming it makes a new, empty file system; the
            old one is retained.
        vpc: The domain's VPC.
        subnets: Where it can be mounted, at most one for each availability zone; usually the network's
            ``subnets``. Adding one at the end leaves the others alone.
        clients: Security groups that may mount it: those of Studio's apps and of jobs.
        key: Encrypts the files. Changing it replaces the file system.
        infrequent_after_days: When files that nobody reads move to cheaper storage; they come back when they
            are read. Defaults to 30.
        backup: Whether AWS Backup copies it every day by the account's default plan. Defaults to yes.
        removal_policy: What happens to the files when they leave the template. Defaults to ``RETAIN``.
            ``DESTROY`` counts only with the app's consent (``studio_infra.storage.removal``).

    Raises:
        InvalidInput: No subnet, or a number of days that EFS does not know.

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
        clients: Sequence[ec2.ISecurityGroup],
        key: key_refs.IKeyRef,
        infrequent_after_days: int = 30,
        backup: bool = True,
        removal_policy: cdk.RemovalPolicy | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        if not subnets:
            raise InvalidInput(
                "FileSystemSubnets", "subnets must name at least one subnet, got none", scope=self
            )
        if infrequent_after_days not in _TRANSITIONS:
            raise InvalidInput(
                "FileSystemTransition",
                f"infrequent_after_days must be one of {', '.join(map(str, _TRANSITIONS))}, "
                f"got {infrequent_after_days}",
                scope=self,
            )
        self._file_system = efs.CfnFileSystem(
            self,
            "Resource",
            encrypted=True,
            kms_key_id=key,
            throughput_mode="elastic",
            backup_policy=efs.CfnFileSystem.BackupPolicyProperty(status="ENABLED" if backup else "DISABLED"),
            lifecycle_policies=[
                efs.CfnFileSystem.LifecyclePolicyProperty(
                    transition_to_ia=_TRANSITIONS[infrequent_after_days]
                ),
                efs.CfnFileSystem.LifecyclePolicyProperty(
                    transition_to_primary_storage_class="AFTER_1_ACCESS"
                ),
            ],
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
        for number, subnet in enumerate(subnets):
            efs.CfnMountTarget(
                self,
                f"MountTarget{number}",
                file_system_id=self._file_system,
                subnet_id=subnet,
                security_groups=[self.security_group],
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
        """Let whoever wears ``client`` mount it.

        In a domain with ``"PublicInternetOnly"``, and for whoever wears no group of yours, that is the group
        which SageMaker makes for the domain: import it by
        ``CfnDomain.attr_security_group_id_for_domain_boundary``.
        """
        client.connections.allow_to(self.security_group, ec2.Port.tcp(_NFS), "NFS to shared files")

    def add_team_directory(self, construct_id: str, *, team: str, gid: int) -> SharedDirectory:
        """Share ``/teams/<team>`` among those whose POSIX group is ``gid``.

        Args:
            construct_id: Unique among the directories. Renaming it makes a new access point, for the same
                files.
            team: The team.
            gid: The group's number: what people of the team have in ``CustomPosixUserConfig``.

        Raises:
            InvalidInput: A name or a number that is not allowed, or that another directory has.

        """
        with located(self):
            path = self._claims.team(team, gid)
        return self._directory(construct_id, path, owner=_ROOT, gid=gid, mode=_TEAM_MODE)

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
            mode=_PERSON_MODE,
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
        gid: int,
        mode: str,
        posix_user: efs.CfnAccessPoint.PosixUserProperty | None = None,
    ) -> SharedDirectory:
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
