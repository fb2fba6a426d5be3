"""The report as Markdown, for a pull request."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Final

from studio_infra.review.report.text import few

if TYPE_CHECKING:
    from collections.abc import Iterator

    from studio_infra.review.report.section import Cell, Report, Table

#: GitHub takes 65,536 characters in a comment.
LONGEST: Final = 60_000
#: So many lines, rows, and lines of a cell are tried one after the other until all that must be said fits.
_MOST: Final = (sys.maxsize, 100, 50, 20, 10, 5, 2, 1)
_ELSEWHERE: Final = "are in the page that `--html` writes."
#: What is emphasis, a link, a picture or an escape to Markdown.
_SYNTAX: Final = re.compile(r"[\\*_\[\]~]")
#: What GitHub makes a link, a mention or a reference of without any syntax. Something that cannot be seen parts it.
_LINKED: Final = re.compile(r"(?<=[@#])(?=\w)|(?<=:)(?=//)|(?<=www)(?=\.)|(?<=GH)(?=-\d)", re.IGNORECASE)


def markdown(report: Report) -> str:
    """Every value in a code span: nothing in a template becomes a link, a mention, a picture or HTML.

    What is too long for a comment has its longest lists cut, and then whole details left out, and says so.
    """
    lines: list[str] = []
    for most in _MOST:
        lines = _body(report, most)
        if _length(lines) <= LONGEST:
            break
    details = [
        "\n".join([*_table(table), ""])
        for section in report.sections
        for table in section.tables
        if table.folded
    ]
    left = LONGEST - _length(lines)
    shown = []
    for detail in details:
        left -= len(detail) + 1
        if left < 0:
            break
        shown.append(detail)
    lines += ["## Details", "", *shown] if details else []
    if len(shown) < len(details):
        lines.append(f"{len(details) - len(shown)} more tables {_ELSEWHERE}")
    return "\n".join(lines) + "\n"


def _body(report: Report, most: int) -> list[str]:
    """All but the details, with so many of everything at most."""
    lines = [f"# {_code(report.title)}", "", *(f"- {_text(line)}" for line in report.summary), ""]
    for section in report.sections:
        lines += [f"## {section.title}", "", *(f"- {_text(line)}" for line in section.lines[:most])]
        if len(section.lines) > most:
            lines.append(f"- {len(section.lines) - most} more lines {_ELSEWHERE}")
        lines += [""] if section.lines else []
        for table in section.tables:
            lines += [] if table.folded else [*_table(table, most), ""]
    return lines


def _length(lines: list[str]) -> int:
    return sum(len(line) + 1 for line in lines)


def _table(table: Table, most: int = sys.maxsize) -> Iterator[str]:
    if table.folded:
        yield f"<details><summary>{_plain(table.caption)}</summary>"
        yield ""
    yield "| " + " | ".join(table.header) + " |"
    yield "|" + "---|" * len(table.header)
    for row in table.rows[:most]:
        yield "| " + " | ".join(_cell(cell, most) for cell in row) + " |"
    if len(table.rows) > most:
        yield ""
        yield f"{len(table.rows) - most} more rows {_ELSEWHERE}"
    if table.folded:
        yield ""
        yield "</details>"


def _cell(cell: Cell, most: int) -> str:
    return "<br>".join(few([_code(line) for line in cell], most))


def _code(text: str) -> str:
    """A code span that its own text cannot end, nor the cell around it.

    A pipe behind a backslash would end it for readers that take the one in front for an escaped backslash.
    """
    plain = text.replace("`", "'").replace("\\|", "\\ |").replace("|", "\\|").strip()
    return f"`{plain}`" if plain else ""


def _text(text: str) -> str:
    return _SYNTAX.sub(r"\\\g<0>", _plain(text))


def _plain(text: str) -> str:
    parted = _LINKED.sub("\u200b", text)
    return parted.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("`", "'")
