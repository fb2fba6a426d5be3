from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template

from studio_infra.errors import InvalidInput
from studio_infra.studio.domain.apps import StudioApp
from studio_infra.studio.domain.file_systems import EfsDirectory
from studio_infra.studio.people.space import Space
from studio_infra.studio.people.user_profile import UserProfile

if TYPE_CHECKING:
    from aws_cdk.interfaces import aws_sagemaker as refs

SPACE = "AWS::SageMaker::Space"


@pytest.fixture
def owner(stack: cdk.Stack, any_domain: refs.IDomainRef) -> refs.IUserProfileRef:
    return UserProfile.from_user_profile_attributes(stack, "Ana", domain=any_domain, user_name="ana")


def test_is_private_runs_jupyterlab_and_is_retained(
    stack: cdk.Stack, any_domain: refs.IDomainRef, owner: refs.IUserProfileRef
) -> None:
    Space(stack, "Space", domain=any_domain, space_name="work", owner=owner)
    Template.from_stack(stack).has_resource(
        SPACE,
        {
            "DeletionPolicy": "Retain",
            "UpdateReplacePolicy": "Retain",
            "Properties": {
                "SpaceName": "work",
                "OwnershipSettings": {"OwnerUserProfileName": "ana"},
                "SpaceSharingSettings": {"SharingType": "Private"},
                "SpaceSettings": {"AppType": "JupyterLab"},
            },
        },
    )


@pytest.mark.parametrize("any_domain", ["imported"], indirect=True)
def test_can_be_shared_run_code_editor_and_have_a_size_and_a_machine(
    stack: cdk.Stack, any_domain: refs.IDomainRef, owner: refs.IUserProfileRef
) -> None:
    Space(
        stack,
        "Space",
        domain=any_domain,
        space_name="team",
        owner=owner,
        shared=True,
        app=StudioApp.CODE_EDITOR,
        volume_gb=50,
        instance_type="ml.t3.large",
    )
    Template.from_stack(stack).has_resource_properties(
        SPACE,
        {
            "SpaceSharingSettings": {"SharingType": "Shared"},
            "SpaceSettings": {
                "AppType": "CodeEditor",
                "SpaceStorageSettings": {"EbsStorageSettings": {"EbsVolumeSizeInGb": 50}},
                "CodeEditorAppSettings": {"DefaultResourceSpec": {"InstanceType": "ml.t3.large"}},
            },
        },
    )


@pytest.mark.parametrize("any_domain", ["imported"], indirect=True)
def test_is_made_after_its_owner(stack: cdk.Stack, any_domain: refs.IDomainRef) -> None:
    owner = UserProfile(stack, "Ana", domain=any_domain, user_name="ana")
    Space(stack, "Space", domain=any_domain, space_name="work", owner=owner)
    template = Template.from_stack(stack)
    (profile,) = template.find_resources("AWS::SageMaker::UserProfile")
    (space,) = template.find_resources(SPACE).values()
    assert profile in space["DependsOn"]


@pytest.mark.parametrize("any_domain", ["imported"], indirect=True)
def test_is_destroyed_only_with_the_apps_consent(
    stack: cdk.Stack, any_domain: refs.IDomainRef, owner: refs.IUserProfileRef
) -> None:
    destroy = cdk.RemovalPolicy.DESTROY
    Space(stack, "Space", domain=any_domain, space_name="work", owner=owner, removal_policy=destroy)
    Template.from_stack(stack).has_resource(SPACE, {"DeletionPolicy": "Retain"})


@pytest.mark.parametrize("any_domain", ["imported"], indirect=True)
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"space_name": "no_underscores"}, "space_name must be 1-63 letters"),
        ({"space_name": ""}, "space_name must be 1-63 letters"),
        ({"volume_gb": 4}, "volume_gb must be 5 to 16,384 GB, got 4"),
        ({"volume_gb": 0}, "volume_gb must be 5 to 16,384 GB, got 0"),
        ({"volume_gb": 16385}, "volume_gb must be 5 to 16,384 GB, got 16385"),
        (
            {"file_systems": [EfsDirectory(file_system_id=f"fs-0123456{number}") for number in (1, 2)]},
            "at most 1 file system besides the home, got 2",
        ),
        ({"app": StudioApp.KERNEL_GATEWAY}, "a space runs JupyterLab or CodeEditor"),
    ],
)
def test_refuses_what_sagemaker_would_refuse(
    stack: cdk.Stack,
    any_domain: refs.IDomainRef,
    owner: refs.IUserProfileRef,
    options: dict[str, object],
    message: str,
) -> None:
    with pytest.raises(InvalidInput, match=message) as caught:
        Space(stack, "Space", **{"domain": any_domain, "space_name": "work", "owner": owner, **options})  # type: ignore[arg-type]
    assert caught.value.path == "S/Space"


@pytest.mark.parametrize("any_domain", ["imported"], indirect=True)
def test_takes_values_that_are_known_only_at_deployment(
    stack: cdk.Stack, any_domain: refs.IDomainRef, owner: refs.IUserProfileRef
) -> None:
    name = cdk.CfnParameter(stack, "Name").value_as_string
    size = cdk.CfnParameter(stack, "Size", type="Number").value_as_number
    Space(stack, "Space", domain=any_domain, space_name=name, owner=owner, volume_gb=size)  # type: ignore[arg-type]
    Template.from_stack(stack).has_resource_properties(SPACE, {"SpaceName": {"Ref": "Name"}})


@pytest.mark.parametrize("any_domain", ["imported"], indirect=True)
def test_can_be_referred_to(
    stack: cdk.Stack, any_domain: refs.IDomainRef, owner: refs.IUserProfileRef
) -> None:
    space = Space(stack, "Space", domain=any_domain, space_name="work", owner=owner)
    assert stack.resolve(space.space_arn)["Fn::GetAtt"][1] == "SpaceArn"
    assert stack.resolve(space.space_ref.space_arn)["Fn::GetAtt"][1] == "SpaceArn"
