"""Steps about the model that training made: register it, or make it ready to serve."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, ClassVar

from studio_infra.settings.facts import limits
from studio_infra.workloads.pipelines.pipeline_definition.retries import DEFAULT_RETRIES, Retry
from studio_infra.workloads.pipelines.pipeline_definition.step import Access, RetriedStep, check_texts
from studio_infra.workloads.pipelines.pipeline_definition.steps.checks.check import CheckStep, as_json, merged
from studio_infra.workloads.pipelines.pipeline_definition.values import StepProperty, Text, is_open

if TYPE_CHECKING:
    from collections.abc import Mapping

    from studio_infra.workloads.pipelines.pipeline_definition.surroundings import JobSurroundings


class Approval(Enum):
    """Whether a registered model may be deployed."""

    #: Somebody has to look at it first.
    PENDING = "PendingManualApproval"
    APPROVED = "Approved"
    REJECTED = "Rejected"


@dataclass(frozen=True, kw_only=True)
class RegisterModelStep(RetriedStep):
    """Registers a trained model as the next version of a model package group.

    Args:
        group_name: The model package group.
        image: The container image that serves the model.
        model_data: The model: usually `TrainingStep.model`.
        content_types: What it takes: `("text/csv",)`.
        response_types: What it answers.
        inference_instances: What endpoints may run it on. Defaults to anything.
        transform_instances: What batch transform may run it on. Defaults to anything.
        approval: Whether it may be deployed at once. Defaults to not before somebody has looked.
        model_statistics: A JSON file in S3 with the model's quality, shown in the registry.
        environment: Environment variables of the serving container.
        metadata: Anything else worth knowing about this version.
        checks: Checks whose findings the version is registered with: what was measured, and what the next versions are
            compared with once this one is approved.

    """

    TYPE: ClassVar[str] = "RegisterModel"

    name: str = "Register"
    group_name: str
    image: Text
    model_data: Text
    content_types: tuple[str, ...] = ("text/csv",)
    response_types: tuple[str, ...] = ("text/csv",)
    inference_instances: tuple[str, ...] = ()
    transform_instances: tuple[str, ...] = ()
    approval: Approval = Approval.PENDING
    model_statistics: Text | None = None
    environment: Mapping[str, Text] = field(default_factory=dict)
    metadata: Mapping[str, Text] = field(default_factory=dict)
    checks: tuple[CheckStep, ...] = ()
    retries: tuple[Retry, ...] = DEFAULT_RETRIES[:1]

    def __post_init__(self) -> None:
        super().__post_init__()
        if not is_open(self.group_name) and not limits.is_name(self.group_name):
            raise self.refuse(
                "ModelPackageGroupName",
                f"group_name must be 1-63 letters, digits or inner hyphens, got {self.group_name!r}",
            )
        if not self.content_types or not self.response_types:
            raise self.refuse(
                "ContentTypes", "content_types and response_types need at least one entry each, got none"
            )
        for kind in (*self.inference_instances, *self.transform_instances):
            if not is_open(kind) and not limits.is_instance_type(kind):
                raise self.refuse(
                    "InstanceType", f'an instance type must be written like "ml.m5.large", got {kind!r}'
                )
        check_texts(self, "Image", "an image", (self.image,), limits.IMAGE_MAX)

    @property
    def waits_for(self) -> frozenset[str]:
        """Also the checks whose findings it registers."""
        return super().waits_for | {check.name for check in self.checks}

    @property
    def package_arn(self) -> StepProperty:
        """The ARN of the registered version."""
        return StepProperty(self.name, "ModelPackageArn")

    def arguments(self, around: JobSurroundings) -> dict[str, Any]:  # noqa: ARG002 - a registration runs nowhere
        """`CreateModelPackage`."""
        statistics = (
            []
            if self.model_statistics is None
            else [{"ModelQuality": {"Statistics": as_json(self.model_statistics)}}]
        )
        return {
            "ModelPackageGroupName": self.group_name,
            "ModelApprovalStatus": self.approval.value,
            "InferenceSpecification": {
                "Containers": [
                    {
                        "Image": self.image,
                        "ModelDataUrl": self.model_data,
                        "Environment": dict(self.environment) or None,
                    }
                ],
                "SupportedContentTypes": self.content_types,
                "SupportedResponseMIMETypes": self.response_types,
                "SupportedRealtimeInferenceInstanceTypes": self.inference_instances or None,
                "SupportedTransformInstanceTypes": self.transform_instances or None,
            },
            "ModelMetrics": merged([*statistics, *(check.metrics() for check in self.checks)]),
            "DriftCheckBaselines": merged([check.baselines() for check in self.checks]),
            "CustomerMetadataProperties": dict(self.metadata) or None,
        }

    def access(self, around: JobSurroundings) -> Access:  # noqa: ARG002 - a registration runs nowhere
        """The group to register in."""
        return Access(model_groups=frozenset({self.group_name}))


@dataclass(frozen=True, kw_only=True)
class CreateModelStep(RetriedStep):
    """Makes a model that batch transform and endpoints can use.

    Args:
        image: The container image that serves the model.
        model_data: The model: usually `TrainingStep.model`.
        environment: Environment variables of the container.
        network_isolation: No network for the container itself.

    """

    TYPE: ClassVar[str] = "Model"

    image: Text
    model_data: Text
    environment: Mapping[str, Text] = field(default_factory=dict)
    network_isolation: bool = True
    retries: tuple[Retry, ...] = DEFAULT_RETRIES[:1]

    def __post_init__(self) -> None:
        super().__post_init__()
        check_texts(self, "Image", "an image", (self.image,), limits.IMAGE_MAX)

    @property
    def model_name(self) -> StepProperty:
        """The name that SageMaker gave it."""
        return StepProperty(self.name, "ModelName")

    def arguments(self, around: JobSurroundings) -> dict[str, Any]:
        """`CreateModel` without a name: SageMaker gives it one."""
        return {
            "ExecutionRoleArn": around.role_arn,
            "PrimaryContainer": {
                "Image": self.image,
                "ModelDataUrl": self.model_data,
                "Environment": dict(self.environment) or None,
            },
            "VpcConfig": around.vpc_config,
            "EnableNetworkIsolation": self.network_isolation,
            "Tags": around.tag_list,
        }

    def access(self, around: JobSurroundings) -> Access:
        """Its image and the model data that training wrote."""
        return Access(
            creates=frozenset({"model"}),
            images=(self.image,),
            reads=(around.place("models") + "/", self.model_data),
        )
