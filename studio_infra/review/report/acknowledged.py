"""Findings that somebody has acknowledged, with the reason, out of the metadata that CDK writes."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from studio_infra.review.assembly import metadata
from studio_infra.review.report.section import Section, Table
from studio_infra.review.report.text import few, shown

if TYPE_CHECKING:
    from pathlib import Path

_KIND: Final = "aws:cdk:acknowledged-rules"
_NAMED: Final = 6
_UNKNOWN: Final = (
    "Acknowledged findings are not known: they stand in the manifest, which this folder does not have."
)


def acknowledged(folder: Path | None) -> Section:
    """Every acknowledged finding of an assembly; those with one reason are one row."""
    alike: defaultdict[str, tuple[dict[str, None], dict[str, None]]] = defaultdict(lambda: ({}, {}))
    for path, entry in metadata(folder) if folder is not None else ():
        given = entry.get("data") if entry.get("type") == _KIND else None
        for rule, reason in given.items() if isinstance(given, dict) else ():
            rules, places = alike[str(reason)]
            rules[shown(_short(rule))] = None
            places[shown(path.lstrip("/"))] = None
    rows = tuple(
        ((shown(reason),), few([*rules], _NAMED), few([*places], _NAMED))
        for reason, (rules, places) in sorted(alike.items())
    )
    header = ("reason", "rules", "where")
    table = Table(caption="Acknowledged findings", header=header, rows=rows)
    nobody = "Nobody has acknowledged a finding."
    lines = () if rows else (nobody if folder is not None else _UNKNOWN,)
    return Section(
        name="acknowledged", title="Acknowledged findings", lines=lines, tables=(table,) if rows else ()
    )


def _short(rule: Any) -> str:
    return str(rule).removeprefix("Annotation::").removeprefix("CloudFormation-Validate::")
