"""Spaces that a team shares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk.assertions import Match, Template

from studio_infra.errors import InvalidInput
from studio_infra.studio.people.team_spaces import SharedSpace, TeamSpaces

if TYPE_CHECKING:
    import aws_cdk as cdk
    from aws_cdk.interfaces import aws_sagemaker as refs

PROFILE, SPACE = "AWS::SageMaker::UserProfile", "AWS::SageMaker::Space"


def made(stack: cdk.Stack, domain: refs.IDomainRef, *names: str, **more: Any) -> TeamSpaces:
    spaces = [SharedSpace(name=name) for name in names]
    return TeamSpaces(stack, "Spaces", domain=domain, team="vision", spaces=spaces, **more)


def test_belong_to_a_profile_that_is_nobodys_and_are_retained(
    stack: cdk.Stack, any_domain: refs.IDomainRef
) -> None:
    space = SharedSpace(name="lab", volume_gb=50, instance_type="ml.t3.large")
    TeamSpaces(stack, "Spaces", domain=any_domain, team="vision", spaces=[space])
    template = Template.from_stack(stack)
    tags = Match.array_with([{"Key": "studio:team", "Value": "vision"}])
    kept = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
    template.has_resource(PROFILE, kept | {"Properties": {"UserProfileName": "team-vision", "Tags": tags}})
    (owner,) = template.find_resources(PROFILE)
    template.has_resource(
        SPACE,
        kept
        | {
            "DependsOn": Match.array_with([owner]),
            "Properties": {
                "SpaceName": "lab",
                "OwnershipSettings": {"OwnerUserProfileName": "team-vision"},
                "SpaceSharingSettings": {"SharingType": "Shared"},
                "SpaceSettings": {
                    "AppType": "JupyterLab",
                    "SpaceStorageSettings": {"EbsStorageSettings": {"EbsVolumeSizeInGb": 50}},
                    "JupyterLabAppSettings": {"DefaultResourceSpec": {"InstanceType": "ml.t3.large"}},
                },
                "Tags": tags,
            },
        },
    )


@pytest.mark.parametrize("any_domain", ["imported"], indirect=True)
def test_the_owner_may_do_nothing(stack: cdk.Stack, any_domain: refs.IDomainRef) -> None:
    made(stack, any_domain, "lab")
    template = Template.from_stack(stack)
    template.resource_count_is("AWS::IAM::Policy", 0)
    template.resource_count_is("AWS::IAM::ManagedPolicy", 0)
    (role,) = template.find_resources("AWS::IAM::Role").values()
    assert not {"Policies", "ManagedPolicyArns"} & role["Properties"].keys()


@pytest.mark.parametrize("any_domain", ["imported"], indirect=True)
def test_in_an_sso_domain_the_owner_is_bound_to_a_user_there(
    stack: cdk.Stack, any_domain: refs.IDomainRef
) -> None:
    made(stack, any_domain, "lab", owner_sso_user_name="vision@corp.example")
    bound = {"SingleSignOnUserIdentifier": "UserName", "SingleSignOnUserValue": "vision@corp.example"}
    Template.from_stack(stack).has_resource_properties(PROFILE, bound)


@pytest.mark.parametrize("any_domain", ["imported"], indirect=True)
def test_a_space_does_not_notice_when_others_come_and_go_or_change_places(
    app: cdk.App, stack: cdk.Stack, any_domain: refs.IDomainRef
) -> None:
    import aws_cdk as cdk

    from studio_infra import StudioDomain

    made(stack, any_domain, "a-b", "lab")
    other = cdk.Stack(app, "Other")
    made(other, StudioDomain.from_domain_id(other, "Domain", "d-1"), "lab", "ab", "new")
    one, two = (Template.from_stack(each).find_resources(SPACE) for each in (stack, other))
    lab = {key for key, space in one.items() if space["Properties"]["SpaceName"] == "lab"}
    assert lab == {key for key, space in two.items() if space["Properties"]["SpaceName"] == "lab"}
    assert len(one.keys() | two.keys()) == 4


@pytest.mark.parametrize("any_domain", ["imported"], indirect=True)
@pytest.mark.parametrize(
    ("names", "says"),
    [(["lab", "lab"], "space 'lab' is there twice"), (["a_b"], "space_name must be 1-63 letters")],
)
def test_refuses_names_that_could_not_be_made(
    names: list[str], says: str, stack: cdk.Stack, any_domain: refs.IDomainRef
) -> None:
    with pytest.raises(InvalidInput, match=says):
        made(stack, any_domain, *names)


@pytest.mark.parametrize("any_domain", ["imported"], indirect=True)
def test_refuses_a_team_that_cannot_be_in_a_name(stack: cdk.Stack, any_domain: refs.IDomainRef) -> None:
    with pytest.raises(InvalidInput, match="team must be 1-32 lower-case"):
        TeamSpaces(stack, "Spaces", domain=any_domain, team="Vision!", spaces=[])
