"""What jobs, pipelines and models need, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from studio_infra.workloads.names import name_in_arn
from studio_infra.workloads.pipelines.pipeline_definition.surroundings import JOB_NAME_PREFIX
from studio_infra.workloads.places import object_arn, repository_arn
from studio_infra.workloads.policy_files import Permissions

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import aws_cdk as cdk
    from aws_cdk import aws_cloudwatch as cloudwatch

    from studio_infra.workloads.pipelines.pipeline_definition import Access, JobSurroundings
    from studio_infra.workloads.pipelines.pipeline_definition.values import Text

#: What a pipeline makes under names that SageMaker gives, as ARNs call it; and its placeholder in the policy.
_KINDS: Final = {
    "training-job": "TrainingJobs",
    "processing-job": "ProcessingJobs",
    "transform-job": "TransformJobs",
    "hyper-parameter-tuning-job": "TuningJobs",
    "model": "Models",
}
#: The rule by which SageMaker hears that a step on a cluster has ended.
#: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps-types.html#step-type-emr
_EMR_RULE: Final = "SageMakerPipelineExecutionEMRStepStatusUpdateRule"
#: Where what it makes writes its logs, below `/aws/sagemaker/`. Tuning writes as training does.
_LOGS: Final = {
    "training-job": "TrainingJobs",
    "processing-job": "ProcessingJobs",
    "transform-job": "TransformJobs",
    "hyper-parameter-tuning-job": "TrainingJobs",
}


def for_container(
    stack: cdk.Stack,
    *,
    logs: Sequence[str],
    subnet_ids: Sequence[str],
    security_group_ids: Sequence[str],
    key_arn: str,
) -> Permissions:
    """What every container that SageMaker runs needs: its logs and metrics, the VPC, the key."""
    values = {
        **_here(stack),
        "Logs": logs,
        "SubnetIds": subnet_ids,
        "SecurityGroupIds": security_group_ids,
        "Key": key_arn,
    }
    network = Permissions.teams("network_interfaces", values) if subnet_ids else Permissions()
    key = Permissions.teams("key_use", values) + Permissions.teams("key_grant", values)
    return Permissions.own("logs_and_metrics", values) + network + key


def for_alarms(alarms: Iterable[cloudwatch.IAlarm]) -> Permissions:
    """To look at the alarms that send an update back: SageMaker does so with the role of what it updates.

    https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-configuration.html
    """
    arns = [alarm.alarm_arn for alarm in alarms]
    return Permissions.own("rollback_alarms", {"Alarms": arns}) if arns else Permissions()


def for_key(key_arn: str) -> Permissions:
    """To read and write what is encrypted with a key."""
    return Permissions.teams("key_use", {"Key": key_arn})


def for_images(stack: cdk.Stack, images: Iterable[Text]) -> Permissions:
    """To pull `images`; nothing for registries outside AWS."""
    repositories = _once(repository_arn(stack, image) for image in images)
    return Permissions.own("images", {"Repositories": repositories}) if repositories else Permissions()


def for_data(stack: cdk.Stack, *, read: Iterable[Text] = (), written: Iterable[Text] = ()) -> Permissions:
    """To read and write places in S3, and to list what is below them.

    Places that are only known when the pipeline runs are left out: whoever lets callers choose them grants
    them.
    """
    reads = _once(object_arn(stack, place) for place in read)
    writes = _once(object_arn(stack, place) for place in written)
    folders: dict[str, list[str]] = {}
    for arn in _once(reads + writes):
        bucket, _, key = arn.partition("/")
        folders.setdefault(bucket, []).append(key)
    found = Permissions.own("data", {"Read": reads, "Written": writes})
    for number, (bucket, keys) in enumerate(folders.items(), start=1):
        found += Permissions.own("folders", {"Bucket": bucket, "Folders": keys}).numbered(number)
    return found


def for_jobs(stack: cdk.Stack, access: Access, around: JobSurroundings) -> Permissions:
    """What the jobs of a pipeline need."""
    container = for_container(
        stack,
        logs=list(dict.fromkeys(_LOGS[kind] for kind in sorted(access.creates & _LOGS.keys()))),
        subnet_ids=around.subnet_ids,
        security_group_ids=around.security_group_ids,
        key_arn=around.key_arn,
    )
    images = for_images(stack, access.images)
    return (
        container
        + images
        + for_data(stack, read=access.reads, written=access.writes)
        + _for_clarify(stack, access.endpoint_prefixes)
    )


def _for_clarify(stack: cdk.Stack, prefixes: Sequence[str]) -> Permissions:
    """To ask models through endpoints that Clarify makes for itself, and deletes."""
    if not prefixes:
        return Permissions()
    own = f"arn:{stack.partition}:sagemaker:{stack.region}:{stack.account}"
    made = [
        f"{own}:{kind}/{name_in_arn(prefix)}*"
        for prefix in prefixes
        for kind in ("endpoint", "endpoint-config")
    ]
    return Permissions.own("clarify", {"Endpoints": made, "Models": [f"{own}:model/*"]})


def for_pipeline(stack: cdk.Stack, access: Access, around: JobSurroundings) -> Permissions:
    """What the pipeline itself needs: to make its jobs, and to hand them their role."""
    own = f"arn:{stack.partition}:sagemaker:{stack.region}:{stack.account}"
    made = {
        placeholder: [f"{own}:{kind}/{JOB_NAME_PREFIX}*"] if kind in access.creates else []
        for kind, placeholder in _KINDS.items()
    }
    packages, baselines = (
        [
            arn
            for group in sorted(map(name_in_arn, groups))
            for arn in (f"{own}:model-package-group/{group}", f"{own}:model-package/{group}/*")
        ]
        for groups in (access.model_groups, access.baseline_groups)
    )
    clusters = f"arn:{stack.partition}:elasticmapreduce:{stack.region}:{stack.account}:cluster"
    rule = f"arn:{stack.partition}:events:{stack.region}:{stack.account}:rule/{_EMR_RULE}"
    figures = object_arn(stack, around.place("")) if "processing-job" in access.creates else None
    values = {
        **made,
        "ModelPackages": packages,
        "BaselinePackages": baselines,
        "Baselines": _once(object_arn(stack, place) for place in access.baselines),
        "Clusters": [f"{clusters}/{cluster}" for cluster in access.clusters],
        "ClusterRules": [rule] if access.clusters else [],
        "ClusterRoles": access.cluster_roles,
        "Functions": access.functions,
        "Queues": access.queues,
        "QueueKeys": access.queue_keys,
        "Figures": [] if figures is None else [figures],
        "Key": around.key_arn,
        "JobRole": [around.role_arn] if access.creates else [],
    }
    return Permissions.own("pipeline", values)


def _here(stack: cdk.Stack) -> dict[str, str]:
    return {"Partition": stack.partition, "Region": stack.region, "Account": stack.account}


def _once(arns: Iterable[str | None]) -> list[str]:
    """Each of `arns` once, in the order of the steps.

    Sorted, they would change places with the numbers of the tokens in them, and templates with them.
    """
    return list(dict.fromkeys(arn for arn in arns if arn is not None))
