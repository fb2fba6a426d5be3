"""What keeps watch over money and machines, and when people hear of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le

from studio_infra.settings.fields.aws_ids import InstanceType
from studio_infra.settings.fields.base import Section
from studio_infra.settings.sections.sweeper import SweeperSettings

LogGroup = Literal["make", "use"]
Count = Annotated[int, Ge(1), Le(1_000_000)]


class AlarmSettings(Section):
    """`[operations.alarms]`: from when on the alert topic is told. An empty table means all defaults."""

    lifecycle_failures: Count = 1
    """Failures that lifecycle scripts log within 15 minutes. Needs `studio_log_group`."""

    endpoint_server_errors: Count = 5
    """Answers 5xx of an endpoint's variant within 5 minutes."""

    endpoint_client_errors: Count = 100
    """Answers 4xx of an endpoint's variant within 5 minutes."""

    endpoint_latency_ms: Annotated[int, Ge(1), Le(3_600_000)] | None = None
    """Milliseconds that the slowest tenth of an endpoint's answers takes in its container, for 15 minutes.
    Left out, no such alarm."""

    running_apps: Mapping[InstanceType, Count] = {}
    """Running apps on an instance type that are too many: { "ml.g5.xlarge" = 5 }. The sweeper counts them."""

    sweeper_silent_hours: Annotated[int, Ge(2), Le(24)] = 3
    """Hours without a finished sweep. Says nothing where no sweeper is deployed."""


class OperationsSettings(Section):
    """`[operations]`: what keeps watch over money and machines."""

    anomalies_from_usd: Annotated[float, Gt(0), Le(10_000_000)] | None = None
    """Tell spending that is unlike a team's before, from this many US dollars on. Left out, nobody looks."""

    dashboard: bool = False
    """Whether there is a CloudWatch dashboard of apps, scripts and endpoints."""

    studio_log_group: LogGroup | None = None
    """Log group /aws/sagemaker/studio, where lifecycle scripts say what they could not do. SageMaker makes it when the
    first app of the account and region starts. "make": before that, encrypted. "use": it is there already.
    Left out, scripts are not watched."""

    alarms: AlarmSettings | None = None
    """Alarms. Left out, none."""

    sweeper: SweeperSettings | None = None
    """Stops what runs for too long, and reports once a day. Left out, nobody looks."""

    endpoint_notice_hours: Annotated[int, Ge(1), Le(24 * 14)] = 24
    """Hours ahead that owners hear when their endpoint will be stopped."""

    endpoint_sweep_minutes: Annotated[int, Ge(5), Le(60)] = 15
    """Minutes between two looks at the endpoints: the precision of their lifetimes."""
