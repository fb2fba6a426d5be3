"""What one person has of their own, and what stays when the access goes."""

from __future__ import annotations

import datetime as dt
import itertools
import json
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk.assertions import Template
from hypothesis import given, settings
from hypothesis import strategies as st

from studio_infra.access import role_json
from studio_infra.errors import InvalidInput
from studio_infra.settings import Person
from studio_infra.settings.roster.seats import resources_of
from studio_infra.storage import TeamFileSystem
from studio_infra.studio.domain.apps import AppSettings, StudioApp
from studio_infra.studio.domain.domain import StudioDomain
from studio_infra.studio.domain.file_systems import EfsDirectory, LustreDirectory
from studio_infra.studio.domain.user_settings import UserSettings
from studio_infra.studio.people.people import StudioPeople
from studio_infra.studio.people.person import OwnDirectory, TeamDefaults, logical_id, person_resources

if TYPE_CHECKING:
    import random

    from studio_infra.studio.domain.file_systems import CustomFileSystem

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
    everybody: bool,
    own: bool | None,
    gets: bool,
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
    space: bool,
    shared: bool,
    group: bool,
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


DIRECTORIES = (OwnDirectory(name="FilesOwn", file_system_id="fs-01234567", mounted=True),)


def test_a_directory_of_ones_own_belongs_to_ones_own_number_and_is_what_the_space_mounts() -> None:
    shared = EfsDirectory(file_system_id="fs-89abcdef", path="/teams/vision")
    its_team = team(own_directories=DIRECTORIES, settings=UserSettings(file_systems=[shared]))
    resources = made(person(posix_uid=10_001, posix_gid=2001), its_team)
    assert resources["FilesOwn"]["Properties"] == {
        "FileSystemId": "fs-01234567",
        "PosixUser": {"Uid": "10001", "Gid": "2001"},
        "RootDirectory": {
            "Path": "/people/ana",
            "CreationInfo": {"OwnerUid": "10001", "OwnerGid": "2001", "Permissions": "0700"},
        },
        "AccessPointTags": [
            {"Key": "studio:team", "Value": "vision"},
            {"Key": "studio:user", "Value": "ana"},
            {"Key": "Name", "Value": "/people/ana"},
        ],
    }
    configs = settings_of(resources)["CustomFileSystemConfigs"]
    assert [one["EFSFileSystemConfig"]["FileSystemPath"] for one in configs] == [
        "/teams/vision",
        "/people/ana",
    ]
    (mounted,) = resources["Space"]["Properties"]["SpaceSettings"]["CustomFileSystems"]
    assert mounted == {"EFSFileSystem": {"FileSystemId": "fs-01234567"}}


def test_a_directory_of_ones_own_is_the_one_that_the_construct_makes(stack: cdk.Stack) -> None:
    vpc = ec2.Vpc.from_vpc_attributes(
        stack, "Vpc", vpc_id="vpc-1", availability_zones=["a"], private_subnet_ids=["subnet-1"]
    )
    files = TeamFileSystem(stack, "Files", vpc=vpc, subnets=vpc.private_subnets, key=kms.Key(stack, "Key"))
    files.add_person_directory("Ana", user_name="ana", uid=10_001, gid=10_001)
    (point,) = Template.from_stack(stack).find_resources("AWS::EFS::AccessPoint").values()
    mine = made(person(posix_uid=10_001), team(own_directories=DIRECTORIES))["FilesOwn"]["Properties"]
    for name in ("PosixUser", "RootDirectory"):
        assert mine[name] == point["Properties"][name]


def test_nobody_has_a_directory_of_their_own_without_a_number() -> None:
    with pytest.raises(InvalidInput, match="'ana' has no posix_uid, so nobody could own the directory"):
        made(person(), team(own_directories=DIRECTORIES))


def test_a_space_mounts_what_is_said_and_not_all_that_is_offered() -> None:
    offered: list[CustomFileSystem] = [
        EfsDirectory(file_system_id="fs-01234567"),
        LustreDirectory(file_system_id="fs-89abcdef"),
    ]
    shared = UserSettings(file_systems=offered)
    nothing = made(person(), team(settings=shared))["Space"]["Properties"]["SpaceSettings"]
    assert nothing["CustomFileSystems"] == []
    assert "CustomFileSystems" not in made(person())["Space"]["Properties"]["SpaceSettings"]
    one = made(person(), team(settings=shared, mounted=offered[1]))["Space"]["Properties"]["SpaceSettings"]
    assert one["CustomFileSystems"] == [{"FSxLustreFileSystem": {"FileSystemId": "fs-89abcdef"}}]


NUMBERED = st.tuples(st.sampled_from(["vision", "speech"]), st.integers(10_000, 4_000_000))


@settings(deadline=None, max_examples=40)
@given(
    people=st.dictionaries(st.sampled_from([f"p{number}" for number in range(9)]), NUMBERED, min_size=1),
    new=st.dictionaries(st.sampled_from([f"n{number}" for number in range(9)]), NUMBERED, max_size=5),
    order=st.randoms(use_true_random=False),
    gid=st.sampled_from([None, 1001]),
)
def test_whoever_comes_or_moves_changes_nobodys_numbers_nor_their_own(
    people: dict[str, tuple[str, int]],
    new: dict[str, tuple[str, int]],
    order: random.Random,
    gid: int | None,
) -> None:
    def numbers(roster: dict[str, tuple[str, int]]) -> dict[str, str]:
        rows = list(roster.items())
        order.shuffle(rows)
        found = {}
        for name, (its_team, uid) in rows:
            one = Person(
                user_name=name,
                team=its_team,
                full_name=name,
                email="p@example.com",
                posix_uid=uid,
                posix_gid=gid,
            )
            directory = EfsDirectory(file_system_id="fs-89abcdef", path=f"/teams/{its_team}")
            its = replace(
                team(own_directories=DIRECTORIES, settings=UserSettings(file_systems=[directory])),
                team=its_team,
            )
            resources = person_resources(one, its, name_prefix="research", domain_id="d-1")
            base = logical_id(name)
            point = dict(resources[f"{base}FilesOwn"]["Properties"])
            tags = point.pop("AccessPointTags")
            # The team's name is on it, as on everything; a tag changes in place.
            assert tags[0] == {"Key": "studio:team", "Value": its_team}
            posix = resources[f"{base}Profile"]["Properties"]["UserSettings"]["CustomPosixUserConfig"]
            found[name] = json.dumps([posix, point])
        return found

    before = numbers(people)
    moved = {
        name: ("speech" if its_team == "vision" else "vision", uid)
        for name, (its_team, uid) in people.items()
    }
    after = numbers({**moved, **new})
    assert {name: after[name] for name in before} == before
