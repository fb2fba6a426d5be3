"""One page that shows whether a Studio is well."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from studio_infra.operations.monitoring.lifecycle_failures import LifecycleFailures
    from studio_infra.operations.monitoring.sweep_metrics import SweepMetrics
    from studio_infra.workloads.endpoints.endpoint_metrics import EndpointMetrics

_HALF, _THIRD, _WHOLE = 12, 8, 24
_HEIGHT: Final = 6


class StudioDashboard(Construct):
    """A CloudWatch dashboard: alarms, running apps by instance type, what scripts could not do, endpoints.

    Args:
        scope: The construct this one belongs to.
        construct_id: Unique among the children of `scope`.
        name: Name of the dashboard, unique in the account. Changing it makes a new one.
        sweeps: What the sweeper counts. Running apps are shown from its first sweep on.
        failures: What lifecycle scripts could not do. Defaults to not shown.
        endpoints: What CloudWatch knows about endpoints, by a title for each. Defaults to none.
        alarms: Alarms whose states are shown at the top. Defaults to none.

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        sweeps: SweepMetrics,
        failures: LifecycleFailures | None = None,
        endpoints: Mapping[str, EndpointMetrics] | None = None,
        alarms: Sequence[cloudwatch.IAlarm] = (),
    ) -> None:
        super().__init__(scope, construct_id)
        board = cloudwatch.Dashboard(
            self, "Resource", dashboard_name=name, default_interval=cdk.Duration.days(1)
        )
        if alarms:
            board.add_widgets(
                cloudwatch.AlarmStatusWidget(title="Alarms", alarms=list(alarms), width=_WHOLE, height=3)
            )
        board.add_widgets(*_apps(sweeps, failures))
        for title, metrics in sorted((endpoints or {}).items()):
            board.add_widgets(*_endpoint(title, metrics))


def _apps(sweeps: SweepMetrics, failures: LifecycleFailures | None) -> list[cloudwatch.IWidget]:
    width = _HALF if failures is None else _THIRD
    widgets: list[cloudwatch.IWidget] = [
        cloudwatch.GraphWidget(
            title="Running apps by instance type",
            left=[sweeps.running_apps_by_type()],
            stacked=True,
            left_y_axis=cloudwatch.YAxisProps(min=0),
            width=width,
            height=_HEIGHT,
        ),
        cloudwatch.GraphWidget(
            title="Sweeps, what they stopped and could not stop",
            left=[sweeps.sweeps(), sweeps.stopped(), sweeps.failed()],
            left_y_axis=cloudwatch.YAxisProps(min=0),
            width=width,
            height=_HEIGHT,
        ),
    ]
    if failures is not None:
        widgets.append(
            cloudwatch.GraphWidget(
                title="What lifecycle scripts could not do",
                left=[failures.metric()],
                left_y_axis=cloudwatch.YAxisProps(min=0),
                width=width,
                height=_HEIGHT,
            )
        )
    return widgets


def _endpoint(title: str, metrics: EndpointMetrics) -> list[cloudwatch.IWidget]:
    period = cdk.Duration.minutes(5)
    return [
        cloudwatch.GraphWidget(
            title=f"{title}: requests and errors",
            left=[metrics.invocations(period=period)],
            right=[metrics.client_errors(period=period), metrics.server_errors(period=period)],
            width=_THIRD,
            height=_HEIGHT,
        ),
        cloudwatch.GraphWidget(
            title=f"{title}: latency in µs",
            left=[
                metrics.model_latency(statistic=statistic, period=period)
                for statistic in ("p50", "p90", "p99")
            ],
            right=[metrics.overhead_latency(period=period)],
            width=_THIRD,
            height=_HEIGHT,
        ),
        cloudwatch.GraphWidget(
            title=f"{title}: processors and memory in %",
            left=[metrics.cpu(period=period), metrics.memory(period=period), metrics.gpu(period=period)],
            width=_THIRD,
            height=_HEIGHT,
        ),
    ]
