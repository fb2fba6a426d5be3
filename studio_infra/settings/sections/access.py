"""Roles of people, teams and jobs: whose they are, what limits them, and who is let in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from annotated_types import Ge, Le, MaxLen

from studio_infra.settings.facts import limits
from studio_infra.settings.fields.aws_ids import PolicyArn, PortfolioId, PrincipalId
from studio_infra.settings.fields.base import Many, Section
from studio_infra.settings.fields.texts import RolePath
from studio_infra.settings.findings import repeated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from studio_infra.settings.findings import Problem

RoleSharingName = Literal["per_person", "per_team"]

#: One group for everybody is the rule; more assignments than this belong into a group.
_ASSIGNMENTS_MAX = 50


class AccessSettings(Section):
    """`[access]`: whose the execution roles are, what limits them, and who SSO lets in."""

    role_sharing: RoleSharingName = "per_person"
    """"per_person": a role each. "per_team": one for a team, with the person's name in each call;
    changing it needs all apps stopped."""

    permissions_boundary: PolicyArn | None = None
    """ARN of the managed policy that limits every role of every stack. Left out, none."""

    path: RolePath | None = None
    """Path of people's and teams' roles and policies, for example "/studio/". Left out, "/".
    Changing it makes them anew."""

    max_job_runtime_minutes: Annotated[int, Ge(1), Le(limits.JOB_MINUTES_MAX)] = 1440
    """Longest run time in minutes that people may ask for in a job."""

    security_group_per_person: bool = False
    """Whether everybody has a security group of their own, so that nobody's apps reach another's ports.
    Needs the domain's network to be "VpcOnly"."""

    sso_groups: Annotated[Many[PrincipalId], MaxLen(_ASSIGNMENTS_MAX)] = ()
    """Ids of groups in IAM Identity Center that are let in. For domains with `auth_mode` "SSO"."""

    sso_users: Annotated[Many[PrincipalId], MaxLen(_ASSIGNMENTS_MAX)] = ()
    """Ids of users in IAM Identity Center that are let in beside the groups."""

    projects_portfolio: PortfolioId | None = None
    """Portfolio of the templates of SageMaker Projects, for teams with `projects`. It is there once an administrator
    has turned Projects on in the account and region. Left out, nobody makes projects."""

    def checks(self) -> tuple[Iterator[Problem], ...]:
        """Somebody who is let in twice."""
        return self._repeated("sso_groups"), self._repeated("sso_users")

    def _repeated(self, field: str) -> Iterator[Problem]:
        values: tuple[str, ...] = getattr(self, field)
        yield from repeated(values, (field,))
