"""Steps about people: everybody is there, can enter, and finds the scripts where they belong."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from studio_infra.rehearsal.life.acting import acting_as, app_of, member_of, wait_for_app
from studio_infra.rehearsal.life.stage import Stage, expect, expect_same
from studio_infra.rehearsal.life.team_spaces import check_team_spaces, owners, work_in_team_spaces

if TYPE_CHECKING:
    from studio_infra.rehearsal.life.acting import Acting
    from studio_infra.settings import Person

_CURRENT_APPS: Final = ("JupyterLab", "CodeEditor")


def everybody_is_there(stage: Stage) -> str:
    """Every person of the roster has a profile, a role of their own with the team's rights, and the team's settings."""
    profiles = {
        profile["UserProfileName"]
        for profile in stage.pages("list_user_profiles", DomainIdEquals=stage.domain["DomainId"])
    }
    wanted = {person.user_name for person in stage.settings.roster}
    expect_same("profiles that are missing", sorted(wanted - profiles), [])
    expect_same("profiles that nobody asked for", sorted(profiles - wanted - owners(stage)), [])
    shared = check_team_spaces(stage)
    people = stage.settings.roster
    roles = {check_person(stage, person)["UserSettings"]["ExecutionRole"] for person in people}
    expect_same("number of execution roles", len(roles), len({owner_of_role(stage, one) for one in people}))
    said = f"{len(people)} profiles, {len(roles)} roles, {len(stage.settings.teams)} teams"
    return f"{said}, {shared} shared space{'s' * (shared != 1)}" if shared else said


def check_person(stage: Stage, person: Person) -> dict[str, Any]:
    """Compare one person's profile and role with the settings, and return the profile."""
    name = person.user_name
    profile: dict[str, Any] = stage.sagemaker.describe_user_profile(**_domain(stage), UserProfileName=name)
    team = stage.settings.teams[person.team]
    settings = profile["UserSettings"]
    role = _role(stage, settings["ExecutionRole"])
    owner = (role.get("studio:user"), role.get("studio:team"))
    expect_same(f"tags of the role of {name}", owner, owner_of_role(stage, person))
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


def owner_of_role(stage: Stage, person: Person) -> tuple[str | None, str]:
    """Whose role a person has: the tags `studio:user` and `studio:team` of it."""
    shared = stage.settings.access.role_sharing == "per_team" and person.has_access()
    return None if shared else person.user_name, person.team


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
    app = app_of(stage, person)
    stage.sagemaker.create_app(
        **app, ResourceSpec={"InstanceType": stage.settings.default_instance_type(person.team)}
    )
    wait_for_app(stage, app, "InService")
    # Stopped again, as idle shutdown would do: an app that runs would be in the way of what follows.
    stage.sagemaker.delete_app(**app)
    wait_for_app(stage, app, "Deleted")
    return f"JupyterLab in space {app['SpaceName']} of {person.user_name}, started and stopped"


def people_act_for_themselves(stage: Stage) -> str:
    """One of each team works with their own role; where IAM is enforced, nobody gets at a colleague's things."""
    actors = [member for member in map(partial(member_of, stage), stage.settings.teams) if member is not None]
    for person in actors:
        others = [other for other in stage.settings.roster if other is not person]
        colleague = next((one for one in others if one.team == person.team), others[0] if others else None)
        with acting_as(stage, person) as actor:
            _works(stage, actor)
            work_in_team_spaces(stage, actor)
            if colleague is not None:
                _is_kept_out(stage, actor, colleague)
    said = f"{', '.join(person.user_name for person in actors)}: own space, app and parameters"
    return f"{said}; colleagues' refused" if stage.aws.strict else f"{said}; nothing refused without --strict"


def _works(stage: Stage, actor: Acting) -> None:
    name, sagemaker = actor.person.user_name, actor.client("sagemaker")
    machine = {"InstanceType": stage.settings.default_instance_type(actor.person.team)}
    identity = f"/{stage.settings.name}/people/{name}/git-identity"
    profile = {**_domain(stage), "UserProfileName": name}
    actor.may("read their own profile", partial(sagemaker.describe_user_profile, **profile))
    actor.may("read their git identity", partial(actor.client("ssm").get_parameter, Name=identity))
    if stage.settings.domain.auth_mode == "IAM":
        actor.may("open Studio", partial(sagemaker.create_presigned_domain_url, **profile))
    actor.may("stop their app", partial(sagemaker.delete_app, **actor.app))
    wait_for_app(stage, actor.app, "Deleted")
    actor.may("start their app", partial(sagemaker.create_app, **actor.app, ResourceSpec=machine))
    wait_for_app(stage, actor.app, "InService")


def _is_kept_out(stage: Stage, actor: Acting, colleague: Person) -> None:
    whose, sagemaker, ssm = f"of {colleague.user_name}", actor.client("sagemaker"), actor.client("ssm")
    people = f"/{stage.settings.name}/people/{colleague.user_name}"
    profile = {**_domain(stage), "UserProfileName": colleague.user_name}
    key = {"Name": f"{people}/ssh-public-key", "Value": "mine", "Type": "String"}
    actor.may_not(f"start the app {whose}", partial(sagemaker.create_app, **app_of(stage, colleague)))
    actor.may_not(f"change the profile {whose}", partial(sagemaker.update_user_profile, **profile))
    actor.may_not(f"read the git identity {whose}", partial(ssm.get_parameter, Name=f"{people}/git-identity"))
    actor.may_not(f"publish a key {whose}", partial(ssm.put_parameter, **key))
    if stage.settings.domain.auth_mode == "IAM":
        actor.may_not(f"enter the Studio {whose}", partial(sagemaker.create_presigned_domain_url, **profile))


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
