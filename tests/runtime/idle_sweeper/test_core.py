"""What is stopped, warned of and kept, decision by decision."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio_infra.runtime.functions.idle_sweeper import core
from studio_infra.runtime.functions.idle_sweeper.core import Act, Evidence, Kind, Rules, Thing
from studio_infra.runtime.functions.shared.hours import Hours

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
#: A Wednesday.
NOW = dt.datetime(2026, 11, 25, 12, tzinfo=dt.UTC)
RULES = Rules(
    lifetime=7 * DAY, idle=DAY, notice=DAY, unopened=30 * DAY, hours=None, stops=frozenset({Kind.APP})
)
APP = Thing(Kind.APP, "k", "JupyterLab default of space lab", "ana", "ml.t3.medium", "InService", NOW)


def decide(known: Evidence, thing: Thing = APP, rules: Rules = RULES, now: dt.datetime = NOW) -> Act:
    return core.decide(thing, known, now=now, rules=rules).act


def ran(time: dt.timedelta, **more: Any) -> Evidence:
    return Evidence(NOW - time, **more)


def test_an_app_without_a_sign_of_life_for_the_limit_is_stopped() -> None:
    assert decide(ran(3 * DAY, sign=NOW - DAY)) is Act.STOP
    assert decide(ran(3 * DAY, sign=NOW - DAY + HOUR)) is Act.KEEP


def test_a_sign_from_before_it_was_started_again_says_nothing() -> None:
    assert decide(ran(HOUR, sign=NOW - 5 * DAY)) is Act.KEEP
    assert decide(ran(DAY, sign=NOW - 5 * DAY)) is Act.STOP


def test_no_sign_told_is_no_silence() -> None:
    assert decide(ran(3 * DAY)) is Act.KEEP
    assert core.needs_a_look(APP, ran(3 * DAY), now=NOW, rules=RULES)
    assert not core.needs_a_look(APP, ran(23 * HOUR), now=NOW, rules=RULES)


def test_the_time_of_creation_decides_nothing() -> None:
    """AWS keeps it when an app is started again within a day."""
    old = replace(APP, created=NOW - 365 * DAY)
    assert decide(ran(8 * HOUR, sign=NOW), old) is Act.KEEP


def test_a_lifetime_ends_after_a_warning_of_it_only() -> None:
    assert decide(ran(4 * DAY, sign=NOW)) is Act.KEEP
    assert decide(ran(5 * DAY, sign=NOW)) is Act.WARN
    assert decide(ran(70 * DAY, sign=NOW)) is Act.WARN
    warned = NOW - 2 * DAY
    assert decide(ran(7 * DAY, sign=NOW, warned=warned)) is Act.STOP
    assert decide(ran(6 * DAY, sign=NOW, warned=warned + DAY)) is Act.WARN


def test_a_warning_that_came_late_moves_the_end() -> None:
    known = ran(8 * DAY, sign=NOW, warned=NOW - HOUR)
    decision = core.decide(APP, known, now=NOW, rules=RULES)
    assert (decision.act, decision.end) == (Act.WARN, NOW + 23 * HOUR)


def test_a_longer_lifetime_needs_a_warning_of_its_own() -> None:
    known = ran(20 * DAY, sign=NOW, warned=NOW - 14 * DAY)
    assert decide(known) is Act.STOP
    assert decide(known, rules=replace(RULES, lifetime=20 * DAY)) is Act.WARN


@pytest.mark.parametrize(
    ("tag", "keeps"),
    [
        ("", True),
        ("true", True),
        ("Forever", True),
        ("2026-11-25", True),
        ("2026-11-24", False),
        ("false", False),
        ("soon", True),
        ("2026-02-30", True),
    ],
)
def test_a_tag_keeps_as_long_as_it_says_and_when_nobody_can_read_it(tag: str, keeps: bool) -> None:
    known = ran(9 * DAY, sign=NOW - 8 * DAY, tags=({}, {"studio:keep": tag}))
    assert decide(known) is (Act.KEEP if keeps else Act.STOP)


def test_a_tag_of_anybody_keeps_though_another_one_does_not() -> None:
    tags = ({"studio:keep": "false"}, {"studio:keep": "forever"})
    assert decide(ran(9 * DAY, sign=NOW - 8 * DAY, tags=tags)) is Act.KEEP


def test_in_protected_hours_nothing_is_stopped_and_everything_is_warned_of() -> None:
    office = replace(RULES, hours=Hours.from_text("Mon-Fri 08:00-18:00 Europe/Zurich"))
    dead = ran(9 * DAY, sign=NOW - 8 * DAY)
    assert decide(dead, rules=office) is Act.KEEP
    assert decide(dead, rules=office, now=NOW + 6 * HOUR) is Act.STOP
    assert decide(ran(6 * DAY, sign=NOW), rules=office) is Act.WARN


@pytest.mark.parametrize(
    "thing",
    [
        replace(APP, instance="system"),
        replace(APP, names={"AppType": "RStudioServerPro"}),
        replace(APP, status="Pending"),
        replace(APP, status="Deleting"),
        replace(APP, status="Failed"),
        replace(APP, kind=Kind.NOTEBOOK, status="Updating"),
        replace(APP, kind=Kind.SERVER, status="Starting"),
    ],
)
def test_what_is_free_shared_changing_or_gone_is_left_alone(thing: Thing) -> None:
    assert decide(ran(99 * DAY, sign=NOW - 99 * DAY), thing) is Act.KEEP


def test_notebook_instances_give_no_signs_and_have_a_lifetime() -> None:
    notebook = replace(APP, kind=Kind.NOTEBOOK)
    assert decide(ran(DAY, sign=NOW - 9 * DAY), notebook) is Act.KEEP
    assert decide(ran(9 * DAY, warned=NOW - 2 * DAY), notebook) is Act.STOP


def test_rules_can_be_left_out() -> None:
    known = ran(99 * DAY, sign=NOW - 99 * DAY, warned=NOW - 90 * DAY)
    assert decide(known, rules=replace(RULES, idle=None, lifetime=None)) is Act.KEEP
    assert (
        core.unopened_since(NOW, None, NOW, now=NOW + 99 * DAY, rules=replace(RULES, unopened=None)) is None
    )


def test_a_space_is_as_new_as_anything_that_happened_to_it() -> None:
    def since(created: int, opened: int | None, modified: int) -> dt.datetime | None:
        when = NOW - opened * DAY if opened is not None else None
        return core.unopened_since(NOW - created * DAY, when, NOW - modified * DAY, now=NOW, rules=RULES)

    assert since(90, None, 90) == NOW - 90 * DAY
    assert since(90, 30, 90) == NOW - 30 * DAY
    assert since(90, 29, 90) is None
    assert since(90, 80, 1) is None


def test_an_endpoint_says_who_and_until_when() -> None:
    assert core.misses({}) == ["studio:owner", "studio:expires"]
    assert core.misses({"studio:owner": "ana"}) == ["studio:expires"]
    assert core.misses({"studio:owner": "ana", "studio:lifetime-days": "3"}) == []


MOMENTS = st.integers(0, 60 * 24).map(lambda hours: NOW - hours * HOUR)


@given(
    since=MOMENTS,
    sign=st.none() | MOMENTS,
    warned=st.none() | MOMENTS,
    tag=st.sampled_from([None, "", "false", "2026-11-01", "2026-12-24", "rubbish"]),
)
def test_nothing_is_stopped_without_a_reason_that_holds(
    since: dt.datetime, sign: dt.datetime | None, warned: dt.datetime | None, tag: str | None
) -> None:
    tags = ({"studio:keep": tag},) if tag is not None else ()
    known = Evidence(since, sign, warned, tags)
    if decide(known) is not Act.STOP:
        return
    assert tag in {None, "false", "2026-11-01"}
    idle = sign is not None and NOW - max(sign, since) >= DAY
    over = NOW - since >= 7 * DAY and warned is not None and NOW - warned >= DAY
    assert idle or over


@pytest.mark.parametrize(
    "text", ["", "8-18", "Mon-Fri 08:00-25:00 UTC", "Mon-Fry 08:00-18:00 UTC", "Mon 08:00-18:00 ../../etc"]
)
def test_hours_that_say_nothing_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="hours"):
        Hours.from_text(text)
