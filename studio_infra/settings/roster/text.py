"""Editing the text of a roster: what is not about the edit stays as it was written, byte for byte."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_BOM: Final = "\ufeff"


def columns_of(text: str) -> list[str]:
    """The names of a roster's columns."""
    header = text.removeprefix(_BOM).partition("\n")[0].removesuffix("\r")
    return [cell.strip(" ") for cell in next(csv.reader([header]))]


def set_cells(text: str, column: str, values: Mapping[int, str]) -> str:
    """The roster with new values in one column.

    Args:
        text: A roster without mistakes, as it stands in its file: with its byte order mark and its line ends.
        column: The column. If the roster lacks it, it becomes the last one.
        values: The new values by number of the line.

    """
    if not values:
        return text
    columns = columns_of(text)
    is_new = column not in columns
    place = len(columns) if is_new else columns.index(column)
    lines = text.split("\n")
    for number, line in enumerate(lines, start=1):
        record = line.removesuffix("\r")
        end = line[len(record) :]
        if is_new and number == 1:
            lines[0] = f"{record},{column}{end}"
        elif is_new and record.strip(" "):
            lines[number - 1] = f"{record},{_quoted(values.get(number, ''))}{end}"
        elif number in values:
            start, stop = _spans(record)[place]
            lines[number - 1] = f"{record[:start]}{_quoted(values[number])}{record[stop:]}{end}"
    return "\n".join(lines)


def add_rows(text: str, rows: Iterable[Mapping[str, str]]) -> str:
    """The roster with people added at its end, a cell for each column that it has or needs."""
    added = list(rows)
    for column in dict.fromkeys(name for row in added for name, value in row.items() if value):
        if column not in columns_of(text):
            text = set_cells(text, column, {0: ""})
    columns = columns_of(text)
    end = "\r\n" if "\r\n" in text else "\n"
    if added and not text.endswith("\n"):
        text += end
    return text + "".join(",".join(_quoted(row.get(column, "")) for column in columns) + end for row in added)


def _quoted(value: str) -> str:
    """A cell as CSV has it."""
    cell = io.StringIO()
    csv.writer(cell, lineterminator="").writerow([value, ""])
    return cell.getvalue()[:-1]


def _spans(record: str) -> list[tuple[int, int]]:
    """Where each cell of a line begins and ends, its quotes included."""
    spans: list[tuple[int, int]] = []
    start = 0
    while True:
        stop = start
        if record[start : start + 1] == '"':
            stop = record.index('"', start + 1)
            while record[stop + 1 : stop + 2] == '"':  # a doubled quote is part of the text
                stop = record.index('"', stop + 2)
        stop = record.find(",", stop)
        if stop < 0:
            return [*spans, (start, len(record))]
        spans.append((start, stop))
        start = stop + 1
