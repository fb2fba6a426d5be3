"""What every processing job has to keep to, whoever runs it: a step of its own, or a check."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from studio_infra.settings.facts import limits
from studio_infra.workloads import limits as jobs
from studio_infra.workloads.pipelines.pipeline_definition.step import check_machines, check_texts

if TYPE_CHECKING:
    from studio_infra.workloads.pipelines.pipeline_definition.step import Step
    from studio_infra.workloads.pipelines.pipeline_definition.values import Number, Text


def check_processing_job(
    step: Step, *, image: Text, max_runtime: timedelta, instance_type: Text, **counts: Number
) -> None:
    """Refuse a time, machines or an image that no processing job can have.

    Args:
        step: The step that has the job.
        image: Of its container.
        max_runtime: After which SageMaker stops it.
        instance_type: What kind of machines.
        counts: Name to number: at least one each.

    """
    if not timedelta(seconds=1) <= max_runtime <= jobs.PROCESSING_LONGEST:
        raise step.refuse(
            "ProcessingMaxRuntime",
            f"max_runtime is 1 second to {jobs.PROCESSING_LONGEST.days} days, got {max_runtime}",
        )
    check_machines(step, "ProcessingResources", instance_type, **counts)
    check_texts(step, "Image", "an image", (image,), limits.IMAGE_MAX)
