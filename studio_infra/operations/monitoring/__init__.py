"""What CloudWatch shows of a Studio, and when it tells people."""

from __future__ import annotations

from studio_infra.operations.monitoring.lifecycle_failures import LifecycleFailures
from studio_infra.operations.monitoring.studio_alarms import EndpointLimits, StudioAlarms
from studio_infra.operations.monitoring.studio_dashboard import StudioDashboard
from studio_infra.operations.monitoring.sweep_metrics import SweepMetrics

__all__ = ["EndpointLimits", "LifecycleFailures", "StudioAlarms", "StudioDashboard", "SweepMetrics"]
