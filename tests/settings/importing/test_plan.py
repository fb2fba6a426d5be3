"""Imports: nobody is merged, renamed or moved; the order of lines means nothing; a second import changes nothing."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio_infra.settings.findings import InvalidSettings
from studio_infra.settings.importing.candidates import candidates
from studio_infra.settings.importing.export import read_export
from studio_infra.settings.importing.mapping import map_columns
from studio_infra.settings.importing.plan import Plan, plan_import
from studio_infra.settings.importing.writing import plain, write_plan
from studio_infra.settings.reading.roster_file import parse_roster
from studio_infra.settings.roster.collisions import collisions
from tests.settings.conftest import PATIENTLY

if TYPE_CHECKING:
    from pathlib import Path

TEAMS = ["vision", "speech"]
SECTIONS = SimpleNamespace(
    people=SimpleNamespace(private_spaces=True),
    files={},
    access=SimpleNamespace(role_sharing="per_person", security_group_per_person=False),
)
HEADER = "user_name,team,full_name,email,sso_user_name,status"
ANA = "ana,vision,Ana,ana@example.com,ana@corp,"
BO = "bo,speech,Bo,bo@example.com,,suspended"
EXPORT = ["login", "displayName", "mail", "groups", "state"]
Run = Callable[..., tuple[Plan, str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return runner(tmp_path)


def runner(folder: Path) -> Run:
    def run(rows: list[list[str]], *people: str, header: str = HEADER, **more: Any) -> tuple[Plan, str]:
        """What an export of these rows does to a roster of these lines, and the roster afterwards."""
        text = io.StringIO()
        csv.writer(text).writerows([EXPORT, *rows])
        file = folder / "export.csv"
        file.write_text(text.getvalue(), encoding="utf-8", newline="")
        export = read_export(file)
        mapped = map_columns(export, {"team": ["groups"], "status": ["state"]})
        roster = "".join(f"{line}\n" for line in (header, *people))
        there = parse_roster(plain(roster)).rows
        found = candidates(export, mapped, teams={team: team for team in TEAMS})
        plan = plan_import(export, found, there, teams=TEAMS, **{"default_team": "vision"} | more)
        return plan, write_plan(roster, plan, SECTIONS)[0]

    return run


def findings(run: Run, rows: list[list[str]], *people: str, **more: Any) -> list[tuple[int, str, str]]:
    with pytest.raises(InvalidSettings) as caught:
        run(rows, *people, **more)
    return [(one.line, one.field, one.message) for one in caught.value.findings]


def test_people_are_known_again_by_sign_in_name_and_keep_user_name_and_place(run: Run) -> None:
    plan, after = run([["ANA@corp", "Ana Silva", "silva@example.com", "speech", ""]], ANA)
    assert [(one.user_name, dict(one.cells)) for one in plan.changed] == [
        (
            "ana",
            {
                "email": ("ana@example.com", "silva@example.com"),
                "full_name": ("Ana", "Ana Silva"),
                "team": ("vision", "speech"),
            },
        )
    ]
    assert after == f"{HEADER}\nana,speech,Ana Silva,silva@example.com,ana@corp,\n"


def test_people_are_known_again_by_address_and_get_their_sign_in_name(run: Run) -> None:
    plan, after = run([["bo@corp", "Bo", "BO@example.com", "", ""]], BO)
    assert plan.changed[0].cells == {"sso_user_name": ("", "bo@corp")}
    assert plan.still_suspended == ["bo"]
    assert after == f"{HEADER}\nbo,speech,Bo,bo@example.com,bo@corp,suspended\n"


def test_who_is_not_in_the_export_stays_unless_they_are_to_be_suspended(run: Run) -> None:
    rows = [["cy@corp", "Cy", "cy@example.com", "", ""]]
    plan, after = run(rows, ANA, BO)
    assert (plan.left, plan.suspended, plan.changed) == (["ana", "bo"], [], [])
    assert after.startswith(f"{HEADER},stack\n{ANA},\n{BO},\n")
    plan, after = run(rows, ANA, BO, suspend_missing=True)
    assert (plan.left, plan.suspended) == (["ana", "bo"], ["ana"])
    assert after.startswith(
        f"{HEADER},stack\n{ANA}suspended,\n{BO},\ncy,vision,Cy,cy@example.com,cy@corp,,1\n"
    )


def test_an_account_that_is_not_in_use_is_suspended_and_one_in_use_never_brought_back(run: Run) -> None:
    rows = [["ana@corp", "Ana", "ana@example.com", "", "False"], ["", "Bo", "bo@example.com", "", "True"]]
    plan, after = run(rows, ANA, BO)
    assert (plan.suspended, plan.still_suspended) == (["ana"], ["bo"])
    assert after == f"{HEADER}\n{ANA}suspended\n{BO}\n"


@pytest.mark.parametrize(
    ("rows", "people", "expected"),
    [
        # an address that somebody else had before
        (
            [["new@corp", "N", "ana@example.com", "", ""]],
            [ANA],
            (2, "sso_user_name", 'the address of "ana", whose'),
        ),
        # one person's sign-in name with another's address
        (
            [["ana@corp", "N", "bo@example.com", "", ""]],
            [ANA, BO],
            (2, "email", 'address of "bo", but the sign-in'),
        ),
        # two lines for one person
        (
            [["a@c", "A", "a@x.org", "", ""], ["A@c", "B", "b@x.org", "", ""]],
            [],
            (3, "sso_user_name", "on line 2"),
        ),
        ([["a@c", "A", "a@x.org", "", ""], ["b@c", "B", "A@x.org", "", ""]], [], (3, "email", "on line 2")),
        # two people of the roster with one address
        (
            [["", "B", "bo@example.com", "", ""]],
            [BO, "bob,speech,Bob,bo@example.com,,"],
            (2, "email", 'the address of "bo" and of "bob"'),
        ),
        # one person of the roster whom two lines mean
        (
            [["ana@corp", "A", "a@x.org", "", ""], ["", "A", "ana@example.com", "", ""]],
            [ANA],
            (3, "email", '"ana" of the roster is the person on line 2, too'),
        ),
        ([["a@c", "", "a@x.org", "", ""]], [], (2, "full_name", "missing")),
        ([["a@c", "A", "", "", ""]], [], (2, "email", "missing")),
        ([["a@c", "A", "nobody", "", ""]], [], (2, "email", "not an e-mail address")),
        (
            [["a@c", "A", "a@x.org", "vision;speech", ""]],
            [],
            (2, "team", "in the groups of teams speech and vision"),
        ),
        (
            [["a@c", "A", "a@x.org", "", "perhaps"]],
            [],
            (2, "status", "no word for whether an account is in use"),
        ),
        ([["a@c", "=cmd|' /C calc'!A0", "a@x.org", "", ""]], [], (2, "full_name", "run it as a formula")),
        ([["a@c", "\uff1dcmd", "a@x.org", "", ""]], [], (2, "full_name", "run it as a formula")),
        ([["a@c", "@SUM(1)", "a@x.org", "", ""]], [], (2, "full_name", "run it as a formula")),
        ([["a@c", "A", "+a@x.org", "", ""]], [], (2, "email", "run it as a formula")),
        ([["-a@c", "A", "a@x.org", "", ""]], [], (2, "sso_user_name", "run it as a formula")),
        ([["a@c", "A <b>", "a@x.org", "", ""]], [], (2, "full_name", "git cannot keep")),
        ([["a@c", "A" * 100_000, "a@x.org", "", ""]], [], (2, "full_name", "use at most 100 characters")),
        ([["a@c", "A", f"{'a' * 100_000}@x.org", "", ""]], [], (2, "email", "not an e-mail address")),
        ([["a" * 100_000, "A", "a@x.org", "", ""]], [], (2, "sso_user_name", "use at most 128 characters")),
    ],
)
def test_who_cannot_be_told_from_another_or_taken_over_is_one_finding(
    rows: list[list[str]], people: list[str], expected: tuple[int, str, str], run: Run
) -> None:
    ((line, field, message),) = findings(run, rows, *people)
    assert (line, field) == expected[:2]
    assert expected[2] in message
    assert len(message) < 400


def test_who_is_in_no_group_of_a_team_needs_a_default(run: Run) -> None:
    rows = [["a@c", "A", "a@x.org", "All staff", ""]]
    ((_, field, message),) = findings(run, rows, default_team=None)
    assert (field, message) == (
        "team",
        "in the group of no team, map groups to teams, or give --default-team one of vision, speech",
    )


def test_names_of_groups_may_hold_what_separates_others(tmp_path: Path) -> None:
    group = "CN=Vision,OU=Teams"
    (tmp_path / "e.csv").write_text(
        f'mail,displayName,groups\na@x.org,A,"{group}"\nb@x.org,B,"All;{group};X"\n'
    )
    export = read_export(tmp_path / "e.csv")
    mapped = map_columns(export, {"team": ["groups"]})
    found = candidates(export, mapped, teams={group: "vision", "X Y": "speech"})
    assert [one.team for one in found] == ["vision", "vision"]


#: Few different texts, so that people, names and addresses collide.
NAMES = st.builds("{}{}".format, st.sampled_from("aAé1l"), st.text("aA1l.-_", max_size=3))
ADDRESSES = st.builds("{}@{}.org".format, st.text("abB1l", min_size=1, max_size=3), st.sampled_from("xy"))
ROWS = st.lists(
    st.tuples(
        NAMES,
        NAMES,
        ADDRESSES,
        st.sampled_from(["", "vision", "All;speech"]),
        st.sampled_from(["", "true", "no"]),
    ),
    max_size=8,
    unique_by=(lambda row: row[0].lower(), lambda row: row[2].lower()),
)
PEOPLE = st.lists(
    st.tuples(
        st.sampled_from(["ana", "b1", "b-2", "cy", "a-l"]), ADDRESSES, st.sampled_from(["", "suspended"])
    ),
    max_size=4,
    unique_by=(lambda person: person[0], lambda person: person[1].lower()),
)


@PATIENTLY
@given(rows=ROWS, people=PEOPLE, suspend=st.booleans(), data=st.data())
def test_imports_merge_nobody_and_keep_everybody(
    *,
    rows: list[tuple[str, ...]],
    people: list[tuple[str, str, str]],
    suspend: bool,
    data: st.DataObject,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    run = runner(tmp_path_factory.getbasetemp())
    lines = [f"{name},speech,X,{mail},,{status}" for name, mail, status in people]
    export = [list(row) for row in rows]
    try:
        plan, after = run(export, *lines, suspend_missing=suspend)
    except InvalidSettings:
        with pytest.raises(InvalidSettings):
            run(export[::-1], *lines, suspend_missing=suspend)
        return
    if not people and not rows:
        assert plan.is_empty
        return
    there = parse_roster(after)
    assert not there.problems
    assert list(collisions(there.rows)) == []
    # Everybody who was there is there, in the same place, under the same name and address or that of the export.
    assert [row.cells["user_name"] for row in there.rows[: len(people)]] == [name for name, _, _ in people]
    assert len(there.rows) == len(people) + len(plan.added)
    # Every line of the export is one person of their own.
    addresses = [row.cells["email"].lower() for row in there.rows]
    assert all(addresses.count(row[2].lower()) == 1 for row in rows)
    assert len(plan.added) + len(plan.changed) + len(plan.unchanged) + len(plan.left) >= len(there.rows)
    shuffled = data.draw(st.permutations(export))
    assert run(shuffled, *lines, suspend_missing=suspend)[1] == after
    header, *written = after.splitlines()
    again, same = run(export, *written, header=header, suspend_missing=suspend)
    assert (again.is_empty, again.left, same) == (True, plan.left, after)
