"""The stacks of one settings file, together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import aws_cdk as cdk

    from studio_infra.stacks.operations_stack import OperationsStack
    from studio_infra.stacks.studio_stack import StudioStack
    from studio_infra.stacks.users_stack import UsersStack
    from studio_infra.stacks.workload_stack import WorkloadStack


@dataclass(frozen=True, slots=True, kw_only=True)
class StudioStacks:
    """The stacks of one settings file."""

    studio: StudioStack
    users: tuple[UsersStack, ...]
    workloads: WorkloadStack | None
    operations: OperationsStack | None

    @property
    def all(self) -> tuple[cdk.Stack, ...]:
        """Every stack, in the order of deployment."""
        optional = (self.workloads, self.operations)
        return (self.studio, *self.users, *(stack for stack in optional if stack is not None))
