"""What is kept: encryption keys, home file systems, the artifact bucket."""

from __future__ import annotations

from studio_infra.storage.artifact_bucket import ArtifactBucket, ArtifactBucketGrants
from studio_infra.storage.removal import effective_removal_policy
from studio_infra.storage.studio_key import StudioKey, StudioKeyGrants

__all__ = [
    "ArtifactBucket",
    "ArtifactBucketGrants",
    "StudioKey",
    "StudioKeyGrants",
    "effective_removal_policy",
]
