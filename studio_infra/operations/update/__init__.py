"""Gives a domain what only SageMaker's API can."""

from __future__ import annotations

from studio_infra.operations.update.domain_update import DomainUpdate

__all__ = ["DomainUpdate"]
