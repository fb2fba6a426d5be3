"""Spaces that teams share: their members work in them, nobody else starts them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from studio_infra.rehearsal.life.acting import wait_for_app
from studio_infra.rehearsal.life.stage import Stage, expect_same
from studio_infra.settings.sections.shared_spaces import owner_of

if TYPE_CHECKING:
    from studio_infra.rehearsal.life.acting import Acting


def owners(stage: Stage) -> set[str]:
    """Names of the profiles that own shared spaces: they are there beside the roster's."""
    return {owner_of(name) for name, team in stage.settings.teams.items() if team.shared_spaces}


def check_team_spaces(stage: Stage) -> int:
    """Compare the shared spaces with the settings, and say how many there are."""
    wanted = {
        name: owner_of(team)
        for team, settings in stage.settings.teams.items()
        for name in settings.shared_spaces
    }
    found: dict[str, Any] = {
        space["SpaceName"]: space.get("OwnershipSettingsSummary", {}).get("OwnerUserProfileName")
        for space in stage.pages("list_spaces", DomainIdEquals=stage.domain["DomainId"])
        if space.get("SpaceSharingSettingsSummary", {}).get("SharingType") == "Shared"
    }
    expect_same("shared spaces with their owners", found, wanted)
    return len(wanted)


def work_in_team_spaces(stage: Stage, actor: Acting) -> None:
    """Start and stop the spaces of one's team; another team's are refused where IAM is enforced."""
    sagemaker = actor.client("sagemaker")
    for team, settings in stage.settings.teams.items():
        for name in settings.shared_spaces:
            app = actor.app | {"SpaceName": name}
            start = partial(sagemaker.create_app, **app)
            if team != actor.person.team:
                actor.may_not(f"start {name}, the space of team {team}", start)
                continue
            actor.may(f"start {name}, the space of their team", start)
            wait_for_app(stage, app, "InService")
            actor.may(f"stop {name}, the space of their team", partial(sagemaker.delete_app, **app))
            wait_for_app(stage, app, "Deleted")
