"""Who is let go with whom, and a width of waves that cannot be kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from studio_infra.settings.findings import Problem
from studio_infra.settings.roster.waves import rung_of, too_narrow_waves, waves
from tests.settings.conftest import SETTINGS

if TYPE_CHECKING:
    from tests.settings.conftest import Find

#: People whom one rung lets go.
CROWD = [name for number in range(600) if rung_of(name := f"p-{number}") == 5][:4]


def test_settings_say_so_before_cdk_does(find: Find) -> None:
    lines = [f"{name},vision,X,{name}@example.com" for name in CROWD]
    roster = "\n".join(["user_name,team,full_name,email", *lines])
    settings = SETTINGS.replace('roster = "users.csv"', 'roster = "users.csv"\nwave_width = 3').replace(
        "ana", CROWD[0]
    )
    (finding,) = find(settings, roster)
    assert finding.field == "people.wave_width"
    assert finding.message.startswith("4 people of a stack cannot be told apart")
    assert finding.message.endswith("(got 3), use at least 4")
    assert find(settings.replace("= 3", "= 4"), roster) == ()


def test_a_stack_with_too_many_people_says_that_alone(find: Find) -> None:
    lines = [f"p-{number},vision,X,p{number}@example.com" for number in range(2000)]
    settings = SETTINGS.replace("ana", "p-1")
    (finding,) = find(settings, "\n".join(["user_name,team,full_name,email", *lines]))
    assert "run 'studio-infra roster assign SETTINGS'" in finding.message


def at(*rungs: int) -> list[str]:
    """A person for each of these rungs, all with names of their own."""
    names: list[str] = []
    for rung in rungs:
        number = 0
        while rung_of(name := f"q-{number}") != rung or name in names:
            number += 1
        names.append(name)
    return names


def test_a_rung_hangs_on_the_name_alone_and_never_changes() -> None:
    # A contract: another rung for a person who is deployed would be another template for them.
    assert [rung_of(name) for name in ("ana", "bela", "carl", "josé")] == [12, 26, 18, 6]


@pytest.mark.parametrize(
    ("rungs", "width", "expected"),
    [
        ((), 2, []),
        ((3,), 1, [[3]]),
        ((3, 3), 2, [[3]]),
        ((3, 5), 2, [[3, 5]]),
        ((3, 5, 7), 2, [[3, 5], [7]]),
        ((3, 3, 5), 2, [[3], [5]]),
        ((3, 5, 5, 7), 3, [[3, 5], [7]]),
        ((3, 5, 7, 9, 11, 13, 15), 3, [[3, 5, 7], [9, 11, 13], [15]]),
        # In the order of the rungs, whatever the order of the people.
        ((9, 3), 1, [[3], [9]]),
    ],
)
def test_rungs_in_a_row_are_let_go_together_while_their_people_fit(
    rungs: tuple[int, ...], width: int, expected: list[list[int]]
) -> None:
    assert waves(at(*rungs), width) == expected


def test_one_rung_with_more_people_than_a_wave_says_how_many_there_are() -> None:
    with pytest.raises(ValueError, match="^4$"):
        waves(at(3, 3, 5, 5, 5, 5, 7), 1)


def test_a_width_is_too_narrow_from_the_first_person_too_many() -> None:
    stacks = {1: at(3, 3, 5), 2: at(7), 3: []}
    assert list(too_narrow_waves(stacks, 2)) == []
    assert list(too_narrow_waves({}, 0)) == []
    (problem,) = too_narrow_waves(stacks, 1)
    assert problem == Problem(
        ("people", "wave_width"),
        "2 people of a stack cannot be told apart by their names' hashes, and are made together",
        "use at least 2",
        1,
    )
    # A name that stands there twice is one person, and another finding.
    assert list(too_narrow_waves({1: at(3) * 2}, 1)) == []
