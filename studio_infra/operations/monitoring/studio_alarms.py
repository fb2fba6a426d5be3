"""When people are told: each alarm says what it means and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from constructs import Construct

from studio_infra.errors import InvalidInput
from studio_infra.operations.monitoring.lifecycle_failures import STUDIO_LOG_GROUP

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk import aws_sns as sns

    from studio_infra.operations.monitoring.lifecycle_failures import LifecycleFailures
    from studio_infra.operations.monitoring.sweep_metrics import SweepMetrics
    from studio_infra.workloads.endpoints.endpoint_metrics import EndpointMetrics

_FIVE_MINUTES: Final = cdk.Duration.minutes(5)
_FROM: Final = cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD
_ABOVE: Final = cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD
_BELOW: Final = cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD
#: CloudWatch looks back no further than a day: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
_SILENT_HOURS: Final = (2, 24)


@dataclass(frozen=True, kw_only=True)
class EndpointLimits:
    """From when on an endpoint is in trouble.

    Args:
        server_errors: Answers 5xx within 5 minutes. None: no alarm.
        client_errors: Answers 4xx within 5 minutes. None: no alarm.
        latency_ms: Milliseconds that the slowest tenth of the answers takes in the container, three times 5 minutes
            long. Defaults to no alarm.

    """

    server_errors: int | None = 5
    client_errors: int | None = 100
    latency_ms: int | None = None


class StudioAlarms(Construct):
    """Alarms of a Studio, each told to one topic. None exists until a method asks for it.

    Args:
        scope: The construct this one belongs to.
        construct_id: Unique among the children of `scope`.
        alerts: Where alarms are told. Its policy must let `cloudwatch.amazonaws.com` publish: `AlertTopic.allow` does.

    """

    def __init__(self, scope: Construct, construct_id: str, *, alerts: sns.ITopic) -> None:
        super().__init__(scope, construct_id)
        self._tell = actions.SnsAction(alerts)
        self._alarms: list[cloudwatch.Alarm] = []

    @property
    def alarms(self) -> list[cloudwatch.Alarm]:
        """Every alarm, in the order in which they were asked for."""
        return [*self._alarms]

    def add_lifecycle_failures(self, failures: LifecycleFailures, *, from_count: int = 1) -> None:
        """Tell when lifecycle scripts could not do something, so often within 15 minutes."""
        self._add(
            "LifecycleFailures",
            failures.metric(),
            from_count,
            f"Lifecycle scripts could not do something, and apps start without it. {STUDIO_LOG_GROUP} has the cause",
        )

    def add_sweeper_silent(self, sweeps: SweepMetrics, *, after_hours: int = 3) -> None:
        """Tell when the sweeper has not finished a sweep for so many hours: then nobody stops forgotten apps.

        Raises:
            InvalidInput: `after_hours` is not 2 to 24.

        """
        least, most = _SILENT_HOURS
        if not cdk.Token.is_unresolved(after_hours) and not least <= after_hours <= most:
            raise InvalidInput(
                "SweeperSilentHours",
                f"after_hours must be {least} to {most}, got {after_hours}; the sweeper comes once an hour",
                scope=self,
            )
        self._add(
            "SweeperSilent",
            sweeps.sweeps(),
            1,
            f"No sweep of domain {sweeps.domain_name} for {after_hours} hours: nobody stops forgotten apps. Read the "
            "log of the sweeper's function",
            comparison_operator=_BELOW,
            evaluation_periods=after_hours,
            # Silence is what this is about.
            treat_missing_data=cloudwatch.TreatMissingData.BREACHING,
        )

    def add_running_apps(self, sweeps: SweepMetrics, limits: Mapping[str, int]) -> None:
        """Tell when more apps run on an instance type than `limits` says, by instance type."""
        for instance_type, most in sorted(limits.items()):
            self._add(
                f"RunningApps-{instance_type.replace('.', '-')}",
                sweeps.running_apps(instance_type),
                most,
                f"More than {most} apps run on {instance_type} in domain {sweeps.domain_name}. See whose they are: "
                "studio-infra status",
                comparison_operator=_ABOVE,
            )

    def add_endpoint(
        self, construct_id: str, metrics: EndpointMetrics, *, limits: EndpointLimits | None = None
    ) -> None:
        """Tell when a variant of an endpoint answers with errors, or late.

        Args:
            construct_id: Unique among the endpoints here.
            metrics: What CloudWatch knows about the variant, `endpoint.metrics()`.
            limits: From when on. Defaults to 5 server errors or 100 client errors within 5 minutes.

        """
        limits = limits if limits is not None else EndpointLimits()
        what = f"Endpoint {metrics.endpoint_name}, variant {metrics.variant_name}"
        if limits.server_errors is not None:
            self._add(
                f"{construct_id}ServerErrors",
                metrics.server_errors(period=_FIVE_MINUTES),
                limits.server_errors,
                f"{what} fails: read its log group /aws/sagemaker/Endpoints/{metrics.endpoint_name}",
            )
        if limits.client_errors is not None:
            self._add(
                f"{construct_id}ClientErrors",
                metrics.client_errors(period=_FIVE_MINUTES),
                limits.client_errors,
                f"{what} gets requests that it cannot answer: a caller has changed, or the model has",
            )
        if limits.latency_ms is not None:
            self._add(
                f"{construct_id}Latency",
                metrics.model_latency(period=_FIVE_MINUTES),
                # The service counts microseconds.
                limits.latency_ms * 1000,
                f"{what}: the slowest tenth of the answers takes {limits.latency_ms} ms or more",
                evaluation_periods=3,
            )

    def _add(
        self,
        construct_id: str,
        metric: cloudwatch.Metric,
        threshold: float,
        description: str,
        *,
        comparison_operator: cloudwatch.ComparisonOperator = _FROM,
        evaluation_periods: int = 1,
        treat_missing_data: cloudwatch.TreatMissingData = cloudwatch.TreatMissingData.NOT_BREACHING,
        **more: Any,
    ) -> None:
        alarm = metric.create_alarm(
            self,
            construct_id,
            threshold=threshold,
            alarm_description=description,
            comparison_operator=comparison_operator,
            evaluation_periods=evaluation_periods,
            treat_missing_data=treat_missing_data,
            **more,
        )
        alarm.add_alarm_action(self._tell)
        self._alarms.append(alarm)
