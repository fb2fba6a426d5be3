"""What stops apps that run for too long."""

from __future__ import annotations

from studio_infra.operations.sweeper.idle_sweeper import IdleSweeper
from studio_infra.operations.sweeper.sweep_rules import SweepRules, Swept

__all__ = ["IdleSweeper", "SweepRules", "Swept"]
