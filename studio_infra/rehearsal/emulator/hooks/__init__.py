"""The only place that touches MiniStack's private names.

Every name is listed in ``contract`` and looked up there when the server starts: with another version of
MiniStack the start fails with a sentence instead of a rehearsal that means something else.
"""

from __future__ import annotations

from studio_infra.rehearsal.emulator.hooks.core import (
    account,
    application,
    region,
    register_service,
    request_scope,
    scoped_dict,
)
from studio_infra.rehearsal.emulator.hooks.roles import role_problem

__all__ = [
    "account",
    "application",
    "region",
    "register_service",
    "request_scope",
    "role_problem",
    "scoped_dict",
]
