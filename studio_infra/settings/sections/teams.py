"""Teams: what their members may run, and for how much money."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Literal

from annotated_types import Ge, Gt, Le, MaxLen, MinLen

from studio_infra.settings.facts import limits
from studio_infra.settings.fields.aws_ids import InstanceType
from studio_infra.settings.fields.base import Many, Section
from studio_infra.settings.fields.texts import SpaceName, SsoUserName
from studio_infra.settings.findings import Problem, repeated
from studio_infra.settings.sections.idle import Minutes
from studio_infra.settings.sections.shared_spaces import SHARED_SPACES_MAX, SharedSpaceSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

BudgetAction = Literal["deny_new_apps"]
BudgetApproval = Literal["manual", "automatic"]
PersonaName = Literal["data_scientist", "ml_engineer", "analyst", "admin"]


class TeamSettings(Section):
    """`[teams.NAME]`: what everybody in a team may do. The name stands in tags and bucket prefixes."""

    persona: PersonaName
    """What the members' roles allow: a set of policy files."""

    instance_types: Annotated[Many[InstanceType], MinLen(1)]
    """Instance types that members may choose for apps; all others are hidden and refused."""

    default_instance_type: InstanceType | None = None
    """Instance type of an app when nobody chooses one. Left out, the domain's."""

    default_ebs_gb: Annotated[int, Ge(limits.EBS_GB[0]), Le(limits.EBS_GB[1])] | None = None
    """Size in GB of a new space of the members. Left out, the domain's."""

    max_ebs_gb: Annotated[int, Ge(limits.EBS_GB[0]), Le(limits.EBS_GB[1])] | None = None
    """Largest size in GB that members can choose for a space. Left out, the domain's."""

    posix_gid: Annotated[int, Ge(limits.POSIX_GID[0]), Le(limits.POSIX_GID[1])] | None = None
    """POSIX group that owns the team's directories; members need it as `posix_gid` in the roster, and nobody can move
    into or out of such a team with the profile they have. Left out, 1001, which is everybody's."""

    monthly_budget_usd: Annotated[float, Gt(0), Le(10_000_000)] | None = None
    """Budget in US dollars for a month, with alerts at 50, 80 and 100 %. Left out, no budget."""

    budget_action: BudgetAction | None = None
    """"deny_new_apps": once the budget is spent, nothing new starts; what runs goes on, and nothing is deleted.
    Needs a budget, and `access.role_sharing` "per_team". Left out, nothing happens but the alerts."""

    budget_action_approval: BudgetApproval = "manual"
    """"manual": a person approves the action. "automatic": it is taken as soon as AWS knows."""

    idle_after_minutes: Minutes | None = None
    """Minutes without activity after which an app stops: at least the domain's with "native_with_guard", any with
    "watcher". Left out, as in `[idle_shutdown]`."""

    shared_spaces: Annotated[Mapping[SpaceName, SharedSpaceSettings], MaxLen(SHARED_SPACES_MAX)] = {}
    """JupyterLab spaces of the whole team, by name."""

    shared_spaces_sso_user: SsoUserName | None = None
    """User of IAM Identity Center, no person's, that owns the team's shared spaces. Needed with them when the domain's
    `auth_mode` is "SSO". Changing it replaces them."""

    projects: bool = False
    """Whether members may make SageMaker Projects from templates. Needs `access.projects_portfolio`, and
    `access.role_sharing` "per_team", as a portfolio takes few roles."""

    def checks(self) -> tuple[Iterator[Problem], ...]:
        """Defaults that the team may not use, types named twice, and an action that nothing sets off."""
        return self._default(), self._repeated(), self._shared(), self._action(), self._sizes()

    def _sizes(self) -> Iterator[Problem]:
        usual, most = self.default_ebs_gb, self.max_ebs_gb
        if usual is not None and most is not None and usual > most:
            yield Problem(("default_ebs_gb",), "larger than max_ebs_gb", f"use at most {most}", usual)

    def _action(self) -> Iterator[Problem]:
        if self.budget_action is not None and self.monthly_budget_usd is None:
            yield Problem(
                ("budget_action",), "has no budget", "give the team a monthly_budget_usd", self.budget_action
            )
        if self.budget_action is None and "budget_action_approval" in self.model_fields_set:
            yield Problem(
                ("budget_action_approval",),
                "there is no action to approve",
                'leave it out, or give a budget_action = "deny_new_apps"',
                self.budget_action_approval,
            )

    def _default(self) -> Iterator[Problem]:
        default = self.default_instance_type
        if default is not None and default not in self.instance_types:
            allowed = f"use one of {', '.join(self.instance_types)}, or add it there"
            yield Problem(("default_instance_type",), "not among the team's instance_types", allowed, default)

    def _repeated(self) -> Iterator[Problem]:
        yield from repeated(self.instance_types, ("instance_types",))

    def _shared(self) -> Iterator[Problem]:
        for name, space in self.shared_spaces.items():
            own = space.instance_type
            if own is not None and own not in self.instance_types:
                allowed = f"use one of {', '.join(self.instance_types)}, or add it there"
                path = ("shared_spaces", name, "instance_type")
                yield Problem(path, "not among the team's instance_types", allowed, own)
