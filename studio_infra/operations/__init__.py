"""What keeps watch: sweepers, lifetimes, budgets, alarms."""

from __future__ import annotations

from studio_infra.operations.alert_topic import AlertTopic
from studio_infra.operations.drain import DomainDrain, FinalCopy
from studio_infra.operations.endpoints.endpoint_keeper import EndpointKeeper
from studio_infra.operations.function_schedule import FunctionSchedule
from studio_infra.operations.money import ApprovalModel, DenyNewApps, SpendAnomalies, TeamBudget
from studio_infra.operations.monitoring import (
    EndpointLimits,
    LifecycleFailures,
    StudioAlarms,
    StudioDashboard,
    SweepMetrics,
)
from studio_infra.operations.runtime_function import RuntimeFunction
from studio_infra.operations.sweeper import IdleSweeper, SweepRules, Swept
from studio_infra.operations.update import DomainUpdate

__all__ = [
    "AlertTopic",
    "ApprovalModel",
    "DenyNewApps",
    "DomainDrain",
    "DomainUpdate",
    "EndpointKeeper",
    "EndpointLimits",
    "FinalCopy",
    "FunctionSchedule",
    "IdleSweeper",
    "LifecycleFailures",
    "RuntimeFunction",
    "SpendAnomalies",
    "StudioAlarms",
    "StudioDashboard",
    "SweepMetrics",
    "SweepRules",
    "Swept",
    "TeamBudget",
]
