"""Where the homes of a domain are copied to before they go."""

from __future__ import annotations

from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_backup as backup
from aws_cdk import aws_iam as iam
from constructs import Construct

from studio_infra.storage.studio_key import StudioKey, StudioKeyGrants


class FinalCopy(Construct):
    """A backup vault with a key of its own, and the role that copies into it. All but the role outlive every stack.

    A copy can be restored only with the key of its vault. The key of the homes goes with the stack that is deleted, so
    the copy must not depend on it.

    Args:
        scope: The construct this one belongs to.
        construct_id: Unique among the children of `scope`. Renaming it makes a new vault; the old one is retained.
        home_file_system_id: The file system that is copied.

    """

    def __init__(self, scope: Construct, construct_id: str, *, home_file_system_id: str) -> None:
        super().__init__(scope, construct_id)
        key = StudioKey(self, "Key", removal_policy=cdk.RemovalPolicy.RETAIN).key
        #: The vault. It is always retained.
        self.vault: Final = backup.BackupVault(
            self, "Vault", encryption_key=key, removal_policy=cdk.RemovalPolicy.RETAIN
        )
        #: The role that AWS Backup copies with.
        self.role: Final = iam.Role(
            self,
            "Role",
            description="Copies the homes of a domain once more before they go",
            assumed_by=iam.ServicePrincipal(
                "backup.amazonaws.com",
                conditions={"StringEquals": {"aws:SourceAccount": cdk.Stack.of(self).account}},
            ),
        )
        home = cdk.Stack.of(self).format_arn(
            service="elasticfilesystem", resource="file-system", resource_name=home_file_system_id
        )
        #: What the role may do: it must be there as long as a copy is made.
        self.policy: Final = iam.ManagedPolicy(
            self,
            "Policy",
            description="Copies the homes of a domain once more before they go",
            roles=[self.role],
            statements=[
                iam.PolicyStatement(
                    sid="PutIntoTheVault",
                    actions=["backup:CopyIntoBackupVault", "backup:DescribeBackupVault"],
                    resources=[self.vault.backup_vault_arn],
                ),
                iam.PolicyStatement(
                    sid="ReadTheHomes",
                    actions=["elasticfilesystem:Backup", "elasticfilesystem:DescribeTags"],
                    resources=[home],
                ),
            ],
        )
        StudioKeyGrants.from_key(key).use(self.policy)
        StudioKeyGrants.from_key(key).attach(self.policy)
