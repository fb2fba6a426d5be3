"""Steps about people: everybody is there, can enter, and finds the scripts where they belong."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from studio_infra.rehearsal.life.stage import Stage, StepFailed, expect, expect_same

if TYPE_CHECKING:
    from studio_infra.settings import Person

#: Starting an app takes a minute or two in AWS; here it takes what the embedded AWS is told, by default nothing.
_APP_SECONDS: Final = 60.0
_CURRENT_APPS: Final = ("JupyterLab", "CodeEditor")


def everybody_is_there(stage: Stage) -> str:
    """Every person of the roster has a profile, a role of their own with the team's rights, and the team's settings."""
    profiles = {
        profile["UserProfileName"]
        for profile in stage.pages("list_user_profiles", DomainIdEquals=stage.domain["DomainId"])
    }
    wanted = {person.user_name for person in stage.settings.roster}
    expect_same("profiles that are missing", sorted(wanted - profiles), [])
    expect_same("profiles that nobody asked for", sorted(profiles - wanted), [])
    roles = {
        person.user_name: check_person(stage, person)["UserSettings"]["ExecutionRole"]
        for person in stage.settings.roster
    }
    expect(len(set(roles.values())) == len(roles), "two people share an execution role")
    return f"{len(profiles)} profiles, {len(roles)} roles, {len(stage.settings.teams)} teams"


def check_person(stage: Stage, person: Person) -> dict[str, Any]:
    """Compare one person's profile and role with the settings, and return the profile."""
    name = person.user_name
    profile: dict[str, Any] = stage.sagemaker.describe_user_profile(**_domain(stage), UserProfileName=name)
    team = stage.settings.teams[person.team]
    settings = profile["UserSettings"]
    role = _role(stage, settings["ExecutionRole"])
    expect_same(
        f"tags of the role of {name}", (role.get("studio:user"), role.get("studio:team")), (name, person.team)
    )
    hidden = settings.get("StudioWebPortalSettings", {}).get("HiddenInstanceTypes", [])
    expect(bool(hidden), f"the launcher hides no instance type from {name}, although the team has a list")
    expect_same(
        f"allowed instance types hidden from {name}", sorted(set(hidden) & set(team.instance_types)), []
    )
    machine = settings.get(
        "JupyterLabAppSettings", stage.domain["DefaultUserSettings"].get("JupyterLabAppSettings", {})
    )
    expect_same(
        f"default instance type of {name}",
        machine["DefaultResourceSpec"]["InstanceType"],
        stage.settings.default_instance_type(person.team),
    )
    if person.posix_uid is not None:
        expect_same(f"POSIX uid of {name}", settings["CustomPosixUserConfig"]["Uid"], person.posix_uid)
    if stage.settings.domain.auth_mode == "SSO":
        expect_same(
            f"Identity Center user of {name}", profile.get("SingleSignOnUserValue"), person.sso_user_name
        )
    return profile


def a_link_opens_studio(stage: Stage) -> str:
    """A presigned URL is made for one person."""
    if stage.settings.domain.auth_mode == "SSO":
        return "people enter through their IAM Identity Center portal: there is no link to make"
    person = stage.settings.roster[0]
    url = stage.sagemaker.create_presigned_domain_url(**_domain(stage), UserProfileName=person.user_name)[
        "AuthorizedUrl"
    ]
    parts = urlsplit(url)
    expect(parts.scheme == "https" and "token=" in parts.query, "the link is not an https URL with a token")
    return f"for {person.user_name}"


def an_app_starts_in_their_space(stage: Stage) -> str:
    """JupyterLab starts in one person's private space."""
    person = stage.settings.roster[0]
    space = _private_space(stage, person)
    app = {**_domain(stage), "SpaceName": space, "AppType": "JupyterLab", "AppName": "default"}
    stage.sagemaker.create_app(
        **app, ResourceSpec={"InstanceType": stage.settings.default_instance_type(person.team)}
    )
    _wait_for_app(stage, app, "InService")
    # Stopped again, as idle shutdown would do: an app that runs would be in the way of what follows.
    stage.sagemaker.delete_app(**app)
    _wait_for_app(stage, app, "Deleted")
    return f"JupyterLab in space {space} of {person.user_name}, started and stopped"


def scripts_are_in_their_slots(stage: Stage) -> str:
    """Idle shutdown is where nobody can deselect it, git where it is the default, both in every person's apps."""
    apps = [app for app in stage.settings.domain.apps if app in _CURRENT_APPS]
    seen: set[str] = set()
    everyone = [("the domain", stage.domain["DefaultUserSettings"])]
    everyone += [
        (
            person.user_name,
            stage.sagemaker.describe_user_profile(**_domain(stage), UserProfileName=person.user_name)[
                "UserSettings"
            ],
        )
        for person in stage.settings.roster
    ]
    for name, settings in everyone:
        for app in apps:
            own = settings.get(
                f"{app}AppSettings", stage.domain["DefaultUserSettings"].get(f"{app}AppSettings", {})
            )
            seen |= _check_slots(stage, name, app, own)
    for app in apps:
        _check_native_idle(stage, app)
    for arn in seen:
        _check_config(stage, arn)
    return f"{len(seen)} lifecycle configurations, {', '.join(apps)}"


def _check_slots(stage: Stage, name: str, app: str, settings: dict[str, Any]) -> set[str]:
    git = settings["DefaultResourceSpec"].get("LifecycleConfigArn")
    expect(git is not None, f"{app} of {name} has no git script in the default slot")
    expect(
        git in settings["LifecycleConfigArns"],
        f"{app} of {name}: the default script is not among the offered ones",
    )
    found = {git}
    if stage.settings.idle_shutdown.engine != "native":
        built_in = settings.get("BuiltInLifecycleConfigArn")
        expect(built_in is not None, f"{app} of {name} has no idle script in the slot nobody can deselect")
        found.add(built_in)
    return found


def _check_native_idle(stage: Stage, app: str) -> None:
    """What Studio itself keeps is said by the domain alone: CloudFormation has no such property for profiles."""
    idle = stage.domain["DefaultUserSettings"][f"{app}AppSettings"]["AppLifecycleManagement"]["IdleSettings"]
    watched = stage.settings.idle_shutdown.engine == "watcher"
    expect_same(f"idle shutdown of {app}", idle["LifecycleManagement"], "DISABLED" if watched else "ENABLED")
    if not watched:
        expect_same(
            f"minutes until an idle {app} stops",
            idle["IdleTimeoutInMinutes"],
            stage.settings.idle_shutdown.after_minutes,
        )


def _check_config(stage: Stage, arn: str) -> None:
    name = arn.rpartition("/")[2]
    config = stage.sagemaker.describe_studio_lifecycle_config(StudioLifecycleConfigName=name)
    expect_same(f"ARN of lifecycle configuration {name}", config["StudioLifecycleConfigArn"], arn)
    expect(bool(config["StudioLifecycleConfigContent"]), f"lifecycle configuration {name} is empty")


def _private_space(stage: Stage, person: Person) -> str:
    for space in stage.pages("list_spaces", DomainIdEquals=stage.domain["DomainId"]):
        owner = space.get("OwnershipSettingsSummary", {}).get("OwnerUserProfileName")
        if owner == person.user_name and space["SpaceSharingSettingsSummary"]["SharingType"] == "Private":
            return str(space["SpaceName"])
    if stage.settings.people.private_spaces:
        raise StepFailed(f"{person.user_name} has no private space, although the settings ask for one")
    name = f"rehearsal-{person.user_name}"[:63].rstrip("-")
    stage.sagemaker.create_space(
        **_domain(stage),
        SpaceName=name,
        OwnershipSettings={"OwnerUserProfileName": person.user_name},
        SpaceSharingSettings={"SharingType": "Private"},
        SpaceSettings={"AppType": "JupyterLab"},
    )
    return name


def _wait_for_app(stage: Stage, app: dict[str, str], status: str) -> None:
    give_up = time.monotonic() + _APP_SECONDS
    while (now := stage.sagemaker.describe_app(**app)["Status"]) != status:
        if now == "Failed" or time.monotonic() > give_up:
            raise StepFailed(f"the app in space {app['SpaceName']} is {now}, expected {status}")
        time.sleep(0.2)


def _role(stage: Stage, arn: str) -> dict[str, str]:
    """Tags of the role `arn`; fails if the role is not there or SageMaker may not take it."""
    role = stage.client("iam").get_role(RoleName=arn.rpartition("/")[2])["Role"]
    principals = [
        statement["Principal"].get("Service") for statement in role["AssumeRolePolicyDocument"]["Statement"]
    ]
    expect("sagemaker.amazonaws.com" in principals, f"SageMaker may not take the role {arn}")
    return {tag["Key"]: tag["Value"] for tag in role.get("Tags", [])}


def _domain(stage: Stage) -> dict[str, str]:
    return {"DomainId": stage.domain["DomainId"]}
