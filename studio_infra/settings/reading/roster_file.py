"""Reading a roster: a CSV file with one person a line."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from studio_infra.settings.findings import PROBLEMS_MAX, Problem, did_you_mean
from studio_infra.settings.reading.explain import explain
from studio_infra.settings.roster.collisions import RosterRow
from studio_infra.settings.roster.person import Person

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

REQUIRED: Final = ("user_name", "team", "full_name", "email")
OPTIONAL: Final = (
    "sso_user_name",
    "stack",
    "posix_uid",
    "posix_gid",
    "expires",
    "status",
    "instance_type",
    "ebs_gb",
    "idle_after_minutes",
    "private_space",
    "policies",
)
COLUMNS: Final = REQUIRED + OPTIONAL
_HEADER: Final = f"{','.join(REQUIRED)}{''.join(f'[,{column}]' for column in OPTIONAL)}"
_LINE_MAX: Final = 2000


@dataclass
class RosterReading:
    """What a roster says, and what is wrong with it, each problem with its line."""

    rows: list[RosterRow] = field(default_factory=list)
    problems: list[tuple[int, Problem]] = field(default_factory=list)
    #: Whether there may be people on lines that could not be read.
    goes_on: bool = False
    #: Whether it has a header, and nobody below.
    is_empty: bool = False

    def refuse(self, line: int, field_name: str, wrong: str, allowed: str) -> None:
        """Add what is wrong with a line."""
        self.problems.append((line, Problem((field_name,), wrong, allowed)))


def parse_roster(text: str) -> RosterReading:
    """The rows of a roster, with everything that is wrong about single lines."""
    reading = RosterReading()
    lines = iter(enumerate(text.split("\n"), start=1))
    columns = _header(lines, reading)
    if columns is None:
        reading.goes_on = True
        return reading
    for line, record in lines:
        if record.strip(" ") == "":
            continue
        cells = _cells(line, record, columns, lines, reading)
        if cells is None:
            reading.goes_on = True
        else:
            reading.rows.append(_row(line, cells, reading))
        if len(reading.problems) >= PROBLEMS_MAX:
            reading.goes_on = True
            reading.refuse(
                line,
                "roster",
                f"{PROBLEMS_MAX} mistakes so far",
                "correct these first; the rest was not read",
            )
            return reading
    if not reading.rows and not reading.problems:
        reading.goes_on = reading.is_empty = True
        reading.refuse(1, "roster", "nobody is in it", "give one line to each person, below the header")
    return reading


def _header(lines: Iterator[tuple[int, str]], reading: RosterReading) -> Sequence[str] | None:
    """The names of the columns; nothing if people could not be read with them."""
    line, record = next(lines)
    columns = _split(record)
    if columns is None or not any(columns):
        reading.refuse(line, "header", "missing or damaged", f"begin with {_HEADER}")
        return None
    if len(columns) == 1 and any(sign in record for sign in ";\t"):
        reading.refuse(line, "header", "no comma in it", "separate the columns with commas")
        return None
    for place, column in enumerate(columns):
        if column not in COLUMNS:
            allowed = f"use {_HEADER}{did_you_mean(column, COLUMNS)}"
            reading.problems.append((line, Problem(("header",), "unknown column", allowed, column)))
        elif column in columns[:place]:
            reading.problems.append(
                (line, Problem(("header",), "column named twice", "name each once", column))
            )
    if missing := [column for column in REQUIRED if column not in columns]:
        reading.refuse(line, "header", f"no column {', '.join(missing)}", f"begin with {_HEADER}")
        return None
    return columns


def _cells(
    line: int,
    record: str,
    columns: Sequence[str],
    lines: Iterator[tuple[int, str]],
    reading: RosterReading,
) -> dict[str, str] | None:
    """The cells of a line that are not empty."""
    if len(record) > _LINE_MAX:
        reading.refuse(line, "row", f"{len(record)} characters long", f"use at most {_LINE_MAX} for a person")
        return None
    values = _split(record)
    if values is None:
        allowed = "keep each person on one line and double the quotes inside quotes"
        reading.refuse(line, "row", "a quote is not closed on this line, or text follows it", allowed)
        if record.count('"') % 2:
            _skip_to_closing_quote(lines)
        return None
    if len(values) != len(columns):
        wrong = f"{len(values)} columns, but the header has {len(columns)}"
        allowed = "give each column a cell, if need be an empty one; put text that has a comma in quotes"
        reading.refuse(line, "row", wrong, allowed)
        return None
    return {
        column: value for column, value in zip(columns, values, strict=True) if value and column in COLUMNS
    }


def _skip_to_closing_quote(lines: Iterator[tuple[int, str]]) -> None:
    """Leave out the lines that a quoted cell goes on over: they are no people."""
    for _, record in lines:
        if record.count('"') % 2:
            return


def _split(record: str) -> list[str] | None:
    """The cells of one line, or nothing if it is no line of a CSV file."""
    try:
        rows = list(csv.reader([record], strict=True))
    except csv.Error:
        return None
    return [cell.strip(" ") for cell in rows[0]] if rows else []


def _row(line: int, cells: dict[str, str], reading: RosterReading) -> RosterRow:
    person = None
    try:
        person = Person.model_validate(cells)
    except ValidationError as error:
        reading.problems.extend((line, problem) for problem in explain(error, Person))
    return RosterRow(cells, person, line)
