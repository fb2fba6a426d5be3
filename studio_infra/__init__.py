"""Amazon SageMaker Studio as a product: AWS CDK constructs in Python.

The public names are loaded when they are first used, so that `studio-infra validate` and everything else that needs
no CDK starts without it.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from studio_infra.access import Persona, RoleSharing, SsoAssignment, StudioExecutionRole, TeamAccess
    from studio_infra.errors import InvalidInput
    from studio_infra.network import StudioNetwork
    from studio_infra.storage import ArtifactBucket, StudioKey

__all__ = [
    "ArtifactBucket",
    "InvalidInput",
    "Persona",
    "RoleSharing",
    "SsoAssignment",
    "StudioExecutionRole",
    "StudioKey",
    "StudioNetwork",
    "TeamAccess",
]

_HOMES = {
    "ArtifactBucket": "studio_infra.storage",
    "InvalidInput": "studio_infra.errors",
    "Persona": "studio_infra.access",
    "RoleSharing": "studio_infra.access",
    "SsoAssignment": "studio_infra.access",
    "StudioExecutionRole": "studio_infra.access",
    "StudioKey": "studio_infra.storage",
    "StudioNetwork": "studio_infra.network",
    "TeamAccess": "studio_infra.access",
}


def __getattr__(name: str) -> object:
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
