"""Shared files against teams, the network, and what a person and a space can mount."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio_infra.settings.facts.limits import PROFILE_FILE_SYSTEMS_MAX, SPACE_FILE_SYSTEMS_MAX
from studio_infra.settings.fields.partial import where
from studio_infra.settings.findings import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from studio_infra.settings.checks.draft import Checks, Draft
    from studio_infra.settings.sections.files import FilesSettings
    from studio_infra.settings.sections.teams import TeamSettings


def file_checks(draft: Draft) -> Checks:
    """Files that nobody could mount, and more of them than can be mounted."""
    for name, one in draft.files.items():
        yield _without_the_group(draft, name, one)
    yield _too_many_mounted(draft)
    yield _too_many_offered(draft)
    yield _twice(draft)
    for name, team in draft.teams.items():
        yield _usual_size(draft, name, team)
        yield _largest_size(draft, name, team)


def files_of(team: str, files: Mapping[str, FilesSettings]) -> dict[str, FilesSettings]:
    """Those that a team gets for sure."""
    return where(files, lambda one: one.is_for(team))


def _without_the_group(draft: Draft, name: str, one: FilesSettings) -> Iterator[Problem]:
    """Studio mounts through a group of its own: without it an app does not start, and Lustre cannot get it later."""
    if one.is_made and draft.network.studio_nfs_group is None:
        yield Problem(
            ("files", name, "kind"),
            "Studio could not mount it",
            "deploy the domain first, then name its group security-group-for-inbound-nfs-<domain-id> in "
            "network.studio_nfs_group",
            one.kind,
        )


def _too_many_mounted(draft: Draft) -> Iterator[Problem]:
    found: dict[str, Problem] = {}
    for team in draft.teams:
        mounted = [*where(files_of(team, draft.files), lambda one: one.is_mounted)]
        for name in mounted[SPACE_FILE_SYSTEMS_MAX:]:
            wrong = f"team {team} would mount {', '.join(mounted)}, a space mounts {SPACE_FILE_SYSTEMS_MAX}"
            allowed = "let mount be false in the others, or name other teams"
            found.setdefault(name, Problem(("files", name, "mount"), wrong, allowed))
    yield from found.values()


def _too_many_offered(draft: Draft) -> Iterator[Problem]:
    found: dict[str, Problem] = {}
    for team in draft.teams:
        offered = [*where(files_of(team, draft.files), lambda one: one.is_offered)]
        for name in offered[PROFILE_FILE_SYSTEMS_MAX:]:
            wrong = f"team {team} would get {len(offered)}, a person has at most {PROFILE_FILE_SYSTEMS_MAX}"
            found.setdefault(name, Problem(("files", name, "teams"), wrong, "name other teams"))
    yield from found.values()


def _twice(draft: Draft) -> Iterator[Problem]:
    """A space names a file system by its id alone, so a person has one directory of it."""
    found: dict[str, Problem] = {}
    brought = where(draft.files, lambda one: one.file_system_id is not None)
    for team in draft.teams:
        first: dict[str | None, str] = {}
        for name, one in files_of(team, brought).items():
            other = first.setdefault(one.file_system_id, name)
            if other != name:
                wrong = f"team {team} has it already, by files.{other}"
                allowed = "name other teams: a person has one directory of a file system"
                problem = Problem(("files", name, "file_system_id"), wrong, allowed, one.file_system_id)
                found.setdefault(name, problem)
    yield from found.values()


def _usual_size(draft: Draft, name: str, team: TeamSettings) -> Iterator[Problem]:
    """A team's usual size against the domain's largest, where the team has no largest of its own."""
    usual, most = team.default_ebs_gb, draft.domain.space_ebs_max_gb
    if team.max_ebs_gb is None and usual is not None and usual > most:
        yield Problem(
            ("teams", name, "default_ebs_gb"),
            "more than domain.space_ebs_max_gb",
            f"use at most {most}, or give the team a max_ebs_gb",
            usual,
        )


def _largest_size(draft: Draft, name: str, team: TeamSettings) -> Iterator[Problem]:
    """A team's largest size against the domain's usual, where the team has no usual of its own."""
    usual, most = draft.domain.space_ebs_gb, team.max_ebs_gb
    if team.default_ebs_gb is None and most is not None and most < usual:
        yield Problem(
            ("teams", name, "max_ebs_gb"),
            "less than domain.space_ebs_gb",
            f"use at least {usual}, or give the team a default_ebs_gb",
            most,
        )
