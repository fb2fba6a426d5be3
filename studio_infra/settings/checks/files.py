"""Shared files against teams, the network, and what a person and a space can mount."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from studio_infra.settings.facts.limits import PROFILE_FILE_SYSTEMS_MAX, SPACE_FILE_SYSTEMS_MAX
from studio_infra.settings.findings import Problem
from studio_infra.settings.sections.files import FilesSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from studio_infra.settings.checks.draft import Draft

#: What a section needs before anything can be said of it.
_NEEDED: Final = ("kind", "teams", "mount", "file_system_id", "directories")


def whole(draft: Draft) -> dict[str, FilesSettings]:
    """The sections about files that are right by themselves, as far as others depend on them."""
    return {
        name: one
        for name, one in draft.files.items()
        if isinstance(one, FilesSettings) and all(hasattr(one, field) for field in _NEEDED)
    }


def file_contradictions(draft: Draft) -> Iterator[Problem]:
    """Files that nobody could mount, and more of them than can be mounted."""
    files = whole(draft)
    yield from _without_the_group(draft, files)
    yield from _too_many(draft, files)
    yield from _twice(draft, files)
    yield from _sizes_of_teams(draft)


def _without_the_group(draft: Draft, files: dict[str, FilesSettings]) -> Iterator[Problem]:
    """Studio mounts through a group of its own: without it an app does not start, and Lustre cannot get it later."""
    if getattr(draft.network, "studio_nfs_group", "") is not None:
        return
    for name, one in files.items():
        if one.is_made:
            yield Problem(
                ("files", name, "kind"),
                "Studio could not mount it",
                "deploy the domain first, then name its group security-group-for-inbound-nfs-<domain-id> in "
                "network.studio_nfs_group",
                one.kind,
            )


def _too_many(draft: Draft, files: dict[str, FilesSettings]) -> Iterator[Problem]:
    found: dict[tuple[str, str], Problem] = {}
    for team in draft.teams:
        own = {name: one for name, one in files.items() if one.is_for(team)}
        mounted = [name for name, one in own.items() if one.is_mounted]
        offered = [name for name, one in own.items() if one.is_offered]
        for name in mounted[SPACE_FILE_SYSTEMS_MAX:]:
            wrong = f"team {team} would mount {', '.join(mounted)}, a space mounts {SPACE_FILE_SYSTEMS_MAX}"
            allowed = "let mount be false in the others, or name other teams"
            found.setdefault((name, "mount"), Problem(("files", name, "mount"), wrong, allowed))
        for name in offered[PROFILE_FILE_SYSTEMS_MAX:]:
            wrong = f"team {team} would get {len(offered)}, a person has at most {PROFILE_FILE_SYSTEMS_MAX}"
            found.setdefault((name, "teams"), Problem(("files", name, "teams"), wrong, "name other teams"))
    yield from found.values()


def _twice(draft: Draft, files: dict[str, FilesSettings]) -> Iterator[Problem]:
    """A space names a file system by its id alone, so a person has one directory of it."""
    found: dict[str, Problem] = {}
    for team in draft.teams:
        first: dict[str, str] = {}
        for name, one in files.items():
            if one.file_system_id is None or not one.is_for(team):
                continue
            other = first.setdefault(one.file_system_id, name)
            if other != name:
                wrong = f"team {team} has it already, by files.{other}"
                allowed = "name other teams: a person has one directory of a file system"
                problem = Problem(("files", name, "file_system_id"), wrong, allowed, one.file_system_id)
                found.setdefault(name, problem)
    yield from found.values()


def _sizes_of_teams(draft: Draft) -> Iterator[Problem]:
    """A team's sizes against those of the domain, where the team says only one of them."""
    usual, most = (getattr(draft.domain, name, None) for name in ("space_ebs_gb", "space_ebs_max_gb"))
    if not isinstance(usual, int) or not isinstance(most, int):
        return
    for team, section in draft.teams.items():
        own_usual, own_most = (getattr(section, name, 0) for name in ("default_ebs_gb", "max_ebs_gb"))
        if own_most is None and isinstance(own_usual, int) and own_usual > most:
            yield Problem(
                ("teams", team, "default_ebs_gb"),
                "more than domain.space_ebs_max_gb",
                f"use at most {most}, or give the team a max_ebs_gb",
                own_usual,
            )
        if own_usual is None and isinstance(own_most, int) and 0 < own_most < usual:
            yield Problem(
                ("teams", team, "max_ebs_gb"),
                "less than domain.space_ebs_gb",
                f"use at least {usual}, or give the team a default_ebs_gb",
                own_most,
            )
