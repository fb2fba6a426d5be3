"""Amazon SageMaker Studio as a product: AWS CDK constructs in Python.

The public names are loaded when they are first used, so that `studio-infra validate` and everything else that needs
no CDK starts without it.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from studio_infra.errors import InvalidInput
    from studio_infra.network import StudioNetwork
    from studio_infra.storage import ArtifactBucket, StudioKey

__all__ = [
    "ArtifactBucket",
    "InvalidInput",
    "StudioKey",
    "StudioNetwork",
]

_HOMES = {
    "ArtifactBucket": "studio_infra.storage",
    "InvalidInput": "studio_infra.errors",
    "StudioKey": "studio_infra.storage",
    "StudioNetwork": "studio_infra.network",
}


def __getattr__(name: str) -> object:
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
