"""Roles that SageMaker uses on behalf of jobs, pipelines and models: each allowed what its work needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import aws_cdk as cdk
from aws_cdk import aws_iam as iam

from studio_infra.workloads.names import name_in_arn
from studio_infra.workloads.pipeline_definition.surroundings import JOB_NAME_PREFIX
from studio_infra.workloads.places import data_statements, image_statements, object_arn
from studio_infra.workloads.policy_files import statements, team_statements

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from constructs import Construct

    from studio_infra.workloads.pipeline_definition import Access, JobSurroundings

#: What a pipeline makes under names that SageMaker gives, as ARNs call it; and its placeholder in the policy.
_KINDS: Final = {
    "training-job": "TrainingJobs",
    "processing-job": "ProcessingJobs",
    "transform-job": "TransformJobs",
    "hyper-parameter-tuning-job": "TuningJobs",
    "model": "Models",
}
#: Where what it makes writes its logs, below `/aws/sagemaker/`. Tuning writes as training does.
_LOGS: Final = {
    "training-job": "TrainingJobs",
    "processing-job": "ProcessingJobs",
    "transform-job": "TransformJobs",
    "hyper-parameter-tuning-job": "TrainingJobs",
}


def sagemaker_role(
    scope: Construct, construct_id: str, found: Iterable[iam.PolicyStatement], *, description: str
) -> iam.Role:
    """A role that only SageMaker, and only for this account, can take, and that may do what `found` says.

    The role refers to its policy, so that whatever needs the role is deleted before both.
    """
    account = {"StringEquals": {"aws:SourceAccount": cdk.Stack.of(scope).account}}
    role = iam.Role(
        scope,
        construct_id,
        assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com", conditions=account),
        description=description,
    )
    role.add_managed_policy(
        iam.ManagedPolicy(role, "Policy", statements=list(found), description=description)
    )
    return role


def given_role(
    scope: Construct,
    construct_id: str,
    role: iam.IRole,
    found: Iterable[iam.PolicyStatement],
    *,
    description: str,
) -> iam.ManagedPolicy:
    """Let a role that somebody else made do what `found` says.

    The policy belongs to the stack that needs it, so that an imported role, or one of another stack, stays as
    it is.
    """
    return iam.ManagedPolicy(
        scope, construct_id, roles=[role], statements=list(found), description=description
    )


def work_statements(
    stack: cdk.Stack,
    *,
    logs: Sequence[str],
    subnet_ids: Sequence[str],
    security_group_ids: Sequence[str],
    key_arn: str,
) -> list[iam.PolicyStatement]:
    """What every container that SageMaker runs needs: its logs and metrics, the VPC, the key."""
    values = {
        **_here(stack),
        "Logs": logs,
        "SubnetIds": subnet_ids,
        "SecurityGroupIds": security_group_ids,
        "Key": key_arn,
    }
    return [
        *statements("logs_and_metrics", values),
        *(team_statements("network_interfaces", values) if subnet_ids else ()),
        *team_statements("key_use", values),
        *team_statements("key_grant", values),
    ]


def job_statements(stack: cdk.Stack, access: Access, around: JobSurroundings) -> list[iam.PolicyStatement]:
    """What the jobs of a pipeline may do."""
    return [
        *work_statements(
            stack,
            logs=[_LOGS[kind] for kind in sorted(access.creates & _LOGS.keys())],
            subnet_ids=around.subnet_ids,
            security_group_ids=around.security_group_ids,
            key_arn=around.key_arn,
        ),
        *image_statements(stack, access.images),
        *data_statements(stack, read=access.reads, written=access.writes),
    ]


def pipeline_statements(
    stack: cdk.Stack, access: Access, around: JobSurroundings
) -> list[iam.PolicyStatement]:
    """What the pipeline itself may do: make its jobs, and hand them their role."""
    own = f"arn:{stack.partition}:sagemaker:{stack.region}:{stack.account}"
    made = {
        placeholder: [f"{own}:{kind}/{JOB_NAME_PREFIX}*"] if kind in access.creates else []
        for kind, placeholder in _KINDS.items()
    }
    packages = [
        arn
        for group in sorted(map(name_in_arn, access.model_groups))
        for arn in (f"{own}:model-package-group/{group}", f"{own}:model-package/{group}/*")
    ]
    figures = object_arn(stack, around.place("")) if "processing-job" in access.creates else None
    values = {
        **made,
        "ModelPackages": packages,
        "Functions": access.functions,
        "Queues": access.queues,
        "Figures": [] if figures is None else [figures],
        "Key": around.key_arn,
        "JobRole": [around.role_arn] if access.creates else [],
    }
    return statements("pipeline", values)


def _here(stack: cdk.Stack) -> dict[str, str]:
    return {"Partition": stack.partition, "Region": stack.region, "Account": stack.account}
