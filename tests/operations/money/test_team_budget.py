from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from aws_cdk import aws_kms as kms
from aws_cdk.assertions import Match, Template

from studio_infra.errors import InvalidInput
from studio_infra.operations import AlertTopic, TeamBudget

if TYPE_CHECKING:
    import aws_cdk as cdk
    from aws_cdk import aws_sns as sns


@pytest.fixture
def topic(stack: cdk.Stack) -> sns.Topic:
    alerts = AlertTopic(stack, "Alerts", key=kms.Key(stack, "Key"))
    alerts.allow("budgets.amazonaws.com")
    return alerts.topic


def test_counts_what_carries_the_teams_tag(stack: cdk.Stack, topic: sns.Topic) -> None:
    TeamBudget(stack, "Budget", name_prefix="research", team="vision", monthly_usd=1500, alerts=topic)
    Template.from_stack(stack).has_resource_properties(
        "AWS::Budgets::Budget",
        {
            "Budget": {
                "BudgetName": "research-vision",
                "BudgetLimit": {"Amount": 1500, "Unit": "USD"},
                "CostFilters": {"TagKeyValue": ["user:studio:team$vision"]},
                "TimeUnit": "MONTHLY",
            }
        },
    )


def test_tells_the_topic_at_half_at_most_and_at_the_end(stack: cdk.Stack, topic: sns.Topic) -> None:
    TeamBudget(stack, "Budget", name_prefix="research", team="vision", monthly_usd=1, alerts=topic)
    (budget,) = Template.from_stack(stack).find_resources("AWS::Budgets::Budget").values()
    alerts = budget["Properties"]["NotificationsWithSubscribers"]
    assert [alert["Notification"]["Threshold"] for alert in alerts] == [50, 80, 100]
    assert {alert["Subscribers"][0]["Address"]["Ref"] for alert in alerts} == {
        stack.get_logical_id(topic.node.default_child)  # type: ignore[arg-type]
    }


@pytest.mark.parametrize("bad", [0, -1])
def test_refuses_a_budget_of_nothing(stack: cdk.Stack, topic: sns.Topic, bad: float) -> None:
    with pytest.raises(InvalidInput, match="monthly_usd must be more than 0"):
        TeamBudget(stack, "Budget", name_prefix="research", team="vision", monthly_usd=bad, alerts=topic)


def test_only_budgets_of_this_account_may_publish_and_use_the_key(stack: cdk.Stack, topic: sns.Topic) -> None:
    own = {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
    service = {"Service": "budgets.amazonaws.com"}
    template = Template.from_stack(stack)
    template.has_resource_properties(
        "AWS::SNS::TopicPolicy",
        {
            "PolicyDocument": {
                "Statement": Match.array_with(
                    [Match.object_like({"Action": "sns:Publish", "Principal": service, "Condition": own})]
                )
            },
            "Topics": [stack.resolve(topic.topic_arn)],
        },
    )
    template.has_resource_properties(
        "AWS::KMS::Key",
        {
            "KeyPolicy": {
                "Statement": Match.array_with(
                    [Match.object_like({"Sid": "AlertsBudgets", "Principal": service, "Condition": own})]
                )
            }
        },
    )


def test_messages_are_encrypted_and_sent_over_tls(stack: cdk.Stack, topic: sns.Topic) -> None:
    template = Template.from_stack(stack)
    template.has_resource_properties("AWS::SNS::Topic", {"KmsMasterKeyId": Match.any_value()})
    template.has_resource_properties(
        "AWS::SNS::TopicPolicy",
        {
            "PolicyDocument": {
                "Statement": Match.array_with(
                    [
                        Match.object_like(
                            {"Effect": "Deny", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
                        )
                    ]
                )
            }
        },
    )
    assert topic.topic_arn
