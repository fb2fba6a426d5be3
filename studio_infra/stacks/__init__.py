"""Deployment units: wiring only, no property of any resource."""

from __future__ import annotations

from studio_infra.stacks.operations_stack import OperationsStack
from studio_infra.stacks.studio_app import add_stacks
from studio_infra.stacks.studio_stack import StudioStack
from studio_infra.stacks.users_stack import UsersStack
from studio_infra.stacks.workload_stack import WorkloadStack

__all__ = ["OperationsStack", "StudioStack", "UsersStack", "WorkloadStack", "add_stacks"]
