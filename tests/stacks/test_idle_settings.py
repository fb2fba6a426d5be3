"""What `[idle_shutdown]`, a team and a person of the settings do to the stacks."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from studio_infra.settings import StudioSettings
from tests.stacks.test_access_settings import PRODUCTION, of_type, templates
from tests.studio.idle.unpacked import idle_settings_in

if TYPE_CHECKING:
    from collections.abc import Mapping

PEOPLE = PRODUCTION.roster[:3]
APPS = ("JupyterLab", "CodeEditor")


def settings(own: Mapping[str, int] | None = None, **idle: Any) -> StudioSettings:
    """The production settings with three people, some with a limit of their own."""
    given = own or {}
    people = tuple(
        one.model_copy(update={"idle_after_minutes": given.get(one.user_name), "team": "platform"})
        for one in PEOPLE
    )
    teams = {
        name: team.model_copy(update={"idle_after_minutes": None}) for name, team in PRODUCTION.teams.items()
    }
    values = dict(PRODUCTION) | {"roster": people, "endpoints": {}, "training": {}, "teams": teams}
    return StudioSettings.model_validate(values | {"idle_shutdown": idle})


def made(own: Mapping[str, int] | None = None, **idle: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The templates of domain and people."""
    found = templates(settings(own, **idle))
    return found["research-studio"], found["research-users-1"]


def program(studio: Mapping[str, Any], slot: Any) -> dict[str, Any]:
    """The settings of the idle program that stands in a slot."""
    config = studio["Resources"][slot["Fn::GetAtt"][0]]["Properties"]
    return {
        **idle_settings_in(config["StudioLifecycleConfigContent"]),
        "slot of": config["StudioLifecycleConfigAppType"],
    }


def guards(own: Mapping[str, int] | None = None, **idle: Any) -> dict[str, list[dict[str, Any]]]:
    """What runs in the built-in slots of each person who has scripts of their own, by user name."""
    studio, people = made(own, **idle)
    found = {}
    for profile in of_type("AWS::SageMaker::UserProfile", people):
        apps = [profile["UserSettings"].get(f"{app}AppSettings") for app in APPS]
        found[profile["UserProfileName"]] = [
            program(
                studio,
                studio["Outputs"][app["BuiltInLifecycleConfigArn"]["Fn::GetStackOutput"]["OutputName"]][
                    "Value"
                ],
            )
            for app in apps
            if app is not None
        ]
    return found


def test_studio_stops_apps_of_both_kinds_and_those_of_shared_spaces_and_a_guard_is_in_each_built_in_slot() -> (
    None
):
    studio, _ = made()
    (domain,) = of_type("AWS::SageMaker::Domain", studio)
    places = [
        (domain["DefaultUserSettings"], "JupyterLab"),
        (domain["DefaultUserSettings"], "CodeEditor"),
        (domain["DefaultSpaceSettings"], "JupyterLab"),
    ]
    for place, app in places:
        found = place[f"{app}AppSettings"]
        assert found["AppLifecycleManagement"]["IdleSettings"] == {
            "LifecycleManagement": "ENABLED",
            "IdleTimeoutInMinutes": 60,
        }
        guard = program(studio, found["BuiltInLifecycleConfigArn"])
        assert (guard["engine"], guard["app"], guard["slot of"]) == ("guard", app, app)
        # Git is in the other slot.
        assert found["DefaultResourceSpec"]["LifecycleConfigArn"] != found["BuiltInLifecycleConfigArn"]


def configs(studio: Mapping[str, Any]) -> set[str]:
    return {key for key, one in studio["Resources"].items() if one["Type"].endswith("StudioLifecycleConfig")}


def test_people_with_the_same_limit_share_one_script_for_each_app_and_the_others_keep_the_domains() -> None:
    ana, mateus, yuki = (one.user_name for one in PEOPLE)
    plain, _ = made()
    studio, people = made({ana: 480, mateus: 480})
    assert len(configs(studio) - configs(plain)) == 2
    assert configs(plain) <= configs(studio)
    found = guards({ana: 480, mateus: 480})
    assert found[ana] == found[mateus]
    assert [(one["slot of"], one["engine"], one["limit"], one["longer"]) for one in found[ana]] == [
        ("JupyterLab", "guard", 480 * 60, 420 * 60),
        ("CodeEditor", "guard", 480 * 60, 420 * 60),
    ]
    assert found[yuki] == []
    assert "IdleSettings" not in json.dumps(people)


def test_a_limit_of_ones_own_touches_no_line_of_anybody_elses() -> None:
    ana, mateus, yuki = (one.user_name for one in PEOPLE)
    before, after = made({mateus: 120})[1], made({mateus: 120, ana: 480})[1]
    for name in (mateus, yuki):
        theirs = [
            {key: one for key, one in people["Resources"].items() if f'"{name}"' in json.dumps(one)}
            for people in (before, after)
        ]
        assert theirs[0] == theirs[1]
        assert theirs[0]
    profiles = [
        {**one, "UserSettings": None}
        for people in (before, after)
        for one in of_type("AWS::SageMaker::UserProfile", people)
        if one["UserProfileName"] == ana
    ]
    assert profiles[0] == profiles[1]


def test_a_limit_of_ones_own_that_is_the_domains_needs_no_script_of_its_own() -> None:
    ana = PEOPLE[0].user_name
    assert configs(made({ana: 60})[0]) == configs(made()[0])


def test_with_the_watcher_a_person_may_have_a_shorter_limit_too() -> None:
    ana = PEOPLE[0].user_name
    found = guards({ana: 20}, engine="watcher", after_minutes=30)
    assert [(one["engine"], one["limit"], "longer" in one) for one in found[ana]] == [
        ("watcher", 1200, False)
    ] * 2
