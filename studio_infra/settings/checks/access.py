"""Who is let in and with which role, against the kind of domain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio_infra.settings.checks.draft import get
from studio_infra.settings.findings import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from studio_infra.settings.checks.draft import Draft


def access_contradictions(draft: Draft) -> Iterator[Problem]:
    """People whom nobody lets in, and permissions that would reach nobody."""
    yield from _people_without_sso_name(draft)
    yield from _nobody_let_in(draft)
    yield from _groups_that_keep_nothing_apart(draft)
    yield from _policies_of_a_shared_role(draft)
    yield from _projects_without_a_portfolio(draft)


def _people_without_sso_name(draft: Draft) -> Iterator[Problem]:
    if get(draft.domain, "auth_mode", str) != "SSO":
        return
    for row, person in enumerate(draft.roster):
        if not person.cells.get("sso_user_name"):
            allowed = "give the person's user name in IAM Identity Center"
            yield Problem(("roster", row, "sso_user_name"), 'missing, although auth_mode is "SSO"', allowed)


def _nobody_let_in(draft: Draft) -> Iterator[Problem]:
    """Profiles alone are not enough: Studio denies whoever is not assigned to the domain's application."""
    mode = get(draft.domain, "auth_mode", str)
    groups, users = (get(draft.access, name, tuple) for name in ("sso_groups", "sso_users"))
    if mode == "SSO" and groups == users == ():
        allowed = "name groups in access.sso_groups, or users in access.sso_users"
        yield Problem(("domain", "auth_mode"), "lets nobody in by itself", allowed, mode)
    for name, ids in (("sso_groups", groups), ("sso_users", users)):
        if mode == "IAM" and ids:
            allowed = 'leave it out, or let auth_mode be "SSO"'
            yield Problem(("access", name), "is for people of IAM Identity Center", allowed, ids)


def _groups_that_keep_nothing_apart(draft: Draft) -> Iterator[Problem]:
    own, network = get(draft.access, "security_group_per_person", bool), get(draft.domain, "network", str)
    if own and network == "PublicInternetOnly":
        yield Problem(
            ("access", "security_group_per_person"),
            "keeps nothing apart, as apps are in a network of SageMaker's own",
            'leave it out, or let domain.network be "VpcOnly"',
            own,
        )


def _policies_of_a_shared_role(draft: Draft) -> Iterator[Problem]:
    if get(draft.access, "role_sharing", str) != "per_team":
        return
    for row, one in enumerate(draft.roster):
        if one.person is not None and one.person.policies:
            allowed = 'leave it empty, or let access.role_sharing be "per_person"'
            yield Problem(("roster", row, "policies"), "the person shares the role of the team", allowed)


def _projects_without_a_portfolio(draft: Draft) -> Iterator[Problem]:
    portfolio, sharing = (get(draft.access, name, str) for name in ("projects_portfolio", "role_sharing"))
    for name, team in draft.teams.items():
        path = ("teams", name, "projects")
        if not get(team, "projects", bool):
            continue
        if portfolio is None:
            yield Problem(path, "has no templates", "name access.projects_portfolio, or leave it out", True)
        elif sharing == "per_person":
            yield Problem(
                path,
                "needs a role of the team",
                'let access.role_sharing be "per_team", or leave it out',
                True,
            )
