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
    from studio_infra.network import GitEgress, StudioNetwork
    from studio_infra.operations import AlertTopic, ApprovalModel, DenyNewApps, SpendAnomalies, TeamBudget
    from studio_infra.settings import Person
    from studio_infra.stacks import OperationsStack, StudioStack, UsersStack, WorkloadStack
    from studio_infra.storage import ArtifactBucket, StudioBackup, StudioKey, TeamFileSystem
    from studio_infra.studio.domain.apps import AppSettings, StudioApp
    from studio_infra.studio.domain.domain import AuthMode, NetworkMode, StudioDomain
    from studio_infra.studio.domain.user_settings import SpaceStorage, UserSettings
    from studio_infra.studio.git.git_host import CodeCommitHost, GitHost
    from studio_infra.studio.git.git_ssh import GitSsh, KeyStore
    from studio_infra.studio.idle.idle_shutdown import IdleEngine, IdleShutdown
    from studio_infra.studio.lifecycle.lifecycle_config import StudioLifecycleConfig
    from studio_infra.studio.lifecycle.lifecycle_script import LifecycleScript
    from studio_infra.studio.people.people import StudioPeople
    from studio_infra.studio.people.person import TeamDefaults
    from studio_infra.studio.people.space import Space
    from studio_infra.studio.people.user_profile import UserProfile
    from studio_infra.workloads import (
        EndpointLifetime,
        InstanceScaling,
        InstanceVariant,
        Model,
        ModelContainer,
        ModelEndpoint,
        ModelRegistry,
        TrainingPipeline,
        TrainingStep,
    )

__all__ = [
    "AlertTopic",
    "AppSettings",
    "ApprovalModel",
    "ArtifactBucket",
    "AuthMode",
    "CodeCommitHost",
    "DenyNewApps",
    "EndpointLifetime",
    "GitEgress",
    "GitHost",
    "GitSsh",
    "IdleEngine",
    "IdleShutdown",
    "InstanceScaling",
    "InstanceVariant",
    "InvalidInput",
    "KeyStore",
    "LifecycleScript",
    "Model",
    "ModelContainer",
    "ModelEndpoint",
    "ModelRegistry",
    "NetworkMode",
    "OperationsStack",
    "Person",
    "Persona",
    "RoleSharing",
    "Space",
    "SpaceStorage",
    "SpendAnomalies",
    "SsoAssignment",
    "StudioApp",
    "StudioBackup",
    "StudioDomain",
    "StudioExecutionRole",
    "StudioKey",
    "StudioLifecycleConfig",
    "StudioNetwork",
    "StudioPeople",
    "StudioStack",
    "TeamAccess",
    "TeamBudget",
    "TeamDefaults",
    "TeamFileSystem",
    "TrainingPipeline",
    "TrainingStep",
    "UserProfile",
    "UserSettings",
    "UsersStack",
    "WorkloadStack",
]

_HOMES = {
    "AlertTopic": "studio_infra.operations",
    "AppSettings": "studio_infra.studio.domain.apps",
    "ApprovalModel": "studio_infra.operations",
    "ArtifactBucket": "studio_infra.storage",
    "AuthMode": "studio_infra.studio.domain.domain",
    "CodeCommitHost": "studio_infra.studio.git.git_host",
    "DenyNewApps": "studio_infra.operations",
    "EndpointLifetime": "studio_infra.workloads",
    "GitEgress": "studio_infra.network",
    "GitHost": "studio_infra.studio.git.git_host",
    "GitSsh": "studio_infra.studio.git.git_ssh",
    "IdleEngine": "studio_infra.studio.idle.idle_shutdown",
    "IdleShutdown": "studio_infra.studio.idle.idle_shutdown",
    "InstanceScaling": "studio_infra.workloads",
    "InstanceVariant": "studio_infra.workloads",
    "InvalidInput": "studio_infra.errors",
    "KeyStore": "studio_infra.studio.git.git_ssh",
    "LifecycleScript": "studio_infra.studio.lifecycle.lifecycle_script",
    "Model": "studio_infra.workloads",
    "ModelContainer": "studio_infra.workloads",
    "ModelEndpoint": "studio_infra.workloads",
    "ModelRegistry": "studio_infra.workloads",
    "NetworkMode": "studio_infra.studio.domain.domain",
    "OperationsStack": "studio_infra.stacks",
    "Person": "studio_infra.settings",
    "Persona": "studio_infra.access",
    "RoleSharing": "studio_infra.access",
    "Space": "studio_infra.studio.people.space",
    "SpaceStorage": "studio_infra.studio.domain.user_settings",
    "SpendAnomalies": "studio_infra.operations",
    "SsoAssignment": "studio_infra.access",
    "StudioApp": "studio_infra.studio.domain.apps",
    "StudioBackup": "studio_infra.storage",
    "StudioDomain": "studio_infra.studio.domain.domain",
    "StudioExecutionRole": "studio_infra.access",
    "StudioKey": "studio_infra.storage",
    "StudioLifecycleConfig": "studio_infra.studio.lifecycle.lifecycle_config",
    "StudioNetwork": "studio_infra.network",
    "StudioPeople": "studio_infra.studio.people.people",
    "StudioStack": "studio_infra.stacks",
    "TeamAccess": "studio_infra.access",
    "TeamBudget": "studio_infra.operations",
    "TeamDefaults": "studio_infra.studio.people.person",
    "TeamFileSystem": "studio_infra.storage",
    "TrainingPipeline": "studio_infra.workloads",
    "TrainingStep": "studio_infra.workloads",
    "UserProfile": "studio_infra.studio.people.user_profile",
    "UserSettings": "studio_infra.studio.domain.user_settings",
    "UsersStack": "studio_infra.stacks",
    "WorkloadStack": "studio_infra.stacks",
}


def __getattr__(name: str) -> object:
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
