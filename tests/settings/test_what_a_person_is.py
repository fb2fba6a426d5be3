"""How many resources a person is, which decides who lives in which stack for good."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from studio_infra.settings import Person
from studio_infra.settings.facts.limits import PEOPLE_RESOURCES
from studio_infra.settings.roster.collisions import RosterRow, collisions, skeleton
from studio_infra.settings.roster.seats import assign, free_places, over_full_stacks, resources_of, used
from tests.settings.conftest import SETTINGS

if TYPE_CHECKING:
    from tests.settings.conftest import Find


def sections(
    *,
    spaces: bool = True,
    sharing: str = "per_person",
    groups: bool = False,
    files: Any = None,
    wave_width: int = PEOPLE_RESOURCES,
) -> Any:
    return SimpleNamespace(
        people=SimpleNamespace(private_spaces=spaces, wave_width=wave_width),
        access=SimpleNamespace(role_sharing=sharing, security_group_per_person=groups),
        files=files or {},
    )


def person(name: str = "ana", **more: Any) -> Person:
    return Person(user_name=name, team="vision", full_name="X", email="x@example.com", **more)


def shared(*teams: str, own: bool = True) -> Any:
    return SimpleNamespace(has_own_directories=own, teams=teams, is_for=lambda team: team in teams)


@pytest.mark.parametrize(
    ("settings", "more", "number"),
    [
        # Profile, git identity, space, role.
        (sections(), {}, 4),
        (sections(spaces=False), {}, 3),
        (sections(spaces=False), {"private_space": True}, 4),
        (sections(), {"private_space": False}, 3),
        (sections(sharing="per_team"), {}, 3),
        (sections(sharing="per_team"), {"expires": dt.date(2027, 1, 1)}, 4),
        (sections(sharing="per_team"), {"status": "suspended"}, 4),
        (sections(groups=True), {}, 7),
        (sections(files={"a": shared("vision"), "b": shared("vision", "other")}), {}, 6),
        (sections(files={"a": shared("other"), "b": shared("vision", own=False)}), {}, 4),
    ],
)
def test_a_person_is_as_many_resources_as_the_settings_say(
    settings: Any, more: dict[str, Any], number: int
) -> None:
    assert resources_of(person(**more), settings) == number


def rows(number: int, stack: int = 1, prefix: str = "p", *, empty: bool = False) -> list[RosterRow]:
    cells = {} if empty else {"stack": str(stack)}
    return [
        RosterRow({"user_name": f"{prefix}-{one}"} | cells, person(f"{prefix}-{one}", stack=stack))
        for one in range(number)
    ]


def test_stacks_are_counted_by_what_their_people_are_and_lines_with_mistakes_are_left_out() -> None:
    roster = [*rows(2), RosterRow({"user_name": "?"}), *rows(3, 2, "q")]
    assert used(roster, sections()) == {1: 8, 2: 12}
    assert [(one.stack, one.people, one.resources) for one in free_places(roster, sections())] == [
        (1, 2, 8),
        (2, 3, 12),
    ]
    (over,) = free_places(rows(105), sections())
    assert over.free == 0


def test_an_over_full_stack_is_said_once_at_the_first_person_too_many() -> None:
    fit = PEOPLE_RESOURCES // 4
    draft = sections()
    draft.roster = [*rows(fit), RosterRow({}), *rows(3, 1, "more"), *rows(1, 2, "q")]
    (problem,) = over_full_stacks(draft)
    assert problem.path == ("roster", fit + 1, "stack")
    assert (
        problem.wrong == f"the people of stack 1 are {4 * (fit + 3)} resources, it holds {PEOPLE_RESOURCES}"
    )
    assert problem.allowed == (
        "run 'studio-infra roster assign SETTINGS', which gives those with an empty cell the next stack"
    )


def test_a_stack_that_is_full_to_the_last_resource_is_not_over_full() -> None:
    full = PEOPLE_RESOURCES // 2
    draft = sections(spaces=False, sharing="per_team", wave_width=full)
    draft.roster = rows(full)
    assert used(draft.roster, draft) == {1: PEOPLE_RESOURCES}
    assert list(over_full_stacks(draft)) == []
    draft.roster = rows(full + 1)
    assert [problem.path for problem in over_full_stacks(draft)] == [("roster", full, "stack")]
    # Waves of a full stack are looked at, those of one with too many people are not.
    draft.people.wave_width = 1
    assert [problem.path for problem in over_full_stacks(draft)] == [("roster", full, "stack")]
    draft.roster = rows(full)
    assert [problem.path for problem in over_full_stacks(draft)] == [("people", "wave_width")]


CROWD = "\n".join(f"p-{one},vision,P,p@example.com" for one in range(PEOPLE_RESOURCES // 4 + 1))


@pytest.mark.parametrize(
    ("wrong", "line"),
    [
        ("people.private_spaces", ("[people]", "[people]\nprivate_spaces = 1")),
        ("access.role_sharing", ("[git]", '[access]\nrole_sharing = "per_tem"\n[git]')),
        ("files.data.kind", ("[git]", '[files.data]\nkind = "nfs"\n[git]')),
    ],
)
def test_nobody_is_counted_by_a_guess_at_what_a_wrong_field_was_meant_to_be(
    wrong: str, line: tuple[str, str], find: Find
) -> None:
    settings = SETTINGS.replace('owner = "ana"', 'owner = "p-1"')
    crowd = f"user_name,team,full_name,email\n{CROWD}\n"
    (over_full,) = find(settings, crowd)
    assert over_full.field == "stack"
    assert [finding.field for finding in find(settings.replace(*line), crowd)] == [wrong]


def test_a_wrong_width_does_not_hide_that_a_stack_is_over_full(find: Find) -> None:
    settings = SETTINGS.replace('owner = "ana"', 'owner = "p-1"').replace(
        "[people]", "[people]\nwave_width = 0"
    )
    findings = find(settings, f"user_name,team,full_name,email\n{CROWD}\n")
    assert [finding.field for finding in findings] == ["people.wave_width", "stack"]


def test_the_last_resource_of_a_stack_is_given_away() -> None:
    settings = sections(spaces=False, sharing="per_team")
    roster = [*rows(PEOPLE_RESOURCES // 2 - 1), *rows(2, prefix="new", empty=True)]
    first = len(roster) - 2
    assert assign(roster, settings) == {first: 1, first + 1: 2}


def test_who_was_deployed_does_not_keep_others_waiting() -> None:
    roster = rows(2, prefix="new", empty=True)
    assert assign(roster, sections(), deployed={"new-0"}) == {0: 1, 1: 1}


def test_of_two_stacks_that_are_over_full_both_are_said() -> None:
    draft = sections()
    draft.roster = [*rows(105), *rows(105, 2, "q"), *rows(1, 3, "r")]
    assert [problem.path for problem in over_full_stacks(draft)] == [
        ("roster", 104, "stack"),
        ("roster", 209, "stack"),
    ]


def test_who_is_seated_fills_the_first_gap_and_those_after_them_the_next() -> None:
    roster = [*rows(103), *rows(3, prefix="new", empty=True)]
    assert assign(roster, sections()) == {103: 1, 104: 2, 105: 2}
    assert assign([RosterRow({}), *rows(1, prefix="new", empty=True)], sections()) == {1: 1}


def found(*names: str, **columns: tuple[str, ...]) -> list[tuple[Any, ...]]:
    cells = [
        {"user_name": name} | {column: values[place] for column, values in columns.items()}
        for place, name in enumerate(names)
    ]
    roster = [RosterRow(cell, line=None if place == 0 else place + 2) for place, cell in enumerate(cells)]
    return [(one.path, one.wrong, one.allowed, one.got) for one in collisions(roster)]


def test_people_who_could_be_taken_for_each_other_are_said_once_each() -> None:
    own = "give each person a name of their own"
    assert found("ana", "ana", "ANA", "an4", "", "") == [
        (("roster", 1, "user_name"), "already the name of the person on place 1", own, "ana"),
        (
            ("roster", 2, "user_name"),
            'differs only in upper and lower case from "ana" on place 1',
            own,
            "ANA",
        ),
    ]
    assert found("x", "bela", "be1a") == [
        (("roster", 2, "user_name"), 'looks the same as "bela" on line 3', own, "be1a")
    ]
    taken = "already given to the person on place 1", "give each person their own"
    assert found("a", "b", "c", sso_user_name=("X@y", "x@Y", ""), posix_uid=("", "1", "2")) == [
        (("roster", 1, "sso_user_name"), *taken, "x@Y")
    ]
    assert found("a", "b", posix_uid=("1", "1")) == [(("roster", 1, "posix_uid"), *taken, "1")]


def test_lines_that_lack_a_cell_are_not_taken_for_each_other() -> None:
    assert list(collisions([RosterRow({}), RosterRow({})])) == []


def test_only_the_beginning_of_a_name_of_any_length_is_compared() -> None:
    assert len(found("a" * 255 + "b", "a" * 255 + "c")) == 1
    assert found("a" * 254 + "b", "a" * 254 + "c") == []


@pytest.mark.parametrize(
    ("name", "looks"),
    [
        ("B0b1I|", "boblll"),
        ("Ana", "ana"),
        ("\u0410\u043d\u0430", "a\u043da"),
        ("a\u200bn", "an"),
        ("ﬁ", "fi"),
    ],
)
def test_a_name_is_compared_by_what_it_looks_like(name: str, looks: str) -> None:
    assert skeleton(name) == looks


POLICY = "arn:aws:iam::123456789012:policy/X"


def test_cells_are_read_as_what_they_mean() -> None:
    ana = person(private_space="yes", policies=f"{POLICY}; {POLICY}Y ", stack="7", expires="2027-03-31")
    assert (ana.private_space, ana.policies) == (True, (POLICY, f"{POLICY}Y"))
    assert (ana.stack, ana.expires) == (7, dt.date(2027, 3, 31))
    assert person(private_space="no").private_space is False
    assert person(private_space=True, policies=(POLICY,)).policies == (POLICY,)


OWN = "user_name,team,full_name,email,stack,expires,private_space,policies"
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (",,TRUE,", 'neither yes nor no (got "TRUE"), use yes or no'),
        ("-1,,,", 'not a whole number (got "-1"), use the digits 0 to 9 without a leading zero'),
        (",31-12-2027,,", 'not a date (got "31-12-2027"), write it as year-month-day: 2027-03-31'),
        (
            f",,,{ADMINISTRATOR}",
            (
                f'lets its holder do far more than one person\'s work needs (got "{ADMINISTRATOR}"), '
                "write a policy of your own"
            ),
        ),
    ],
)
def test_a_cell_that_means_nothing_is_refused_in_one_whole_sentence(
    cells: str, message: str, find: Find
) -> None:
    (finding,) = find(roster=f"{OWN}\nana,vision,Ana,ana@example.com,{cells}\n")
    assert finding.message == message


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("An<a", 'git cannot keep < and > in a name (got "An<a"), leave them out'),
        ("An>a", 'git cannot keep < and > in a name (got "An>a"), leave them out'),
        (
            "An\u200ba",
            ('it has invisible characters in it (got "An\\u{200b}a"), use letters, spaces and punctuation'),
        ),
    ],
)
def test_a_name_that_git_or_its_readers_could_not_read_is_refused(
    name: str, message: str, find: Find
) -> None:
    (finding,) = find(roster=f"{OWN}\nana,vision,{name},ana@example.com,,,,\n")
    assert (finding.field, finding.message) == ("full_name", message)


@pytest.mark.parametrize("name", ["\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "Zoë 李"])
def test_a_name_may_have_what_its_script_joins_letters_with(name: str, find: Find) -> None:
    assert find(roster=f"{OWN}\nana,vision,{name},ana@example.com,,,,\n") == ()


def test_a_tab_is_no_space_around_an_entry(find: Find) -> None:
    findings = find(roster=f"{OWN}\nana,vision,Ana,ana@example.com,,,,{POLICY};\t{POLICY}\n")
    assert [finding.field for finding in findings] == ["policies[1]"]


@pytest.mark.parametrize(
    ("more", "day", "may"),
    [
        ({}, None, True),
        ({}, dt.date(2027, 1, 1), True),
        ({"expires": dt.date(2027, 1, 1)}, None, True),
        ({"expires": dt.date(2027, 1, 1)}, dt.date(2026, 12, 31), True),
        ({"expires": dt.date(2027, 1, 1)}, dt.date(2027, 1, 1), False),
        ({"expires": dt.date(2027, 1, 1)}, dt.date(2028, 1, 1), False),
        ({"status": "suspended"}, None, False),
        ({"status": "suspended", "expires": dt.date(2027, 1, 1)}, dt.date(2028, 1, 1), False),
    ],
)
def test_who_is_suspended_or_whose_day_has_come_may_not_work(
    more: dict[str, Any],
    day: dt.date | None,
    may: bool,
) -> None:
    assert person(**more).has_access(day) is may


def test_control_characters_do_not_make_another_name() -> None:
    assert skeleton("a\x01é") == "aé"
