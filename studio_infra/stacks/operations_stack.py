"""The stack that keeps watch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import aws_cdk as cdk

from studio_infra.operations import AlertTopic, TeamBudget
from studio_infra.stacks.values import pascal

if TYPE_CHECKING:
    from constructs import Construct

    from studio_infra.settings import StudioSettings
    from studio_infra.stacks.studio_stack import StudioStack


class OperationsStack(cdk.Stack):
    """Budgets of teams, and the topic that alerts go to.

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
        self.alerts: Final = AlertTopic(self, "Alerts", key=studio.key)
        self.alerts.allow("budgets.amazonaws.com")
        cdk.CfnOutput(
            self,
            "AlertTopicArn",
            value=self.alerts.topic.topic_arn,
            description="Subscribe to hear about budgets",
        )
        for name, team in settings.teams.items():
            if team.monthly_budget_usd is not None:
                TeamBudget(
                    self,
                    f"{pascal(name)}Budget",
                    name_prefix=settings.name,
                    team=name,
                    monthly_usd=team.monthly_budget_usd,
                    alerts=self.alerts.topic,
                )
