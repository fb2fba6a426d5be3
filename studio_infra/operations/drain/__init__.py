"""What empties a domain when its stack is deleted."""

from __future__ import annotations

from studio_infra.operations.drain.domain_drain import DomainDrain
from studio_infra.operations.drain.final_copy import FinalCopy

__all__ = ["DomainDrain", "FinalCopy"]
