"""What is kept: encryption keys, home file systems, the artifact bucket."""

from __future__ import annotations

from studio_infra.storage.artifact_bucket import ArtifactBucket, ArtifactBucketGrants
from studio_infra.storage.backup import StudioBackup
from studio_infra.storage.removal import effective_removal_policy
from studio_infra.storage.shared_directory import SharedDirectory
from studio_infra.storage.studio_key import StudioKey, StudioKeyGrants
from studio_infra.storage.team_file_system import TeamFileSystem, TeamFileSystemGrants

__all__ = [
    "ArtifactBucket",
    "ArtifactBucketGrants",
    "SharedDirectory",
    "StudioBackup",
    "StudioKey",
    "StudioKeyGrants",
    "TeamFileSystem",
    "TeamFileSystemGrants",
    "effective_removal_policy",
]
