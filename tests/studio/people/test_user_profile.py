from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Match, Template

from studio_infra.errors import InvalidInput
from studio_infra.studio.domain.apps import AppSettings, StudioApp
from studio_infra.studio.domain.file_systems import EfsDirectory
from studio_infra.studio.domain.user_settings import SpaceStorage
from studio_infra.studio.people.user_profile import UserProfile
from studio_infra.studio.people.user_profile_grants import UserProfileGrants

if TYPE_CHECKING:
    from aws_cdk.interfaces import aws_sagemaker as refs

PROFILE = "AWS::SageMaker::UserProfile"
imported_domain = pytest.mark.parametrize("any_domain", ["imported"], indirect=True)


def test_is_retained_and_has_a_role_of_its_own(stack: cdk.Stack, any_domain: refs.IDomainRef) -> None:
    UserProfile(stack, "Ana", domain=any_domain, user_name="ana")
    template = Template.from_stack(stack)
    template.has_resource(
        PROFILE,
        {
            "DeletionPolicy": "Retain",
            "UpdateReplacePolicy": "Retain",
            "Properties": {
                "UserProfileName": "ana",
                "UserSettings": {
                    "ExecutionRole": {"Fn::GetAtt": [Match.string_like_regexp("^AnaExecutionRole"), "Arn"]}
                },
            },
        },
    )
    template.has_resource_properties(
        "AWS::IAM::Role",
        {"Tags": Match.array_with([{"Key": "studio:user", "Value": "ana"}])},
    )


@imported_domain
def test_takes_a_role_that_somebody_brings(stack: cdk.Stack, any_domain: refs.IDomainRef) -> None:
    arn = "arn:aws:iam::123456789012:role/brought"
    role = iam.Role.from_role_arn(stack, "Role", arn)
    UserProfile(stack, "Ana", domain=any_domain, user_name="ana", execution_role=role)
    template = Template.from_stack(stack)
    template.has_resource_properties(PROFILE, {"UserSettings": {"ExecutionRole": arn}})
    template.resource_count_is("AWS::IAM::Role", 0)


@imported_domain
def test_binds_an_identity_center_user(stack: cdk.Stack, any_domain: refs.IDomainRef) -> None:
    UserProfile(stack, "Ana", domain=any_domain, user_name="ana", sso_user_name="ana@example.com")
    Template.from_stack(stack).has_resource_properties(
        PROFILE,
        {"SingleSignOnUserIdentifier": "UserName", "SingleSignOnUserValue": "ana@example.com"},
    )


@imported_domain
def test_settings_of_its_own_go_before_the_domains(stack: cdk.Stack, any_domain: refs.IDomainRef) -> None:
    group = ec2.SecurityGroup.from_security_group_id(stack, "Own", "sg-own")
    UserProfile(
        stack,
        "Ana",
        domain=any_domain,
        user_name="ana",
        apps=[AppSettings(app=StudioApp.JUPYTER_LAB, default_instance_type="ml.g5.xlarge")],
        security_groups=[group],
        hidden_instance_types=["ml.p5.48xlarge"],
        space_storage=SpaceStorage(default_gb=5, maximum_gb=5),
        posix_uid=10_001,
    )
    Template.from_stack(stack).has_resource_properties(
        PROFILE,
        {
            "UserSettings": {
                "JupyterLabAppSettings": {"DefaultResourceSpec": {"InstanceType": "ml.g5.xlarge"}},
                "SecurityGroups": ["sg-own"],
                "StudioWebPortalSettings": {"HiddenInstanceTypes": ["ml.p5.48xlarge"]},
                "SpaceStorageSettings": {
                    "DefaultEbsStorageSettings": {
                        "DefaultEbsVolumeSizeInGb": 5,
                        "MaximumEbsVolumeSizeInGb": 5,
                    }
                },
                "CustomPosixUserConfig": {"Uid": 10_001, "Gid": 10_001},
            }
        },
    )


@imported_domain
def test_says_nothing_about_what_it_inherits(stack: cdk.Stack, any_domain: refs.IDomainRef) -> None:
    UserProfile(stack, "Ana", domain=any_domain, user_name="ana")
    (profile,) = Template.from_stack(stack).find_resources(PROFILE).values()
    assert list(profile["Properties"]["UserSettings"]) == ["ExecutionRole"]


@pytest.mark.parametrize("bad", ["", "ana@example.com", "-ana", "ana\n", "a" * 64, "ünal", "ana１"])
@imported_domain
def test_refuses_a_name_that_sagemaker_would_refuse(
    stack: cdk.Stack, any_domain: refs.IDomainRef, bad: str
) -> None:
    with pytest.raises(InvalidInput, match="user_name must be 1-63") as caught:
        UserProfile(stack, "Ana", domain=any_domain, user_name=bad)
    assert caught.value.code == "UserProfileName"
    assert caught.value.path == "S/Ana"


@pytest.mark.parametrize("bad", [0, 9_999, 4_000_001])
@imported_domain
def test_refuses_a_posix_uid_out_of_range(stack: cdk.Stack, any_domain: refs.IDomainRef, bad: int) -> None:
    with pytest.raises(InvalidInput, match="posix_uid must be 10,000 to 4,000,000"):
        UserProfile(stack, "Ana", domain=any_domain, user_name="ana", posix_uid=bad)


@imported_domain
def test_takes_a_name_that_is_known_only_at_deployment(stack: cdk.Stack, any_domain: refs.IDomainRef) -> None:
    name = cdk.CfnParameter(stack, "Name").value_as_string
    UserProfile(stack, "Ana", domain=any_domain, user_name=name)
    Template.from_stack(stack).has_resource_properties(PROFILE, {"UserProfileName": {"Ref": "Name"}})


@imported_domain
def test_a_grant_to_the_profile_lands_on_its_role(stack: cdk.Stack, any_domain: refs.IDomainRef) -> None:
    ana = UserProfile(stack, "Ana", domain=any_domain, user_name="ana")
    s3.Bucket(stack, "Data").grant_read(ana)
    Template.from_stack(stack).has_resource_properties(
        "AWS::IAM::Policy", {"Roles": [{"Ref": Match.string_like_regexp("^AnaExecutionRole")}]}
    )


@imported_domain
def test_grants_name_this_profile_only(stack: cdk.Stack, any_domain: refs.IDomainRef) -> None:
    ana = UserProfile(stack, "Ana", domain=any_domain, user_name="ana")
    portal = iam.Role(stack, "Portal", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    ana.grants.open_studio(portal)
    Template.from_stack(stack).has_resource_properties(
        "AWS::IAM::Policy",
        {
            "PolicyDocument": {
                "Statement": [
                    {
                        "Action": "sagemaker:CreatePresignedDomainUrl",
                        "Resource": stack.resolve(ana.user_profile_arn),
                    }
                ]
            }
        },
    )


@imported_domain
def test_an_imported_profile_can_be_granted_on(stack: cdk.Stack, any_domain: refs.IDomainRef) -> None:
    ana = UserProfile.from_user_profile_attributes(stack, "Ana", domain=any_domain, user_name="ana")
    portal = iam.Role(stack, "Portal", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    UserProfileGrants.from_user_profile(ana).describe(portal)
    (policy,) = Template.from_stack(stack).find_resources("AWS::IAM::Policy").values()
    (statement,) = policy["Properties"]["PolicyDocument"]["Statement"]
    assert str(statement["Resource"]).endswith(":user-profile/d-imported/ana']]}")


def test_numbers_and_files_reach_the_profile(stack: cdk.Stack, any_domain: refs.IDomainRef) -> None:
    files = [EfsDirectory(file_system_id="fs-01234567", path="/teams/vision")]
    UserProfile(
        stack, "Ana", domain=any_domain, user_name="ana", posix_uid=10_001, posix_gid=2001, file_systems=files
    )
    UserProfile(stack, "Ben", domain=any_domain, user_name="ben", file_systems=[])
    profiles = {
        one["Properties"]["UserProfileName"]: one["Properties"]["UserSettings"]
        for one in Template.from_stack(stack).find_resources(PROFILE).values()
    }
    assert profiles["ana"]["CustomPosixUserConfig"] == {"Uid": 10_001, "Gid": 2001}
    assert profiles["ana"]["CustomFileSystemConfigs"] == [
        {"EFSFileSystemConfig": {"FileSystemId": "fs-01234567", "FileSystemPath": "/teams/vision"}}
    ]
    assert profiles["ben"]["CustomFileSystemConfigs"] == []


@pytest.mark.parametrize(
    ("options", "code", "says"),
    [
        ({"posix_gid": 2001}, "UserProfilePosixGid", "takes both numbers or none; give posix_uid, too"),
        ({"posix_uid": 10_001, "posix_gid": 1000}, "UserProfilePosixGid", "1,001 to 4,000,000, got 1000"),
        ({"posix_uid": 9_999}, "UserProfilePosixUid", "10,000 to 4,000,000, got 9999"),
        (
            {"file_systems": [EfsDirectory(file_system_id=f"fs-0123456{n:x}") for n in range(11)]},
            "CustomFileSystems",
            "at most 10 file systems besides the home, got 11",
        ),
        (
            {
                "file_systems": [
                    EfsDirectory(file_system_id="fs-01234567", path="/a"),
                    EfsDirectory(file_system_id="fs-01234567", path="/b"),
                ]
            },
            "CustomFileSystems",
            "'fs-01234567' is there twice",
        ),
    ],
)
def test_refuses_numbers_and_files_that_sagemaker_would_refuse(
    stack: cdk.Stack, any_domain: refs.IDomainRef, options: dict[str, Any], code: str, says: str
) -> None:
    with pytest.raises(InvalidInput, match=says) as caught:
        UserProfile(stack, "Ana", domain=any_domain, user_name="ana", **options)
    assert (caught.value.code, caught.value.path) == (code, "S/Ana")
