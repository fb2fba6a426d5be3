"""Roles that SageMaker takes on behalf of jobs, pipelines and models."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

if TYPE_CHECKING:
    from studio_infra.workloads.policy_files import Permissions


def sagemaker_role(
    scope: Construct, construct_id: str, allowed: Permissions, *, description: str
) -> iam.Role:
    """A role that only SageMaker, and only for this account, can take, and that may do what `allowed` says.

    The role refers to its policies, so that whatever needs the role is deleted before both.
    """
    account = {"StringEquals": {"aws:SourceAccount": cdk.Stack.of(scope).account}}
    role = iam.Role(
        scope,
        construct_id,
        assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com", conditions=account),
        description=description,
    )
    for number, policy in enumerate(allowed.policies(role, description=description), start=1):
        role.add_managed_policy(
            iam.ManagedPolicy.from_managed_policy_arn(role, f"Policy{number}Arn", policy.ref)
        )
    return role


def allow_given_role(
    scope: Construct, construct_id: str, role: iam.IRole, allowed: Permissions, *, description: str
) -> Construct:
    """Let a role that somebody else made do what `allowed` says.

    The policies belong to the stack that needs them, so that an imported role, or one of another stack, stays
    as it is.

    Returns:
        What has to be there before the role is used.

    """
    policies = Construct(scope, construct_id)
    allowed.policies(policies, description=description, roles=[role.role_name])
    return policies
