"""Edits of a roster's text: what is not about the edit stays byte for byte."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio_infra.settings.reading.roster_file import parse_roster
from studio_infra.settings.roster.text import add_rows, columns_of, set_cells
from tests.settings.conftest import PATIENTLY

PLAIN = "user_name,stack,team\nana,,vision\nbo,2,vision\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (PLAIN, "user_name,stack,team\nana,7,vision\nbo,2,vision\n"),
        (PLAIN.replace("\n", "\r\n"), "user_name,stack,team\r\nana,7,vision\r\nbo,2,vision\r\n"),
        ("\ufeff" + PLAIN, "\ufeffuser_name,stack,team\nana,7,vision\nbo,2,vision\n"),
        ("stack,x\n,é\n", "stack,x\n7,é\n"),
        ('x,stack\n"a, ""b""",""', 'x,stack\n"a, ""b""",7'),
        ("x,stack ,y\n a ,  , b ", "x,stack ,y\n a ,7, b "),
        ("user_name\nana\n\nbo\n", "user_name,stack\nana,7\n\nbo,\n"),
        ("user_name\r\nana\r\nbo", "user_name,stack\r\nana,7\r\nbo,"),
    ],
)
def test_only_the_cell_changes(text: str, expected: str) -> None:
    assert set_cells(text, "stack", {2: "7"}) == expected


def test_without_values_nothing_changes_not_even_the_header() -> None:
    assert set_cells("user_name\nana\n", "stack", {}) == "user_name\nana\n"


CELLS = st.text('aé ",;x\t', max_size=6).map(str.strip)
TABLES = st.integers(1, 4).flatmap(
    lambda width: st.lists(
        st.lists(CELLS, min_size=width, max_size=width).filter(any), min_size=1, max_size=5
    )
)


def as_csv(rows: list[list[str]], quoting: int, end: str) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator=end, quoting=quoting).writerows(rows)  # type: ignore[arg-type]
    return text.getvalue()


@PATIENTLY
@given(
    TABLES,
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    st.sampled_from(["\n", "\r\n"]),
    CELLS,
    st.data(),
)
def test_every_other_cell_is_what_it_was(
    rows: list[list[str]], quoting: int, end: str, value: str, data: st.DataObject
) -> None:
    names = [f"c{place}" for place in range(len(rows[0]))]
    text = as_csv([names, *rows], quoting, end)
    line = data.draw(st.integers(2, len(rows) + 1))
    column = data.draw(st.integers(0, len(names) - 1))
    edited = set_cells(text, names[column], {line: value})
    rows[line - 2][column] = value
    if not any(rows[line - 2]):  # an empty line, which csv reads as no cells at all
        return
    assert list(csv.reader(io.StringIO(edited, newline=""))) == [names, *rows]
    changed = [
        place
        for place, (old, new) in enumerate(zip(text.split("\n"), edited.split("\n"), strict=True))
        if old != new
    ]
    assert changed in ([], [line - 1])


def test_people_are_added_at_the_end_with_the_columns_they_need() -> None:
    text = "\ufeffuser_name,team,full_name,email\r\nana,vision,Ana,ana@example.com"
    person = {
        "user_name": "bo",
        "team": "vision",
        "full_name": "Bo, Jr.",
        "email": "bo@example.com",
        "stack": "2",
        "status": "",
    }
    added = add_rows(text, [person])
    assert added == (
        "\ufeffuser_name,team,full_name,email,stack\r\nana,vision,Ana,ana@example.com,\r\n"
        'bo,vision,"Bo, Jr.",bo@example.com,2\r\n'
    )
    reading = parse_roster(added.removeprefix("\ufeff").replace("\r\n", "\n"))
    assert [row.cells["full_name"] for row in reading.rows] == ["Ana", "Bo, Jr."]
    assert columns_of(added)[-1] == "stack"


def test_nobody_added_changes_nothing() -> None:
    assert add_rows("user_name\nana", []) == "user_name\nana"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("user_name\nana\n", "user_name,team\nana,\nbo,x\nca,y\n"),
        ("user_name\nana", "user_name,team\nana,\nbo,x\nca,y\n"),
        ("user_name\r\nana\r\n", "user_name,team\r\nana,\r\nbo,x\r\nca,y\r\n"),
        ("team,email,user_name\n", "team,email,user_name\nx,,bo\ny,,ca\n"),
    ],
)
def test_added_people_have_a_line_each_and_no_cell_of_their_own_invention(text: str, expected: str) -> None:
    people = [{"user_name": "bo", "team": "x", "full_name": ""}, {"user_name": "ca", "team": "y"}]
    assert add_rows(text, people) == expected
