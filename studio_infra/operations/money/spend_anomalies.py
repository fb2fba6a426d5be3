"""Spending that is unlike a team's spending before."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_ce as ce
from constructs import Construct

from studio_infra.access import TEAM_TAG
from studio_infra.errors import InvalidInput

if TYPE_CHECKING:
    from aws_cdk import aws_sns as sns


class SpendAnomalies(Construct):
    """Watches the spending of each value of a cost tag, and tells what is out of the ordinary.

    One monitor for all teams: AWS looks at each value of the tag by itself, and at new ones without a deployment. It
    needs ten days of history, and the tag activated as a cost allocation tag by the account that pays.

    Args:
        scope: The construct this one belongs to.
        construct_id: Unique among the children of `scope`.
        name: Name of the monitor.
        alerts: Where anomalies are told, each once. Its policy must let `costalerts.amazonaws.com` publish:
            `AlertTopic.allow` does that.
        from_usd: What an anomaly must have cost to be told, in US dollars.
        tag: The tag's key. Defaults to the team's. Changing it makes a new monitor, which learns anew.

    Raises:
        InvalidInput: `from_usd` is not more than 0.

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        alerts: sns.ITopic,
        from_usd: float,
        tag: str = TEAM_TAG,
    ) -> None:
        super().__init__(scope, construct_id)
        if not cdk.Token.is_unresolved(from_usd) and from_usd <= 0:
            raise InvalidInput("SpendAnomalies", f"from_usd must be more than 0, got {from_usd}", scope=self)
        monitor = ce.CfnAnomalyMonitor(
            self,
            "Resource",
            monitor_name=name,
            monitor_type="DIMENSIONAL",
            monitor_dimension="TAG",
            monitor_specification=json.dumps({"Tags": {"Key": tag}}),
        )
        ce.CfnAnomalySubscription(
            self,
            "Subscription",
            subscription_name=name,
            # A topic can have nothing else: daily and weekly are for e-mail.
            frequency="IMMEDIATE",
            monitor_arn_list=[monitor.attr_monitor_arn],
            subscribers=[ce.CfnAnomalySubscription.SubscriberProperty(type="SNS", address=alerts.topic_arn)],
            threshold_expression=json.dumps(
                {
                    "Dimensions": {
                        "Key": "ANOMALY_TOTAL_IMPACT_ABSOLUTE",
                        "MatchOptions": ["GREATER_THAN_OR_EQUAL"],
                        "Values": [_amount(from_usd)],
                    }
                }
            ),
        )


def _amount(usd: float) -> str:
    return str(usd) if cdk.Token.is_unresolved(usd) else f"{usd:.2f}".removesuffix(".00")
