"""People as an export says they are, each checked by itself."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from studio_infra.settings.findings import Finding, InvalidSettings, show

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from studio_infra.settings.importing.export import Export, Record
    from studio_infra.settings.importing.mapping import Mapped

#: What Okta, Entra ID and others write about an account that is in use, and about one that is not.
_IN_USE: Final = frozenset(
    [
        *("active", "enabled", "true", "yes", "1"),
        *("staged", "provisioned", "recovery", "password_expired", "locked_out"),
    ]
)
_NOT_IN_USE: Final = frozenset(("inactive", "suspended", "disabled", "false", "no", "0", "deprovisioned"))
#: Spreadsheets run a cell that begins with one of these, when somebody opens the roster.
_FORMULA: Final = frozenset("=+-@")
#: What may be between groups. Names of groups may hold one of them: `CN=Vision,OU=Teams`.
_BETWEEN: Final = tuple(map(re.compile, (";", ",", "[|]", "[;,|]")))
_DATE_LENGTH: Final = len("2027-03-31")
#: Longer texts are refused by the roster, so nothing is done to them.
_LONGEST_FOLDED: Final = 400


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody in an export.

    Args:
        line: Where.
        source: What a new user name is made from.
        cells: Their fields by column of the roster, but for name, team and stack; empty ones are left out.
        team: The team that their groups put them into, if any does.

    """

    line: int
    source: str
    cells: Mapping[str, str] = field(default_factory=dict)
    team: str | None = None

    @property
    def identity(self) -> str:
        """What the identity provider calls them, whatever the case."""
        return (self.cells.get("sso_user_name") or self.cells["email"]).lower()


def candidates(export: Export, mapped: Mapped, *, teams: Mapping[str, str]) -> list[Candidate]:
    """Everybody in an export.

    Args:
        export: The export.
        mapped: Where the fields are.
        teams: Team by name of a group.

    Raises:
        InvalidSettings: Lines do not say who somebody is; all of them are named.

    """
    findings: list[Finding] = []
    people = []
    known = {group.casefold(): team for group, team in teams.items()}
    for record in export.records:
        wrong = list(_wrong(record, mapped, known))
        findings += [export.finding(record.line, name, text) for name, text in wrong]
        if not wrong:
            people.append(_candidate(record, mapped, known))
    findings += _twice(export, people)
    if findings:
        raise InvalidSettings(sorted(findings, key=lambda finding: finding.line))
    return people


def _candidate(record: Record, mapped: Mapped, teams: Mapping[str, str]) -> Candidate:
    texts = ("full_name", "email", "sso_user_name", "posix_uid")
    cells = {name: _composed(mapped.value(record, name)) for name in texts}
    cells["expires"] = mapped.value(record, "expires")[:_DATE_LENGTH]
    if mapped.value(record, "status").casefold() in _NOT_IN_USE:
        cells["status"] = "suspended"
    found = _teams(mapped.value(record, "team"), teams)
    source = mapped.value(record, "user_name") or cells["sso_user_name"] or cells["email"]
    return Candidate(
        record.line, source, {name: text for name, text in cells.items() if text}, next(iter(found), None)
    )


def _wrong(record: Record, mapped: Mapped, teams: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What keeps a record from being a person, by field."""
    for name in ("full_name", "email"):
        if not mapped.value(record, name):
            yield name, "missing, everybody needs one"
    for name in ("full_name", "email", "sso_user_name"):
        text = mapped.value(record, name)
        if unicodedata.normalize("NFKC", text[:1])[:1] in _FORMULA:
            wrong = "spreadsheets would run it as a formula"
            yield name, f"{wrong} (got {show(text)}), let it begin with a letter or a digit"
    status = mapped.value(record, "status")
    if status and status.casefold() not in _IN_USE | _NOT_IN_USE:
        allowed = f"use {', '.join(sorted(_IN_USE | _NOT_IN_USE))}"
        yield "status", f"no word for whether an account is in use (got {show(status)}), {allowed}"
    groups = mapped.value(record, "team")
    if len(found := _teams(groups, teams)) > 1:
        yield "team", f"in the groups of teams {' and '.join(sorted(found))}, leave all but one"


def _teams(groups: str, teams: Mapping[str, str]) -> list[str]:
    """The teams of somebody's groups, each once."""
    parts = [groups, *(part for between in _BETWEEN for part in between.split(groups))]
    names = (part.strip().casefold() for part in parts)
    return list(dict.fromkeys(teams[name] for name in names if name in teams))


def _twice(export: Export, people: list[Candidate]) -> Iterator[Finding]:
    """Everybody who is in the export before: merging two people silently would merge their homes."""
    for name in ("sso_user_name", "email"):
        first: dict[str, int] = {}
        for person in people:
            value = person.cells.get(name, "").lower()
            if value and first.setdefault(value, person.line) != person.line:
                message = (
                    f"already that of the person on line {first[value]}, export one line for each person"
                )
                yield export.finding(person.line, name, message)


def _composed(text: str) -> str:
    """Accents as one character with their letter, as rosters have them."""
    return unicodedata.normalize("NFC", text) if len(text) <= _LONGEST_FOLDED else text
