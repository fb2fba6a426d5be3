from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import cdk_nag
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk.assertions import Template
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio_infra.access import (
    EfsAccess,
    FileAccess,
    FolderAccess,
    Persona,
    RoleSharing,
    StudioExecutionRole,
    TeamAccess,
    hidden_instance_types,
    trust_policy,
)
from studio_infra.errors import InvalidInput
from studio_infra.settings.facts.limits import is_prefix, is_team_name

if TYPE_CHECKING:
    from constructs import IConstruct

Policies = dict[str, dict[str, Any]]
Deployed = Callable[[cdk.Stack], Policies]


def logical_id(construct: IConstruct) -> str:
    resource = construct.node.default_child
    assert isinstance(resource, cdk.CfnElement)
    return cdk.Stack.of(construct).get_logical_id(resource)


def statements(policies: Policies, prefix: str = "TeamPolicy") -> dict[str, dict[str, Any]]:
    """Statements of a team's own policies (or of those with another prefix), by Sid."""
    return {
        statement["Sid"]: statement
        for name, policy in policies.items()
        if name.startswith(prefix)
        for statement in policy["Statement"]
    }


def test_a_team_that_shares_no_space_has_no_word_about_them(
    stack: cdk.Stack, team_options: dict[str, Any], deployed: Deployed
) -> None:
    TeamAccess(stack, "Team", **team_options)
    said = statements(deployed(stack))
    assert said
    assert not [sid for sid in said if "OfMyTeam" in sid or "OfMyTeams" in sid]


@pytest.mark.parametrize("name", ["", "lab*", "lab_1", "${aws:username}"])
def test_refuses_a_shared_space_that_could_be_more_than_one(
    name: str, stack: cdk.Stack, team_options: dict[str, Any]
) -> None:
    with pytest.raises(InvalidInput, match="shared_spaces must have 1-63 letters"):
        TeamAccess(stack, "Team", **team_options, shared_spaces=["lab", name])


def test_members_attach_policies_that_say_exactly_what_the_persona_says(
    stack: cdk.Stack, team_options: dict[str, Any], deployed: Deployed
) -> None:
    access = TeamAccess(stack, "Team", **team_options, shared_spaces=["lab"])
    ana = StudioExecutionRole(stack, "Ana", user_name="ana", managed_policies=access.managed_policies)
    template = Template.from_stack(stack)
    attached = template.find_resources("AWS::IAM::Role")[logical_id(ana)]
    arns = [arn["Ref"] for arn in attached["Properties"]["ManagedPolicyArns"]]
    policies = deployed(stack)
    assert arns == [name for name in policies if name.startswith("TeamPolicy")]
    sids = [statement["Sid"] for file in Persona.data_scientist().files for statement in file.statements]
    assert list(statements(policies)) == sids


def test_no_policy_is_larger_than_iam_takes_when_its_references_are_as_long_as_they_get(
    stack: cdk.Stack, team_options: dict[str, Any], deployed: Deployed
) -> None:
    many = [f"ml.m5.{number}xlarge" for number in range(60)]
    options = team_options | {"instance_types": many, "team": "t" * 32, "persona": Persona.ml_engineer()}
    access = TeamAccess(stack, "Team", **options)
    assert len(access.managed_policies) <= 10
    for policy in deployed(stack).values():
        text = json.dumps(policy, separators=(",", ":"))
        assert len(text.replace("d-research", "d" * 63).replace("arn:aws:", "arn:aws-us-gov:")) <= 6144


def test_a_list_that_fits_into_no_policy_is_refused_with_what_to_shorten(
    team_options: dict[str, Any],
) -> None:
    stack = cdk.Stack()
    endless = [f"ml.m5.{number}xlarge" for number in range(400)]
    with pytest.raises(InvalidInput, match=r"TrainOnVolumes can be .* shorten its lists"):
        TeamAccess(stack, "Team", **team_options | {"instance_types": endless})


def test_a_person_is_who_the_tag_of_their_role_says(
    stack: cdk.Stack, team_options: dict[str, Any], deployed: Deployed
) -> None:
    access = TeamAccess(stack, "Team", **team_options)
    assert access.shared_role is None
    owner = statements(deployed(stack))["StartMyApps"]["Condition"]["ArnEquals"][
        "sagemaker:OwnerUserProfileArn"
    ]
    assert owner.endswith(":user-profile/d-research/${aws:PrincipalTag/studio:user}")


def test_with_a_role_for_the_team_a_person_is_who_the_source_identity_says(
    stack: cdk.Stack, team_options: dict[str, Any], deployed: Deployed
) -> None:
    access = TeamAccess(stack, "Team", **team_options, role_sharing=RoleSharing.PER_TEAM)
    assert access.shared_role is not None
    assert "PrincipalTag" not in json.dumps(statements(deployed(stack)))
    owner = statements(deployed(stack))["StartMyApps"]["Condition"]["ArnEquals"][
        "sagemaker:OwnerUserProfileArn"
    ]
    assert owner.endswith(":user-profile/d-research/${aws:SourceIdentity}")
    Template.from_stack(stack).has_resource_properties(
        "AWS::IAM::Role",
        {
            "AssumeRolePolicyDocument": trust_policy(),
            "ManagedPolicyArns": [
                {"Ref": stack.resolve(policy.managed_policy_arn)["Ref"]} for policy in access.managed_policies
            ],
        },
    )


def test_apps_and_spaces_and_jobs_run_on_the_teams_instance_types_alone(
    stack: cdk.Stack, team_options: dict[str, Any], deployed: Deployed
) -> None:
    access = TeamAccess(stack, "Team", **team_options)
    found = statements(deployed(stack))
    allowed = {
        sid: _condition(found[sid], "sagemaker:InstanceTypes")
        for sid in found
        if "InstanceTypes" in str(found[sid])
    }
    assert allowed["MakeMyPrivateSpaces"] == allowed["StartMyApps"] == ["ml.t3.medium", "ml.g5.xlarge"]
    assert allowed["TrainOnVolumes"] == ["ml.t3.medium"]
    assert allowed["TrainOnOwnDisks"] == ["ml.g5.xlarge"]
    assert access.hidden_instance_types == hidden_instance_types(["ml.t3.medium", "ml.g5.xlarge"])


def _condition(statement: dict[str, Any], key: str) -> list[str]:
    return next(tests[key] for tests in statement["Condition"].values() if tests.get(key, "false") != "false")


def test_a_team_without_gpus_has_no_statement_about_machines_with_disks(
    stack: cdk.Stack, team_options: dict[str, Any], deployed: Deployed
) -> None:
    TeamAccess(stack, "Team", **team_options | {"instance_types": ["ml.t3.medium"]})
    assert "TrainOnVolumes" in statements(deployed(stack))
    assert "TrainOnOwnDisks" not in statements(deployed(stack))


def test_a_job_needs_the_vpc_the_key_a_limit_and_the_teams_tag_and_no_file_system(
    stack: cdk.Stack, team_options: dict[str, Any], deployed: Deployed
) -> None:
    TeamAccess(stack, "Team", **team_options)
    condition = statements(deployed(stack))["TrainOnVolumes"]["Condition"]
    key = f"arn:aws:kms:eu-west-1:123456789012:key/{logical_id(team_options['key'])}"
    assert condition == {
        "StringEquals": {"aws:RequestTag/studio:team": "vision"},
        "ForAllValues:StringEquals": {
            "sagemaker:InstanceTypes": ["ml.t3.medium"],
            "sagemaker:VpcSubnets": ["subnet-a", "subnet-b"],
            "sagemaker:VpcSecurityGroupIds": ["sg-jobs"],
        },
        "ArnEquals": {"sagemaker:OutputKmsKey": key, "sagemaker:VolumeKmsKey": key},
        "NumericLessThanEquals": {"sagemaker:MaxRuntimeInSeconds": "86400"},
        "Null": {
            "sagemaker:InstanceTypes": "false",
            "sagemaker:VpcSubnets": "false",
            "sagemaker:VpcSecurityGroupIds": "false",
            "sagemaker:FileSystemId": "true",
        },
    }


def test_the_run_time_of_jobs_can_be_chosen(
    stack: cdk.Stack, team_options: dict[str, Any], deployed: Deployed
) -> None:
    TeamAccess(stack, "Team", **team_options, max_job_runtime=cdk.Duration.days(28))
    limit = statements(deployed(stack))["ProcessOnVolumes"]["Condition"]["NumericLessThanEquals"]
    assert limit == {"sagemaker:MaxRuntimeInSeconds": "2419200"}


def test_people_lend_the_teams_roles_to_sagemaker_and_no_others(
    stack: cdk.Stack, team_options: dict[str, Any], deployed: Deployed
) -> None:
    access = TeamAccess(stack, "Team", **team_options | {"persona": Persona.ml_engineer()})
    assert access.job_role is not None
    assert access.inference_role is not None
    found = statements(deployed(stack))
    lent = {sid: one["Resource"] for sid, one in found.items() if one["Action"] == "iam:PassRole"}
    names = {role: logical_id(role) for role in (access.job_role, access.inference_role)}
    assert lent == {
        "LendTheJobRole": f"arn:aws:iam::123456789012:role/{names[access.job_role]}",
        "LendTheInferenceRole": f"arn:aws:iam::123456789012:role/{names[access.inference_role]}",
    }


def test_a_persona_that_starts_nothing_has_no_role_to_lend(
    stack: cdk.Stack, team_options: dict[str, Any]
) -> None:
    access = TeamAccess(stack, "Team", **team_options | {"persona": Persona.analyst()})
    assert access.job_role is None
    assert access.inference_role is None
    Template.from_stack(stack).resource_count_is("AWS::IAM::Role", 0)


def test_the_job_role_gets_its_policies_without_a_circle(
    stack: cdk.Stack, team_options: dict[str, Any]
) -> None:
    access = TeamAccess(stack, "Team", **team_options)
    assert access.job_role is not None
    template = Template.from_stack(stack)  # raises if there is a circle
    role = logical_id(access.job_role)
    attached = [
        policy
        for policy in template.find_resources("AWS::IAM::ManagedPolicy").values()
        if policy["Properties"].get("Roles") == [{"Ref": role}]
    ]
    assert attached
    assert "ManagedPolicyArns" not in template.find_resources("AWS::IAM::Role")[role]["Properties"]


def test_a_boundary_and_a_path_reach_every_role_and_the_path_every_policy(
    stack: cdk.Stack, team_options: dict[str, Any]
) -> None:
    boundary = iam.ManagedPolicy.from_managed_policy_name(stack, "Boundary", "boundary")
    options = team_options | {"persona": Persona.ml_engineer(), "role_sharing": RoleSharing.PER_TEAM}
    TeamAccess(stack, "Team", **options, permissions_boundary=boundary, path="/studio/")
    template = Template.from_stack(stack)
    roles = template.find_resources("AWS::IAM::Role").values()
    assert len(roles) == 3
    assert all("PermissionsBoundary" in role["Properties"] for role in roles)
    policies = template.find_resources("AWS::IAM::ManagedPolicy").values()
    assert {thing["Properties"]["Path"] for thing in (*roles, *policies)} == {"/studio/"}


@pytest.mark.parametrize("sharing", RoleSharing)
def test_a_member_of_a_roster_has_the_teams_policies_boundary_and_path_or_its_one_role(
    stack: cdk.Stack, team_options: dict[str, Any], sharing: RoleSharing
) -> None:
    boundary = iam.ManagedPolicy.from_managed_policy_arn(stack, "B", "arn:aws:iam::123456789012:policy/b")
    access = TeamAccess(
        stack, "Team", **team_options, role_sharing=sharing, permissions_boundary=boundary, path="/studio/"
    )
    if access.shared_role is not None:
        assert sharing is RoleSharing.PER_TEAM
        assert access.member_role == access.shared_role.role_arn
        return
    assert access.member_role == {
        "AssumeRolePolicyDocument": trust_policy(),
        "ManagedPolicyArns": [policy.managed_policy_arn for policy in access.managed_policies],
        "Path": "/studio/",
        "PermissionsBoundary": "arn:aws:iam::123456789012:policy/b",
    }


def test_the_roles_of_a_team_carry_its_tag(stack: cdk.Stack, team_options: dict[str, Any]) -> None:
    TeamAccess(stack, "Team", **team_options | {"persona": Persona.ml_engineer()})
    roles = Template.from_stack(stack).find_resources("AWS::IAM::Role").values()
    assert len(roles) == 2
    for role in roles:
        assert {"Key": "studio:team", "Value": "vision"} in role["Properties"]["Tags"]


@pytest.mark.parametrize("kind", ["imported", "l1", "another stack's"])
def test_it_joins_a_domain_a_key_and_a_bucket_of_any_kind(
    app: cdk.App, team_options: dict[str, Any], kind: str
) -> None:
    stack = cdk.Stack(app, "Other")
    options = dict(team_options)
    if kind == "imported":
        options["domain"] = sagemaker.CfnDomain.from_domain_id(stack, "D", "d-imported")
        options["key"] = kms.Key.from_key_arn(stack, "K", "arn:aws:kms:eu-west-1:123456789012:key/own")
        options["bucket"] = s3.Bucket.from_bucket_name(stack, "B", "own")
    elif kind == "l1":
        policy: dict[str, Any] = {"Statement": []}
        options["key"], options["bucket"] = (
            kms.CfnKey(stack, "K", key_policy=policy),
            s3.CfnBucket(stack, "B"),
        )
    TeamAccess(stack, "Team", **options)
    text = json.dumps(Template.from_stack(stack).find_resources("AWS::IAM::ManagedPolicy"))
    assert ("d-imported" in text) == (kind == "imported")
    assert "teams/vision/" in text


def test_subnets_and_groups_may_be_known_only_to_cloudformation_one_by_one(
    stack: cdk.Stack, team_options: dict[str, Any]
) -> None:
    subnets = cdk.CfnParameter(stack, "Subnets", type="List<AWS::EC2::Subnet::Id>").value_as_list
    TeamAccess(stack, "Team", **team_options | {"subnet_ids": [cdk.Fn.select(0, subnets)]})
    text = json.dumps(Template.from_stack(stack).find_resources("AWS::IAM::ManagedPolicy"))
    assert '{"Fn::Select": [0, {"Ref": "Subnets"}]}' in text
    with pytest.raises(InvalidInput, match="subnet_ids has a length that CloudFormation alone knows"):
        TeamAccess(stack, "Other", **team_options | {"subnet_ids": subnets})


WORD = "[a-z](-?[a-z0-9]){0,19}"
HOSTILE = st.one_of(
    st.text(max_size=40),
    st.text("a-*?${}:/.\n\u202e\uff11", max_size=8),
    st.sampled_from(
        ["*", "a*", "${aws:username}", "a/../b", "a--b", "a\n", "-a", "a-", "A", "ana}", "${Team}"]
    ),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=HOSTILE, option=st.sampled_from(["team", "name_prefix"]))
def test_no_name_can_widen_what_a_policy_names(team_options: dict[str, Any], name: str, option: str) -> None:
    stack = cdk.Stack()
    if is_prefix(name) or (option == "team" and is_team_name(name)):
        TeamAccess(stack, "Team", **team_options | {option: name})
        assert not set(name) - set("abcdefghijklmnopqrstuvwxyz0123456789-")
        assert "--" not in name
    else:
        with pytest.raises(InvalidInput, match="lower-case letters, digits or single inner hyphens"):
            TeamAccess(stack, "Team", **team_options | {option: name})


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(one=st.from_regex(WORD, fullmatch=True), other=st.from_regex(WORD, fullmatch=True))
def test_no_team_owns_a_name_of_another_however_they_are_called(one: str, other: str) -> None:
    if one != other:
        assert not f"{other}--model".startswith(f"{one}--")
        assert not f"teams/{other}/file".startswith(f"teams/{one}/")


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"instance_types": []}, "instance_types is empty"),
        ({"instance_types": ["ml.*.xlarge"]}, "must name things one by one"),
        ({"instance_types": ["t3.medium"]}, "'t3.medium' is no instance type"),
        ({"subnet_ids": []}, "subnet_ids is empty"),
        ({"subnet_ids": ["subnet-*"]}, r"subnet_ids must name things one by one, got 'subnet-\*'"),
        ({"security_group_ids": ["${x}"]}, "security_group_ids must name things one by one"),
        ({"app_types": ["Jupyter"]}, "'Jupyter' is no app type, use one of JupyterLab, CodeEditor"),
        ({"app_types": ["*"]}, "must name things one by one"),
        ({"max_job_runtime": cdk.Duration.seconds(0)}, "got 0 seconds"),
        ({"max_job_runtime": cdk.Duration.days(29)}, "1 second to 28 days, got 2,505,600 seconds"),
        ({"team": cdk.Fn.ref("Team")}, "team must be 1-32"),
    ],
)
def test_a_bad_option_is_refused(
    stack: cdk.Stack, team_options: dict[str, Any], changes: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(InvalidInput, match=complaint) as caught:
        TeamAccess(stack, "Team", **team_options | changes)
    assert caught.value.path == "S/Team"


def test_compliance_packs_find_nothing_and_do_when_a_reason_is_missing(
    stack: cdk.Stack, team_options: dict[str, Any]
) -> None:
    for name in ("ml_engineer", "admin"):
        assert _findings(TeamAccess(stack, name, **team_options | {"persona": Persona.named(name)})) == []
    assert _findings(StudioExecutionRole(stack, "Ana", user_name="ana")) == []
    silent = Persona.analyst()
    for file in silent.files:
        for statement in file.statements:
            statement.pop("Why", None)
    found = _findings(TeamAccess(stack, "Silent", **team_options | {"persona": silent}))
    assert "AwsSolutions-IAM5[Resource::*]" in found


def _findings(scope: IConstruct) -> list[str]:
    packs = [
        cdk_nag.AwsSolutionsChecks(),
        cdk_nag.HIPAASecurityChecks(),
        cdk_nag.NIST80053R4Checks(),
        cdk_nag.NIST80053R5Checks(),
        cdk_nag.PCIDSS321Checks(),
        cdk_nag.ServerlessChecks(),
    ]
    return [finding.rule_name for pack in packs for finding in pack.validate_scope(scope).violations]


def test_shared_files_are_statements_of_their_own_name_for_members_and_folders_for_jobs_too(
    stack: cdk.Stack, team_options: dict[str, Any], deployed: Deployed
) -> None:
    files: list[FileAccess] = [
        EfsAccess(name="big-data", file_system_id="fs-01234567"),
        FolderAccess(name="raw", s3_uri="s3://raw-example/a/b/", read_only=True),
        FolderAccess(name="out", s3_uri="s3://out-example/c"),
    ]
    TeamAccess(stack, "Team", **team_options, files=files)
    policies = deployed(stack)
    sids = {"FindFilesBigData", "ListFolderRaw", "FindFolderRaw", "ReadFolderRaw"}
    folders = {"ListFolderOut", "FindFolderOut", "ReadFolderOut", "WriteFolderOut"}
    members, jobs = statements(policies), statements(policies, "TeamJobPolicy")
    assert {sid for sid in members if sid.endswith(("BigData", "Raw", "Out"))} == sids | folders
    assert {sid for sid in jobs if sid.endswith(("BigData", "Raw", "Out"))} == (sids | folders) - {
        "FindFilesBigData"
    }
    assert members["ReadFolderRaw"]["Resource"] == "arn:aws:s3:::raw-example/a/b/*"
    assert members["ListFolderRaw"]["Condition"]["StringLike"]["s3:prefix"] == ["a/b", "a/b/*"]
    assert statements(policies, "TeamInferencePolicy") == {}


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: EfsAccess(name="a", file_system_id="data"), "file_system_id must be like fs-0123abcd"),
        (lambda: FolderAccess(name="a", s3_uri="s3://bucket"), "s3_uri must be like s3://bucket/folder/"),
        (lambda: FolderAccess(name="a", s3_uri="s3://bucket/*"), "got 's3://bucket/\\*'"),
    ],
)
def test_refuses_shared_files_that_could_be_more_than_one(make: Callable[[], object], says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        make()
