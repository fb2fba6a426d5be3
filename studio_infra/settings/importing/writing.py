"""A roster's text after an import: what the import is not about stays as it was written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio_infra.settings.reading.roster_file import parse_roster
from studio_infra.settings.roster.collisions import RosterRow
from studio_infra.settings.roster.person import Person
from studio_infra.settings.roster.seats import Sections, assign
from studio_infra.settings.roster.text import add_rows, set_cells

if TYPE_CHECKING:
    from collections.abc import Mapping

    from studio_infra.settings.importing.plan import Plan


def write_plan(text: str, plan: Plan, settings: Sections) -> tuple[str, Mapping[str, int]]:
    """The roster with everybody's new cells, and new people at its end, by name; and the stacks of these.

    Args:
        text: The roster as it stands in its file.
        plan: What changes.
        settings: What people are made of.

    Raises:
        NoSeat: There is no stack for somebody.

    """
    for column in dict.fromkeys(column for one in plan.changed for column in one.cells):
        values = {one.line: one.cells[column][1] for one in plan.changed if column in one.cells}
        text = set_cells(text, column, values)
    there = parse_roster(plain(text)).rows
    new = [RosterRow(one.cells, Person.model_validate(dict(one.cells))) for one in plan.added]
    # Whoever was there without a number lives in the first stack, and the number stays unwritten.
    numbers = assign([*there, *new], settings, deployed={row.cells["user_name"] for row in there})
    stacks = {one.user_name: numbers[len(there) + place] for place, one in enumerate(plan.added)}
    rows = [{**one.cells, "stack": str(stacks[one.user_name])} for one in plan.added]
    return add_rows(text, rows), stacks


def plain(text: str) -> str:
    """A roster's text as it is read: without its byte order mark, its lines ending with LF."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n")
