"""What every job of a pipeline shares: whose role, which network, which key, where in S3."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from studio_infra.access import has_own_disks
from studio_infra.workloads.pipelines.pipeline_definition.values import EXECUTION_ID, Join, Parameter, Text

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, kw_only=True)
class JobSurroundings:
    """Where jobs run. The construct fills it in; steps only say what they do.

    Args:
        role_arn: The jobs' own role, not the pipeline's.
        subnet_ids: Where jobs get their network interfaces.
        security_group_ids: What those may talk to.
        key_arn: Encrypts volumes and results.
        bucket: Name of the bucket for results and checkpoints.
        prefix: Folder in it that belongs to this pipeline alone.
        tags: Put on every job, model and model package.

    """

    role_arn: str
    subnet_ids: tuple[str, ...]
    security_group_ids: tuple[str, ...]
    key_arn: str
    bucket: str
    prefix: str
    tags: Mapping[str, str] = field(default_factory=dict)

    def place(self, folder: str) -> str:
        """`folder` inside what belongs to this pipeline."""
        return f"s3://{self.bucket}/{self.prefix}/{folder}"

    def place_of_execution(self, folder: str) -> Join:
        """`folder`, for one execution alone: it never finds what an earlier one left."""
        return Join((self.place(folder), EXECUTION_ID), on="/")

    def volume_key(self, instance_type: Text) -> str | None:
        """The key for a job's volume; none for own disks, for which the service refuses one."""
        known = instance_type.default if isinstance(instance_type, Parameter) else instance_type
        return None if isinstance(known, str) and has_own_disks(known) else self.key_arn

    @property
    def vpc_config(self) -> dict[str, Any]:
        """The network in the words of the API."""
        return {"Subnets": self.subnet_ids, "SecurityGroupIds": self.security_group_ids}

    @property
    def tag_list(self) -> list[dict[str, str]] | None:
        """The tags in the words of the API."""
        return [{"Key": key, "Value": value} for key, value in sorted(self.tags.items())] or None


#: How every part of a pipeline that could be told apart by its ARN begins: SageMaker names jobs itself.
JOB_NAME_PREFIX: Final = "pipelines-"
