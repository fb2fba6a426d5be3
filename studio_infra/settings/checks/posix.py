"""Numbers of people and teams on shared file systems: whose directory is whose.

SageMaker takes a person's numbers with a new profile and never changes them, so nothing here follows from a team: what
people have stands in the roster, and a team move that would need another group is said before it is deployed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio_infra.settings.checks.files import whole
from studio_infra.settings.facts.limits import DEFAULT_GID
from studio_infra.settings.findings import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from studio_infra.settings.checks.draft import Draft
    from studio_infra.settings.roster.collisions import RosterRow
    from studio_infra.settings.roster.person import Person


def posix_contradictions(draft: Draft) -> Iterator[Problem]:
    """Groups that two teams share, and people who could not write to their team's files, or could to another's."""
    groups: dict[int, str] = {}
    for team, section in draft.teams.items():
        gid = getattr(section, "posix_gid", None)
        if not isinstance(gid, int):
            continue
        other = groups.setdefault(gid, team)
        if gid == DEFAULT_GID:
            yield Problem(
                ("teams", team, "posix_gid"), "everybody's group", "leave it out, or use another", gid
            )
        elif other != team:
            wrong = f"already the group of team {other}"
            yield Problem(("teams", team, "posix_gid"), wrong, "give each team its own, or none", gid)
    for place, row in enumerate(draft.roster):
        if row.person is not None:
            yield from _of_person(draft, groups, place, row)


def group_of(person: Person) -> int:
    """The group of a person's files, as SageMaker is told it."""
    if person.posix_uid is None:
        return DEFAULT_GID
    return person.posix_gid if person.posix_gid is not None else person.posix_uid


def _of_person(draft: Draft, groups: dict[int, str], place: int, row: RosterRow) -> Iterator[Problem]:
    person = row.person
    assert person is not None  # noqa: S101 - asked by the caller
    if person.posix_gid is not None and person.posix_uid is None:
        allowed = "give the person a posix_uid too, or leave it out"
        yield Problem(("roster", place, "posix_gid"), "has no posix_uid", allowed, person.posix_gid)
        return
    gid, section = group_of(person), draft.teams.get(person.team)
    theirs = groups.get(gid)
    if theirs is not None and theirs != person.team:
        field = "posix_gid" if person.posix_gid is not None else "posix_uid"
        wrong = f"is the group of team {theirs}, the person is in team {person.team}"
        yield Problem(
            ("roster", place, field),
            wrong,
            "give another number; a profile that exists keeps its number, and needs a new one in its place",
            gid,
        )
        return
    if section is None or not hasattr(section, "posix_gid"):
        return
    own: int = section.posix_gid if section.posix_gid is not None else DEFAULT_GID
    for name, one in whole(draft).items():
        if one.kind != "efs" or not one.is_made or not one.is_for(person.team):
            continue
        if one.directories == "person":
            if person.posix_uid is None:
                wrong = f"missing, although files.{name} has a directory for each person"
                yield Problem(
                    ("roster", place, "posix_uid"), wrong, "give each of the team's people their own"
                )
            continue
        wanted = own if one.directories == "team" else DEFAULT_GID
        if gid != wanted:
            wrong = f"the group is {gid}, the person's directory of files.{name} belongs to {wanted}"
            allowed = f"let posix_gid be {wanted}, with a posix_uid"
            if person.posix_uid is not None and wanted == DEFAULT_GID:
                allowed += ", or leave both out"
            yield Problem(("roster", place, "posix_gid"), wrong, allowed)
            return
