"""Who may do what: execution roles, personas as policy files, instance allow-lists."""

from __future__ import annotations

from studio_infra.access.execution_role import (
    TEAM_TAG,
    USER_TAG,
    StudioExecutionRole,
    role_json,
    trust_policy,
)
from studio_infra.access.instance_types import has_own_disks, hidden_instance_types
from studio_infra.access.persona import Persona
from studio_infra.access.policy_file import PolicyFile
from studio_infra.access.project_access import ProjectAccess
from studio_infra.access.shared_files import EfsAccess, FileAccess, FolderAccess
from studio_infra.access.sso_assignment import SsoAssignment
from studio_infra.access.team_access import RoleSharing, TeamAccess

__all__ = [
    "TEAM_TAG",
    "USER_TAG",
    "EfsAccess",
    "FileAccess",
    "FolderAccess",
    "Persona",
    "PolicyFile",
    "ProjectAccess",
    "RoleSharing",
    "SsoAssignment",
    "StudioExecutionRole",
    "TeamAccess",
    "has_own_disks",
    "hidden_instance_types",
    "role_json",
    "trust_policy",
]
