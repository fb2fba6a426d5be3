"""What a team may spend in a month, and who hears about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import aws_cdk as cdk
from aws_cdk import aws_budgets as budgets
from constructs import Construct

from studio_infra.access import TEAM_TAG
from studio_infra.errors import InvalidInput
from studio_infra.operations.money.deny_new_apps import ApprovalModel, DenyNewApps

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import aws_iam as iam
    from aws_cdk import aws_sns as sns

#: Per cent of the budget that was really spent.
ALERTS_PERCENT: Final = (50, 80, 100)


class TeamBudget(Construct):
    """A monthly budget for everything that carries a team's tag: apps, jobs, endpoints.

    The tag `studio:team` must be activated once as a cost allocation tag, by the account that pays:
    https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/activating-tags.html. Costs show up a day later.

    Args:
        scope: The construct this one belongs to.
        construct_id: Unique among the children of `scope`.
        name_prefix: Start of the budget's name.
        team: The team.
        monthly_usd: The budget in US dollars. Nothing is stopped when it is spent; `deny_new_apps` lets nothing new
            start.
        alerts: Where 50, 80 and 100 % are told.

    Raises:
        InvalidInput: `monthly_usd` is not more than 0.

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name_prefix: str,
        team: str,
        monthly_usd: float,
        alerts: sns.ITopic,
    ) -> None:
        super().__init__(scope, construct_id)
        if not cdk.Token.is_unresolved(monthly_usd) and monthly_usd <= 0:
            raise InvalidInput(
                "TeamBudget", f"monthly_usd must be more than 0, got {monthly_usd}", scope=self
            )
        self._team = team
        self._alerts = alerts
        #: Name of the budget.
        self.budget_name: Final = f"{name_prefix}-{team}"
        subscriber = budgets.CfnBudget.SubscriberProperty(subscription_type="SNS", address=alerts.topic_arn)
        self._resource = budgets.CfnBudget(
            self,
            "Resource",
            budget=budgets.CfnBudget.BudgetDataProperty(
                budget_name=self.budget_name,
                budget_type="COST",
                time_unit="MONTHLY",
                budget_limit=budgets.CfnBudget.SpendProperty(amount=monthly_usd, unit="USD"),
                # The service's own spelling: "user:" and the tag's key, a dollar sign, the tag's value.
                cost_filters={"TagKeyValue": [f"user:{TEAM_TAG}${team}"]},
            ),
            notifications_with_subscribers=[
                budgets.CfnBudget.NotificationWithSubscribersProperty(
                    notification=budgets.CfnBudget.NotificationProperty(
                        comparison_operator="GREATER_THAN",
                        notification_type="ACTUAL",
                        threshold=percent,
                        threshold_type="PERCENTAGE",
                    ),
                    subscribers=[subscriber],
                )
                for percent in ALERTS_PERCENT
            ],
        )

    def deny_new_apps(
        self,
        *,
        roles: Sequence[iam.IRole],
        approval: ApprovalModel = ApprovalModel.MANUAL,
        at_percent: float = 100,
    ) -> DenyNewApps:
        """Let nothing new start when the budget is spent: see `DenyNewApps`.

        Args:
            roles: What the team's people run as: 1 to 100 roles.
            approval: Who decides. Defaults to a person.
            at_percent: Per cent of the budget that was really spent. Defaults to 100.

        """
        action = DenyNewApps(
            self,
            "DenyNewApps",
            budget_name=self.budget_name,
            team=self._team,
            roles=roles,
            alerts=self._alerts,
            approval=approval,
            at_percent=at_percent,
        )
        action.node.add_dependency(self._resource)
        return action
