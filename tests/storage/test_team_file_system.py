"""Shared files in CloudFormation's words."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import botocore.session
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_efs as efs
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk.assertions import Template
from botocore.validate import ParamValidator

from studio_infra.errors import InvalidInput
from studio_infra.settings.facts.limits import EFS_DAYS
from studio_infra.storage import TeamFileSystem, TeamFileSystemGrants

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk.interfaces import aws_efs as refs

DESTROYABLE = {"@studio-infra/allow-destroy": True}


def files(stack: cdk.Stack, **options: Any) -> TeamFileSystem:
    vpc = ec2.Vpc.from_vpc_attributes(
        stack,
        "Vpc",
        vpc_id="vpc-1",
        availability_zones=["a", "b"],
        private_subnet_ids=["subnet-1", "subnet-2"],
    )
    given: dict[str, Any] = {
        "vpc": vpc,
        "subnets": vpc.private_subnets,
        "clients": [],
        "key": kms.Key.from_key_arn(stack, "Key", "arn:aws:kms:eu-west-1:111122223333:key/1234"),
    }
    return TeamFileSystem(stack, "Files", **(given | options))


def of_type(stack: cdk.Stack, kind: str) -> list[dict[str, Any]]:
    return [{**r["Properties"]} for r in Template.from_stack(stack).find_resources(kind).values()]


def test_files_are_encrypted_copied_every_day_and_outlive_the_stack(stack: cdk.Stack) -> None:
    files(stack)
    template = Template.from_stack(stack)
    template.has_resource(
        "AWS::EFS::FileSystem", {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
    )
    (file_system,) = of_type(stack, "AWS::EFS::FileSystem")
    assert file_system["Encrypted"] is True
    assert file_system["KmsKeyId"].endswith("key/1234")
    assert file_system["BackupPolicy"] == {"Status": "ENABLED"}
    assert file_system["LifecyclePolicies"] == [
        {"TransitionToIA": "AFTER_30_DAYS"},
        {"TransitionToPrimaryStorageClass": "AFTER_1_ACCESS"},
    ]
    # Studio mounts without an IAM identity: a policy that asks for one would lock it out.
    assert "FileSystemPolicy" not in file_system


def test_every_option_reaches_the_file_system(stack: cdk.Stack) -> None:
    files(stack, backup=False, infrequent_after_days=1)
    (file_system,) = of_type(stack, "AWS::EFS::FileSystem")
    assert file_system["BackupPolicy"] == {"Status": "DISABLED"}
    assert file_system["LifecyclePolicies"][0] == {"TransitionToIA": "AFTER_1_DAY"}


@pytest.mark.parametrize("app", [DESTROYABLE], indirect=True)
def test_two_consents_let_the_files_go(stack: cdk.Stack) -> None:
    files(stack, removal_policy=cdk.RemovalPolicy.DESTROY)
    Template.from_stack(stack).has_resource("AWS::EFS::FileSystem", {"DeletionPolicy": "Delete"})


def test_one_consent_does_not(stack: cdk.Stack) -> None:
    files(stack, removal_policy=cdk.RemovalPolicy.DESTROY)
    Template.from_stack(stack).has_resource("AWS::EFS::FileSystem", {"DeletionPolicy": "Retain"})


def test_it_can_be_mounted_in_every_subnet(stack: cdk.Stack) -> None:
    shared = files(stack)
    targets = of_type(stack, "AWS::EFS::MountTarget")
    assert [t["SubnetId"] for t in targets] == ["subnet-1", "subnet-2"]
    group = stack.resolve(shared.security_group.security_group_id)
    assert all(t["SecurityGroups"] == [group] for t in targets)


def test_a_subnet_that_is_added_leaves_the_other_mount_targets_alone() -> None:
    def targets(count: int) -> dict[str, Any]:
        stack = cdk.Stack(cdk.App(), "S")
        subnets = [ec2.Subnet.from_subnet_id(stack, f"Subnet{n}", f"subnet-{n}") for n in range(count)]
        files(stack, subnets=subnets)
        return {**Template.from_stack(stack).find_resources("AWS::EFS::MountTarget")}

    before, after = targets(2), targets(3)
    assert before.items() <= after.items()
    assert len(after) == 3


def test_nobody_mounts_it_but_its_clients_and_by_nfs_alone(stack: cdk.Stack) -> None:
    vpc = ec2.Vpc.from_vpc_attributes(stack, "Own", vpc_id="vpc-1", availability_zones=["a"])
    apps = ec2.SecurityGroup(stack, "Apps", vpc=vpc, allow_all_outbound=False)
    boundary = ec2.SecurityGroup.from_security_group_id(
        stack, "Boundary", "sg-domain", allow_all_outbound=False
    )
    files(stack, clients=[apps]).allow_from(boundary)
    ingress = of_type(stack, "AWS::EC2::SecurityGroupIngress")
    assert {(str(r["SourceSecurityGroupId"]), r["FromPort"], r["ToPort"]) for r in ingress} == {
        (str(stack.resolve(apps.security_group_id)), 2049, 2049),
        ("sg-domain", 2049, 2049),
    }
    egress = of_type(stack, "AWS::EC2::SecurityGroupEgress")
    assert {(r["FromPort"], r["ToPort"]) for r in egress} == {(2049, 2049)}
    assert len(egress) == 2


def test_a_team_directory_is_open_to_its_group_and_closed_to_all_others(stack: cdk.Stack) -> None:
    shared = files(stack).add_team_directory("Vision", team="vision", gid=2001)
    (point,) = of_type(stack, "AWS::EFS::AccessPoint")
    assert point["RootDirectory"] == {
        "Path": "/teams/vision",
        "CreationInfo": {"OwnerUid": "0", "OwnerGid": "2001", "Permissions": "0770"},
    }
    assert "PosixUser" not in point
    assert (shared.path, shared.gid) == ("/teams/vision", 2001)


def test_a_person_directory_is_open_to_nobody_else(stack: cdk.Stack) -> None:
    files(stack).add_person_directory("Ana", user_name="ana", uid=10001, gid=2001)
    (point,) = of_type(stack, "AWS::EFS::AccessPoint")
    assert point["RootDirectory"] == {
        "Path": "/people/ana",
        "CreationInfo": {"OwnerUid": "10001", "OwnerGid": "2001", "Permissions": "0700"},
    }
    assert point["PosixUser"] == {"Uid": "10001", "Gid": "2001"}


def test_a_domain_and_a_profile_take_the_directory(stack: cdk.Stack) -> None:
    directory = files(stack).add_team_directory("Vision", team="vision", gid=2001)
    role = "arn:aws:iam::111122223333:role/r"
    domain = sagemaker.CfnDomain(
        stack,
        "Domain",
        auth_mode="IAM",
        domain_name="research",
        default_user_settings=sagemaker.CfnDomain.UserSettingsProperty(
            execution_role=role, custom_file_system_configs=[directory.for_domain()]
        ),
    )
    sagemaker.CfnUserProfile(
        stack,
        "Ana",
        domain_id=domain.ref,
        user_profile_name="ana",
        user_settings=sagemaker.CfnUserProfile.UserSettingsProperty(
            custom_file_system_configs=[directory.for_user_profile()],
            custom_posix_user_config=sagemaker.CfnUserProfile.CustomPosixUserConfigProperty(
                uid=10001, gid=directory.gid
            ),
        ),
    )
    said = [
        {
            "EFSFileSystemConfig": {
                "FileSystemId": stack.resolve(directory.file_system_id),
                "FileSystemPath": "/teams/vision",
            }
        }
    ]
    (profile,) = of_type(stack, "AWS::SageMaker::UserProfile")
    (settings,) = of_type(stack, "AWS::SageMaker::Domain")
    assert profile["UserSettings"]["CustomFileSystemConfigs"] == said
    assert settings["DefaultUserSettings"]["CustomFileSystemConfigs"] == said


@pytest.mark.parametrize(
    ("add", "code", "message"),
    [
        (lambda f: f.add_team_directory("X", team="a/b", gid=2001), "TeamName", "got 'a/b'"),
        (lambda f: f.add_team_directory("X", team="..", gid=2001), "TeamName", "got '..'"),
        (
            lambda f: f.add_team_directory("X", team="vision", gid=2002),
            "PosixCollision",
            "collides with /teams/vision",
        ),
        (lambda f: f.add_team_directory("X", team="text", gid=2001), "PosixCollision", "which has 2001"),
        (
            lambda f: f.add_team_directory("X", team="text", gid=1000),
            "PosixNumber",
            "between 1001 and 4000000",
        ),
        (lambda f: f.add_team_directory("X", team="text", gid=4000001), "PosixNumber", "got 4000001"),
        (
            lambda f: f.add_person_directory("X", user_name="../ana", uid=10002, gid=2001),
            "UserProfileName",
            "got",
        ),
        (
            lambda f: f.add_person_directory("X", user_name="ana", uid=10002, gid=2001),
            "PosixCollision",
            "/people/ana",
        ),
        (
            lambda f: f.add_person_directory("X", user_name="ben", uid=10001, gid=2001),
            "PosixCollision",
            "10001",
        ),
        (
            lambda f: f.add_person_directory("X", user_name="ben", uid=9999, gid=2001),
            "PosixNumber",
            "uid must be",
        ),
        (
            lambda f: f.add_person_directory("X", user_name="ben", uid=10002, gid=0),
            "PosixNumber",
            "gid must be",
        ),
    ],
)
def test_refuses_directories_that_could_be_somebody_elses(
    stack: cdk.Stack, add: Callable[[TeamFileSystem], object], code: str, message: str
) -> None:
    shared = files(stack)
    shared.add_team_directory("Vision", team="vision", gid=2001)
    shared.add_person_directory("Ana", user_name="ana", uid=10001, gid=2001)
    with pytest.raises(InvalidInput, match=message) as caught:
        add(shared)
    assert (caught.value.code, caught.value.path) == (code, "S/Files")
    assert len(of_type(stack, "AWS::EFS::AccessPoint")) == 2


def test_a_number_may_belong_to_a_team_and_to_a_person(stack: cdk.Stack) -> None:
    shared = files(stack)
    shared.add_team_directory("Vision", team="vision", gid=10001)
    shared.add_person_directory("Vision2", user_name="vision", uid=10001, gid=10001)
    assert len(of_type(stack, "AWS::EFS::AccessPoint")) == 2


def test_names_that_only_cloudformation_knows_pass(stack: cdk.Stack) -> None:
    name = cdk.CfnParameter(stack, "Name").value_as_string
    shared = files(stack)
    shared.add_team_directory("Team", team=name, gid=2001)
    shared.add_person_directory("Person", user_name=name, uid=10001, gid=2001)


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        ({"subnets": []}, "FileSystemSubnets", "at least one subnet"),
        (
            {"infrequent_after_days": 2},
            "FileSystemTransition",
            "infrequent_after_days must be one of 1, 7, 14, 30, 60, 90, 180, 270, 365, got 2",
        ),
        (
            {"archive_after_days": 100},
            "FileSystemTransition",
            "archive_after_days must be one of .*, got 100",
        ),
        (
            {"infrequent_after_days": 90, "archive_after_days": 90},
            "FileSystemTransition",
            "more than infrequent_after_days, which is 90, got 90",
        ),
    ],
)
def test_refuses_what_could_never_deploy(
    stack: cdk.Stack, options: dict[str, Any], code: str, message: str
) -> None:
    with pytest.raises(InvalidInput, match=message) as caught:
        files(stack, **options)
    assert (caught.value.code, caught.value.path) == (code, "S/Files")


def owned(stack: cdk.Stack) -> refs.IFileSystemRef:
    return files(stack).file_system


def imported(stack: cdk.Stack) -> refs.IFileSystemRef:
    group = ec2.SecurityGroup.from_security_group_id(stack, "Group", "sg-1")
    return TeamFileSystem.from_file_system_id(stack, "Files", "fs-12345678", security_group=group)


def l1(stack: cdk.Stack) -> refs.IFileSystemRef:
    return efs.CfnFileSystem(stack, "Files")


@pytest.mark.parametrize("file_system", [owned, imported, l1])
@pytest.mark.parametrize("write", [False, True])
def test_a_grant_counts_through_one_access_point_alone(
    stack: cdk.Stack, file_system: Callable[[cdk.Stack], refs.IFileSystemRef], *, write: bool
) -> None:
    target = file_system(stack)
    point = efs.CfnAccessPoint(stack, "Point", file_system_id="fs-12345678")
    role = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))
    grants = TeamFileSystemGrants.from_file_system(target)
    (grants.read_write if write else grants.read)(role, point).assert_success()
    (policy,) = of_type(stack, "AWS::IAM::Policy")
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert ("elasticfilesystem:ClientWrite" in statement["Action"]) is write
    assert statement["Resource"] == stack.resolve(target.file_system_ref.file_system_arn)
    assert statement["Condition"] == {
        "StringEquals": {"elasticfilesystem:AccessPointArn": stack.resolve(point.attr_arn)}
    }


def test_files_may_go_to_the_archive_and_come_back(stack: cdk.Stack) -> None:
    files(stack, infrequent_after_days=7, archive_after_days=90)
    (file_system,) = of_type(stack, "AWS::EFS::FileSystem")
    assert file_system["LifecyclePolicies"] == [
        {"TransitionToIA": "AFTER_7_DAYS"},
        {"TransitionToArchive": "AFTER_90_DAYS"},
        {"TransitionToPrimaryStorageClass": "AFTER_1_ACCESS"},
    ]


def test_mount_targets_wear_the_group_of_studio_whose_rules_stay_sagemakers(stack: cdk.Stack) -> None:
    group = ec2.SecurityGroup.from_security_group_id(stack, "Nfs", "sg-01234567", mutable=False)
    shared = files(stack, studio_nfs_group=group)
    own = stack.resolve(shared.security_group.security_group_id)
    targets = of_type(stack, "AWS::EFS::MountTarget")
    assert [target["SecurityGroups"] for target in targets] == [[own, "sg-01234567"]] * 2
    assert of_type(stack, "AWS::EC2::SecurityGroupIngress") == []


def test_a_directory_without_a_group_of_its_own_is_everybodys_whom_sagemaker_gives_no_numbers(
    stack: cdk.Stack,
) -> None:
    shared = files(stack)
    for team in ("vision", "speech"):
        assert shared.add_team_directory(team, team=team).gid == 1001
    assert shared.add_shared_directory("Shared").path == "/shared"
    owners = {
        (
            point["RootDirectory"]["CreationInfo"]["OwnerGid"],
            point["RootDirectory"]["CreationInfo"]["Permissions"],
        )
        for point in of_type(stack, "AWS::EFS::AccessPoint")
    }
    assert owners == {("1001", "0770")}


def test_the_days_are_those_of_the_service() -> None:
    efs_model: Any = botocore.session.get_session().get_service_model("efs")
    known = {re.sub("[^0-9]", "", name) for name in efs_model.shape_for("TransitionToIARules").enum}
    assert {str(days) for days in EFS_DAYS} == known
    assert known == {
        re.sub("[^0-9]", "", name) for name in efs_model.shape_for("TransitionToArchiveRules").enum
    }


def test_the_command_for_homes_on_the_page_is_one_that_efs_takes() -> None:
    page = Path(__file__).parents[2] / "docs" / "how-to" / "shared-files.md"
    text = re.sub(r"\s*\\\n\s*", " ", page.read_text(encoding="utf-8"))
    (command,) = re.findall(r"aws efs put-lifecycle-configuration (.*)", text)
    found = re.fullmatch(r"--file-system-id (?P<id>\S+) --lifecycle-policies (?P<policies>.+)", command)
    assert found is not None
    # The CLI's shorthand for a list of structures, each with one member.
    policies = [dict([policy.split("=")]) for policy in found["policies"].split()]
    request = {"FileSystemId": found["id"], "LifecyclePolicies": policies}
    model: Any = botocore.session.get_session().get_service_model("efs")
    shape = model.operation_model("PutLifecycleConfiguration").input_shape
    assert not ParamValidator().validate(request, shape).has_errors()
    known = shape.members["LifecyclePolicies"].member.members
    assert all(value in known[name].enum for one in policies for name, value in one.items())
    assert len(policies) == 2
