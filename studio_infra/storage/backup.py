"""Copies of homes and shared files, kept where a slip of the hand does not reach."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import aws_cdk as cdk
from aws_cdk import aws_backup as backup
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from constructs import Construct

from studio_infra.errors import InvalidInput
from studio_infra.storage.removal import effective_removal_policy
from studio_infra.storage.studio_key import StudioKeyGrants

if TYPE_CHECKING:
    from aws_cdk.interfaces import aws_efs as refs
    from aws_cdk.interfaces import aws_kms as key_refs

# AWS Backup keeps in cold storage for 90 days at least.
_COLD_AFTER: Final = 30
_COLD_AT_LEAST: Final = 90


class StudioBackup(Construct):
    """A daily and a monthly copy of EFS file systems, in a vault that outlives its stack.

    The home file system of a domain belongs to SageMaker: it stays when the domain is deleted, but nothing
    brings back what a person deleted in it, except a backup.

    A vault has a name, made from its place in the app. Whoever deletes the stack and makes it anew brings the
    retained vault back with ``cdk import``.

    Args:
        scope: The construct this one belongs to.
        construct_id: Unique among the children of ``scope``. Renaming it makes a new vault; the old one is
            retained.
        key: Encrypts the copies. Changing it replaces the vault.
        daily_for: How long a daily copy is kept. Defaults to 35 days.
        monthly_for: How long a monthly copy is kept, cold after 30 days. Defaults to a year.
        removal_policy: What happens to the vault when it leaves the template. Defaults to ``RETAIN``.
            ``DESTROY`` counts only with the app's consent (``studio_infra.storage.removal``), and AWS Backup
            then still refuses to delete a vault that is not empty.

    Raises:
        InvalidInput: ``daily_for`` is shorter than a day, or ``monthly_for`` than AWS Backup's 120 days.

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        key: key_refs.IKeyRef,
        daily_for: cdk.Duration | None = None,
        monthly_for: cdk.Duration | None = None,
        removal_policy: cdk.RemovalPolicy | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        daily_for = daily_for if daily_for is not None else cdk.Duration.days(35)
        monthly_for = monthly_for if monthly_for is not None else cdk.Duration.days(365)
        self._check_days("daily_for", daily_for, 1)
        self._check_days("monthly_for", monthly_for, _COLD_AFTER + _COLD_AT_LEAST)

        self.vault = backup.BackupVault(
            self,
            "Vault",
            encryption_key=key,
            removal_policy=effective_removal_policy(self, removal_policy),
        )
        self._plan = backup.BackupPlan(
            self,
            "Plan",
            backup_vault=self.vault,
            backup_plan_rules=[
                backup.BackupPlanRule(
                    rule_name="Daily",
                    schedule_expression=events.Schedule.cron(hour="3", minute="0"),
                    delete_after=daily_for,
                ),
                backup.BackupPlanRule(
                    rule_name="Monthly",
                    schedule_expression=events.Schedule.cron(day="1", hour="4", minute="0"),
                    move_to_cold_storage_after=cdk.Duration.days(_COLD_AFTER),
                    delete_after=monthly_for,
                ),
            ],
        )
        self._role = iam.Role(
            self,
            "Role",
            description="Copies file systems into the vault",
            assumed_by=iam.ServicePrincipal(
                "backup.amazonaws.com",
                conditions={"StringEquals": {"aws:SourceAccount": cdk.Stack.of(self).account}},
            ),
        )
        self._policy = iam.ManagedPolicy(
            self,
            "Policy",
            description="Copies file systems into the vault",
            roles=[self._role],
            statements=[
                iam.PolicyStatement(
                    actions=["backup:CopyIntoBackupVault", "backup:DescribeBackupVault"],
                    resources=[self.vault.backup_vault_arn],
                )
            ],
        )
        StudioKeyGrants.from_key(key).use(self._policy)
        StudioKeyGrants.from_key(key).attach(self._policy)

    def add_file_system(self, construct_id: str, file_system: refs.IFileSystemRef) -> None:
        """Copy ``file_system``: ours, an L1 ``CfnFileSystem``, or an imported one."""
        self._select(construct_id, file_system.file_system_ref.file_system_arn)

    def add_home(self, construct_id: str, home_efs_file_system_id: str) -> None:
        """Copy the homes of a domain.

        Args:
            construct_id: Unique among the things that are copied.
            home_efs_file_system_id: ``CfnDomain.attr_home_efs_file_system_id``.

        """
        stack = cdk.Stack.of(self)
        arn = stack.format_arn(
            service="elasticfilesystem", resource="file-system", resource_name=home_efs_file_system_id
        )
        self._select(construct_id, arn)

    def _select(self, construct_id: str, arn: str) -> None:
        self._policy.add_statements(
            iam.PolicyStatement(
                actions=["elasticfilesystem:Backup", "elasticfilesystem:DescribeTags"], resources=[arn]
            )
        )
        selection = backup.BackupSelection(
            self,
            construct_id,
            backup_plan=self._plan,
            resources=[backup.BackupResource.from_arn(arn)],
            role=self._role,
            # It would let the role copy everything in the account.
            disable_default_backup_policy=True,
        )
        selection.node.add_dependency(self._policy)

    def _check_days(self, option: str, value: cdk.Duration, least: int) -> None:
        if value.to_days(integral=False) < least:
            raise InvalidInput(
                "BackupRetention", f"{option} must be at least {least} days, got {value}", scope=self
            )
