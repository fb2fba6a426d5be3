"""Numbers of people and teams on shared file systems: whose directory is whose.

SageMaker takes a person's numbers with a new profile and never changes them, so nothing here follows from a team: what
people have stands in the roster, and a team move that would need another group is said before it is deployed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio_infra.settings.checks.files import files_of
from studio_infra.settings.facts.limits import DEFAULT_GID
from studio_infra.settings.fields.partial import where
from studio_infra.settings.findings import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from studio_infra.settings.checks.draft import Checks, Draft
    from studio_infra.settings.roster.person import Person
    from studio_infra.settings.sections.files import FilesSettings


def posix_checks(draft: Draft) -> Checks:
    """Groups that two teams share, and people who could not write to their team's files, or could to another's."""
    owners: dict[int | None, list[str]] = {}
    for team, section in where(draft.teams, lambda team: team.posix_gid not in {None, DEFAULT_GID}).items():
        owners.setdefault(section.posix_gid, []).append(team)
    made = where(draft.files, lambda one: one.kind == "efs" and one.is_made and bool(one.directories))
    files = {team: files_of(team, made) for team in draft.teams}
    yield _groups_in_common(draft)
    for row, one in enumerate(draft.roster):
        if one.person is not None:
            yield _numbers_of_a_person(draft, owners, files.get(one.person.team, {}), row, one.person)


def group_of(person: Person) -> int:
    """The group of a person's files, as SageMaker is told it."""
    if person.posix_uid is None:
        return DEFAULT_GID
    return person.posix_gid if person.posix_gid is not None else person.posix_uid


def _groups_in_common(draft: Draft) -> Iterator[Problem]:
    first: dict[int | None, str] = {}
    for name, team in where(draft.teams, lambda team: team.posix_gid is not None).items():
        path, gid = ("teams", name, "posix_gid"), team.posix_gid
        other = first.setdefault(gid, name)
        if gid == DEFAULT_GID:
            yield Problem(path, "everybody's group", "leave it out, or use another", gid)
        elif other != name:
            wrong = f"already the group of team {other}"
            yield Problem(path, wrong, "give each team its own, or none", gid)


def _numbers_of_a_person(
    draft: Draft,
    owners: Mapping[int | None, Sequence[str]],
    files: Mapping[str, FilesSettings],
    row: int,
    person: Person,
) -> Iterator[Problem]:
    gid, given = group_of(person), person.posix_gid
    if given is not None and person.posix_uid is None:
        allowed = "give the person a posix_uid too, or leave it out"
        yield Problem(("roster", row, "posix_gid"), "has no posix_uid", allowed, given)
    elif gid in owners and person.team not in owners[gid]:
        yield Problem(
            ("roster", row, "posix_gid" if given is not None else "posix_uid"),
            f"is the group of team {owners[gid][0]}, the person is in team {person.team}",
            "give another number; a profile that exists keeps its number, and needs a new one in its place",
            gid,
        )
    else:
        yield from _directories_without_a_number(files, row, person)
        yield from _directories_of_another_group(draft, files, row, person)


def _directories_without_a_number(
    files: Mapping[str, FilesSettings], row: int, person: Person
) -> Iterator[Problem]:
    for name, one in files.items():
        if one.directories == "person" and person.posix_uid is None:
            wrong = f"missing, although files.{name} has a directory for each person"
            yield Problem(("roster", row, "posix_uid"), wrong, "give each of the team's people their own")


def _directories_of_another_group(
    draft: Draft, files: Mapping[str, FilesSettings], row: int, person: Person
) -> Iterator[Problem]:
    """The first of the directories that the person could not write to: its number may be wrong for others, too."""
    gid = group_of(person)
    for name, one in files.items():
        if one.directories == "person":
            continue
        own = draft.teams[person.team].posix_gid if one.directories == "team" else None
        wanted = own if own is not None else DEFAULT_GID
        if gid != wanted:
            wrong = f"the group is {gid}, the person's directory of files.{name} belongs to {wanted}"
            allowed = f"let posix_gid be {wanted}, with a posix_uid"
            if person.posix_uid is not None and wanted == DEFAULT_GID:
                allowed += ", or leave both out"
            yield Problem(("roster", row, "posix_gid"), wrong, allowed)
            return
