"""The report as Markdown, for a pull request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from studio_infra.review.report.section import Cell, Report, Table

#: GitHub takes 65,536 characters in a comment.
LONGEST: Final = 60_000


def markdown(report: Report) -> str:
    """Every value in a code span: nothing in a template becomes a link, a mention, a picture or HTML."""
    lines = [f"# {_code(report.title)}", "", *(f"- {_text(line)}" for line in report.summary), ""]
    for section in report.sections:
        lines += [f"## {section.title}", "", *(f"- {_text(line)}" for line in section.lines)]
        lines += [""] if section.lines else []
        for table in section.tables:
            lines += [] if table.folded else [*_table(table), ""]
    details = [
        "\n".join([*_table(table), ""])
        for section in report.sections
        for table in section.tables
        if table.folded
    ]
    left = LONGEST - sum(len(line) + 1 for line in lines)
    shown = []
    for detail in details:
        left -= len(detail) + 1
        if left < 0:
            break
        shown.append(detail)
    lines += ["## Details", "", *shown] if details else []
    if len(shown) < len(details):
        lines.append(f"{len(details) - len(shown)} more tables are in the page that `--html` writes.")
    return "\n".join(lines) + "\n"


def _table(table: Table) -> Iterator[str]:
    if table.folded:
        yield f"<details><summary>{_plain(table.caption)}</summary>"
        yield ""
    yield "| " + " | ".join(table.header) + " |"
    yield "|" + "---|" * len(table.header)
    for row in table.rows:
        yield "| " + " | ".join(_cell(cell) for cell in row) + " |"
    if table.folded:
        yield ""
        yield "</details>"


def _cell(cell: Cell) -> str:
    return "<br>".join(_code(line) for line in cell)


def _code(text: str) -> str:
    """A code span that its own text cannot end."""
    plain = text.replace("`", "'").replace("|", "\\|").strip()
    return f"`{plain}`" if plain else ""


def _text(text: str) -> str:
    return _plain(text).replace("*", "\\*").replace("_", "\\_").replace("@", "@\u200b").replace("[", "\\[")


def _plain(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("`", "'")
