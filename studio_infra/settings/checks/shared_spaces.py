"""Names and owners of the spaces that a team shares, against those of people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio_infra.settings.facts import limits
from studio_infra.settings.findings import Path, Problem
from studio_infra.settings.roster.collisions import skeleton
from studio_infra.settings.sections.shared_spaces import owner_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from studio_infra.settings.checks.draft import Draft


def shared_space_contradictions(draft: Draft) -> Iterator[Problem]:
    """Shared spaces that could be taken for other people's, or that nobody could make."""
    people = {
        skeleton(row.cells.get("user_name", "")[: limits.NAME_MAX]): place
        for place, row in enumerate(draft.roster)
    }
    first: dict[str, Path] = {}
    for team, section in draft.teams.items():
        spaces = getattr(section, "shared_spaces", None)
        if not isinstance(spaces, dict) or not spaces:
            continue
        for name, space in spaces.items():
            path: Path = ("teams", team, "shared_spaces", name)
            if skeleton(name) in people:
                where = _place(draft, people[skeleton(name)])
                wrong = f"is, or looks like, the private space of the person on {where}"
                yield Problem(path, wrong, "give the space another name")
            elif (other := first.setdefault(skeleton(name), path)) != path:
                wrong = f"is, or looks like, a space of team {other[1]}"
                yield Problem(path, wrong, "give each space of the domain a name of its own")
            yield from _too_large(draft, path, space)
        if skeleton(owner_of(team)) in people:
            place = people[skeleton(owner_of(team))]
            wrong = f"looks like {owner_of(team)}, the profile that owns the shared spaces of team {team}"
            yield Problem(("roster", place, "user_name"), wrong, "give the person another name")
        if hasattr(section, "shared_spaces_sso_user"):  # a draft lacks what is wrong by itself
            yield from _owner(draft, team, section.shared_spaces_sso_user)
        yield from _without_jupyterlab(draft, team)


def _place(draft: Draft, row: int) -> str:
    line = draft.roster[row].line
    return f"place {row + 1} of the roster" if line is None else f"line {line} of the roster"


def _too_large(draft: Draft, path: Path, space: object) -> Iterator[Problem]:
    size, most = getattr(space, "ebs_gb", None), getattr(draft.domain, "space_ebs_max_gb", None)
    if isinstance(size, int) and isinstance(most, int) and size > most:
        yield Problem((*path, "ebs_gb"), "more than domain.space_ebs_max_gb", f"use at most {most}", size)


def _owner(draft: Draft, team: str, name: object) -> Iterator[Problem]:
    """In an SSO domain each profile is bound to a user of Identity Center, that of a team to one that is nobody's."""
    path, mode = ("teams", team, "shared_spaces_sso_user"), getattr(draft.domain, "auth_mode", None)
    if mode == "SSO" and name is None:
        allowed = "name a user of IAM Identity Center that is no person's: it owns the team's shared spaces"
        yield Problem(path, 'missing, although auth_mode is "SSO"', allowed)
    if mode == "IAM" and name is not None:
        yield Problem(path, "is for domains of IAM Identity Center", "leave it out", name)
    if isinstance(name, str):
        for place, row in enumerate(draft.roster):
            if row.cells.get("sso_user_name", "").lower() == name.lower():
                wrong = f"already given to the person on {_place(draft, place)}"
                yield Problem(path, wrong, "name a user that is nobody's", name)


def _without_jupyterlab(draft: Draft, team: str) -> Iterator[Problem]:
    apps = getattr(draft.domain, "apps", None)
    if isinstance(apps, tuple) and "JupyterLab" not in apps:
        allowed = 'add "JupyterLab" to domain.apps: Studio shares no other app'
        yield Problem(
            ("teams", team, "shared_spaces"), "need JupyterLab, which the domain does not have", allowed
        )
