"""From two files to checked values, or to everything that is wrong with them."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any, Final

from studio_infra.settings.consistency import contradictions
from studio_infra.settings.files import ROSTER_BYTES_MAX, SETTINGS_BYTES_MAX, read_text
from studio_infra.settings.findings import Finding, InvalidSettings, Path, Problem, field_name
from studio_infra.settings.roster_file import RosterReading, parse_roster
from studio_infra.settings.sections import read_sections
from studio_infra.settings.studio_settings import StudioSettings
from studio_infra.settings.toml_lines import DEPTH_MAX, TooDeep, toml_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from studio_infra.settings.collisions import RosterRow

#: More findings than anybody reads.
FINDINGS_MAX: Final = 2000
_AT: Final = re.compile(r" \(at (?:line (?P<line>\d+), column \d+|end of document)\)$")


def load_settings(path: str | FilePath) -> StudioSettings:
    """Read a settings file and the roster it names.

    Args:
        path: The TOML file. The roster's path is relative to its folder.

    Raises:
        InvalidSettings: Something is wrong; its ``findings`` are all there is.

    """
    file = FilePath(path)
    text = read_text(file, most_bytes=SETTINGS_BYTES_MAX)
    document, lines = _parse(file, text)
    sections = read_sections(document)
    roster_path, reading, findings = _roster(file, sections.roster)

    def settle(problem: Problem) -> Finding:
        where = problem.path
        if where[:1] == ("roster",) and isinstance(where[1], int):
            return _finding(roster_path, reading.rows[where[1]].line or 1, where[2:], problem)
        return _finding(file, _line(lines, where), where, problem)

    findings += map(settle, sections.problems)
    findings += [_finding(roster_path, line, problem.path, problem) for line, problem in reading.problems]
    findings += map(settle, contradictions(sections.draft(reading.rows, roster_goes_on=reading.goes_on)))
    if findings:
        raise InvalidSettings(_sorted(findings, first=str(file)))
    return StudioSettings(**sections.values, roster=tuple(_people(reading.rows)))


def _parse(file: FilePath, text: str) -> tuple[dict[str, Any], Mapping[Path, int]]:
    """The document and the line of each of its values."""
    try:
        lines = toml_lines(text)
        return tomllib.loads(text), lines
    except TooDeep as error:
        message = f"keys or brackets are nested deeper than {DEPTH_MAX} levels, settings never are"
        raise InvalidSettings([Finding(str(file), error.line, "TOML", message)]) from None
    except tomllib.TOMLDecodeError as error:
        at = _AT.search(str(error))
        line = int(at["line"]) if at and at["line"] else text.rstrip("\n").count("\n") + 1
        wrong = _AT.sub("", str(error))
        message = f"{wrong[:1].lower()}{wrong[1:]}, see https://toml.io for how to write it"
        raise InvalidSettings([Finding(str(file), line, "TOML", message)]) from None
    except (ValueError, RecursionError):
        message = "a number or a nesting that is far too large, look whether it is the right file"
        raise InvalidSettings([Finding(str(file), 1, "TOML", message)]) from None


def _roster(file: FilePath, name: str | None) -> tuple[FilePath, RosterReading, list[Finding]]:
    """The roster that the settings name, with its path and what keeps it from being read."""
    if name is None:
        return file, RosterReading(goes_on=True), []
    path = file.parent / name
    try:
        return path, parse_roster(read_text(path, most_bytes=ROSTER_BYTES_MAX)), []
    except InvalidSettings as error:
        return path, RosterReading(goes_on=True), list(error.findings)


def _line(lines: Mapping[Path, int], path: Path) -> int:
    """The line of a value, or of the table that lacks it."""
    for length in range(len(path), 0, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return 1


def _finding(file: FilePath, line: int, path: Path, problem: Problem) -> Finding:
    return Finding(str(file), line, field_name(path), problem.text)


def _sorted(findings: Iterable[Finding], *, first: str) -> list[Finding]:
    """By file, settings first, and line; each once, and no more than anybody reads."""
    unique = dict.fromkeys(findings)
    found = sorted(unique, key=lambda finding: (finding.file != first, finding.file, finding.line))
    if len(found) > FINDINGS_MAX:
        rest = found[FINDINGS_MAX]
        message = f"{len(found) - FINDINGS_MAX} more from here on, correct these first"
        found[FINDINGS_MAX:] = [Finding(rest.file, rest.line, "more", message)]
    return found


def _people(rows: Iterable[RosterRow]) -> Iterable[Any]:
    return [row.person for row in rows]
