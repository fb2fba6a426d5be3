"""What comes next, from what AWS shows: whatever that is, the order holds and nothing goes without consent."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio_infra.runtime.functions.domain_drain.core import (
    FRESH,
    SETTLED,
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
    group_names,
    is_domain_id,
    is_owned_by,
)
from tests.runtime.domain_drain.worlds import COPY, KEEP, LOSE, SETTINGS

NOW = dt.datetime(2026, 11, 25, 12, tzinfo=dt.UTC)
LONG_AGO = NOW - dt.timedelta(days=3)
RULE = {"IpProtocol": "tcp"}

statuses = st.sampled_from(["InService", "Deleting", "Failed", "Pending", "Updating", "Delete_Failed"])
names = st.sampled_from(["ana", "bela", "carl"])
moments = st.sampled_from([LONG_AGO, NOW - SETTLED * 2, NOW])
apps = st.builds(
    lambda name, status, created, in_space: App(
        "JupyterLab", "default", status, created, **({"space": name} if in_space else {"profile": name})
    ),
    names,
    st.sampled_from(["InService", "Deleting", "Failed", "Pending", "Deleted"]),
    moments,
    st.booleans(),
)
targets = st.lists(
    st.builds(MountTarget, st.just("fsmt-1"), st.sampled_from(["available", "deleting"])), max_size=2
)
homes = st.builds(
    lambda status, found: Home("fs-1", "arn:fs-1", status, tuple(found)),
    st.sampled_from(["available", "deleting"]),
    targets,
)
copies = st.builds(
    Copy,
    moments,
    st.sampled_from(["CREATED", "RUNNING", "COMPLETED", "FAILED"]),
    st.booleans(),
)
worlds = st.builds(
    World,
    domain_id=st.just("d-own"),
    domain=st.none()
    | st.builds(
        Domain,
        st.just("d-own"),
        st.just("n"),
        statuses,
        st.just("fs-1"),
        st.sampled_from([{}, {"x": SETTINGS}]),
    ),
    apps=st.lists(apps, max_size=4).map(tuple),
    spaces=st.lists(st.builds(Space, names, statuses, names | st.none()), max_size=3).map(tuple),
    profiles=st.lists(st.builds(Profile, names, statuses), max_size=3).map(tuple),
    home=st.none() | homes,
    groups=st.lists(
        st.builds(Group, st.just("sg-1"), st.just("n"), st.sampled_from([(), (RULE,)]), st.just(())),
        max_size=2,
    ).map(tuple),
    copies=st.lists(copies, max_size=3).map(tuple),
)
wishes = st.sampled_from([KEEP, COPY, LOSE])


@given(worlds, wishes)
@settings(max_examples=400, deadline=None)
def test_nothing_goes_while_something_stands_in_its_way(world: World, wish: Wish) -> None:
    step = next_step(world, wish, now=NOW)
    busy_spaces = {app.space for app in world.live_apps}
    busy_people = {app.profile for app in world.live_apps} | {space.owner for space in world.spaces}
    for action in step.actions:
        if action.verb is Verb.DELETE_SPACE:
            assert action.thing.name not in busy_spaces
        elif action.verb is Verb.DELETE_PROFILE:
            assert action.thing.name not in busy_people
        elif action.verb in (Verb.DELETE_DOMAIN, Verb.DETACH):
            assert not [*world.live_apps, *world.spaces, *world.profiles]
        elif action.verb in (Verb.DELETE_TARGET, Verb.DELETE_HOME, Verb.REVOKE, Verb.DELETE_GROUP):
            assert world.domain is None
        if action.verb is Verb.DELETE_GROUP:
            assert not any(group.rules for group in world.groups)
            assert not (world.home and world.home.targets)


@given(worlds, wishes)
@settings(max_examples=400, deadline=None)
def test_homes_go_only_with_consent_and_after_the_copy_that_was_wished_for(world: World, wish: Wish) -> None:
    step = next_step(world, wish, now=NOW)
    fatal = [
        action
        for action in step.actions
        if action.verb is Verb.DELETE_HOME
        or (action.verb is Verb.DELETE_DOMAIN and action.homes is Homes.DELETE)
    ]
    if fatal:
        assert wish in (COPY, LOSE)
    losing = [one for one in step.actions if one.verb not in (Verb.STOP_APP, Verb.COPY_HOME)]
    if wish is COPY and losing and world.home is not None and world.home.status == "available":
        assert is_copied(world, NOW)


@given(worlds, wishes)
@settings(max_examples=400, deadline=None)
def test_it_is_done_exactly_when_nothing_is_left_that_has_to_go(world: World, wish: Wish) -> None:
    step = next_step(world, wish, now=NOW)
    assert step.done == (not list(left(world, wish)))


@given(worlds, wishes)
@settings(max_examples=200, deadline=None)
def test_a_plan_names_everything_that_is_there_and_has_to_go(world: World, wish: Wish) -> None:
    planned = {str(action.thing) for action in plan(world, wish)}
    for thing in left(world, wish):
        assert thing.rpartition(" (")[0] in planned or thing in planned


def copied(copy: Copy, *apps: App) -> bool:
    home = Home("fs-1", "arn", "available")
    return is_copied(World("d-own", apps=apps, home=home, copies=(copy,)), NOW)


def test_a_copy_is_the_last_one_only_if_nobody_wrote_after_it() -> None:
    hour = dt.timedelta(hours=1)
    mine = Copy(NOW - hour, "COMPLETED", final=True)
    assert copied(mine)
    assert copied(mine, App("JupyterLab", "default", "Deleted", NOW - 2 * hour, space="a"))
    assert not copied(mine, App("JupyterLab", "default", "Deleted", NOW - hour / 2, space="a"))
    # Started just before: a list may not have shown it yet.
    assert not copied(mine, App("JupyterLab", "default", "Deleted", NOW - hour - SETTLED / 2, space="a"))
    assert not copied(Copy(NOW - hour, "COMPLETED"))
    assert not copied(Copy(NOW - hour, "RUNNING", final=True))
    assert not copied(Copy(NOW - FRESH - hour, "COMPLETED", final=True))


def test_a_request_for_a_copy_is_the_same_until_a_job_ends() -> None:
    world = World("d-own", domain=Domain("d-own", "n", "InService"), home=Home("fs-1", "arn", "available"))
    (first,) = next_step(world, COPY, now=NOW).actions
    (again,) = next_step(world, COPY, now=NOW + dt.timedelta(seconds=30)).actions
    assert first.token == again.token
    failed = World("d-own", domain=world.domain, home=world.home, copies=(Copy(NOW, "FAILED"),))
    (second,) = next_step(failed, COPY, now=NOW).actions
    assert second.token != first.token


def test_what_would_be_lost_is_said_in_words() -> None:
    spaces = tuple(Space(f"s{number}", "InService") for number in range(7))
    world = World("d-own", spaces=spaces, home=Home("fs-1", "arn", "available"))
    assert would_be_lost(world, KEEP) == ["the volumes of 7 spaces (s0, s1, s2, s3, s4 and 2 more)"]
    assert would_be_lost(world, LOSE)[1] == "everybody's home on fs-1"
    assert would_be_lost(world, COPY)[1] == "everybody's home on fs-1, after a copy to the vault vault"
    assert would_be_lost(World("d-own"), LOSE) == []


def test_settings_without_their_lifecycle_configurations_name_none() -> None:
    assert len(lifecycle_configs(SETTINGS)) == 3
    changed = without_lifecycle_configs(SETTINGS)
    assert changed.keys() == {"JupyterLabAppSettings"}
    assert lifecycle_configs(changed) == []
    assert without_lifecycle_configs({"ExecutionRole": "r", "JupyterLabAppSettings": {}}) == {}


@pytest.mark.parametrize(
    "text", ["", "d-", "D-abc", "d-a_b", "d-abc*", "d-?", "d-abc\n", "research", "d-" + "a" * 62, "d-ab.c"]
)
def test_what_is_no_id_of_a_domain_is_not_taken_for_one(text: str) -> None:
    assert not is_domain_id(text)


def test_ids_match_as_a_whole() -> None:
    assert is_domain_id("d-own")
    assert is_domain_id("d-" + "a" * 61)
    assert is_owned_by("d-own", "arn:aws-cn:sagemaker:cn-north-1:123456789012:domain/d-own")
    for owner in (
        "arn:aws:sagemaker:eu-central-1:123456789012:domain/d-own2",
        "arn:aws:sagemaker:eu-central-1:123456789012:user-profile/d-own",
        "arn:aws:s3:::domain/d-own",
        "d-own",
        "",
    ):
        assert not is_owned_by("d-own", owner)
    assert not set(group_names("d-own")) & set(group_names("d-own2"))
