"""What `[access]` of the settings does to the stacks of the production settings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk

from studio_infra.settings import StudioSettings, load_settings
from studio_infra.stacks import add_stacks

PRODUCTION = load_settings(Path(__file__).parents[2] / "settings" / "production.toml")
BOUNDARY = "arn:aws:iam::123456789012:policy/studio-boundary"
GROUP, USER = "94482488-3041-7091-8f3a-0f0d5b2ac51d", "84482488-3041-7091-8f3a-0f0d5b2ac51d"
WEAK = {"@aws-cdk/core:defaultCrossStackReferences": "weak"}


def settings(**access: Any) -> StudioSettings:
    """The production settings with three people and another `[access]`."""
    values = dict(PRODUCTION) | {"roster": PRODUCTION.roster[:3], "endpoints": {}}
    return StudioSettings.model_validate(values | {"access": access})


def templates(made: StudioSettings) -> dict[str, dict[str, Any]]:
    app = cdk.App(context=WEAK)
    stacks = add_stacks(app, made)
    assembly = app.synth()
    return {stack.stack_name: assembly.get_stack_by_name(stack.stack_name).template for stack in stacks.all}


def of_type(kind: str, *found: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        resource["Properties"]
        for template in found
        for resource in template["Resources"].values()
        if resource["Type"] == kind
    ]


def test_nothing_said_means_a_role_each_without_boundary_path_or_group_of_ones_own() -> None:
    made = templates(settings())
    people = made["research-users-1"]
    assert len(of_type("AWS::IAM::Role", people)) == 3
    assert of_type("AWS::EC2::SecurityGroup", people) == []
    roles = of_type("AWS::IAM::Role", *made.values())
    assert not [role for role in roles if "PermissionsBoundary" in role or "Path" in role]
    (domain,) = of_type("AWS::SageMaker::Domain", made["research-studio"])
    assert "DomainSettings" not in domain


def test_every_role_of_every_stack_has_the_boundary() -> None:
    made = templates(settings(permissions_boundary=BOUNDARY))
    roles = of_type("AWS::IAM::Role", *made.values())
    assert {role["PermissionsBoundary"] for role in roles} == {BOUNDARY}
    assert all(
        of_type("AWS::IAM::Role", made[f"research-{name}"]) for name in ("studio", "users-1", "workloads")
    )


def test_roles_and_policies_of_teams_and_people_have_the_path() -> None:
    made = templates(settings(path="/studio/"))
    ours = of_type("AWS::IAM::Role", made["research-users-1"])
    ours += [
        role
        for role in of_type("AWS::IAM::Role", made["research-studio"])
        if "studio:team" in json.dumps(role)
    ]
    assert len(ours) > 3
    assert {role["Path"] for role in ours} == {"/studio/"}


def test_people_of_a_team_can_share_a_role_and_are_named_in_every_call() -> None:
    made = templates(settings(role_sharing="per_team"))
    assert of_type("AWS::IAM::Role", made["research-users-1"]) == []
    (domain,) = of_type("AWS::SageMaker::Domain", made["research-studio"])
    assert domain["DomainSettings"] == {"ExecutionRoleIdentityConfig": "USER_PROFILE_NAME"}
    people = of_type("AWS::SageMaker::UserProfile", made["research-users-1"])
    roles = {json.dumps(profile["UserSettings"]["ExecutionRole"]) for profile in people}
    assert len(roles) == len({person.team for person in PRODUCTION.roster[:3]})
    policies = json.dumps(of_type("AWS::IAM::ManagedPolicy", made["research-studio"]))
    assert "${aws:SourceIdentity}" in policies
    assert "${aws:PrincipalTag/studio:user}" not in policies


def test_the_longest_run_time_is_the_one_that_policies_allow() -> None:
    made = templates(settings(max_job_runtime_minutes=90))
    policies = json.dumps(of_type("AWS::IAM::ManagedPolicy", made["research-studio"]))
    assert '"sagemaker:MaxRuntimeInSeconds": "5400"' in policies
    assert "86400" not in policies


def test_with_a_group_each_the_group_of_all_apps_lets_nobody_in() -> None:
    made = templates(settings(security_group_per_person=True))
    people = made["research-users-1"]
    assert len(of_type("AWS::EC2::SecurityGroup", people)) == 3
    (domain,) = of_type("AWS::SageMaker::Domain", made["research-studio"])
    # SageMaker adds the domain's groups to those of a profile.
    (everybodys,) = domain["DefaultUserSettings"]["SecurityGroups"]
    rules = of_type("AWS::EC2::SecurityGroupIngress", *made.values())
    assert [rule for rule in rules if rule["GroupId"] == everybodys] == []


def test_groups_and_users_of_identity_center_are_assigned_to_the_domains_application() -> None:
    domain = PRODUCTION.domain.model_copy(update={"auth_mode": "SSO"})
    access = {"sso_groups": (GROUP,), "sso_users": (USER,)}
    people = tuple(one.model_copy(update={"sso_user_name": one.email}) for one in PRODUCTION.roster[:3])
    vision = PRODUCTION.teams["vision"].model_copy(update={"shared_spaces_sso_user": "vision@corp.example"})
    teams = {**PRODUCTION.teams, "vision": vision}
    values = dict(settings()) | {"domain": domain, "access": access, "roster": people, "teams": teams}
    made = templates(StudioSettings.model_validate(values))
    assigned = of_type("AWS::SSO::ApplicationAssignment", *made.values())
    assert {(one["PrincipalType"], one["PrincipalId"]) for one in assigned} == {
        ("GROUP", GROUP),
        ("USER", USER),
    }
    (application,) = {json.dumps(one["ApplicationArn"]) for one in assigned}
    assert json.loads(application)["Fn::GetAtt"][1] == "SingleSignOnApplicationArn"
    profiles = of_type("AWS::SageMaker::UserProfile", *made.values())
    assert {one["SingleSignOnUserValue"] for one in profiles} == {
        "vision@corp.example",
        *(person.email for person in PRODUCTION.roster[:3]),
    }
