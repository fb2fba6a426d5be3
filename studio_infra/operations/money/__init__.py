"""Money: what teams may spend, and who hears about it."""

from __future__ import annotations

from studio_infra.operations.money.deny_new_apps import ApprovalModel, DenyNewApps
from studio_infra.operations.money.spend_anomalies import SpendAnomalies
from studio_infra.operations.money.team_budget import TeamBudget

__all__ = ["ApprovalModel", "DenyNewApps", "SpendAnomalies", "TeamBudget"]
