"""Reading the CSV that an identity provider exports: whatever separates its columns, in whatever order they are."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from studio_infra.settings.findings import PROBLEMS_MAX, Finding, InvalidSettings
from studio_infra.settings.reading.files import read_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EXPORT_BYTES_MAX: Final = 16 * 1024 * 1024
_SEPARATORS: Final = ",;\t"
#: PowerShell puts the kind of its objects in front of them.
_POWERSHELL: Final = "#TYPE "


@dataclass(frozen=True, slots=True)
class Record:
    """One line of an export."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Export:
    """An export: the headers of its columns, and its records, a cell for each column."""

    path: Path
    headers: tuple[str, ...]
    records: tuple[Record, ...]

    def finding(self, line: int, field: str, message: str) -> Finding:
        """What is wrong with a line."""
        return Finding(str(self.path), line, field, message)


def read_export(path: Path) -> Export:
    """Read an export.

    Args:
        path: A CSV file in UTF-8, with or without a byte order mark, its columns apart by commas, semicolons or tabs.

    Raises:
        InvalidSettings: It cannot be read, or lines of it are damaged; all of them are named.

    """
    lines = read_text(path, most_bytes=EXPORT_BYTES_MAX).split("\n")
    first = 1 if lines[0].startswith(_POWERSHELL) else 0
    findings: list[Finding] = []
    records: list[Record] = []
    separator = _separator("".join(lines[first : first + 1]))
    for record, wrong in _records(lines[first:], separator, first=first + 1):
        width = len(records[0].cells) if records else len(record.cells)
        if wrong:
            findings.append(Finding(str(path), record.line, "row", wrong))
        elif len(record.cells) != width:
            uneven = f"{len(record.cells)} columns, but the header has {width}, export it again"
            findings.append(Finding(str(path), record.line, "row", uneven))
        else:
            records.append(record)
        if len(findings) == PROBLEMS_MAX:
            break
    if not records and not findings:
        findings.append(Finding(str(path), 1, "file", "empty, export people below a line of headers"))
    if findings:
        raise InvalidSettings(findings)
    return Export(path, records[0].cells, tuple(records[1:]))


def _records(lines: list[str], separator: str, *, first: int) -> Iterator[tuple[Record, str]]:
    """Each record with a cell that is not empty, and what is wrong with it; quoted cells may hold line ends."""
    reader = csv.reader((f"{line}\n" for line in lines), delimiter=separator, strict=True)
    while True:
        line = first + reader.line_num
        try:
            cells = tuple(cell.strip() for cell in next(reader))
        except StopIteration:
            return
        except csv.Error as error:
            yield Record(line, ()), f"damaged CSV, {error}"
            continue
        if any(cells):
            yield Record(line, cells), ""


def _separator(header: str) -> str:
    """What separates the columns: the sign that makes most of them; a comma if none makes any."""
    return max(_SEPARATORS, key=lambda sign: _columns(header, sign))


def _columns(header: str, separator: str) -> int:
    try:
        return len(next(csv.reader([header], delimiter=separator, strict=True), []))
    except csv.Error:
        return 0
