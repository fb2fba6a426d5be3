"""Who talked to whom: the flow logs of a VPC."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct

from studio_infra.network.log_encryption import let_cloudwatch_use

if TYPE_CHECKING:
    from aws_cdk.interfaces import aws_ec2 as refs


class VpcFlowLogs(Construct):
    """Flow logs of all traffic of a VPC in a log group of their own.

    Args:
        scope: The construct this one belongs to.
        construct_id: Unique among the children of ``scope``.
        vpc: The VPC to watch.
        key: Encrypts the log group, and must let CloudWatch Logs use it: a ``kms.Key`` of the same app is
            given the permission here, an imported one must have it. Leaving it out leaves encryption to
            CloudWatch's own key.
        keep: How long a line is kept. Defaults to a year, which is what auditors ask for.
        removal_policy: What happens to the lines when they leave the template. Defaults to RETAIN. The caller has the
            app's consent to anything else, see ``effective_removal_policy``.

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        vpc: refs.IVPCRef,
        key: kms.IKey | None = None,
        keep: logs.RetentionDays = logs.RetentionDays.ONE_YEAR,
        removal_policy: cdk.RemovalPolicy = cdk.RemovalPolicy.RETAIN,
    ) -> None:
        super().__init__(scope, construct_id)
        self.log_group = logs.LogGroup(
            self, "LogGroup", retention=keep, encryption_key=key, removal_policy=removal_policy
        )
        if key is not None:
            let_cloudwatch_use(self, key)
        role, policy = self._delivery_role()
        ec2.CfnFlowLog(
            self,
            "Resource",
            resource_id=vpc.vpc_ref.vpc_id,
            resource_type="VPC",
            traffic_type="ALL",
            log_destination_type="cloud-watch-logs",
            log_group_name=self.log_group.log_group_name,
            deliver_logs_permission_arn=role.role_arn,
        ).node.add_dependency(policy)

    def _delivery_role(self) -> tuple[iam.Role, iam.ManagedPolicy]:
        # Not the L2's role: its policy is inline, and any flow log of any account could wear it.
        stack = cdk.Stack.of(self)
        role = iam.Role(
            self,
            "Role",
            description="Delivers VPC flow logs to one log group",
            assumed_by=iam.ServicePrincipal(
                "vpc-flow-logs.amazonaws.com",
                conditions={
                    "StringEquals": {"aws:SourceAccount": stack.account},
                    "ArnLike": {
                        "aws:SourceArn": stack.format_arn(
                            service="ec2", resource="vpc-flow-log", resource_name="*"
                        )
                    },
                },
            ),
        )
        policy = iam.ManagedPolicy(
            role,
            "Policy",
            description="Writes VPC flow logs to one log group",
            statements=[
                iam.PolicyStatement(
                    actions=["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
                    resources=[self.log_group.log_group_arn],
                )
            ],
            roles=[role],
        )
        return role, policy
