"""Domains, people, spaces and apps, as a client of the API sees them."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.rehearsal.conftest import Studio, make_network, make_role, make_studio

if TYPE_CHECKING:
    from studio_infra.rehearsal.server import EmbeddedAws

pytestmark = pytest.mark.slow

CONTENT = "IyEvYmluL2Jhc2gK"


def refused(code: str, message: str = "") -> Any:
    """A refusal with this code, whose sentence has these words."""
    return pytest.raises(ClientError, match=rf"\({code}\).*{message}")


def config(sm: Any, name: str = "lcc", app_type: str = "JupyterLab") -> str:
    arn: str = sm.create_studio_lifecycle_config(
        StudioLifecycleConfigName=name,
        StudioLifecycleConfigContent=CONTENT,
        StudioLifecycleConfigAppType=app_type,
    )["StudioLifecycleConfigArn"]
    return arn


# -- domains -----------------------------------------------------------------------------------------


def test_a_domain_comes_with_an_encrypted_file_system_mounted_in_every_subnet(studio: Studio) -> None:
    domain = studio.sm.describe_domain(DomainId=studio.domain_id)
    efs = studio.aws.client("efs")
    system = efs.describe_file_systems(FileSystemId=domain["HomeEfsFileSystemId"])["FileSystems"][0]
    assert system["Encrypted"] is True
    assert {"Key": "ManagedByAmazonSageMakerResource", "Value": domain["DomainArn"]} in system["Tags"]
    targets = efs.describe_mount_targets(FileSystemId=domain["HomeEfsFileSystemId"])["MountTargets"]
    assert {target["SubnetId"] for target in targets} == set(studio.subnets)


def test_the_two_nfs_groups_name_each_other(studio: Studio) -> None:
    ec2 = studio.aws.client("ec2")
    groups = {
        g["GroupName"]: g for g in ec2.describe_security_groups()["SecurityGroups"] if "nfs" in g["GroupName"]
    }
    inbound = groups[f"security-group-for-inbound-nfs-{studio.domain_id}"]
    outbound = groups[f"security-group-for-outbound-nfs-{studio.domain_id}"]
    assert inbound["IpPermissions"][0]["UserIdGroupPairs"][0]["GroupId"] == outbound["GroupId"]
    assert outbound["IpPermissionsEgress"][0]["UserIdGroupPairs"][0]["GroupId"] == inbound["GroupId"]
    assert inbound["IpPermissions"][0]["FromPort"] == 2049
    for group in (inbound, outbound):
        with refused("DependencyViolation"):
            ec2.delete_security_group(GroupId=group["GroupId"])


def test_the_file_system_and_the_groups_outlive_the_domain_and_hold_the_vpc(studio: Studio) -> None:
    system = studio.sm.describe_domain(DomainId=studio.domain_id)["HomeEfsFileSystemId"]
    studio.sm.delete_user_profile(DomainId=studio.domain_id, UserProfileName="ana")
    studio.sm.delete_domain(DomainId=studio.domain_id)
    efs, ec2 = studio.aws.client("efs"), studio.aws.client("ec2")
    assert efs.describe_file_systems(FileSystemId=system)["FileSystems"]
    with refused("DependencyViolation", "fsmt-"):
        ec2.delete_subnet(SubnetId=studio.subnets[0])
    with refused("DependencyViolation", "security-group-for-inbound-nfs"):
        ec2.delete_vpc(VpcId=studio.vpc)


def test_a_whole_clean_up_frees_the_vpc(studio: Studio) -> None:
    studio.sm.delete_user_profile(DomainId=studio.domain_id, UserProfileName="ana")
    studio.sm.delete_domain(DomainId=studio.domain_id, RetentionPolicy={"HomeEfsFileSystem": "Delete"})
    assert studio.aws.client("efs").describe_file_systems()["FileSystems"] == []
    ec2 = studio.aws.client("ec2")
    groups = [g for g in ec2.describe_security_groups()["SecurityGroups"] if "nfs" in g["GroupName"]]
    assert len(groups) == 2
    for group in groups:
        for way, rules in (("ingress", "IpPermissions"), ("egress", "IpPermissionsEgress")):
            if group[rules]:
                getattr(ec2, f"revoke_security_group_{way}")(
                    GroupId=group["GroupId"], IpPermissions=group[rules]
                )
    for group in groups:
        ec2.delete_security_group(GroupId=group["GroupId"])
    for subnet in studio.subnets:
        ec2.delete_subnet(SubnetId=subnet)
    ec2.delete_vpc(VpcId=studio.vpc)


def test_a_domain_without_a_home_gets_one_later_and_keeps_it(aws: EmbeddedAws, sm: Any) -> None:
    studio = make_studio(aws, sm, HomeEfsFileSystemCreation="Disabled")
    assert "HomeEfsFileSystemId" not in sm.describe_domain(DomainId=studio.domain_id)
    assert aws.client("efs").describe_file_systems()["FileSystems"] == []
    sm.update_domain(DomainId=studio.domain_id, HomeEfsFileSystemCreation="Enabled")
    assert sm.describe_domain(DomainId=studio.domain_id)["HomeEfsFileSystemId"].startswith("fs-")
    with refused("ValidationException", "cannot be changed from Enabled to Disabled"):
        sm.update_domain(DomainId=studio.domain_id, HomeEfsFileSystemCreation="Disabled")


def test_a_refused_domain_leaves_no_file_system(aws: EmbeddedAws, sm: Any) -> None:
    make_studio(aws, sm)
    before = len(aws.client("efs").describe_file_systems()["FileSystems"])
    vpc, subnets = make_network(aws)
    asked = {
        "DomainName": "studio",
        "AuthMode": "IAM",
        "DefaultUserSettings": {},
        "VpcId": vpc,
        "SubnetIds": subnets,
    }
    with refused("ResourceInUse", "already exists"):
        sm.create_domain(**asked)
    with refused("ValidationException", "subnet-gone"):
        sm.create_domain(**asked | {"DomainName": "other", "SubnetIds": ["subnet-gone"]})
    assert len(aws.client("efs").describe_file_systems()["FileSystems"]) == before


def test_network_mode_and_subnets_change_only_without_apps(studio: Studio) -> None:
    studio.space("work", "ana")
    where = studio.app("work")
    with refused("ResourceInUse", "no apps"):
        studio.sm.update_domain(DomainId=studio.domain_id, AppNetworkAccessType="VpcOnly")
    with refused("ResourceInUse", "no apps"):
        studio.sm.update_domain(DomainId=studio.domain_id, SubnetIds=studio.subnets[:1])
    studio.sm.delete_app(**where)
    studio.sm.update_domain(
        DomainId=studio.domain_id, AppNetworkAccessType="VpcOnly", SubnetIds=studio.subnets[:1]
    )
    assert studio.sm.describe_domain(DomainId=studio.domain_id)["SubnetIds"] == studio.subnets[:1]


def test_an_update_merges_structures_and_replaces_lists(studio: Studio) -> None:
    one, two = config(studio.sm, "one"), config(studio.sm, "two")

    def set_lab(**lab: Any) -> dict[str, Any]:
        settings = {"JupyterLabAppSettings": lab}
        studio.sm.update_domain(DomainId=studio.domain_id, DefaultUserSettings=settings)
        found: dict[str, Any] = studio.sm.describe_domain(DomainId=studio.domain_id)["DefaultUserSettings"]
        return found

    set_lab(LifecycleConfigArns=[one])
    found = set_lab(DefaultResourceSpec={"InstanceType": "ml.t3.large"})
    assert found["JupyterLabAppSettings"]["LifecycleConfigArns"] == [one]
    found = set_lab(LifecycleConfigArns=[two])
    assert found["JupyterLabAppSettings"]["LifecycleConfigArns"] == [two]
    assert found["ExecutionRole"] == studio.role


def test_an_sso_domain_has_an_application_and_people_are_bound_by_name(aws: EmbeddedAws, sm: Any) -> None:
    studio = make_studio(aws, sm, AuthMode="SSO")
    domain = sm.describe_domain(DomainId=studio.domain_id)
    assert re.fullmatch(
        r"arn:aws:sso::123456789012:application/ssoins-\w+/apl-\w+", domain["SingleSignOnApplicationArn"]
    )
    with refused("ValidationException", "required for a domain with SSO"):
        studio.profile("ana")
    studio.profile("ana", SingleSignOnUserIdentifier="UserName", SingleSignOnUserValue="ana@example.com")
    with refused("ValidationException", "AuthMode IAM"):
        sm.create_presigned_domain_url(DomainId=studio.domain_id, UserProfileName="ana")


def test_an_iam_domain_refuses_sso_names(studio: Studio) -> None:
    with refused("ValidationException", "cannot be specified"):
        studio.profile("bo", SingleSignOnUserIdentifier="UserName", SingleSignOnUserValue="bo")


# -- people ------------------------------------------------------------------------------------------


def test_home_user_ids_are_unique_and_never_given_twice(studio: Studio) -> None:
    def uid(name: str) -> str:
        found: str = studio.sm.describe_user_profile(DomainId=studio.domain_id, UserProfileName=name)[
            "HomeEfsFileSystemUid"
        ]
        return found

    for name in ("bo", "cy"):
        studio.profile(name)
    given = [uid(name) for name in ("ana", "bo", "cy")]
    assert len(set(given)) == 3
    assert uid("bo") == given[1]
    studio.sm.delete_user_profile(DomainId=studio.domain_id, UserProfileName="bo")
    studio.profile("bo")
    assert uid("bo") not in given


def test_a_role_that_sagemaker_cannot_assume_is_refused(studio: Studio) -> None:
    iam = studio.aws.client("iam")
    principal = {"Service": "ec2.amazonaws.com"}
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    wrong = iam.create_role(RoleName="wrong", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    with refused("ValidationException", "its trust policy does not name sagemaker"):
        studio.profile("bo", UserSettings={"ExecutionRole": wrong})
    with refused("ValidationException", "there is no such role"):
        studio.profile("bo", UserSettings={"ExecutionRole": "arn:aws:iam::123456789012:role/nobody"})


def test_deletions_are_blocked_from_the_inside_out(studio: Studio) -> None:
    studio.space("work", "ana")
    where = studio.app("work")
    domain, profile = {"DomainId": studio.domain_id}, {"DomainId": studio.domain_id, "UserProfileName": "ana"}
    space = {"DomainId": studio.domain_id, "SpaceName": "work"}
    with refused("ResourceInUse", r"App \["):
        studio.sm.delete_space(**space)
    with refused("ResourceInUse", r"Space \["):
        studio.sm.delete_user_profile(**profile)
    with refused("ResourceInUse"):
        studio.sm.delete_domain(**domain)
    studio.sm.delete_app(**where)
    studio.sm.delete_space(**space)
    with refused("ResourceInUse", r"UserProfile \["):
        studio.sm.delete_domain(**domain)
    studio.sm.delete_user_profile(**profile)
    studio.sm.delete_domain(**domain)
    with refused("ResourceNotFound", "does not exist"):
        studio.sm.describe_domain(**domain)


def test_a_classic_app_of_a_profile_blocks_the_profile(studio: Studio) -> None:
    where = {
        "DomainId": studio.domain_id,
        "UserProfileName": "ana",
        "AppType": "JupyterServer",
        "AppName": "default",
    }
    studio.sm.create_app(**where)
    assert studio.sm.describe_app(**where)["ResourceSpec"]["InstanceType"] == "system"
    with refused("ResourceInUse", "JupyterServer"):
        studio.sm.delete_user_profile(DomainId=studio.domain_id, UserProfileName="ana")


def test_a_presigned_url_needs_a_profile_that_exists(studio: Studio) -> None:
    asked = {"DomainId": studio.domain_id, "UserProfileName": "ana"}
    url = studio.sm.create_presigned_domain_url(**asked)["AuthorizedUrl"]
    assert url.startswith(f"https://{studio.domain_id}.studio.us-east-1.sagemaker.aws/auth?token=")
    assert studio.sm.create_presigned_domain_url(**asked)["AuthorizedUrl"] != url
    with refused("ResourceNotFound", "nobody"):
        studio.sm.create_presigned_domain_url(**asked | {"UserProfileName": "nobody"})


# -- spaces and apps -----------------------------------------------------------------------------------


def test_a_shared_space_needs_space_settings_on_the_domain(aws: EmbeddedAws, sm: Any) -> None:
    role = make_role(aws)
    vpc, subnets = make_network(aws)
    domain = sm.create_domain(
        DomainName="d",
        AuthMode="IAM",
        VpcId=vpc,
        SubnetIds=subnets,
        DefaultUserSettings={"ExecutionRole": role},
    )["DomainId"]
    with refused("ValidationException", "DefaultSpaceSettings"):
        sm.create_space(DomainId=domain, SpaceName="ours")
    sm.update_domain(DomainId=domain, DefaultSpaceSettings={"ExecutionRole": role})
    sm.create_space(DomainId=domain, SpaceName="ours")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"SpaceName": "nowhere"}, "does not exist"),
        ({"UserProfileName": "ana"}, "Exactly one"),
        ({"AppType": "CodeEditor"}, "is for apps of type JupyterLab"),
        ({"DomainId": "d-000000000000"}, "does not exist"),
    ],
)
def test_an_app_in_the_wrong_place_is_refused(studio: Studio, change: dict[str, str], said: str) -> None:
    studio.space("work", "ana")
    asked = {"DomainId": studio.domain_id, "SpaceName": "work", "AppType": "JupyterLab", "AppName": "default"}
    with pytest.raises(ClientError, match=said):
        studio.sm.create_app(**asked | change)


def test_an_app_takes_its_instance_from_the_nearest_setting(studio: Studio) -> None:
    lab = {"JupyterLabAppSettings": {"DefaultResourceSpec": {"InstanceType": "ml.t3.large"}}}
    studio.sm.update_domain(DomainId=studio.domain_id, DefaultUserSettings=lab)
    studio.space("plain", "ana")
    studio.space(
        "own", "ana", JupyterLabAppSettings={"DefaultResourceSpec": {"InstanceType": "ml.g5.xlarge"}}
    )
    instances = [
        studio.sm.describe_app(**studio.app(name))["ResourceSpec"]["InstanceType"]
        for name in ("plain", "own")
    ]
    assert instances == ["ml.t3.large", "ml.g5.xlarge"]


def test_a_deleted_app_is_shown_for_a_day_and_blocks_nothing(studio: Studio) -> None:
    studio.space("work", "ana")
    where = studio.app("work")
    studio.sm.delete_app(**where)
    assert studio.sm.describe_app(**where)["Status"] == "Deleted"
    assert [app["Status"] for app in studio.sm.list_apps()["Apps"]] == ["Deleted"]
    with refused("ResourceNotFound"):
        studio.sm.delete_app(**where)
    studio.sm.create_app(**where)  # the name is free again
    assert studio.sm.describe_app(**where)["Status"] == "InService"
    studio.sm.delete_app(**where)
    studio.aws.control.advance_clock(86_401)
    with refused("ResourceNotFound"):
        studio.sm.describe_app(**where)
    studio.sm.delete_space(DomainId=studio.domain_id, SpaceName="work")


def test_states_take_the_time_that_was_ordered(studio: Studio) -> None:
    control = studio.aws.control
    control.set_delays({"App.create": 60, "App.delete": 1200})
    studio.space("work", "ana")
    where = studio.app("work")

    def status() -> str:
        found: str = studio.sm.describe_app(**where)["Status"]
        return found

    assert status() == "Pending"
    with refused("ResourceInUse", "Pending"):
        studio.sm.delete_app(**where)
    control.advance_clock(60)
    assert status() == "InService"
    studio.sm.delete_app(**where)
    assert status() == "Deleting"
    with refused("ResourceInUse"):
        studio.sm.delete_space(DomainId=studio.domain_id, SpaceName="work")
    control.advance_clock(1200)
    assert status() == "Deleted"
    studio.sm.delete_space(DomainId=studio.domain_id, SpaceName="work")


def test_an_app_that_fails_says_why_cannot_be_deleted_and_is_in_nobodys_way(studio: Studio) -> None:
    studio.space("work", "ana")
    studio.aws.control.order_outcome("App", reason="LifecycleConfig script failed")
    where = studio.app("work")
    app = studio.sm.describe_app(**where)
    assert (app["Status"], app["FailureReason"]) == ("Failed", "LifecycleConfig script failed")
    with refused("ValidationException", "is in status Failed and cannot be deleted"):
        studio.sm.delete_app(**where)
    studio.sm.delete_space(DomainId=studio.domain_id, SpaceName="work")


# -- lifecycle configs ---------------------------------------------------------------------------------


def test_a_persons_numbers_come_with_the_profile_and_stay(studio: Studio) -> None:
    numbers = {"CustomPosixUserConfig": {"Uid": 10_001, "Gid": 1001}}
    studio.profile("bo", UserSettings=numbers)
    where = {"DomainId": studio.domain_id, "UserProfileName": "bo"}
    studio.sm.update_user_profile(**where, UserSettings=numbers)
    for other in ({"Uid": 10_001, "Gid": 2001}, {"Uid": 10_002, "Gid": 1001}):
        with refused("ValidationException", "cannot be applied to a user profile that exists"):
            studio.sm.update_user_profile(**where, UserSettings={"CustomPosixUserConfig": other})
    with refused("ValidationException", "cannot be applied"):
        studio.sm.update_user_profile(DomainId=studio.domain_id, UserProfileName="ana", UserSettings=numbers)
    assert studio.sm.describe_user_profile(**where)["UserSettings"] == numbers


def test_a_lifecycle_config_in_use_cannot_be_deleted(studio: Studio) -> None:
    arn = config(studio.sm)
    lab = {"JupyterLabAppSettings": {"LifecycleConfigArns": [arn]}}
    studio.sm.update_user_profile(DomainId=studio.domain_id, UserProfileName="ana", UserSettings=lab)
    with refused("ResourceInUse", r"in use by UserProfile \[.*ana\]"):
        studio.sm.delete_studio_lifecycle_config(StudioLifecycleConfigName="lcc")
    none: dict[str, Any] = {"JupyterLabAppSettings": {"LifecycleConfigArns": []}}
    studio.sm.update_user_profile(DomainId=studio.domain_id, UserProfileName="ana", UserSettings=none)
    studio.sm.delete_studio_lifecycle_config(StudioLifecycleConfigName="lcc")


def test_a_lifecycle_config_fits_one_slot(studio: Studio) -> None:
    arn = config(studio.sm, app_type="CodeEditor")
    wrong = {"JupyterLabAppSettings": {"LifecycleConfigArns": [arn]}}
    with refused("ValidationException", "is for CodeEditor apps"):
        studio.sm.update_domain(DomainId=studio.domain_id, DefaultUserSettings=wrong)
    right = {"CodeEditorAppSettings": {"LifecycleConfigArns": [arn]}}
    studio.sm.update_domain(DomainId=studio.domain_id, DefaultUserSettings=right)


def test_a_lifecycle_config_cannot_be_made_twice_nor_changed(sm: Any) -> None:
    config(sm)
    with refused("ResourceInUse", "already exists"):
        config(sm)
    assert not hasattr(sm, "update_studio_lifecycle_config")


def test_a_missing_lifecycle_config_is_noticed_when_it_is_attached(studio: Studio) -> None:
    lost = "arn:aws:sagemaker:us-east-1:123456789012:studio-lifecycle-config/lost"
    with refused("ResourceNotFound", "lost"):
        studio.profile("bo", UserSettings={"JupyterLabAppSettings": {"LifecycleConfigArns": [lost]}})


# -- names and tags ------------------------------------------------------------------------------------


@pytest.mark.parametrize("bad", ["my_domain", "-a", "a" * 64, "a b", "é"])
def test_names_that_aws_refuses_are_refused(sm: Any, bad: str) -> None:
    with refused("ValidationException", "1 validation error detected|2 validation errors detected"):
        sm.create_model_package_group(ModelPackageGroupName=bad)


def test_a_hostile_repository_url_is_refused(studio: Studio) -> None:
    """AWS's own pattern takes exponential time on it."""

    def profile(name: str, url: str) -> None:
        repositories = {"CodeRepositories": [{"RepositoryUrl": url}]}
        studio.profile(name, UserSettings={"JupyterLabAppSettings": repositories})

    with refused("ValidationException", "regular expression pattern"):
        profile("bo", "https://" + "a" * 900 + "?x")
    profile("bo", "https://github.com/example/repository.git")


def test_arns_look_like_those_of_aws(studio: Studio) -> None:
    """Evidence: an app's ARN is lower case (`…/kernelgateway/…`), a space's keeps its case (`…/LLM-Project`)."""
    studio.profile("Bo")
    studio.space("LLM-Project", "Bo")
    app = studio.sm.describe_app(**studio.app("LLM-Project"))["AppArn"]
    space = studio.sm.describe_space(DomainId=studio.domain_id, SpaceName="LLM-Project")["SpaceArn"]
    profile = studio.sm.describe_user_profile(DomainId=studio.domain_id, UserProfileName="Bo")[
        "UserProfileArn"
    ]
    start = "arn:aws:sagemaker:us-east-1:123456789012"
    assert app == f"{start}:app/{studio.domain_id}/llm-project/jupyterlab/default"
    assert space == f"{start}:space/{studio.domain_id}/LLM-Project"
    assert profile == f"{start}:user-profile/{studio.domain_id}/bo"


def test_tags_are_kept_by_arn(studio: Studio) -> None:
    arn = studio.profile("bo", Tags=[{"Key": "studio:team", "Value": "vision"}])
    studio.sm.add_tags(ResourceArn=arn, Tags=[{"Key": "a", "Value": "1"}])
    studio.sm.delete_tags(ResourceArn=arn, TagKeys=["studio:team"])
    assert studio.sm.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "a", "Value": "1"}]
    with refused("ValidationException", "aws: prefixed"):
        studio.sm.add_tags(ResourceArn=arn, Tags=[{"Key": "aws:x", "Value": "1"}])


# -- lists -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("passed_on", ["ENABLED", "DISABLED"])
def test_an_app_carries_the_tags_of_domain_person_and_space_if_the_domain_passes_them_on(
    studio: Studio, passed_on: str
) -> None:
    sm = studio.sm
    sm.update_domain(DomainId=studio.domain_id, TagPropagation=passed_on)
    for arn, tags in (
        (
            sm.describe_domain(DomainId=studio.domain_id)["DomainArn"],
            {"cost-center": "4711", "level": "domain"},
        ),
        (studio.profile("bela"), {"studio:team": "vision", "level": "person"}),
    ):
        sm.add_tags(ResourceArn=arn, Tags=[{"Key": key, "Value": value} for key, value in tags.items()])
    sm.create_space(
        DomainId=studio.domain_id,
        SpaceName="lab",
        OwnershipSettings={"OwnerUserProfileName": "bela"},
        SpaceSharingSettings={"SharingType": "Private"},
        SpaceSettings={"AppType": "JupyterLab"},
        Tags=[{"Key": "level", "Value": "space"}],
    )
    arn = sm.create_app(
        DomainId=studio.domain_id,
        SpaceName="lab",
        AppType="JupyterLab",
        AppName="default",
        Tags=[{"Key": "own", "Value": "x"}],
    )["AppArn"]
    found = {tag["Key"]: tag["Value"] for tag in sm.list_tags(ResourceArn=arn)["Tags"]}
    inherited = {"cost-center": "4711", "studio:team": "vision", "level": "space"}
    assert found == {"own": "x"} | (inherited if passed_on == "ENABLED" else {})


def test_lists_come_in_pages_of_ten_and_all_pages_are_everybody(studio: Studio) -> None:
    names = {f"user-{n:02}" for n in range(24)}
    for name in sorted(names):
        studio.profile(name)
    first = studio.sm.list_user_profiles(DomainIdEquals=studio.domain_id)
    assert len(first["UserProfiles"]) == 10
    assert first["NextToken"]
    pages = studio.sm.get_paginator("list_user_profiles").paginate(DomainIdEquals=studio.domain_id)
    found = [p["UserProfileName"] for page in pages for p in page["UserProfiles"]]
    assert sorted(found) == sorted(names | {"ana"})


def test_lists_are_filtered_and_ordered(studio: Studio) -> None:
    before = dt.datetime.now(dt.UTC)
    studio.aws.control.advance_clock(100)
    for name in ("bo-1", "bo-2"):
        studio.profile(name)
        studio.aws.control.advance_clock(1)

    def names(**asked: Any) -> list[str]:
        found = studio.sm.list_user_profiles(**asked)["UserProfiles"]
        return [p["UserProfileName"] for p in found]

    assert names() == ["ana", "bo-1", "bo-2"]
    assert names(SortOrder="Descending") == ["bo-2", "bo-1", "ana"]
    assert names(UserProfileNameContains="BO") == ["bo-1", "bo-2"]
    assert names(DomainIdEquals="d-000000000000") == []
    late = studio.sm.list_model_package_groups(CreationTimeAfter=before)["ModelPackageGroupSummaryList"]
    assert late == []


def test_a_wrong_page_token_is_refused(sm: Any) -> None:
    with refused("ValidationException", "pagination token"):
        sm.list_domains(NextToken="made-up")


# -- trouble on order --------------------------------------------------------------------------------------


def test_throttling_hits_as_many_calls_as_ordered(aws: EmbeddedAws, sm: Any) -> None:
    aws.control.order_fault("ListDomains", "ThrottlingException", count=2)
    for _ in range(2):
        with refused("ThrottlingException"):
            sm.list_domains()
    assert sm.list_domains()["Domains"] == []


def test_a_lost_answer_leaves_the_effect(sm: Any, aws: EmbeddedAws) -> None:
    aws.control.order_fault("Create*", "InternalFailure", status=500, after=True)
    with refused("InternalFailure"):
        sm.create_model_package_group(ModelPackageGroupName="g")
    assert sm.describe_model_package_group(ModelPackageGroupName="g")


def test_chance_is_repeatable(aws: EmbeddedAws, sm: Any) -> None:
    def run() -> list[bool]:
        aws.control.reset()
        aws.control.order_fault("ListDomains", "ThrottlingException", count=None, probability=0.3, seed=7)
        hit = []
        for _ in range(40):
            try:
                sm.list_domains()
                hit.append(False)
            except ClientError:
                hit.append(True)
        return hit

    first = run()
    assert run() == first
    assert 4 <= sum(first) <= 20


def test_a_wrong_control_request_is_refused_in_words(aws: EmbeddedAws) -> None:
    with pytest.raises(Exception, match="no such control route"):
        aws.control.call("nothing")
    with pytest.raises(Exception, match="faults"):
        aws.control.call("faults", {"operation": "X"})
