"""Waves: never more people at a time than wanted, and nobody's resources know who else is there."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import aws_cdk as cdk
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from studio_infra.access import role_json
from studio_infra.errors import InvalidInput
from studio_infra.settings import Person
from studio_infra.settings.facts.limits import PEOPLE_RESOURCES, STACK_RESOURCES, WAVES
from studio_infra.settings.roster.waves import rung_of, waves
from studio_infra.studio.domain.domain import StudioDomain
from studio_infra.studio.domain.user_settings import UserSettings
from studio_infra.studio.people.people import StudioPeople
from studio_infra.studio.people.person import TeamDefaults, logical_id, person_resources
from studio_infra.studio.people.waves import in_waves
from tests.settings.conftest import PATIENTLY

TEAM = TeamDefaults(team="vision", execution_role=role_json(), settings=UserSettings())
RUNG, PROFILE, SPACE = (
    "AWS::CloudFormation::WaitConditionHandle",
    "AWS::SageMaker::UserProfile",
    "AWS::SageMaker::Space",
)
Resources = dict[str, Any]


def person(name: str, *, space: bool = True) -> Person:
    return Person(user_name=name, team="vision", full_name="X", email="x@example.com", private_space=space)


def resources(names: dict[str, bool], width: int) -> Resources:
    """The resources of people, by name whether they have a space."""
    made = {
        name: person_resources(person(name, space=space), TEAM, name_prefix="research", domain_id="d-1")
        for name, space in names.items()
    }
    return in_waves(made, width=width)


def needs(resource: Any) -> set[str]:
    """What CloudFormation waits for before it makes a resource."""
    found = set(resource.get("DependsOn", []))
    text = json.dumps(resource.get("Properties", {}))
    arn = resource.get("Properties", {}).get("UserSettings", {}).get("ExecutionRole", {})
    assert text.count("Fn::GetAtt") == len(arn.get("Fn::GetAtt", [])[:1])
    return found | set(arn.get("Fn::GetAtt", [])[:1])


def most_at_a_time(template: Resources, choose: Any, owner: dict[str, str]) -> Counter[str]:
    """The most people, profiles and spaces in the making at a time, where CloudFormation makes all that it may.

    What is done next is chosen, so that one that takes long and one that takes no time are both tried.
    """
    waiting = {key: needs(resource) for key, resource in template.items()}
    making: set[str] = set()
    done: set[str] = set()
    most: Counter[str] = Counter()
    while len(done) < len(template):
        making |= {key for key, need in waiting.items() if need <= done}
        waiting = {key: need for key, need in waiting.items() if key not in making}
        assert making, f"nothing can be made: {sorted(waiting)}"
        kinds = Counter(template[key]["Type"] for key in making)
        kinds["people"] = len({owner[key] for key in making if template[key]["Type"] in {PROFILE, SPACE}})
        most |= kinds
        # Roles and parameters never keep anybody waiting in this story: SageMaker is what is slow.
        quick = sorted(key for key in making if template[key]["Type"] not in {PROFILE, SPACE})
        finished = quick or [choose(sorted(making))]
        done.update(finished)
        making.difference_update(finished)
    return most


NAMES = st.dictionaries(
    st.from_regex(r"[a-z0-9]{1,6}", fullmatch=True), st.booleans(), min_size=1, max_size=60
)


@PATIENTLY
@given(names=NAMES, width=st.integers(1, 30), data=st.data())
def test_never_more_people_at_a_time_than_a_wave_is_wide(
    names: dict[str, bool], width: int, data: st.DataObject
) -> None:
    assume(max(Counter(map(rung_of, names)).values()) <= width)
    template = resources(names, width)
    owner = {key: name for name in names for key in template if key.startswith(logical_id(name))}
    random = data.draw(st.randoms(use_true_random=False))
    most = most_at_a_time(template, random.choice, owner)
    assert most["people"] <= width
    assert most[PROFILE] <= width
    assert most[SPACE] <= width


def test_a_full_stack_takes_as_many_waves_as_it_must_and_few_more() -> None:
    names = [f"person-{number}" for number in range(104)]
    sizes = [sum(rung_of(name) in wave for name in names) for wave in waves(names, 20)]
    assert sum(sizes) == 104
    assert max(sizes) <= 20
    assert len(sizes) <= 7  # six would be the fewest
    template = resources(dict.fromkeys(names, True), 20)
    assert len(template) <= PEOPLE_RESOURCES + WAVES == STACK_RESOURCES


@PATIENTLY
@given(
    names=NAMES,
    new=st.from_regex("[a-z0-9]{7}", fullmatch=True),
    widths=st.tuples(*[st.integers(20, 450)] * 2),
)
def test_who_comes_goes_or_how_wide_a_wave_is_shows_in_nobody_elses_resources(
    names: dict[str, bool], new: str, widths: tuple[int, int]
) -> None:
    assume(max(Counter(map(rung_of, [*names, new])).values()) <= 20)
    before = resources(names, widths[0])
    after = resources({new: True, **dict(reversed(names.items()))}, widths[1])
    for name in names:
        own = {key for key in before if key.startswith(logical_id(name))}
        assert own
        assert {key: json.dumps(after[key]) for key in own} == {key: json.dumps(before[key]) for key in own}
    rungs = {key for key, resource in before.items() if resource["Type"] == RUNG}
    assert rungs <= after.keys()  # a rung that somebody waits for is never taken away by others


def test_who_is_changed_or_added_alone_waits_only_for_what_is_there_already() -> None:
    names = dict.fromkeys((f"person-{number}" for number in range(60)), True)
    before, after = resources(names, 20), resources({**names, "new": True}, 20)
    there = {key for key in before if before[key].get("Properties") == after[key].get("Properties")}
    assert there == before.keys()
    added = after.keys() - before.keys()
    assert added >= {f"{logical_id('new')}{kind}" for kind in ("Role", "Profile", "GitIdentity", "Space")}
    # All else is there without a change, so each new resource waits for new ones of the same person and a rung at most.
    assert {need for key in added for need in needs(after[key]) if need not in before} <= added


def test_a_rung_waits_for_people_alone_and_nobody_waits_for_another_person() -> None:
    template = resources(dict.fromkeys((f"person-{number}" for number in range(60)), True), 20)
    for key, resource in template.items():
        if resource["Type"] == RUNG:
            assert resource.keys() <= {"Type", "DependsOn"}
            continue
        base = next(id_ for number in range(60) if key.startswith(id_ := logical_id(f"person-{number}")))
        others = {need for need in needs(resource) if not need.startswith(base)}
        assert others <= {f"Wave{number:02}" for number in range(WAVES)}


def test_who_is_retained_is_not_in_the_way_when_others_go() -> None:
    names = dict.fromkeys((f"person-{number}" for number in range(60)), True)
    before = resources(names, 20)
    after = resources({name: True for name in names if name != "person-7"}, 20)
    gone = before.keys() - after.keys()
    # What goes is the person's, and their rung if nobody else waits for it; nothing that stays needs any of it.
    assert {key for key in gone if not key.startswith((logical_id("person-7"), "Wave"))} == set()
    assert not {need for resource in after.values() for need in needs(resource)} & gone


#: People whom one rung lets go.
CROWD = [name for number in range(600) if rung_of(name := f"p-{number}") == 5][:4]


def test_a_width_that_cannot_be_kept_is_refused_with_the_one_that_can() -> None:
    stack = cdk.Stack(cdk.App(), "Users")
    with pytest.raises(InvalidInput, match="wave_width must be at least 4, as so many .* together, got 3"):
        StudioPeople(
            stack,
            "People",
            domain=StudioDomain.from_domain_id(stack, "Domain", "d-1"),
            name_prefix="research",
            people=[person(name) for name in CROWD],
            teams={"vision": TEAM},
            wave_width=3,
        )


def test_rungs_are_what_they_were_yesterday() -> None:
    assert [rung_of(name) for name in ("ana", "bo", "person-1")] == [12, 31, 23]
    crowds = Counter(rung_of(f"person-{number}") for number in range(3200))
    assert set(crowds) == set(range(WAVES))
    assert max(crowds.values()) < 150
