"""Calls a function again and again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_scheduler as scheduler
from constructs import Construct

if TYPE_CHECKING:
    from aws_cdk import aws_lambda as lambda_

_MINUTE: Final = 60
_HOUR: Final = 3600


class FunctionSchedule(Construct):
    """Calls a function at a steady pace, with an empty event.

    A call that does not reach Lambda is made again for up to an hour; what the function itself fails at, Lambda repeats
    and tells (`RuntimeFunction`).

    Args:
        scope: The construct this one belongs to.
        construct_id: Unique among the children of `scope`.
        function: What to call.
        every: How often, in whole minutes.
        description: What for, for who reads the list of schedules.

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        function: lambda_.IFunction,
        every: cdk.Duration,
        description: str,
    ) -> None:
        super().__init__(scope, construct_id)
        role = iam.Role(
            self,
            "Role",
            description=f"Lets EventBridge Scheduler call one function. {description}",
            assumed_by=iam.ServicePrincipal(
                "scheduler.amazonaws.com",
                conditions={"StringEquals": {"aws:SourceAccount": cdk.Aws.ACCOUNT_ID}},
            ),
        )
        policy = iam.ManagedPolicy(
            self,
            "Policy",
            description="What a schedule may do",
            roles=[role],
            statements=[
                iam.PolicyStatement(
                    sid="CallTheFunction",
                    actions=["lambda:InvokeFunction"],
                    resources=[function.function_arn],
                )
            ],
        )
        schedule = scheduler.CfnSchedule(
            self,
            "Resource",
            description=description,
            schedule_expression=_rate(every),
            flexible_time_window=scheduler.CfnSchedule.FlexibleTimeWindowProperty(mode="OFF"),
            target=scheduler.CfnSchedule.TargetProperty(
                arn=function.function_arn,
                role_arn=role.role_arn,
                input="{}",
                retry_policy=scheduler.CfnSchedule.RetryPolicyProperty(
                    maximum_event_age_in_seconds=_HOUR, maximum_retry_attempts=5
                ),
            ),
        )
        schedule.node.add_dependency(policy)


def _rate(every: cdk.Duration) -> str:
    minutes = round(every.to_seconds() / _MINUTE)
    return f"rate({minutes} minute{'' if minutes == 1 else 's'})"
