"""From two files to checked values, or to everything that is wrong with them."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any, Final

from studio_infra.settings.checks.consistency import contradictions
from studio_infra.settings.findings import Finding, InvalidSettings, Path, Problem, field_name
from studio_infra.settings.reading.files import ROSTER_BYTES_MAX, SETTINGS_BYTES_MAX, read_text
from studio_infra.settings.reading.roster_file import RosterReading, parse_roster
from studio_infra.settings.reading.sections import Sections, read_sections
from studio_infra.settings.reading.toml_lines import DEPTH_MAX, TooDeep, toml_lines
from studio_infra.settings.roster.seats import over_full_stacks
from studio_infra.settings.studio_settings import StudioSettings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from studio_infra.settings.checks.draft import Draft
    from studio_infra.settings.roster.collisions import RosterRow

#: More findings than anybody reads.
FINDINGS_MAX: Final = 2000
_AT: Final = re.compile(r" \(at (?:line (?P<line>\d+), column \d+|end of document)\)$")


@dataclass(frozen=True)
class SettingsFiles:
    """A settings file and its roster, read and compared, with everything that is wrong with them.

    `over_full_stacks` are not among it: they are what `studio-infra roster assign` corrects.
    """

    path: FilePath
    roster_path: FilePath
    sections: Sections
    reading: RosterReading
    lines: Mapping[Path, int]
    unread: tuple[Finding, ...]

    @classmethod
    def read(cls, path: str | FilePath) -> SettingsFiles:
        """Read a settings file and the roster it names.

        Raises:
            InvalidSettings: The settings file cannot be read at all.

        """
        file = FilePath(path)
        document, lines = _parse(file, read_text(file, most_bytes=SETTINGS_BYTES_MAX))
        sections = read_sections(document)
        return cls(file, *_roster(file, sections, lines))

    @property
    def draft(self) -> Draft:
        """What can be compared with each other."""
        return self.sections.draft(self.reading.rows, roster_goes_on=self.reading.goes_on)

    def findings(self) -> list[Finding]:
        """Everything that is wrong, but for over-full stacks."""
        return [
            *self.unread,
            *map(self.settle, self.sections.problems),
            *(_finding(self.roster_path, line, one.path, one) for line, one in self.reading.problems),
            *map(self.settle, contradictions(self.draft)),
        ]

    def settle(self, problem: Problem) -> Finding:
        """A problem with its place in one of the files."""
        where = problem.path
        if where[:1] == ("roster",) and isinstance(where[1], int):
            line = self.reading.rows[where[1]].line or 1
            return _finding(self.roster_path, line, where[2:], problem)
        return _finding(self.path, _line(self.lines, where), where, problem)

    def refuse(self, findings: Iterable[Finding]) -> None:
        """Raise what is wrong, if anything is.

        Raises:
            InvalidSettings: Something is wrong.

        """
        if found := _sorted(findings, first=str(self.path)):
            raise InvalidSettings(found)


def load_settings(path: str | FilePath) -> StudioSettings:
    """Read a settings file and the roster it names.

    Args:
        path: The TOML file. The roster's path is relative to its folder.

    Raises:
        InvalidSettings: Something is wrong; its ``findings`` are all there is.

    """
    files = SettingsFiles.read(path)
    files.refuse([*files.findings(), *map(files.settle, over_full_stacks(files.draft))])
    return StudioSettings(**files.sections.values, roster=tuple(_people(files.reading.rows)))


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
        line = int(at["line"]) if at and at["line"] else text.rstrip().count("\n") + 1
        wrong = _AT.sub("", str(error))
        message = f"{wrong[:1].lower()}{wrong[1:]}, see https://toml.io for how to write it"
        raise InvalidSettings([Finding(str(file), line, "TOML", message)]) from None
    except (ValueError, RecursionError):
        message = "a number or a nesting that is far too large, look whether it is the right file"
        raise InvalidSettings([Finding(str(file), 1, "TOML", message)]) from None


def _roster(
    file: FilePath, sections: Sections, lines: Mapping[Path, int]
) -> tuple[FilePath, Sections, RosterReading, Mapping[Path, int], tuple[Finding, ...]]:
    """The roster that the settings name, with its path and what keeps it from being read."""
    name = sections.roster
    if name is None:
        return file, sections, RosterReading(goes_on=True), lines, ()
    path = file.parent / name
    try:
        reading = parse_roster(read_text(path, most_bytes=ROSTER_BYTES_MAX))
    except InvalidSettings as error:
        return path, sections, RosterReading(goes_on=True), lines, error.findings
    return path, sections, reading, lines, ()


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
