"""Exports as identity providers write them: every separator, every order of columns, everything that is damaged."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio_infra.settings.findings import PROBLEMS_MAX, InvalidSettings
from studio_infra.settings.importing.export import Export, read_export
from studio_infra.settings.importing.mapping import map_columns
from tests.settings.conftest import PATIENTLY

if TYPE_CHECKING:
    from pathlib import Path


def export(folder: Path, content: str | bytes) -> Export:
    file = folder / "export.csv"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_export(file)


def findings(folder: Path, content: str | bytes) -> list[tuple[int, str, str]]:
    with pytest.raises(InvalidSettings) as caught:
        export(folder, content)
    assert all(str(one).isprintable() for one in caught.value.findings)
    return [(one.line, one.field, one.message) for one in caught.value.findings]


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_separators_line_ends_and_marks_do_not_matter(
    separator: str, end: str, mark: str, tmp_path: Path
) -> None:
    lines = [["mail", "displayName"], ["ana@example.com", '"Silva, Ana; ""A""\tB"'], ["bo@example.com", ""]]
    read = export(tmp_path, mark + "".join(separator.join(line) + end for line in lines))
    assert read.headers == ("mail", "displayName")
    assert [(one.line, one.cells) for one in read.records] == [
        (2, ("ana@example.com", 'Silva, Ana; "A"\tB')),
        (3, ("bo@example.com", "")),
    ]


def test_a_cell_may_have_lines_and_the_next_person_has_the_right_number(tmp_path: Path) -> None:
    read = export(tmp_path, 'mail,street\na@x,"1\n2\n3"\n\n,\nb@x,4\n')
    assert [(one.line, one.cells[0]) for one in read.records] == [(2, "a@x"), (7, "b@x")]


def test_powershell_may_have_written_it(tmp_path: Path) -> None:
    read = export(tmp_path, '#TYPE Microsoft.Graph.User\n"mail","displayName"\n"a@x","A"\n')
    assert (read.headers, read.records[0].line) == (("mail", "displayName"), 3)


@pytest.mark.parametrize(
    ("content", "line", "says"),
    [
        ("", 1, "empty"),
        ("\n\n,\n", 1, "empty"),
        ("mail,name\na@x\n", 2, "1 columns, but the header has 2"),
        ("mail,name\na@x,b,c\n", 2, "3 columns, but the header has 2"),
        ('mail,name\na@x,"b\n', 2, "damaged CSV"),
        ('mail,name\na@x,"b"c\n', 2, "damaged CSV"),
        (b"mail,name\n\xff,b\n", 2, "byte 0xff is not UTF-8"),
        ("mail,name\na\0@x,b\n", 2, "control character U+0000"),
        ("mail,name\n".encode("utf-16"), 1, "it is UTF-16"),
        (f"mail,name\n{'a' * 200_000},b\n", 2, "field larger than field limit"),
    ],
)
def test_what_is_damaged_is_one_line(content: str | bytes, line: int, says: str, tmp_path: Path) -> None:
    (found,) = findings(tmp_path, content)
    assert found[0] == line
    assert says in found[2]


def test_rubbish_is_not_read_to_its_end(tmp_path: Path) -> None:
    assert len(findings(tmp_path, "mail,name\n" + "x\n" * 100_000)) == PROBLEMS_MAX


@pytest.mark.parametrize(
    ("headers", "places"),
    [
        ("userPrincipalName,displayName,mail", {"email": (2,), "full_name": (1,), "sso_user_name": (0,)}),
        ("login,firstName,lastName,email", {"email": (3,), "full_name": (1, 2), "sso_user_name": (0,)}),
        (
            "UserName,Email address,Family name,Given name",
            {"email": (1,), "full_name": (3, 2), "sso_user_name": (0,)},
        ),
        ("Display name,mail,Mail ", {"email": (1,), "full_name": (0,)}),
    ],
)
def test_usual_headers_need_no_mapping(
    headers: str, places: dict[str, tuple[int, ...]], tmp_path: Path
) -> None:
    wanted = {"email": ["mail"]} if "Mail " in headers else {}
    found = dict(map_columns(export(tmp_path, headers), wanted).places)
    assert found.pop("user_name") == places.get("sso_user_name", places["email"])
    assert found == places


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        ({"email": ["Mial"]}, 'no column "Mial", the headers are "Mail", "name"; did you mean "Mail"?'),
        ({"full_name": ["name", "x"], "email": ["mail"]}, 'no column "x"'),
        ({"email": ["Mail"]}, "full_name: no column is called like it, name it with --map full_name=HEADER"),
    ],
)
def test_a_column_that_is_not_there_is_said_with_those_that_are(
    wanted: dict[str, list[str]], says: str, tmp_path: Path
) -> None:
    with pytest.raises(InvalidSettings, match="export.csv:1") as caught:
        map_columns(export(tmp_path, "Mail,name\n"), wanted)
    assert any(says in f"{one.field}: {one.message}" for one in caught.value.findings)


def test_a_header_that_is_there_twice_is_not_guessed(tmp_path: Path) -> None:
    with pytest.raises(InvalidSettings, match='2 columns are called "mail"'):
        map_columns(export(tmp_path, "mail,mail,displayName\n"), {"email": ["mail"]})
    with pytest.raises(InvalidSettings, match="email: no column is called like it"):
        map_columns(export(tmp_path, "mail,mail,displayName\n"), {})


CELLS = st.text('aé@",;\t =-', max_size=6).map(str.strip)


@PATIENTLY
@given(
    rows=st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=5),
    separator=st.sampled_from(",;\t"),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    order=st.permutations(range(3)),
)
def test_every_cell_is_read_as_it_was_written(
    rows: list[tuple[str, ...]],
    separator: str,
    quoting: int,
    order: list[int],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    headers = ("mail", "displayName", "login")
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, quoting=quoting)  # type: ignore[arg-type]
    writer.writerows([row[place] for place in order] for row in [headers, *rows])
    read = export(tmp_path_factory.getbasetemp(), text.getvalue())
    mapped = map_columns(read, {})
    fields = ("email", "full_name", "sso_user_name")
    found = [tuple(mapped.value(record, field) for field in fields) for record in read.records]
    assert found == [tuple(" ".join(cell.split()) for cell in row) for row in rows if any(row)]
