"""Who is let in and with which role, against the kind of domain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio_infra.settings.findings import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from studio_infra.settings.checks.draft import Checks, Draft
    from studio_infra.settings.sections.teams import TeamSettings


def access_checks(draft: Draft) -> Checks:
    """People whom nobody lets in, and permissions that would reach nobody."""
    yield _people_without_sso_name(draft)
    yield _nobody_let_in(draft)
    yield _groups_without_sso(draft)
    yield _users_without_sso(draft)
    yield _groups_that_keep_nothing_apart(draft)
    yield _policies_of_a_shared_role(draft)
    for name, team in draft.teams.items():
        yield _projects_of_nobody(draft, name, team)


def _people_without_sso_name(draft: Draft) -> Iterator[Problem]:
    if draft.domain.auth_mode != "SSO":
        return
    for row, person in enumerate(draft.roster):
        if not person.cells.get("sso_user_name"):
            allowed = "give the person's user name in IAM Identity Center"
            yield Problem(("roster", row, "sso_user_name"), 'missing, although auth_mode is "SSO"', allowed)


def _nobody_let_in(draft: Draft) -> Iterator[Problem]:
    """Profiles alone are not enough: Studio denies whoever is not assigned to the domain's application."""
    mode = draft.domain.auth_mode
    if mode == "SSO" and not draft.access.sso_groups and not draft.access.sso_users:
        allowed = "name groups in access.sso_groups, or users in access.sso_users"
        yield Problem(("domain", "auth_mode"), "lets nobody in by itself", allowed, mode)


def _groups_without_sso(draft: Draft) -> Iterator[Problem]:
    if draft.domain.auth_mode == "IAM" and draft.access.sso_groups:
        yield _is_for_sso("sso_groups", draft.access.sso_groups)


def _users_without_sso(draft: Draft) -> Iterator[Problem]:
    if draft.domain.auth_mode == "IAM" and draft.access.sso_users:
        yield _is_for_sso("sso_users", draft.access.sso_users)


def _is_for_sso(name: str, ids: tuple[str, ...]) -> Problem:
    allowed = 'leave it out, or let auth_mode be "SSO"'
    return Problem(("access", name), "is for people of IAM Identity Center", allowed, ids)


def _groups_that_keep_nothing_apart(draft: Draft) -> Iterator[Problem]:
    own = draft.access.security_group_per_person
    if own and draft.domain.network == "PublicInternetOnly":
        yield Problem(
            ("access", "security_group_per_person"),
            "keeps nothing apart, as apps are in a network of SageMaker's own",
            'leave it out, or let domain.network be "VpcOnly"',
            own,
        )


def _policies_of_a_shared_role(draft: Draft) -> Iterator[Problem]:
    if draft.access.role_sharing != "per_team":
        return
    for row, one in enumerate(draft.roster):
        if one.person is not None and one.person.policies:
            allowed = 'leave it empty, or let access.role_sharing be "per_person"'
            yield Problem(("roster", row, "policies"), "the person shares the role of the team", allowed)


def _projects_of_nobody(draft: Draft, name: str, team: TeamSettings) -> Iterator[Problem]:
    path = ("teams", name, "projects")
    if not team.projects:
        return
    if draft.access.projects_portfolio is None:
        yield Problem(path, "has no templates", "name access.projects_portfolio, or leave it out", True)
    elif draft.access.role_sharing == "per_person":
        allowed = 'let access.role_sharing be "per_team", or leave it out'
        yield Problem(path, "needs a role of the team", allowed, True)
