"""What an export changes in a roster: who is new, who is known again, and who is no longer there.

Nobody is ever renamed, moved to another stack or taken out, because each of these loses a home. Nothing depends on the
order of the export, and a second import of the same export changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from studio_infra.settings.findings import Finding, InvalidSettings, show
from studio_infra.settings.importing.names import Wanted, give_names
from studio_infra.settings.reading.explain import explain
from studio_infra.settings.roster.person import Person

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from studio_infra.settings.importing.candidates import Candidate
    from studio_infra.settings.importing.export import Export
    from studio_infra.settings.importing.names import Given
    from studio_infra.settings.roster.collisions import RosterRow

SUSPENDED: Final = "suspended"


@dataclass(frozen=True, slots=True)
class Added:
    """Somebody new: their line in the export, their cells, and why their name is as it is."""

    line: int
    cells: Mapping[str, str]
    why: str

    @property
    def user_name(self) -> str:
        """The new name."""
        return self.cells["user_name"]


@dataclass(frozen=True, slots=True)
class Changed:
    """Somebody of the roster whose cells change: their line there, and each cell before and after."""

    line: int
    user_name: str
    cells: Mapping[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import does. `left` are people of the roster whom the export does not have."""

    added: Sequence[Added]
    changed: Sequence[Changed]
    unchanged: Sequence[str]
    left: Sequence[str]
    suspended: Sequence[str]
    still_suspended: Sequence[str]

    @property
    def is_empty(self) -> bool:
        """Whether the roster stays as it is."""
        return not self.added and not self.changed


def plan_import(
    export: Export,
    people: Iterable[Candidate],
    roster: Sequence[RosterRow],
    *,
    teams: Sequence[str],
    default_team: str | None = None,
    suspend_missing: bool = False,
) -> Plan:
    """Compare an export with a roster.

    Args:
        export: Where `people` come from.
        people: Everybody in the export.
        roster: Rows without mistakes.
        teams: Teams of the settings.
        default_team: Team of new people whom no group puts into one.
        suspend_missing: Whether people whom the export does not have are suspended.

    Raises:
        InvalidSettings: Somebody cannot be told from another, or has a field that the roster would refuse.

    """
    sorted_people = sorted(people, key=lambda one: one.identity)
    findings: list[Finding] = []
    known = _known_again(export, sorted_people, roster, findings)
    new = [one for one in sorted_people if one.line not in known]
    named = _named(export, new, roster, findings)
    added = []
    for one, given in zip(new, named, strict=True):
        team = one.team if one.team is not None else default_team
        if team is None:
            allowed = f"map groups to teams, or give --default-team one of {', '.join(teams)}"
            findings.append(export.finding(one.line, "team", f"in the group of no team, {allowed}"))
        cells = {"user_name": given.user_name, "team": team or teams[0], **one.cells}
        _check(export, one, cells, findings)
        added.append(Added(one.line, cells, given.why))
    changed = {
        row: _changes(roster[row], one) for one in sorted_people if (row := known.get(one.line, -1)) >= 0
    }
    by_line = {one.line: one for one in sorted_people}
    for line, row in known.items():
        _check(export, by_line[line], {**roster[row].cells, **_after(changed[row])}, findings, changed[row])
    if findings:
        raise InvalidSettings(sorted(findings, key=lambda finding: finding.line))
    gone = [row for row in range(len(roster)) if row not in changed]
    if suspend_missing:
        changed |= {row: _suspension(roster[row]) for row in gone}
    back = [
        row
        for line, row in known.items()
        if _is_suspended(roster[row]) and "status" not in by_line[line].cells
    ]
    return _plan(roster, added, changed, gone, back)


def _plan(
    roster: Sequence[RosterRow],
    added: list[Added],
    changed: Mapping[int, Mapping[str, tuple[str, str]]],
    gone: list[int],
    back: list[int],
) -> Plan:
    def names(rows: Iterable[int]) -> list[str]:
        return sorted(roster[row].cells["user_name"] for row in rows)

    changes = [
        Changed(roster[row].line or 0, roster[row].cells["user_name"], cells)
        for row, cells in sorted(changed.items())
        if cells
    ]
    return Plan(
        added=sorted(added, key=lambda one: one.user_name),
        changed=changes,
        unchanged=names(row for row, cells in changed.items() if not cells and row not in gone),
        left=names(gone),
        suspended=sorted(
            one.user_name for one in changes if one.cells.get("status", ("", ""))[1] == SUSPENDED
        ),
        still_suspended=names(back),
    )


def _known_again(
    export: Export, people: Iterable[Candidate], roster: Sequence[RosterRow], findings: list[Finding]
) -> dict[int, int]:
    """The place in the roster of everybody who is in it, by line of the export."""
    by_name = {row.cells.get("sso_user_name", "").lower(): place for place, row in enumerate(roster)}
    by_mail: dict[str, list[int]] = {}
    for place, row in enumerate(roster):
        by_mail.setdefault(row.cells["email"].lower(), []).append(place)
    found: dict[int, int] = {}
    whose: dict[int, int] = {}
    for one in people:
        sso = one.cells.get("sso_user_name", "").lower()
        named = by_name.get(sso) if sso else None
        mailed = by_mail.get(one.cells["email"].lower(), [])
        if named is None and not mailed:
            continue
        place = named if named is not None else mailed[0]
        if wrong := _doubt(roster, sso, named, mailed):
            findings.append(export.finding(one.line, *wrong))
        elif whose.setdefault(place, one.line) != one.line:
            who = show(roster[place].cells["user_name"])
            wrong = (
                "email",
                f"{who} of the roster is the person on line {whose[place]}, too, correct one of them",
            )
            findings.append(export.finding(one.line, *wrong))
        found[one.line] = place
    return found


def _doubt(
    roster: Sequence[RosterRow], sso: str, named: int | None, mailed: Sequence[int]
) -> tuple[str, str] | None:
    """Why somebody may not be whom they look like: addresses are given to others when their owner has left."""

    def who(place: int) -> str:
        return show(roster[place].cells["user_name"])

    if named is not None:
        if others := [place for place in mailed if place != named]:
            text = f"the address of {who(others[0])}, but the sign-in name of {who(named)}"
            return "email", f"{text}, correct the roster or the export"
        return None
    if len(mailed) > 1:
        text = f"the address of {who(mailed[0])} and of {who(mailed[1])}"
        return "email", f"{text}, give one of them another, or sso_user_name to both"
    own = roster[mailed[0]].cells.get("sso_user_name", "").lower()
    if sso and own:
        text = f"the address of {who(mailed[0])}, whose sign-in name is another"
        return "sso_user_name", f"{text}: if it is the same person, write the new one into the roster first"
    return None


def _named(
    export: Export, new: Sequence[Candidate], roster: Sequence[RosterRow], findings: list[Finding]
) -> list[Given]:
    taken = [row.cells["user_name"] for row in roster]
    try:
        return give_names([Wanted(one.identity, one.source) for one in new], taken)
    except ValueError as error:
        line = next(one.line for one in new if one.identity == str(error))
        wrong = "the same as the address of another person, give both a sign-in name"
        findings.append(export.finding(line, "sso_user_name", wrong))
        raise InvalidSettings(findings) from None


def _changes(row: RosterRow, one: Candidate) -> dict[str, tuple[str, str]]:
    """The cells of somebody that the export says otherwise. What it does not say stays."""
    said = {**one.cells, **({"team": one.team} if one.team is not None else {})}
    before = {name: row.cells.get(name, "") for name in said}
    caseless = ("email", "sso_user_name")
    return {
        name: (before[name], after)
        for name, after in sorted(said.items())
        if (before[name].lower() != after.lower() if name in caseless else before[name] != after)
    }


def _suspension(row: RosterRow) -> dict[str, tuple[str, str]]:
    return {} if _is_suspended(row) else {"status": (row.cells.get("status", ""), SUSPENDED)}


def _is_suspended(row: RosterRow) -> bool:
    return row.cells.get("status") == SUSPENDED


def _after(cells: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    return {name: after for name, (_, after) in cells.items()}


def _check(
    export: Export,
    one: Candidate,
    cells: Mapping[str, str],
    findings: list[Finding],
    only: Iterable[str] | None = None,
) -> None:
    """What the roster would refuse."""
    try:
        Person.model_validate(dict(cells))
    except ValidationError as error:
        for problem in explain(error, Person):
            name = str(problem.path[0])
            if only is None or name in only:
                findings.append(export.finding(one.line, name, problem.text))
