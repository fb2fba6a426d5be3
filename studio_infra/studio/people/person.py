"""One person of the roster, in CloudFormation's words."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from studio_infra.access import role_json
from studio_infra.network import person_group_json
from studio_infra.storage import person_directory_json
from studio_infra.studio.domain.apps import Json, StudioApp
from studio_infra.studio.domain.file_systems import EfsDirectory
from studio_infra.studio.domain.user_settings import SpaceStorage
from studio_infra.studio.people.space import space_settings

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from studio_infra.settings import Person
    from studio_infra.studio.domain.apps import AppSettings
    from studio_infra.studio.domain.file_systems import CustomFileSystem
    from studio_infra.studio.domain.user_settings import UserSettings

#: Name of the table with a row for each team: a member's profile looks its team up.
TEAM_MAPPING: Final = "Teams"
_HIDDEN: Final = "HiddenInstanceTypes"

_POLICIES: Final = "ManagedPolicyArns"
#: Maintained by AWS: denies everything, whatever else allows it.
_DENY_ALL: Final = {"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/AWSDenyAll"}

#: Profiles and spaces hold people's work: they stay when they leave the template.
_RETAIN: Final = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnDirectory:
    """A directory of an EFS file system for each person, `/people/<user name>`.

    Args:
        name: The file system's name in logical ids, like `Datasets`. Changing it makes new access points.
        file_system_id: The file system.
        mounted: Whether private spaces mount it.

    """

    name: str
    file_system_id: str
    mounted: bool

    def of(self, person: Person) -> EfsDirectory:
        """One person's."""
        return EfsDirectory(file_system_id=self.file_system_id, path=f"/people/{person.user_name}")


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamDefaults:
    """What the people of a team have in common.

    Args:
        team: Name of the team; a tag on everything that belongs to a member.
        execution_role: A member's role in CloudFormation's words, see `access.role_json`; or the ARN of the one role
            that all members share.
        settings: What a member finds in Studio, but for role and POSIX id.
        apps_in_full: What a member's apps start with, repeated by members with an instance type of their own: a profile
            replaces whole app settings. Defaults to the apps of `settings`.
        apps_by_idle_minutes: What the apps of members with an idle limit of their own start with, in full and by that
            limit. People who have the same share them; one without an entry is refused. Defaults to none.
        remote_access: Whether an IDE on a member's own machine may connect to their private space. Defaults to no.
        space_maximum_gb: The most a member may ask for, repeated by members with a volume size of their own. Defaults
            to that size.
        private_spaces: Whether every member gets a JupyterLab space of their own name, unless the roster says
            otherwise.
        single_sign_on: Whether the domain signs people in through IAM Identity Center; profiles are then bound to the
            person's user name there. SageMaker refuses the binding in other domains, so it is left out.
        mounted: The one of `settings.file_systems` that members' private spaces mount. Defaults to none.
        own_directories: File systems on which every member has a directory of their own, whose number the roster gives.
            Defaults to none.
        own_group_in: Id of the VPC in which every member gets a security group of their own; SageMaker adds the
            domain's. Defaults to the domain's alone.

    """

    team: str
    execution_role: Mapping[str, Any] | str
    settings: UserSettings
    apps_in_full: Sequence[AppSettings] = ()
    apps_by_idle_minutes: Mapping[int, Sequence[AppSettings]] = field(default_factory=dict)
    space_maximum_gb: int | None = None
    remote_access: bool = False
    private_spaces: bool = True
    single_sign_on: bool = False
    mounted: CustomFileSystem | None = None
    own_directories: Sequence[OwnDirectory] = ()
    own_group_in: str | None = None

    def mapping_row(self) -> Json:
        """The team's row in `TEAM_MAPPING`: what all members would repeat, and what is long."""
        return {_HIDDEN: list(self.settings.hidden_instance_types)}

    def settings_of(self, person: Person) -> UserSettings:
        """What one member finds in Studio: the team's, and what the roster gives this person."""
        apps = self.settings.apps
        if person.idle_after_minutes is not None:
            apps = self.apps_by_idle_minutes[person.idle_after_minutes]
        if person.instance_type is not None:
            apps = [app.on(person.instance_type) for app in apps or self.apps_in_full]
        settings = replace(
            self.settings, apps=apps, posix_uid=person.posix_uid, file_systems=self._files_of(person)
        )
        if person.posix_gid is not None:
            settings = replace(settings, posix_gid=person.posix_gid)
        if person.ebs_gb is not None:
            most = max(person.ebs_gb, self.space_maximum_gb or 0)
            settings = replace(
                settings, space_storage=SpaceStorage(default_gb=person.ebs_gb, maximum_gb=most)
            )
        return settings

    def mounted_by(self, person: Person) -> Sequence[CustomFileSystem] | None:
        """What a member's private space mounts; an empty list where others' do."""
        if self._files_of(person) is None:
            return None
        own = [one.of(person) for one in self.own_directories if one.mounted]
        return own if self.mounted is None else [self.mounted]

    def _files_of(self, person: Person) -> Sequence[CustomFileSystem] | None:
        shared = self.settings.file_systems
        if shared is None and not self.own_directories:
            return None
        return (*(shared if shared is not None else ()), *(one.of(person) for one in self.own_directories))

    def gives_space(self, person: Person) -> bool:
        """Whether a member gets a private space."""
        return self.private_spaces if person.private_space is None else person.private_space


def logical_id(user_name: str) -> str:
    """Logical id of a person: made from the user name alone, so that nobody else can ever change it.

    The name comes first, for people who read templates; the hash keeps `a-b` and `ab` apart.
    """
    readable = "".join(part.capitalize() for part in re.split(r"[^A-Za-z0-9]+", user_name))
    return f"{readable}{hashlib.sha256(user_name.encode()).hexdigest()[:8].upper()}"


def person_resources(
    person: Person,
    team: TeamDefaults,
    *,
    name_prefix: str,
    domain_id: str,
    today: dt.date | None = None,
) -> dict[str, Json]:
    """Everything that is made for one person, by logical id.

    Who has no access has a role that may do nothing; everything else stays in its place.
    """
    base = logical_id(person.user_name)
    tags = [{"Key": "studio:team", "Value": team.team}, {"Key": "studio:user", "Value": person.user_name}]
    own: Json = {}
    resources: dict[str, Json] = {}
    may_work = person.has_access(today)
    role = _role_of(person, team, may_work=may_work)
    if isinstance(role, str):
        own["ExecutionRole"] = role
    else:
        own["ExecutionRole"] = {"Fn::GetAtt": [f"{base}Role", "Arn"]}
        about = {"Description": f"Apps of {person.user_name} run as this"}
        resources[f"{base}Role"] = _role({**about, **role}, tags)
    if not may_work:
        own["StudioWebPortal"] = "DISABLED"
    if team.own_group_in is not None:
        own["SecurityGroups"] = [{"Fn::GetAtt": [f"{base}Group", "GroupId"]}]
        resources |= person_group_json(f"{base}Group", vpc_id=team.own_group_in)
        resources[f"{base}Group"]["Properties"]["Tags"] = tags
    for one in team.own_directories:
        resources |= person_directory_json(
            f"{base}{one.name}",
            file_system_id=one.file_system_id,
            user_name=person.user_name,
            uid=person.posix_uid,
            gid=person.posix_gid,
            tags=tags,
        )
    resources[f"{base}Profile"] = _profile(person, team, tags, domain_id=domain_id, own=own)
    resources[f"{base}GitIdentity"] = _git_identity(person, team.team, tags, name_prefix=name_prefix)
    if team.gives_space(person):
        resources[f"{base}Space"] = _space(
            person, team, tags, domain_id=domain_id, profile_id=f"{base}Profile"
        )
    return resources


def _role_of(person: Person, team: TeamDefaults, *, may_work: bool) -> Mapping[str, Any] | str:
    """The role of a person, or the ARN of the one they share."""
    shared = team.execution_role
    if not may_work:
        role = role_json() if isinstance(shared, str) else shared
        # In place of all others, so that the role stays the same resource and no resource policy helps it.
        return {**role, _POLICIES: [_DENY_ALL]}
    if person.policies and not isinstance(shared, str):
        return {**shared, _POLICIES: [*shared.get(_POLICIES, ()), *person.policies]}
    return shared


def _role(role: Mapping[str, Any], tags: list[Json]) -> Json:
    properties = dict(role)
    own_tags = properties.pop("Tags", [])
    return {"Type": "AWS::IAM::Role", "Properties": {**properties, "Tags": [*own_tags, *tags]}}


def _profile(person: Person, team: TeamDefaults, tags: list[Json], *, domain_id: str, own: Json) -> Json:
    settings = team.settings_of(person).for_user_profile()
    if team.settings.hidden_instance_types:
        # Some hundred names: said once for the team, not once for each member.
        settings["StudioWebPortalSettings"] |= {
            _HIDDEN: {"Fn::FindInMap": [TEAM_MAPPING, team.team, _HIDDEN]}
        }
    properties: Json = {
        "DomainId": domain_id,
        "UserProfileName": person.user_name,
        "UserSettings": {**settings, **own},
        "Tags": tags,
    }
    if team.single_sign_on:
        properties["SingleSignOnUserIdentifier"] = "UserName"
        properties["SingleSignOnUserValue"] = person.sso_user_name
    return {"Type": "AWS::SageMaker::UserProfile", **_RETAIN, "Properties": properties}


def _git_identity(person: Person, team: str, tags: list[Json], *, name_prefix: str) -> Json:
    """What the person's spaces want to know of them: who they are to git, and whose defaults the SageMaker SDK uses."""
    identity = {"name": person.full_name, "email": person.email, "team": team}
    return {
        "Type": "AWS::SSM::Parameter",
        "Properties": {
            "Name": f"/{name_prefix}/people/{person.user_name}/git-identity",
            "Type": "String",
            "Description": "Name and e-mail address for git, and the team, read by the person's spaces",
            "Value": json.dumps(identity, ensure_ascii=False),
            "Tags": {tag["Key"]: tag["Value"] for tag in tags},
        },
    }


def _space(person: Person, team: TeamDefaults, tags: list[Json], *, domain_id: str, profile_id: str) -> Json:
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
            "SpaceSettings": space_settings(
                StudioApp.JUPYTER_LAB,
                volume_gb=person.ebs_gb,
                file_systems=team.mounted_by(person),
                remote_access=team.remote_access,
            ),
            "Tags": tags,
        },
    }
