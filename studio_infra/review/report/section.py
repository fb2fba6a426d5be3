"""What a report is made of, before anybody knows whether it becomes Markdown, a page or JSON."""

from __future__ import annotations

from dataclasses import dataclass

#: The lines of one cell.
Cell = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table.

    Args:
        caption: What it shows.
        header: The heads of its columns.
        rows: Its rows, one cell for each column.
        folded: Whether a page shows it only when somebody asks.

    """

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    folded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A chapter of the report.

    Args:
        name: Its name, which links end with.
        title: Its heading.
        lines: What it says in sentences.
        tables: What it says in tables.

    """

    name: str
    title: str
    lines: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The whole report.

    Args:
        title: Which assembly it is about.
        summary: What a reviewer has to know in any case.
        diagram: The drawn stacks, as SVG.
        sections: The chapters.

    """

    title: str
    summary: tuple[str, ...]
    diagram: str
    sections: tuple[Section, ...]
