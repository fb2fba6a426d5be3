"""Each line of the order by itself: what is done, what is waited for, and what people read about it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from studio_infra.runtime.functions.domain_drain.core import (
    FRESH,
    SETTLED,
    Action,
    Step,
    Verb,
    is_copied,
    left,
    lifecycle_configs,
    next_step,
    plan,
    without_lifecycle_configs,
    would_be_lost,
)
from studio_infra.runtime.functions.domain_drain.world import (
    App,
    Copy,
    Domain,
    Group,
    Home,
    Homes,
    MountTarget,
    Profile,
    Space,
    Wish,
    World,
)
from tests.runtime.domain_drain.worlds import COPY, KEEP, LOSE, SETTINGS

NOW = dt.datetime(2026, 11, 25, 12, tzinfo=dt.UTC)
LONG_AGO = NOW - dt.timedelta(days=3)
SECOND = dt.timedelta(seconds=1)
DOMAIN = Domain("d-own", "research", "InService", "fs-1")
HOME = Home("fs-1", "arn:fs-1", "available")
TARGET = MountTarget("fsmt-1", "available")
RULE = {"IpProtocol": "tcp"}
FINAL = Copy(NOW - dt.timedelta(hours=1), "COMPLETED", final=True)


def app(name: str, status: str = "InService", created: dt.datetime = LONG_AGO, **owner: str) -> App:
    return App("JupyterLab", name, status, created, **(owner or {"space": "lab"}))


def moves(world: World, wish: Wish = KEEP, *, tried: frozenset[str] = frozenset()) -> list[str]:
    """What comes next, in words: what is done, and what is waited for."""
    step = next_step(world, wish, now=NOW, tried=tried)
    return [str(action) for action in step.actions] + [f"wait: {one}" for one in step.waits]


def world(**what: Any) -> World:
    return World("d-own", **({"domain": DOMAIN} | what))


def test_apps_go_first_and_take_their_space_and_their_person_with_them_one_after_the_other() -> None:
    people = {
        "spaces": (Space("lab", "InService", "ana"), Space("free", "InService", "bob")),
        "profiles": (
            Profile("ana", "InService"),
            Profile("bob", "InService"),
            Profile("carl", "InService"),
            Profile("dora", "InService"),
        ),
    }
    apps = (app("a"), app("b", "Deleting", profile="carl"))
    assert moves(world(apps=apps, **people)) == [
        "stop app JupyterLab a of space lab",
        "delete space free",
        "delete profile dora",
        "wait: app JupyterLab b of person carl is being deleted",
    ]


def test_what_is_being_deleted_is_waited_for_and_not_deleted_again() -> None:
    going = world(spaces=(Space("lab", "Deleting"),), profiles=(Profile("ana", "Deleting"),))
    assert moves(going) == ["wait: space lab is being deleted", "wait: profile ana is being deleted"]


def test_a_failed_app_is_tried_once_while_its_domain_is_there() -> None:
    failed = app("a", "Failed")
    tried = frozenset({"stop app JupyterLab a of space lab"})
    assert moves(world(apps=(failed,))) == ["stop app JupyterLab a of space lab"]
    assert moves(world(apps=(failed,)), tried=tried) == ["delete domain d-own"]
    assert moves(world(apps=(failed,), domain=None)) == []
    assert Action(Verb.STOP_APP, failed).optional
    assert not Action(Verb.STOP_APP, app("a")).optional
    assert Action(Verb.DETACH, DOMAIN).optional
    assert not Action(Verb.DELETE_DOMAIN, DOMAIN).optional


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("Deleting", "wait: domain d-own is being deleted"),
        ("Updating", "wait: domain d-own is being updated"),
        ("Pending", "wait: domain d-own is being made"),
        ("InService", "delete domain d-own"),
        ("Delete_Failed", "delete domain d-own"),
    ],
)
def test_a_domain_is_asked_to_go_when_its_state_lets_it(status: str, words: str) -> None:
    assert moves(world(domain=Domain("d-own", "research", status))) == [words]


def test_a_domain_is_detached_once_and_then_deleted() -> None:
    attached = Domain("d-own", "research", "InService", settings={"DefaultUserSettings": SETTINGS})
    detach = "detach the lifecycle configurations of domain d-own"
    assert moves(world(domain=attached)) == [detach]
    assert moves(world(domain=attached), tried=frozenset({detach})) == ["delete domain d-own"]


@pytest.mark.parametrize(
    "inside",
    [
        {"spaces": (Space("lab", "InService"),)},
        {"profiles": (Profile("ana", "InService"),)},
        {"apps": (app("a"),)},
    ],
)
def test_a_domain_with_somebody_in_it_stays(inside: dict[str, Any]) -> None:
    assert "delete domain d-own" not in moves(world(**inside))
    # What was tried is no reason to go on with what depends on it.
    assert moves(world(**inside), tried=frozenset(moves(world(**inside)))) == []


@pytest.mark.parametrize(
    ("wish", "home", "fate"),
    [(KEEP, HOME, "RETAIN"), (LOSE, HOME, "DELETE"), (LOSE, None, "RETAIN")],
)
def test_homes_share_the_fate_that_was_wished_for_if_there_are_any(
    wish: Wish, home: Home | None, fate: str
) -> None:
    (action,) = next_step(world(home=home), wish, now=NOW).actions
    assert (action.verb, action.homes) == (Verb.DELETE_DOMAIN, Homes[fate])
    assert [one.homes for one in plan(world(home=home), wish) if one.verb is Verb.DELETE_DOMAIN] == [
        Homes[fate]
    ]


def test_a_last_copy_comes_before_everything_that_holds_data() -> None:
    full = {"spaces": (Space("lab", "InService"),), "profiles": (Profile("ana", "InService"),), "home": HOME}
    assert moves(world(**full), COPY) == ["copy home file system fs-1"]
    assert moves(world(**full, apps=(app("a"),)), COPY) == ["stop app JupyterLab a of space lab"]
    for status in ("CREATED", "PENDING", "RUNNING", "ABORTING"):
        copying = world(**full, copies=(Copy(NOW, status),))
        assert moves(copying, COPY) == ["wait: home file system fs-1 is being copied"]
    assert moves(world(**full, copies=(FINAL,)), COPY) == ["delete space lab", "delete profile ana"]
    for going in ("deleting", "deleted"):
        gone = world(**full | {"home": Home("fs-1", "arn:fs-1", going)})
        assert moves(gone, COPY) == ["delete space lab", "delete profile ana"]


def test_a_copy_waits_until_a_list_must_show_what_was_started_last() -> None:
    started = NOW - SETTLED
    young = world(home=HOME, apps=(app("a", "Deleted", started + SECOND), app("b", "Deleted", LONG_AGO)))
    assert moves(young, COPY) == ["wait: AWS may not show yet what was started after 11:55:01 UTC"]
    assert moves(world(home=HOME, apps=(app("a", "Deleted", started),)), COPY) == [
        "copy home file system fs-1"
    ]


def test_the_token_of_a_copy_names_the_domain_the_day_and_what_was_tried_before() -> None:
    (first,) = next_step(world(home=HOME), COPY, now=NOW).actions
    assert (first.verb, first.thing) == (Verb.COPY_HOME, HOME)
    (second,) = next_step(world(home=HOME, copies=(Copy(NOW, "FAILED"),)), COPY, now=NOW).actions
    assert [first.token, second.token] == ["studio-drain-d-own-20261125-0", "studio-drain-d-own-20261125-1"]


def test_a_copy_counts_from_five_minutes_after_the_last_app_and_for_less_than_a_day() -> None:
    def counts(started: dt.datetime, *apps: App) -> bool:
        return is_copied(world(apps=apps, copies=(Copy(started, "COMPLETED", final=True),)), NOW)

    assert counts(NOW - FRESH + SECOND)
    assert not counts(NOW - FRESH)
    begun = NOW - dt.timedelta(hours=2)
    assert counts(begun, app("a", "Deleted", begun - SETTLED))
    assert not counts(begun, app("a", "Deleted", begun - SETTLED + SECOND))
    # The last app decides, not the first.
    assert not counts(begun, app("a", "Deleted", begun), app("b", "Deleted", LONG_AGO))
    assert not is_copied(world(), NOW)


def test_the_network_goes_target_by_target_then_the_home_then_rules_then_groups() -> None:
    bound, bare = Group("sg-1", "in", (RULE,)), Group("sg-2", "out")
    targets = (TARGET, MountTarget("fsmt-2", "deleting"), MountTarget("fsmt-3", "deleted"))
    around = {"domain": None, "groups": (bound, bare)}
    home = Home("fs-1", "arn:fs-1", "available", targets)
    for wish in (KEEP, LOSE):
        assert moves(world(**around, home=home), wish) == [
            "delete mount target fsmt-1",
            "wait: mount target fsmt-2 is being deleted",
            "wait: mount target fsmt-3 is being deleted",
        ]
    assert moves(world(**around, home=HOME), LOSE) == [
        "delete home file system fs-1",
        "revoke the rules of security group sg-1 (in)",
    ]
    assert moves(world(**around, home=HOME), KEEP) == ["revoke the rules of security group sg-1 (in)"]
    assert moves(world(domain=None, groups=(Group("sg-1", "in"), bare))) == [
        "delete security group sg-1 (in)",
        "delete security group sg-2 (out)",
    ]
    for going in ("deleting", "deleted"):
        gone = world(domain=None, home=Home("fs-1", "arn:fs-1", going))
        assert moves(gone, LOSE) == ["wait: home file system fs-1 is being deleted"]
    assert moves(world(domain=None)) == []


def test_a_plan_has_everything_in_its_order() -> None:
    attached = Domain("d-own", "research", "InService", settings={"DefaultUserSettings": SETTINGS})
    everything = world(
        domain=attached,
        apps=(app("a"), app("old", "Deleted")),
        spaces=(Space("lab", "InService"),),
        profiles=(Profile("ana", "InService"),),
        home=Home("fs-1", "arn:fs-1", "available", (TARGET,)),
        groups=(Group("sg-1", "in", (RULE,)), Group("sg-2", "out")),
    )
    people = ["delete space lab", "delete profile ana"]
    domain = ["detach the lifecycle configurations of domain d-own", "delete domain d-own"]
    groups = [
        "revoke the rules of security group sg-1 (in)",
        "delete security group sg-1 (in)",
        "delete security group sg-2 (out)",
    ]
    stop, target = ["stop app JupyterLab a of space lab"], ["delete mount target fsmt-1"]
    copy, home = ["copy home file system fs-1"], ["delete home file system fs-1"]
    assert [str(one) for one in plan(everything, KEEP)] == stop + people + domain + target + groups
    assert [str(one) for one in plan(everything, LOSE)] == stop + people + domain + target + home + groups
    assert [
        str(one) for one in plan(everything, COPY)
    ] == stop + copy + people + domain + target + home + groups
    assert [str(one) for one in plan(world(), COPY)] == ["delete domain d-own"]
    assert plan(world(domain=None), COPY) == []


def test_what_is_left_is_said_with_its_state_and_without_homes_that_stay() -> None:
    there = world(home=HOME, groups=(Group("sg-1", "in"),), apps=(app("a"),))
    kept = [
        "app JupyterLab a of space lab (InService)",
        "domain d-own (InService)",
        "security group sg-1 (in)",
    ]
    assert list(left(there, KEEP)) == kept
    assert list(left(there, LOSE)) == [*kept[:2], "home file system fs-1 (available)", kept[2]]
    assert next_step(there, KEEP, now=NOW).left == tuple(kept)
    assert list(left(world(domain=Domain("d-own", "", "")), KEEP)) == ["domain d-own"]


def test_a_step_is_done_when_there_is_nothing_to_do_and_nothing_to_wait_for() -> None:
    assert Step().done
    assert not Step(actions=(Action(Verb.DELETE_DOMAIN, DOMAIN),)).done
    assert not Step(waits=("it is being deleted",)).done


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (1, "the volume of 1 space (s0)"),
        (2, "the volumes of 2 spaces (s0, s1)"),
        (5, "the volumes of 5 spaces (s0, s1, s2, s3, s4)"),
        (6, "the volumes of 6 spaces (s0, s1, s2, s3, s4 and 1 more)"),
    ],
)
def test_volumes_are_counted_and_the_first_five_are_named(number: int, words: str) -> None:
    spaces = tuple(Space(f"s{one}", "InService") for one in range(number))
    assert would_be_lost(world(spaces=spaces), LOSE) == [words]


def test_lifecycle_configurations_are_found_wherever_they_stand() -> None:
    assert lifecycle_configs(
        {"a": {"b": {"LifecycleConfigArn": "one"}}, "LifecycleConfigArns": ["two", "three"]}
    ) == [
        "one",
        "two",
        "three",
    ]
    assert lifecycle_configs({"BuiltInLifecycleConfigArn": "one", "z": {"LifecycleConfigArn": "two"}}) == [
        "one",
        "two",
    ]
    assert lifecycle_configs({"LifecycleConfigArns": ["one"], "LifecycleConfigArn": "two"}) == ["one", "two"]
    for nothing in (None, "", "None"):
        assert lifecycle_configs({"LifecycleConfigArn": nothing, "LifecycleConfigArns": None}) == []
    assert lifecycle_configs("LifecycleConfigArn") == []


def test_what_an_update_takes_names_none_and_keeps_the_rest() -> None:
    settings = {
        "Other": {"LifecycleConfigArn": "None"},
        "Lab": {
            "DefaultResourceSpec": {"InstanceType": "ml.t3.medium", "LifecycleConfigArn": "one"},
            "LifecycleConfigArns": ["one", "two"],
            "BuiltInLifecycleConfigArn": "three",
            "Text": "kept",
        },
        "LifecycleConfigArn": "four",
    }
    assert without_lifecycle_configs(settings) == {
        "Lab": {
            "DefaultResourceSpec": {"InstanceType": "ml.t3.medium", "LifecycleConfigArn": "None"},
            "LifecycleConfigArns": [],
            "BuiltInLifecycleConfigArn": "None",
            "Text": "kept",
        }
    }
