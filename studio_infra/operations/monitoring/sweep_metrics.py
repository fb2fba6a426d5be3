"""What the sweeper counts: SageMaker itself publishes no metric of apps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch

#: The sweeper writes these into its log in CloudWatch's embedded metric format: `runtime/functions/idle_sweeper`.
NAMESPACE: Final = "StudioInfra"
#: The sweeper comes once an hour.
_HOUR: Final = cdk.Duration.hours(1)


@dataclass(frozen=True)
class SweepMetrics:
    """The metrics of the sweeper of one domain.

    Args:
        domain_name: The domain.

    """

    domain_name: str

    def sweeps(self, *, period: cdk.Duration = _HOUR) -> cloudwatch.Metric:
        """Sweeps that came to an end. No data means none."""
        return self._metric("Sweeps", "Sum", period)

    def running_apps(
        self, instance_type: str | None = None, *, period: cdk.Duration = _HOUR
    ) -> cloudwatch.Metric:
        """Apps that run, on one instance type or on all. No data means none, or no sweep."""
        kind = {} if instance_type is None else {"InstanceType": instance_type}
        return self._metric("RunningApps", "Maximum", period, kind)

    def stopped(self, *, period: cdk.Duration = _HOUR) -> cloudwatch.Metric:
        """What sweeps have stopped."""
        return self._metric("Stopped", "Sum", period)

    def failed(self, *, period: cdk.Duration = _HOUR) -> cloudwatch.Metric:
        """What sweeps could not stop."""
        return self._metric("Failed", "Sum", period)

    def running_apps_by_type(self, *, period: cdk.Duration = _HOUR) -> cloudwatch.MathExpression:
        """A line for each instance type there is, also for those that nobody has used yet."""
        schema = f"{{{NAMESPACE},Domain,InstanceType}}"
        wanted = f'MetricName="RunningApps" Domain="{self.domain_name}"'
        return cloudwatch.MathExpression(
            expression=f"SEARCH('{schema} {wanted}', 'Maximum', {period.to_seconds():.0f})",
            label="",
            period=period,
        )

    def _metric(
        self, name: str, statistic: str, period: cdk.Duration, more: dict[str, str] | None = None
    ) -> cloudwatch.Metric:
        return cloudwatch.Metric(
            namespace=NAMESPACE,
            metric_name=name,
            dimensions_map={"Domain": self.domain_name, **(more or {})},
            statistic=statistic,
            period=period,
        )
