"""Where alerts go: one topic, to which people, chat bots and pagers subscribe."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import aws_cdk as cdk
import jsii
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from constructs import Construct

if TYPE_CHECKING:
    from aws_cdk import aws_kms as kms
    from aws_cdk.interfaces import aws_events as refs


@jsii.implements(events.IRuleTarget)
class _RuleTarget:
    """The topic as it is: CDK's own target would open the key to EventBridge on behalf of any account."""

    def __init__(self, topic: sns.ITopic) -> None:
        self._topic = topic

    def bind(self, rule: refs.IRuleRef, id: str | None = None) -> events.RuleTargetConfig:  # noqa: A002, ARG002 - CDK's names
        return events.RuleTargetConfig(arn=self._topic.topic_arn)


class AlertTopic(Construct):
    """An encrypted SNS topic that only AWS services of this account may publish to, over TLS.

    Args:
        scope: The construct this one belongs to.
        construct_id: Unique among the children of `scope`. Renaming it makes a new topic without subscribers.
        key: Encrypts the messages. Its policy must let the publishing services use it: `allow` does that for a key of
            the same app.

    """

    def __init__(self, scope: Construct, construct_id: str, *, key: kms.IKey) -> None:
        super().__init__(scope, construct_id)
        self._key = key
        #: The topic. Subscribe to it with an address of a team, not of a person.
        self.topic: Final = sns.Topic(self, "Resource", master_key=key, enforce_ssl=True)

    @property
    def rule_target(self) -> events.IRuleTarget:
        """The topic as the target of a rule. It needs `allow("events.amazonaws.com")` once."""
        return _RuleTarget(self.topic)

    def allow(self, service: str) -> None:
        """Let an AWS service publish here on behalf of this account: `"budgets.amazonaws.com"`."""
        principal = iam.ServicePrincipal(service)
        own = {"StringEquals": {"aws:SourceAccount": cdk.Stack.of(self).account}}
        self.topic.add_to_resource_policy(
            iam.PolicyStatement(
                sid=f"Publish{service.partition('.')[0].capitalize()}",
                principals=[principal],
                actions=["sns:Publish"],
                resources=[self.topic.topic_arn],
                conditions=own,
            )
        )
        self._key.add_to_resource_policy(
            iam.PolicyStatement(
                sid=f"Alerts{service.partition('.')[0].capitalize()}",
                principals=[principal],
                actions=["kms:Decrypt", "kms:GenerateDataKey*"],
                # In a key's own policy, `*` is that key.
                resources=["*"],
                conditions=own,
            )
        )
