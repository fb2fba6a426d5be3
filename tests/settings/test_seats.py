"""Stacks of people: nobody who has one moves, nobody is put where there is no room."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio_infra.settings import Person, StudioSettings, load_settings
from studio_infra.settings.facts.limits import PEOPLE_RESOURCES
from studio_infra.settings.roster.collisions import RosterRow
from studio_infra.settings.roster.seats import NoSeat, assign, free_places, used
from tests.settings.conftest import ANA, BELA, HEADER, PATIENTLY, Find, Write

FOUR_EACH = SimpleNamespace(
    people=SimpleNamespace(private_spaces=True),
    files={},
    access=SimpleNamespace(role_sharing="per_person", security_group_per_person=False),
)
FIT = PEOPLE_RESOURCES // 4


def row(name: str, stack: int | None = None) -> RosterRow:
    person = Person(user_name=name, team="vision", full_name="X", email="x@example.com", stack=stack or 1)
    return RosterRow(
        {"user_name": name, "team": "vision"} | ({} if stack is None else {"stack": str(stack)}), person
    )


def crowd(number: int, stack: int | None = None, prefix: str = "p") -> list[RosterRow]:
    return [row(f"{prefix}-{one}", stack) for one in range(number)]


def seated(roster: list[RosterRow], **more: Any) -> list[int]:
    """The stack of everybody afterwards, in the order of the roster."""
    given = assign(roster, FOUR_EACH, **more)
    return [given.get(place, one.person.stack) for place, one in enumerate(roster) if one.person]


def test_everybody_fits_into_the_first_stack_until_it_is_full() -> None:
    assert seated(crowd(FIT)) == [1] * FIT
    assert seated(crowd(FIT + 1)) == [1] * FIT + [2]


def test_a_new_person_gets_the_first_stack_with_room_wherever_they_stand_in_the_file() -> None:
    roster = [row("new"), *crowd(FIT, 1), *crowd(3, 2, "q")]
    assert seated(roster)[0] == 2


def test_a_place_that_somebody_left_is_given_again() -> None:
    roster = [*crowd(FIT - 1, 1), *crowd(FIT, 2, "q"), row("new"), row("newer")]
    assert seated(roster)[-2:] == [1, 3]


def test_who_was_deployed_without_a_number_stays_in_the_first_stack() -> None:
    old = crowd(FIT)
    roster = [row("a-new-one-on-top"), *old]
    names = {one.cells["user_name"] for one in old}
    assert seated(roster, deployed=names) == [2] + [1] * FIT


def test_refuses_to_move_people_out_of_a_stack_that_is_over_full() -> None:
    with pytest.raises(
        NoSeat, match="stack 7 holds 418 resources, those who live in it are 420, and nobody is"
    ):
        assign(crowd(FIT + 1, 7), FOUR_EACH)


def test_says_when_all_stacks_are_full() -> None:
    roster = [one for stack in range(1, 1000) for one in crowd(FIT, stack, f"s{stack}")]
    with pytest.raises(NoSeat, match="all 999 stacks are full"):
        assign([*roster, row("new")], FOUR_EACH)


def test_the_last_stack_is_filled_too() -> None:
    roster = [one for stack in range(1, 999) for one in crowd(FIT, stack, f"s{stack}")]
    assert assign([*roster, row("new")], FOUR_EACH) == {len(roster): 999}


STACKS = st.lists(st.none() | st.integers(1, 4), min_size=1, max_size=40)


@PATIENTLY
@given(stacks=STACKS, small=st.integers(8, 60))
def test_nobody_with_a_number_moves_and_no_stack_grows_too_large(
    stacks: list[int | None], small: int
) -> None:
    roster = [row(f"p-{place}", stack) for place, stack in enumerate(stacks)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("studio_infra.settings.roster.seats.PEOPLE_RESOURCES", small)
        before = used([one for one in roster if "stack" in one.cells], FOUR_EACH)
        if any(resources > small for resources in before.values()):
            with pytest.raises(NoSeat):
                assign(roster, FOUR_EACH)
            return
        after = seated(roster)
        given = assign(roster, FOUR_EACH)
    assert set(given) == {place for place, stack in enumerate(stacks) if stack is None}
    assert all(new == old for new, old in zip(after, stacks, strict=True) if old is not None)
    assert all(4 * people <= small for people in Counter(after).values())


def test_free_places_are_how_many_more_people_fit() -> None:
    report = free_places([*crowd(10, 1), *crowd(FIT, 3, "q")], FOUR_EACH)
    assert [(stack.stack, stack.people, stack.resources, stack.free) for stack in report] == [
        (1, 10, 40, FIT - 10),
        (3, FIT, 416, 0),
    ]


def test_a_stack_that_is_over_full_is_one_finding_that_names_the_command(find: Find) -> None:
    rows = "".join(f"p-{number},vision,P,p{number}@example.com,,,,\n" for number in range(FIT + 5))
    (finding,) = find(roster=f"{HEADER}\n{ANA}\n{BELA}\n{rows}")
    assert (finding.field, finding.line) == (
        "stack",
        3 + FIT,
    )  # two lines before them, and ana is in the stack
    assert "the people of stack 1 are 440 resources, it holds 418, run 'studio-infra roster assign" in str(
        finding
    )


def test_a_stack_that_is_just_full_is_no_finding(find: Find) -> None:
    rows = "".join(f"p-{number},vision,P,p{number}@example.com,,,,\n" for number in range(FIT - 1))
    assert find(roster=f"{HEADER}\n{ANA}\n{BELA}\n{rows}") == ()


def test_settings_made_in_python_are_checked_as_well(write: Write) -> None:
    settings = load_settings(write())
    people = [row(f"p-{number}").person for number in range(FIT + 1)]
    values = {name: getattr(settings, name) for name in StudioSettings.model_fields if name != "endpoints"}
    with pytest.raises(ValueError, match="roster assign"):
        StudioSettings(**values | {"roster": tuple(people)})
