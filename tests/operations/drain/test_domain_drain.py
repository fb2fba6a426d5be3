"""The drain as a custom resource: made only with both consents, deleted before its domain, allowed one domain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk.assertions import Annotations, Match, Template

from studio_infra.errors import InvalidInput
from studio_infra.operations import DomainDrain
from studio_infra.operations.drain.domain_drain import TIMEOUT_SECONDS
from studio_infra.runtime.functions.domain_drain.handler import RESERVE, Orders
from studio_infra.settings.sections.domain import ALLOW_DESTROY
from tests import compliance

if TYPE_CHECKING:
    from collections.abc import Mapping

DESTROY = cdk.RemovalPolicy.DESTROY
CONSENT = {ALLOW_DESTROY: True}
CUSTOM = "AWS::CloudFormation::CustomResource"


def drain(stack: cdk.Stack, **more: Any) -> DomainDrain:
    key = kms.Key(stack, "Key", enable_key_rotation=True)
    vpc = ec2.Vpc.from_vpc_attributes(
        stack, "Vpc", vpc_id="vpc-0123456789abcdef0", availability_zones=["us-east-1a"]
    )
    domain = sagemaker.CfnDomain(
        stack,
        "Domain",
        auth_mode="IAM",
        domain_name="research",
        default_user_settings=sagemaker.CfnDomain.UserSettingsProperty(
            execution_role="arn:aws:iam::123456789012:role/r"
        ),
        vpc_id=vpc.vpc_id,
        subnet_ids=["subnet-0123456789abcdef0"],
        kms_key_id=key.key_id,
        app_network_access_type="VpcOnly",
    )
    return DomainDrain(
        stack,
        "Drain",
        home_file_system_id=domain.attr_home_efs_file_system_id,
        vpc=vpc,
        key=key,
        **{"domain": domain, "removal_policy": DESTROY, **more},
    )


def statements(stack: cdk.Stack) -> dict[str, dict[str, Any]]:
    found = Template.from_stack(stack).find_resources(
        "AWS::IAM::ManagedPolicy", {"Properties": {"Description": "What domain_drain may do"}}
    )
    (policy,) = found.values()
    return {one.get("Sid", ""): one for one in policy["Properties"]["PolicyDocument"]["Statement"]}


def behind(template: Mapping[str, Any], logical_id: str) -> set[str]:
    """Everything that a resource stands on, directly or not: CloudFormation deletes it later."""
    text = str(template["Resources"][logical_id])
    found = {other for other in template["Resources"] if f"'{other}'" in text and other != logical_id}
    return found | {further for other in found for further in behind(template, other)}


@pytest.mark.parametrize("app", [CONSENT], indirect=True)
def test_is_deleted_before_the_domain_and_before_everything_that_it_needs(stack: cdk.Stack) -> None:
    drain(stack, delete_homes=True)
    template = Template.from_stack(stack).to_json()
    (custom,) = [name for name, one in template["Resources"].items() if one["Type"] == CUSTOM]
    later = behind(template, custom)
    kinds = {template["Resources"][name]["Type"] for name in later}
    assert kinds >= {
        "AWS::SageMaker::Domain",
        "AWS::Lambda::Function",
        "AWS::IAM::Role",
        "AWS::IAM::ManagedPolicy",
        "AWS::Logs::LogGroup",
        "AWS::Backup::BackupVault",
    }
    policies = {
        name for name, one in template["Resources"].items() if one["Type"] == "AWS::IAM::ManagedPolicy"
    }
    assert policies <= later


@pytest.mark.parametrize("app", [CONSENT], indirect=True)
def test_cloudformation_waits_as_long_as_the_function_believes(stack: cdk.Stack) -> None:
    drain(stack)
    template = Template.from_stack(stack)
    template.has_resource_properties(CUSTOM, {"ServiceTimeout": TIMEOUT_SECONDS})
    template.has_resource_properties(
        "AWS::Lambda::Function",
        {
            "Timeout": 900,
            "Environment": {
                "Variables": {
                    "TIMEOUT_SECONDS": str(TIMEOUT_SECONDS),
                    "HOMES": "Retain",
                    "STACK_ID": {"Ref": "AWS::StackId"},
                    "VAULT": Match.absent(),
                }
            },
        },
    )
    assert TIMEOUT_SECONDS - RESERVE <= 3600 - 20


@pytest.mark.parametrize("app", [CONSENT], indirect=True)
@pytest.mark.parametrize("delete_homes", [True, False])
def test_the_function_understands_its_environment(stack: cdk.Stack, delete_homes: bool) -> None:
    drain(stack, delete_homes=delete_homes)
    (function,) = Template.from_stack(stack).find_resources("AWS::Lambda::Function").values()
    variables = function["Properties"]["Environment"]["Variables"]
    orders = Orders.read({name: str(value) for name, value in variables.items()})
    assert orders.wish.homes.value == ("Delete" if delete_homes else "Retain")
    assert (orders.wish.vault is not None) == (orders.wish.role_arn is not None) == delete_homes


def test_without_the_apps_consent_nothing_is_made_and_a_warning_says_so(stack: cdk.Stack) -> None:
    made = drain(stack, delete_homes=True)
    assert not made.consented
    template = Template.from_stack(stack)
    template.resource_count_is(CUSTOM, 0)
    template.resource_count_is("AWS::Lambda::Function", 0)
    found = Annotations.from_stack(stack).find_warning(
        "/S/Drain", Match.string_like_regexp("does not consent")
    )
    assert len(found) == 1


@pytest.mark.parametrize("app", [CONSENT], indirect=True)
def test_without_the_constructs_consent_nothing_is_made(stack: cdk.Stack) -> None:
    drain(stack, removal_policy=cdk.RemovalPolicy.RETAIN, delete_homes=True)
    template = Template.from_stack(stack)
    template.resource_count_is(CUSTOM, 0)
    template.resource_count_is("AWS::Lambda::Function", 0)


@pytest.mark.parametrize("app", [CONSENT], indirect=True)
def test_may_delete_homes_only_if_they_shall_go(stack: cdk.Stack) -> None:
    drain(stack)
    allowed = statements(stack)
    assert not allowed.keys() & {"DeleteItsHomes", "CopyHomesOnceMore", "LetBackupCopy", "SeeJobs"}
    assert "elasticfilesystem:DeleteFileSystem" not in str(allowed)


@pytest.mark.parametrize("app", [CONSENT], indirect=True)
def test_every_change_it_may_make_is_of_one_domain_one_file_system_or_one_vpc(stack: cdk.Stack) -> None:
    drain(stack, delete_homes=True)
    for sid, statement in statements(stack).items():
        if sid in ("SeeWhatThereIs", "SeeJobs", "", "WriteItsLog", "SayWhatFailed", "TagAndKnowTheCopy"):
            continue
        one_thing = str(statement)
        assert "'Resource': '*'" not in one_thing, sid
        assert any(
            name in one_thing
            for name in ("'Domain'", "HomeEfsFileSystemId", "vpc-0123456789abcdef0", "StackId", "FinalCopy")
        ), sid


@pytest.mark.parametrize("app", [CONSENT], indirect=True)
def test_the_last_copy_outlives_the_stack_with_a_key_of_its_own(stack: cdk.Stack) -> None:
    made = drain(stack, delete_homes=True)
    assert made.final_copy is not None
    template = Template.from_stack(stack)
    keep = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
    template.has_resource("AWS::Backup::BackupVault", keep)
    template.has_resource_properties(
        "AWS::Backup::BackupVault",
        {"EncryptionKeyArn": {"Fn::GetAtt": [Match.string_like_regexp("^DrainFinalCopyKey"), "Arn"]}},
    )
    template.has_resource("AWS::KMS::Key", keep)


@pytest.mark.parametrize("app", [CONSENT], indirect=True)
def test_homes_can_go_without_a_copy(stack: cdk.Stack) -> None:
    made = drain(stack, delete_homes=True, final_copy=False)
    assert made.final_copy is None
    Template.from_stack(stack).resource_count_is("AWS::Backup::BackupVault", 0)
    assert "DeleteItsHomes" in statements(stack)


@pytest.mark.parametrize("app", [CONSENT], indirect=True)
def test_a_run_may_call_the_next_one_and_no_other_function(stack: cdk.Stack) -> None:
    drain(stack)
    Template.from_stack(stack).has_resource_properties(
        "AWS::IAM::ManagedPolicy",
        {
            "PolicyDocument": {
                "Statement": [
                    {
                        "Action": "lambda:InvokeFunction",
                        "Resource": {"Fn::GetAtt": [Match.string_like_regexp("^DrainFunction"), "Arn"]},
                        "Effect": "Allow",
                        "Sid": "CallTheNextRun",
                    }
                ],
                "Version": "2012-10-17",
            }
        },
    )


@pytest.mark.parametrize("app", [CONSENT], indirect=True)
def test_a_drain_in_another_stack_is_refused(app: cdk.App, stack: cdk.Stack) -> None:
    domain = sagemaker.CfnDomain(cdk.Stack(app, "Other"), "Domain", auth_mode="IAM", domain_name="n",
                                 default_user_settings=sagemaker.CfnDomain.UserSettingsProperty(
                                     execution_role="arn:aws:iam::123456789012:role/r"))  # fmt: skip
    with pytest.raises(InvalidInput, match="must be in the stack of its domain"):
        drain(stack, domain=domain)


@pytest.mark.slow
@pytest.mark.parametrize("delete_homes", [True, False])
def test_no_pack_finds_anything(delete_homes: bool) -> None:
    app = compliance.strict_app()
    app.node.set_context(ALLOW_DESTROY, True)
    stack = cdk.Stack(app, "S")
    drain(stack, delete_homes=delete_homes)
    assert compliance.findings(stack) == set()
    app.synth()
