"""The stack that keeps watch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import aws_cdk as cdk

from studio_infra.access.policy_packing import MAX_POLICIES
from studio_infra.errors import InvalidInput
from studio_infra.operations import AlertTopic, ApprovalModel, SpendAnomalies, TeamBudget
from studio_infra.stacks.values import pascal

if TYPE_CHECKING:
    from constructs import Construct

    from studio_infra.settings import StudioSettings
    from studio_infra.stacks.studio_stack import StudioStack


class OperationsStack(cdk.Stack):
    """Budgets of teams, watches over money and machines, and the topic that alerts go to.

    Args:
        scope: The app.
        construct_id: Name of the stack.
        settings: What the platform team decided.
        studio: The stack with the key.
        **kwargs: Options of any stack.

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: StudioSettings,
        studio: StudioStack,
        **kwargs: Any,
    ) -> None:
        super().__init__(scope, construct_id, **kwargs)
        self._settings = settings
        self._studio = studio
        self.alerts: Final = AlertTopic(self, "Alerts", key=studio.key)
        self.alerts.allow("budgets.amazonaws.com")
        cdk.CfnOutput(
            self,
            "AlertTopicArn",
            value=self.alerts.topic.topic_arn,
            description="Subscribe to hear about budgets",
        )
        for name in settings.teams:
            self._budget(name)
        if settings.operations.anomalies_from_usd is not None:
            self.alerts.allow("costalerts.amazonaws.com")
            SpendAnomalies(
                self,
                "Anomalies",
                name=f"{settings.name}-teams",
                alerts=self.alerts.topic,
                from_usd=settings.operations.anomalies_from_usd,
            )

    def _budget(self, name: str) -> None:
        team, role = self._settings.teams[name], self._studio.teams[name].shared_role
        if team.monthly_budget_usd is None:
            return
        budget = TeamBudget(
            self,
            f"{pascal(name)}Budget",
            name_prefix=self._settings.name,
            team=name,
            monthly_usd=team.monthly_budget_usd,
            alerts=self.alerts.topic,
        )
        # The settings refuse an action for people with a role each.
        if team.budget_action is not None and role is not None:
            self._check_room(name)
            budget.deny_new_apps(roles=[role], approval=ApprovalModel(team.budget_action_approval.upper()))

    def _check_room(self, team: str) -> None:
        code_commit = self._studio.code_commit is not None
        held = len(self._studio.teams[team].managed_policies) + code_commit
        if held >= MAX_POLICIES:
            raise InvalidInput(
                "BudgetActionPolicies",
                f"the role of team {team} holds {held} policies and the budget_action needs one more, a role holds "
                f"{MAX_POLICIES}; use fewer instance types or no budget_action",
                scope=self,
            )
