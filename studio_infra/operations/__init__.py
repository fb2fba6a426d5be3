"""What keeps watch: sweepers, lifetimes, budgets, alarms."""

from __future__ import annotations

from studio_infra.operations.alert_topic import AlertTopic
from studio_infra.operations.runtime_function import RuntimeFunction
from studio_infra.operations.team_budget import TeamBudget

__all__ = ["AlertTopic", "RuntimeFunction", "TeamBudget"]
