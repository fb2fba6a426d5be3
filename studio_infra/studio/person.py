"""One person of the roster, in CloudFormation's words."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from studio_infra.studio.apps import Json, StudioApp
from studio_infra.studio.space import space_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from studio_infra.settings import Person
    from studio_infra.studio.user_settings import UserSettings

#: Name of the table with a row for each team: a member's profile looks its team up.
TEAM_MAPPING: Final = "Teams"
_HIDDEN: Final = "HiddenInstanceTypes"

#: Profiles and spaces hold people's work: they stay when they leave the template.
_RETAIN: Final = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamDefaults:
    """What the people of a team have in common.

    Args:
        team: Name of the team; a tag on everything that belongs to a member.
        execution_role: A member's role in CloudFormation's words, see `access.role_json`.
        settings: What a member finds in Studio, but for role and POSIX id.
        private_spaces: Whether every member gets a JupyterLab space of their own name.
        single_sign_on: Whether the domain signs people in through IAM Identity Center; profiles are then bound to the
            person's user name there. SageMaker refuses the binding in other domains, so it is left out.

    """

    team: str
    execution_role: Mapping[str, Any]
    settings: UserSettings
    private_spaces: bool = True
    single_sign_on: bool = False

    def mapping_row(self) -> Json:
        """The team's row in `TEAM_MAPPING`: what all members would repeat, and what is long."""
        return {_HIDDEN: list(self.settings.hidden_instance_types)}


def logical_id(user_name: str) -> str:
    """Logical id of a person: made from the user name alone, so that nobody else can ever change it.

    The name comes first, for people who read templates; the hash keeps `a-b` and `ab` apart.
    """
    readable = "".join(part.capitalize() for part in re.split(r"[^A-Za-z0-9]+", user_name))
    return f"{readable}{hashlib.sha256(user_name.encode()).hexdigest()[:8].upper()}"


def person_resources(
    person: Person, team: TeamDefaults, *, name_prefix: str, domain_id: str
) -> dict[str, Json]:
    """Everything that is made for one person, by logical id."""
    base = logical_id(person.user_name)
    tags = [{"Key": "studio:team", "Value": team.team}, {"Key": "studio:user", "Value": person.user_name}]
    resources = {
        f"{base}Role": _role(team, tags),
        f"{base}Profile": _profile(person, team, tags, domain_id=domain_id, role_id=f"{base}Role"),
        f"{base}GitIdentity": _git_identity(person, tags, name_prefix=name_prefix),
    }
    if team.private_spaces:
        resources[f"{base}Space"] = _space(person, tags, domain_id=domain_id, profile_id=f"{base}Profile")
    return resources


def _role(team: TeamDefaults, tags: list[Json]) -> Json:
    properties = dict(team.execution_role)
    own_tags = properties.pop("Tags", [])
    return {"Type": "AWS::IAM::Role", "Properties": {**properties, "Tags": [*own_tags, *tags]}}


def _profile(person: Person, team: TeamDefaults, tags: list[Json], *, domain_id: str, role_id: str) -> Json:
    settings = replace(team.settings, posix_uid=person.posix_uid).for_user_profile()
    if team.settings.hidden_instance_types:
        # Some hundred names: said once for the team, not once for each member.
        settings["StudioWebPortalSettings"] = {_HIDDEN: {"Fn::FindInMap": [TEAM_MAPPING, team.team, _HIDDEN]}}
    properties: Json = {
        "DomainId": domain_id,
        "UserProfileName": person.user_name,
        "UserSettings": {"ExecutionRole": {"Fn::GetAtt": [role_id, "Arn"]}, **settings},
        "Tags": tags,
    }
    if team.single_sign_on:
        properties["SingleSignOnUserIdentifier"] = "UserName"
        properties["SingleSignOnUserValue"] = person.sso_user_name
    return {"Type": "AWS::SageMaker::UserProfile", **_RETAIN, "Properties": properties}


def _git_identity(person: Person, tags: list[Json], *, name_prefix: str) -> Json:
    return {
        "Type": "AWS::SSM::Parameter",
        "Properties": {
            "Name": f"/{name_prefix}/people/{person.user_name}/git-identity",
            "Type": "String",
            "Description": "Name and e-mail address for git, read by the person's spaces",
            "Value": json.dumps({"name": person.full_name, "email": person.email}, ensure_ascii=False),
            "Tags": {tag["Key"]: tag["Value"] for tag in tags},
        },
    }


def _space(person: Person, tags: list[Json], *, domain_id: str, profile_id: str) -> Json:
    return {
        "Type": "AWS::SageMaker::Space",
        **_RETAIN,
        # The owner is named by a text, so CloudFormation cannot see the order by itself.
        "DependsOn": [profile_id],
        "Properties": {
            "DomainId": domain_id,
            "SpaceName": person.user_name,
            "OwnershipSettings": {"OwnerUserProfileName": person.user_name},
            "SpaceSharingSettings": {"SharingType": "Private"},
            "SpaceSettings": space_settings(StudioApp.JUPYTER_LAB),
            "Tags": tags,
        },
    }
