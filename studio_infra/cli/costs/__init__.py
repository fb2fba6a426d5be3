"""`studio-infra costs`: what teams have spent in a month."""

from __future__ import annotations

from studio_infra.cli.costs.command import app

__all__ = ["app"]
