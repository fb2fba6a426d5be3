"""What is kept: encryption keys, home file systems, the artifact bucket."""

from __future__ import annotations

from studio_infra.storage.artifact_bucket import ArtifactBucket, ArtifactBucketGrants
from studio_infra.storage.backup import StudioBackup
from studio_infra.storage.file_system_grants import TeamFileSystemGrants
from studio_infra.storage.lustre_file_system import (
    LustreDeployment,
    LustreFileSystem,
    LustreFileSystemAttributes,
)
from studio_infra.storage.removal import effective_removal_policy
from studio_infra.storage.shared_directory import SharedDirectory, person_directory_json
from studio_infra.storage.studio_key import StudioKey, StudioKeyGrants
from studio_infra.storage.team_file_system import TeamFileSystem

__all__ = [
    "ArtifactBucket",
    "ArtifactBucketGrants",
    "LustreDeployment",
    "LustreFileSystem",
    "LustreFileSystemAttributes",
    "SharedDirectory",
    "StudioBackup",
    "StudioKey",
    "StudioKeyGrants",
    "TeamFileSystem",
    "TeamFileSystemGrants",
    "effective_removal_policy",
    "person_directory_json",
]
