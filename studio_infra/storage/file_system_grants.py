"""Permissions on a shared file system, for others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import aws_iam as iam

if TYPE_CHECKING:
    from aws_cdk.interfaces import aws_efs as refs


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
