"""Copies of homes and shared files in CloudFormation's words."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_efs as efs
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk.assertions import Match, Template

from studio_infra.errors import InvalidInput
from studio_infra.storage import StudioBackup, StudioKey


def vault(stack: cdk.Stack, **options: Any) -> StudioBackup:
    return StudioBackup(stack, "Backup", key=StudioKey(stack, "Key").key, **options)


def statements(stack: cdk.Stack) -> list[dict[str, Any]]:
    (policy,) = Template.from_stack(stack).find_resources("AWS::IAM::ManagedPolicy").values()
    return [*policy["Properties"]["PolicyDocument"]["Statement"]]


def test_the_vault_is_encrypted_and_outlives_its_stack(stack: cdk.Stack) -> None:
    vault(stack)
    Template.from_stack(stack).has_resource(
        "AWS::Backup::BackupVault",
        {
            "Properties": {"EncryptionKeyArn": {"Fn::GetAtt": [Match.string_like_regexp("^Key"), "Arn"]}},
            "DeletionPolicy": "Retain",
            "UpdateReplacePolicy": "Retain",
        },
    )


def test_there_is_a_copy_every_day_and_one_every_month(stack: cdk.Stack) -> None:
    vault(stack, daily_for=cdk.Duration.days(14), monthly_for=cdk.Duration.days(730))
    (plan,) = Template.from_stack(stack).find_resources("AWS::Backup::BackupPlan").values()
    rules = plan["Properties"]["BackupPlan"]["BackupPlanRule"]
    assert [(r["RuleName"], r["ScheduleExpression"], r["Lifecycle"]) for r in rules] == [
        ("Daily", "cron(0 3 * * ? *)", {"DeleteAfterDays": 14}),
        ("Monthly", "cron(0 4 1 * ? *)", {"DeleteAfterDays": 730, "MoveToColdStorageAfterDays": 30}),
    ]


def test_the_homes_of_a_domain_and_any_file_system_can_be_copied(stack: cdk.Stack) -> None:
    domain = sagemaker.CfnDomain(
        stack,
        "Domain",
        auth_mode="IAM",
        domain_name="research",
        default_user_settings=sagemaker.CfnDomain.UserSettingsProperty(
            execution_role="arn:aws:iam::1:role/r"
        ),
    )
    files = efs.CfnFileSystem(stack, "Files")
    copies = vault(stack)
    copies.add_home("Homes", domain.attr_home_efs_file_system_id)
    copies.add_file_system("Shared", files)
    selections = Template.from_stack(stack).find_resources("AWS::Backup::BackupSelection").values()
    selected = {s["Properties"]["BackupSelection"]["SelectionName"]: s["Properties"] for s in selections}
    assert "HomeEfsFileSystemId" in str(selected["Homes"])
    (shared,) = selected["Shared"]["BackupSelection"]["Resources"]
    assert shared == stack.resolve(files.attr_arn)


def test_the_role_copies_what_was_named_and_nothing_else(stack: cdk.Stack) -> None:
    copies = vault(stack)
    copies.add_file_system("Shared", efs.CfnFileSystem(stack, "Files"))
    (role,) = Template.from_stack(stack).find_resources("AWS::IAM::Role").values()
    assert "ManagedPolicyArns" not in role["Properties"]
    assert all(s["Resource"] != "*" for s in statements(stack))
    (copied,) = [s for s in statements(stack) if "elasticfilesystem:Backup" in s["Action"]]
    assert copied["Resource"] == {"Fn::GetAtt": ["Files", "Arn"]}
    (policy_id,) = Template.from_stack(stack).find_resources("AWS::IAM::ManagedPolicy")
    Template.from_stack(stack).has_resource("AWS::Backup::BackupSelection", {"DependsOn": [policy_id]})


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"daily_for": cdk.Duration.hours(12)}, "daily_for must be at least 1 days"),
        ({"monthly_for": cdk.Duration.days(119)}, "monthly_for must be at least 120 days"),
    ],
)
def test_refuses_copies_that_aws_backup_would_not_keep(
    stack: cdk.Stack, options: dict[str, cdk.Duration], message: str
) -> None:
    with pytest.raises(InvalidInput, match=message) as caught:
        vault(stack, **options)
    assert (caught.value.code, caught.value.path) == ("BackupRetention", "S/Backup")
