"""What keeps watch: sweepers, lifetimes, budgets, alarms."""

from __future__ import annotations

from studio_infra.operations.alert_topic import AlertTopic
from studio_infra.operations.money import ApprovalModel, DenyNewApps, SpendAnomalies, TeamBudget
from studio_infra.operations.runtime_function import RuntimeFunction

__all__ = ["AlertTopic", "ApprovalModel", "DenyNewApps", "RuntimeFunction", "SpendAnomalies", "TeamBudget"]
