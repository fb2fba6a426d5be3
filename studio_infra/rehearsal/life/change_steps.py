"""Steps about change: nothing changes without a reason, and an edit of the roster touches nobody else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from studio_infra.rehearsal.life.inventory import take_inventory
from studio_infra.rehearsal.life.people_steps import check_person
from studio_infra.rehearsal.life.roster_edit import RosterEdit
from studio_infra.rehearsal.life.stage import Stage, expect, expect_same
from studio_infra.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Iterable

_VOLATILE: Final = "ResponseMetadata"


def bootstrap(stage: Stage) -> str:
    """The account gets the bucket and the roles that deployments need."""
    stage.cli.bootstrap(stage.aws.account, stage.aws.region)
    said = f"account {stage.aws.account}, {stage.aws.region}"
    boundary = stage.settings.access.permissions_boundary
    if boundary is not None and f"::{stage.aws.account}:" in boundary:
        _stand_in(stage, boundary)
        said += f"; {boundary.rpartition('/')[2]} stands in for the company's boundary and allows everything"
    stage.before = take_inventory(stage)
    return said


def _stand_in(stage: Stage, boundary: str) -> None:
    """Make a permissions boundary that is somebody else's to make: the roles of the stacks need it to be there."""
    path, _, name = boundary.partition(":policy")[2].rpartition("/")
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [everything]})
    stage.client("iam").create_policy(PolicyName=name, Path=f"{path}/", PolicyDocument=document)


def deploy(stage: Stage) -> str:
    """Every stack of the settings is synthesized and deployed."""
    stage.cli.synth(stage.settings_file, allow_destroy=stage.consents)
    stage.cli.deploy()
    cloudformation = stage.client("cloudformation")
    resources = {
        name: sum(
            len(page["StackResourceSummaries"])
            for page in cloudformation.get_paginator("list_stack_resources").paginate(StackName=name)
        )
        for name in stage.stack_events()
        if name != "CDKToolkit"
    }
    return ", ".join(f"{name} {count}" for name, count in sorted(resources.items())) + " resources"


def deploy_again(stage: Stage) -> str:
    """A second synthesis and deployment change nothing."""
    before = stage.stack_events()
    stage.cli.synth(stage.settings_file, allow_destroy=stage.consents)
    stage.cli.deploy()
    after = stage.stack_events()
    touched = sorted(name for name in after if after[name] != before.get(name))
    expect_same("stacks that a second deployment touched", touched, [])
    return f"{len(after) - 1} stacks, no event"


def edit_the_roster(stage: Stage) -> str:
    """One person joins, one leaves, one changes team; nobody else's profile, role or space is touched."""
    edit = RosterEdit.of(stage.settings)
    edited_file = edit.write(stage.settings_file, stage.settings, stage.work / "edited")
    edited = load_settings(edited_file)
    bystanders = [person.user_name for person in edited.roster if person.user_name not in edit.touched]
    before = _portraits(stage, [*bystanders, *filter(None, [edit.mover, edit.leaver])])

    stage.cli.synth(edited_file, allow_destroy=stage.consents)
    stage.cli.deploy()

    after = _portraits(stage, bystanders)
    touched = sorted(name for name in bystanders if after[name] != before[name])
    expect_same("people whom the edit was not about, but touched", touched, [])
    stage.settings = edited
    if edit.leaver is not None:
        # The profile stays, and with it the security group of their own that it names.
        left = before[edit.leaver]
        own_groups = left["profile"]["UserSettings"].get("SecurityGroups", [])
        stage.promised |= {("profiles", edit.leaver)}
        stage.promised |= {("spaces", space["SpaceName"]) for space in left["spaces"]}
        stage.promised |= {("security groups", group) for group in own_groups}
    _check_touched(stage, edit, before)
    story = [f"{edit.joiner} joined"]
    story += [f"{edit.leaver} left, home kept"] if edit.leaver is not None else []
    story += [f"{edit.mover} moved to {edit.mover_team}, same home"] if edit.mover is not None else []
    return f"{'; '.join(story)}; {len(bystanders)} others untouched"


def _check_touched(stage: Stage, edit: RosterEdit, before: dict[str, Any]) -> None:
    people = {person.user_name: person for person in stage.settings.roster}
    check_person(stage, people[edit.joiner])
    if edit.mover is not None:
        moved = check_person(stage, people[edit.mover])
        old = before[edit.mover]["profile"]
        for what in ("HomeEfsFileSystemUid", "CreationTime", "UserProfileArn"):
            expect_same(f"{what} of {edit.mover} after the move", moved[what], old[what])
    if edit.leaver is not None:
        left = _describe(stage, edit.leaver)
        expect_same(
            f"home of {edit.leaver}, who left",
            left["HomeEfsFileSystemUid"],
            before[edit.leaver]["profile"]["HomeEfsFileSystemUid"],
        )
        role = before[edit.leaver]["role"]
        own = any(tag["Key"] == "studio:user" for tag in role.get("Tags", []))
        remaining = {
            one["RoleName"]
            for page in stage.client("iam").get_paginator("list_roles").paginate()
            for one in page["Roles"]
        }
        stays = role["RoleName"] in remaining
        expect(
            stays != own, f"{edit.leaver} left: the role {role['RoleName']} {'stays' if stays else 'is gone'}"
        )


def _portraits(stage: Stage, names: Iterable[str]) -> dict[str, Any]:
    """Everything the service says about people's profiles, roles and spaces, times of change included."""
    domain = stage.domain["DomainId"]
    iam = stage.client("iam")
    spaces: dict[str, list[str]] = {}
    for space in stage.pages("list_spaces", DomainIdEquals=domain):
        owner = space.get("OwnershipSettingsSummary", {}).get("OwnerUserProfileName", "")
        spaces.setdefault(owner, []).append(space["SpaceName"])
    portraits = {}
    for name in names:
        profile = _describe(stage, name)
        role = profile["UserSettings"]["ExecutionRole"].rpartition("/")[2]
        portraits[name] = {
            "profile": profile,
            "role": iam.get_role(RoleName=role)["Role"],
            "policies": iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"],
            "spaces": [
                _bare(stage.sagemaker.describe_space(DomainId=domain, SpaceName=space))
                for space in sorted(spaces.get(name, []))
            ],
        }
    return portraits


def _describe(stage: Stage, user_name: str) -> dict[str, Any]:
    return _bare(
        stage.sagemaker.describe_user_profile(DomainId=stage.domain["DomainId"], UserProfileName=user_name)
    )


def _bare(answer: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in answer.items() if key != _VOLATILE}
