"""What one person has of their own, and what stays when the access goes."""

from __future__ import annotations

import datetime as dt
import itertools
import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import aws_cdk as cdk
import pytest

from studio_infra.access import role_json
from studio_infra.errors import InvalidInput
from studio_infra.settings import Person
from studio_infra.settings.roster.seats import resources_of
from studio_infra.studio.domain.apps import AppSettings, StudioApp
from studio_infra.studio.domain.domain import StudioDomain
from studio_infra.studio.domain.user_settings import UserSettings
from studio_infra.studio.people.people import StudioPeople
from studio_infra.studio.people.person import TeamDefaults, logical_id, person_resources

LAB = AppSettings(
    app=StudioApp.JUPYTER_LAB, default_instance_type="ml.t3.medium", lifecycle_config_arn="arn:git"
)
TEAM_POLICY = "arn:aws:iam::123456789012:policy/vision"
OWN_POLICY = "arn:aws:iam::123456789012:policy/secrets"
DAY = dt.date(2027, 1, 31)
BASE = logical_id("ana")


def person(**more: Any) -> Person:
    return Person(user_name="ana", team="vision", full_name="Ana", email="ana@example.com", **more)


def team(**more: Any) -> TeamDefaults:
    options: dict[str, Any] = {
        "execution_role": role_json(managed_policy_arns=[TEAM_POLICY], path="/studio/"),
        "settings": UserSettings(),
        "apps_in_full": [LAB],
        "space_maximum_gb": 100,
    }
    return TeamDefaults(team="vision", **options | more)


def made(one: Person, its_team: TeamDefaults | None = None, today: dt.date | None = None) -> dict[str, Any]:
    """A person's resources by the end of their logical id."""
    resources = person_resources(
        one, its_team or team(), name_prefix="research", domain_id="d-1", today=today
    )
    return {key.removeprefix(BASE): value for key, value in resources.items()}


def settings_of(resources: dict[str, Any]) -> dict[str, Any]:
    return dict(resources["Profile"]["Properties"]["UserSettings"])


def test_an_instance_type_of_ones_own_keeps_everything_else_of_the_app() -> None:
    assert "JupyterLabAppSettings" not in settings_of(made(person()))
    app = settings_of(made(person(instance_type="ml.g5.xlarge")))["JupyterLabAppSettings"]
    assert app == {
        **LAB.as_json(),
        "DefaultResourceSpec": {"InstanceType": "ml.g5.xlarge", "LifecycleConfigArn": "arn:git"},
    }


def test_an_instance_type_of_ones_own_goes_before_the_teams() -> None:
    its_team = team(settings=UserSettings(apps=[LAB]), apps_in_full=())
    app = settings_of(made(person(instance_type="ml.g5.xlarge"), its_team))["JupyterLabAppSettings"]
    assert app["DefaultResourceSpec"]["InstanceType"] == "ml.g5.xlarge"


GUARD = replace(LAB, built_in_lifecycle_config_arn="arn:idle-480")


def test_an_idle_limit_of_ones_own_is_a_script_in_the_slot_that_nobody_can_deselect() -> None:
    its_team = team(apps_by_idle_minutes={480: [GUARD]})
    app = settings_of(made(person(idle_after_minutes=480), its_team))["JupyterLabAppSettings"]
    assert app == {**LAB.as_json(), "BuiltInLifecycleConfigArn": "arn:idle-480"}
    assert "JupyterLabAppSettings" not in settings_of(made(person(), its_team))


def test_an_idle_limit_and_an_instance_type_of_ones_own_go_together() -> None:
    one = person(idle_after_minutes=480, instance_type="ml.g5.xlarge")
    app = settings_of(made(one, team(apps_by_idle_minutes={480: [GUARD]})))["JupyterLabAppSettings"]
    assert app["BuiltInLifecycleConfigArn"] == "arn:idle-480"
    assert app["DefaultResourceSpec"]["InstanceType"] == "ml.g5.xlarge"


def test_refuses_an_idle_limit_that_no_script_keeps() -> None:
    with pytest.raises(
        InvalidInput, match="'ana' has an idle limit of 90 minutes, team 'vision' has apps for 480"
    ):
        people(person(idle_after_minutes=90), team(apps_by_idle_minutes={480: [GUARD]}))


@pytest.mark.parametrize(("own", "most"), [(50, 100), (500, 500)])
def test_a_volume_of_ones_own_is_that_of_the_private_space_and_of_new_ones(own: int, most: int) -> None:
    resources = made(person(ebs_gb=own))
    space = resources["Space"]["Properties"]["SpaceSettings"]
    assert space["SpaceStorageSettings"] == {"EbsStorageSettings": {"EbsVolumeSizeInGb": own}}
    assert settings_of(resources)["SpaceStorageSettings"]["DefaultEbsStorageSettings"] == {
        "DefaultEbsVolumeSizeInGb": own,
        "MaximumEbsVolumeSizeInGb": most,
    }


@pytest.mark.parametrize(
    ("everybody", "own", "gets"), [(True, None, True), (True, False, False), (False, True, True)]
)
def test_a_private_space_is_the_persons_before_it_is_everybodys(
    everybody: bool,  # noqa: FBT001
    own: bool | None,  # noqa: FBT001
    gets: bool,  # noqa: FBT001
) -> None:
    assert ("Space" in made(person(private_space=own), team(private_spaces=everybody))) is gets


def test_policies_of_ones_own_come_after_the_teams() -> None:
    role = made(person(policies=(OWN_POLICY,)))["Role"]["Properties"]
    assert role["ManagedPolicyArns"] == [TEAM_POLICY, OWN_POLICY]
    assert made(person())["Role"]["Properties"]["ManagedPolicyArns"] == [TEAM_POLICY]


def people(one: Person, its_team: TeamDefaults) -> StudioPeople:
    stack = cdk.Stack(cdk.App(), "Users")
    domain = StudioDomain.from_domain_id(stack, "Domain", "d-1")
    return StudioPeople(
        stack, "People", domain=domain, name_prefix="research", people=[one], teams={"vision": its_team}
    )


def test_refuses_more_policies_than_a_role_holds() -> None:
    full = team(execution_role=role_json(managed_policy_arns=[f"{TEAM_POLICY}-{n}" for n in range(10)]))
    with pytest.raises(InvalidInput, match="'ana' would have 11 managed policies, a role holds 10"):
        people(person(policies=(OWN_POLICY,)), full)


def test_refuses_policies_of_ones_own_in_a_role_that_is_shared() -> None:
    with pytest.raises(InvalidInput, match="'ana' shares the role of team 'vision'"):
        people(person(policies=(OWN_POLICY,)), team(execution_role="arn:aws:iam::1:role/vision"))


# -- leaving --------------------------------------------------------------------------------------------

LEAVERS = {"expired": (person(expires=DAY), DAY), "suspended": (person(status="suspended"), None)}


@pytest.mark.parametrize("name", LEAVERS)
def test_who_has_left_keeps_everything_but_the_access(name: str) -> None:
    leaver, today = LEAVERS[name]
    before, after = made(person(policies=(OWN_POLICY,))), made(leaver, today=today)
    role, profile = after.pop("Role"), after.pop("Profile")
    old_role, old_profile = before.pop("Role"), before.pop("Profile")
    assert json.dumps(after) == json.dumps(before)
    # Only these two properties, both changed in place: the role stays the same one.
    assert role["Properties"].pop("ManagedPolicyArns") == [
        {"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/AWSDenyAll"}
    ]
    del old_role["Properties"]["ManagedPolicyArns"]
    assert role == old_role
    assert profile["Properties"]["UserSettings"].pop("StudioWebPortal") == "DISABLED"
    assert profile == old_profile


def test_access_ends_on_the_day_and_not_before() -> None:
    one = person(expires=DAY)
    for today in (None, DAY - dt.timedelta(days=1)):
        assert made(one, today=today) == made(person())
    for later in range(3):
        assert made(one, today=DAY + dt.timedelta(days=later)) == made(one, today=DAY)


def test_who_comes_back_has_what_they_had() -> None:
    assert made(person(status="active", policies=(OWN_POLICY,))) == made(person(policies=(OWN_POLICY,)))


def test_who_leaves_a_shared_role_gets_one_that_may_do_nothing() -> None:
    shared = team(execution_role="arn:aws:iam::1:role/vision")
    resources = made(person(status="suspended"), shared)
    assert settings_of(resources)["ExecutionRole"] == {"Fn::GetAtt": [f"{BASE}Role", "Arn"]}
    (policy,) = resources["Role"]["Properties"]["ManagedPolicyArns"]
    assert policy["Fn::Sub"].endswith(":policy/AWSDenyAll")
    assert "Role" not in made(person(), shared)


# -- how many resources -----------------------------------------------------------------------------------

OWN: list[dict[str, Any]] = [
    {},
    {"private_space": False},
    {"private_space": True, "ebs_gb": 50},
    {"status": "suspended"},
    {"policies": (OWN_POLICY,), "instance_type": "ml.g5.xlarge"},
]


@pytest.mark.parametrize(
    ("own", "space", "shared", "group"),
    list(itertools.product(OWN, [True, False], [True, False], [True, False])),
)
def test_the_settings_count_the_resources_that_are_made(
    own: dict[str, Any],
    space: bool,  # noqa: FBT001
    shared: bool,  # noqa: FBT001
    group: bool,  # noqa: FBT001
) -> None:
    its_team = team(
        private_spaces=space,
        own_group_in="vpc-1" if group else None,
        **({"execution_role": "arn:aws:iam::1:role/vision"} if shared else {}),
    )
    settings = SimpleNamespace(
        people=SimpleNamespace(private_spaces=space),
        files={},
        access=SimpleNamespace(
            role_sharing="per_team" if shared else "per_person", security_group_per_person=group
        ),
    )
    assert resources_of(person(**own), settings) == len(made(person(**own), its_team))


def test_a_place_is_kept_for_the_role_that_a_leaver_will_need() -> None:
    """Or a stack would grow too large overnight."""
    shared = team(execution_role="arn:aws:iam::1:role/vision")
    settings = SimpleNamespace(
        people=SimpleNamespace(private_spaces=True),
        files={},
        access=SimpleNamespace(role_sharing="per_team", security_group_per_person=False),
    )
    leaver = person(expires=DAY)
    assert resources_of(leaver, settings) == len(made(leaver, shared, DAY)) == len(made(leaver, shared)) + 1
