"""Names and owners of the spaces that a team shares, against those of people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio_infra.settings.facts import limits
from studio_infra.settings.fields.partial import where
from studio_infra.settings.findings import Path, Problem
from studio_infra.settings.roster.collisions import skeleton
from studio_infra.settings.sections.shared_spaces import owner_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from studio_infra.settings.checks.draft import Checks, Draft
    from studio_infra.settings.sections.teams import TeamSettings


def shared_space_checks(draft: Draft) -> Checks:
    """Shared spaces that could be taken for other people's, or that nobody could make."""
    people = {
        skeleton(row.cells["user_name"][: limits.NAME_MAX]): place
        for place, row in enumerate(draft.roster)
        if "user_name" in row.cells
    }
    sharing = where(draft.teams, lambda team: bool(team.shared_spaces))
    yield _names_of_others(draft, sharing, people)
    for name, team in sharing.items():
        yield _too_large(draft, name, team)
        yield _people_like_the_owner(name, people)
        yield _owner_without_sso_user(draft, name, team)
        yield _owner_with_sso_user(draft, name, team)
        yield _owner_who_is_a_person(draft, name, team)
        yield _without_jupyterlab(draft, name)


def _names_of_others(
    draft: Draft, sharing: Mapping[str, TeamSettings], people: Mapping[str, int]
) -> Iterator[Problem]:
    first: dict[str, Path] = {}
    for team, section in sharing.items():
        for name in section.shared_spaces:
            path: Path = ("teams", team, "shared_spaces", name)
            if skeleton(name) in people:
                where_it_is = _place(draft, people[skeleton(name)])
                wrong = f"is, or looks like, the private space of the person on {where_it_is}"
                yield Problem(path, wrong, "give the space another name")
            elif (other := first.setdefault(skeleton(name), path)) != path:
                wrong = f"is, or looks like, a space of team {other[1]}"
                yield Problem(path, wrong, "give each space of the domain a name of its own")


def _place(draft: Draft, row: int) -> str:
    line = draft.roster[row].line
    return f"place {row + 1} of the roster" if line is None else f"line {line} of the roster"


def _too_large(draft: Draft, name: str, team: TeamSettings) -> Iterator[Problem]:
    most = draft.domain.space_ebs_max_gb
    for space, one in team.shared_spaces.items():
        if one.ebs_gb is not None and one.ebs_gb > most:
            path = ("teams", name, "shared_spaces", space, "ebs_gb")
            yield Problem(path, "more than domain.space_ebs_max_gb", f"use at most {most}", one.ebs_gb)


def _people_like_the_owner(team: str, people: Mapping[str, int]) -> Iterator[Problem]:
    owner = owner_of(team)
    if skeleton(owner) in people:
        wrong = f"looks like {owner}, the profile that owns the shared spaces of team {team}"
        path = ("roster", people[skeleton(owner)], "user_name")
        yield Problem(path, wrong, "give the person another name")


def _owner_without_sso_user(draft: Draft, name: str, team: TeamSettings) -> Iterator[Problem]:
    """In an SSO domain each profile is bound to a user of Identity Center, that of a team to one that is nobody's."""
    if draft.domain.auth_mode == "SSO" and team.shared_spaces_sso_user is None:
        allowed = "name a user of IAM Identity Center that is no person's: it owns the team's shared spaces"
        yield Problem(_sso_user(name), 'missing, although auth_mode is "SSO"', allowed)


def _owner_with_sso_user(draft: Draft, name: str, team: TeamSettings) -> Iterator[Problem]:
    user = team.shared_spaces_sso_user
    if draft.domain.auth_mode == "IAM" and user is not None:
        yield Problem(_sso_user(name), "is for domains of IAM Identity Center", "leave it out", user)


def _owner_who_is_a_person(draft: Draft, name: str, team: TeamSettings) -> Iterator[Problem]:
    user = team.shared_spaces_sso_user
    for place, row in enumerate(draft.roster):
        given = row.cells.get("sso_user_name")
        if user is not None and given is not None and given.lower() == user.lower():
            wrong = f"already given to the person on {_place(draft, place)}"
            yield Problem(_sso_user(name), wrong, "name a user that is nobody's", user)


def _sso_user(team: str) -> Path:
    return ("teams", team, "shared_spaces_sso_user")


def _without_jupyterlab(draft: Draft, name: str) -> Iterator[Problem]:
    if "JupyterLab" not in draft.domain.apps:
        wrong = "need JupyterLab, which the domain does not have"
        allowed = 'add "JupyterLab" to domain.apps: Studio shares no other app'
        yield Problem(("teams", name, "shared_spaces"), wrong, allowed)
