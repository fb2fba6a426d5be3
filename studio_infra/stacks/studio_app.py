"""From settings to the stacks of an app."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_iam as iam

from studio_infra.stacks.choices import acknowledge_choices
from studio_infra.stacks.operations_stack import OperationsStack
from studio_infra.stacks.outputs import describe_outputs
from studio_infra.stacks.studio_stack import StudioStack
from studio_infra.stacks.studio_stacks import StudioStacks
from studio_infra.stacks.users_stack import UsersStack
from studio_infra.stacks.workload_stack import WorkloadStack

if TYPE_CHECKING:
    import datetime as dt

    from constructs import Construct

    from studio_infra.settings import Person, StudioSettings


def add_stacks(scope: Construct, settings: StudioSettings, *, today: dt.date | None = None) -> StudioStacks:
    """Add the stacks that `settings` describe to an app or a stage.

    Without an account and a region in the settings the stacks fit every account and region.

    Args:
        scope: The app or the stage.
        settings: What the platform team decided, and the roster.
        today: The day of the deployment: whose `expires` is not after it has no access. Left out, only `status` counts,
            and the same settings make the same templates on every day.

    Raises:
        InvalidInput: The settings describe something that could not be deployed.

    """
    name = settings.name
    env = cdk.Environment(account=settings.aws.account, region=settings.aws.region)
    studio = StudioStack(
        scope,
        f"{name}-studio",
        settings=settings,
        env=env,
        description=f"{name}: SageMaker Studio domain, its network, and what each team may do",
    )
    users = tuple(
        UsersStack(
            scope,
            f"{name}-users-{number}",
            settings=settings,
            people=list(people),
            studio=studio,
            today=today,
            env=env,
            description=f"{name}: people, part {number}",
        )
        for number, people in groupby(sorted(settings.roster, key=_stack), key=_stack)
    )
    workloads = None
    if settings.training or settings.endpoints or settings.tracking:
        workloads = WorkloadStack(
            scope,
            f"{name}-workloads",
            settings=settings,
            studio=studio,
            env=env,
            description=f"{name}: training pipelines and endpoints",
        )
    operations = None
    if _is_watched(settings):
        operations = OperationsStack(
            scope,
            f"{name}-operations",
            settings=settings,
            studio=studio,
            workloads=workloads,
            env=env,
            description=f"{name}: budgets, alarms, lifetimes of endpoints, and the topic that alerts go to",
        )
    stacks = StudioStacks(studio=studio, users=users, workloads=workloads, operations=operations)
    for stack in stacks.all:
        if settings.access.permissions_boundary is not None:
            boundary = iam.ManagedPolicy.from_managed_policy_arn(
                stack, "Boundary", settings.access.permissions_boundary
            )
            # Every role, whichever construct makes it: a deployer who may make no others can deploy.
            iam.PermissionsBoundary.of(stack).apply(boundary)
        for key, value in sorted(settings.tags.items()):
            cdk.Tags.of(stack).add(key, value)
        describe_outputs(stack)
    acknowledge_choices(stacks, settings)
    return stacks


def _is_watched(settings: StudioSettings) -> bool:
    """Whether anything is to keep watch."""
    budgets = any(team.monthly_budget_usd is not None for team in settings.teams.values())
    return budgets or bool(settings.endpoints) or settings.operations != type(settings.operations)()


def _stack(person: Person) -> int:
    return person.stack
