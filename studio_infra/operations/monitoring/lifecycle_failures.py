"""What lifecycle scripts could not do: they fail open, so their log is the only place that says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_logs as logs
from constructs import Construct

from studio_infra.network.log_encryption import let_cloudwatch_use
from studio_infra.operations.monitoring.sweep_metrics import NAMESPACE
from studio_infra.storage.removal import effective_removal_policy

if TYPE_CHECKING:
    from aws_cdk import aws_kms as kms

#: Where Studio ships the output of lifecycle scripts and apps of every domain of the account and region:
#: https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-studio-log-groups.html
STUDIO_LOG_GROUP: Final = "/aws/sagemaker/studio"
#: What the lines of `runtime/lifecycle` have in them when something could not be done.
FAILURES: Final = (
    "git-ssh WARN",
    "lifecycle ERROR",
    "idle ERROR",
    "idle-guard ERROR",
    "idle-watcher ERROR",
)
_METRIC: Final = "LifecycleFailures"


class LifecycleFailures(Construct):
    """Counts the lines in which our lifecycle scripts say that they could not do something.

    Args:
        scope: The construct this one belongs to.
        construct_id: Unique among the children of `scope`.
        log_group: Studio's log group. It must exist: SageMaker makes it when the first app of the account and region
            starts, and `LifecycleFailures.make_log_group` before that.
        name: Tells the metric of this Studio from others in the account. All domains of an account share the log group,
            so failures of scripts of ours in other domains are counted, too.

    """

    @classmethod
    def make_log_group(
        cls,
        scope: Construct,
        construct_id: str,
        *,
        key: kms.IKey,
        keep: logs.RetentionDays = logs.RetentionDays.ONE_YEAR,
        removal_policy: cdk.RemovalPolicy = cdk.RemovalPolicy.RETAIN,
    ) -> logs.ILogGroup:
        """Make Studio's log group before SageMaker does: encrypted, and with an end to how long a line is kept.

        Args:
            scope: The construct it belongs to.
            construct_id: Unique among the children of `scope`.
            key: Encrypts it. A key of the same app is given CloudWatch's permission here.
            keep: How long a line is kept. Defaults to a year.
            removal_policy: What happens to it when it leaves the template. Defaults to RETAIN; a later deployment then
                uses the one that is there.

        """
        let_cloudwatch_use(scope, key)
        return logs.LogGroup(
            scope,
            construct_id,
            log_group_name=STUDIO_LOG_GROUP,
            encryption_key=key,
            retention=keep,
            removal_policy=effective_removal_policy(scope, removal_policy),
        )

    @classmethod
    def use_log_group(cls, scope: Construct, construct_id: str) -> logs.ILogGroup:
        """Refer to the log group that SageMaker made."""
        return logs.LogGroup.from_log_group_name(scope, construct_id, STUDIO_LOG_GROUP)

    def __init__(self, scope: Construct, construct_id: str, *, log_group: logs.ILogGroup, name: str) -> None:
        super().__init__(scope, construct_id)
        #: The log group.
        self.log_group: Final = log_group
        self._name = f"{_METRIC}-{name}"
        logs.MetricFilter(
            self,
            "Resource",
            log_group=log_group,
            metric_namespace=NAMESPACE,
            metric_name=self._name,
            filter_pattern=logs.FilterPattern.any_term(*FAILURES),
            metric_value="1",
            default_value=0,
        )

    def metric(self, *, period: cdk.Duration | None = None) -> cloudwatch.Metric:
        """Lines that say that something could not be done. The period defaults to 15 minutes."""
        return cloudwatch.Metric(
            namespace=NAMESPACE,
            metric_name=self._name,
            statistic="Sum",
            period=period if period is not None else cdk.Duration.minutes(15),
        )
