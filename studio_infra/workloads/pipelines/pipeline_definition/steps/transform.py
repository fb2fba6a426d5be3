"""The batch transform step: a model answers a folder of questions, and its machines go."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar

from studio_infra.workloads import limits as jobs
from studio_infra.workloads.pipelines.pipeline_definition.data import check_place
from studio_infra.workloads.pipelines.pipeline_definition.retries import DEFAULT_RETRIES, Retry
from studio_infra.workloads.pipelines.pipeline_definition.step import (
    Access,
    CachedStep,
    check_machines,
    seconds,
)
from studio_infra.workloads.pipelines.pipeline_definition.steps.training_checks import check_environment
from studio_infra.workloads.pipelines.pipeline_definition.values import Number, StepProperty, Text, is_open

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

    from studio_infra.workloads.pipelines.pipeline_definition.surroundings import JobSurroundings


class Split(StrEnum):
    """What one question is."""

    #: The whole object.
    NONE = "None"
    LINE = "Line"
    RECORD_IO = "RecordIO"
    TF_RECORD = "TFRecord"


@dataclass(frozen=True, kw_only=True)
class TransformStep(CachedStep):
    """Lets a model answer everything below a place in S3.

    The model's own network, isolation and role count: those of `CreateModelStep` are closed in.

    Args:
        model_name: The model: usually `CreateModelStep.model_name`.
        data: An object or a folder in S3 with the questions.
        instance_type: What it runs on: `"ml.m5.xlarge"`. The machines stop when everything is answered.
        instance_count: On how many.
        content_type: What the model is told about the questions.
        accept: What the model is asked to answer. Defaults to its own choice.
        split: What one question is.
        several_at_once: Send as many questions in a request as fit. Needs a `split`.
        max_payload_mb: Largest request. Defaults to the service's, 6 MB.
        max_concurrent: Requests at a time for each instance. Defaults to what the image says.
        timeout: How long one answer may take. Defaults to the service's.
        retries_per_request: How often one request is tried again. Defaults to the service's.
        join_input: Put each question beside its answer.
        input_filter: JSONPath of what the model sees of a question.
        output_filter: JSONPath of what is written of an answer.
        place: A folder in S3 for the answers. Defaults to one of this execution's own.
        environment: Environment variables of the container.

    """

    TYPE: ClassVar[str] = "Transform"

    name: str = "Transform"
    model_name: Text
    data: Text
    instance_type: Text
    instance_count: Number = 1
    content_type: str = "text/csv"
    accept: str | None = None
    split: Split = Split.LINE
    several_at_once: bool = True
    max_payload_mb: int | None = None
    max_concurrent: int | None = None
    timeout: timedelta | None = None
    retries_per_request: int | None = None
    join_input: bool = False
    input_filter: str | None = None
    output_filter: str | None = None
    place: Text | None = None
    environment: Mapping[str, Text] = field(default_factory=dict)
    retries: tuple[Retry, ...] = DEFAULT_RETRIES

    def __post_init__(self) -> None:
        super().__post_init__()
        check_place(self.data, "data")
        if self.place is not None:
            check_place(self.place, "an output")
        check_machines(self, "TransformResources", self.instance_type, instance_count=self.instance_count)
        check_environment(self, self.environment, most=jobs.TRANSFORM_ENVIRONMENT_MAX)
        self._check_requests()

    @property
    def output(self) -> StepProperty:
        """Where the answers are: an input for the steps after this one."""
        return StepProperty(self.name, "TransformOutput.S3OutputPath")

    def arguments(self, around: JobSurroundings) -> dict[str, Any]:
        """`CreateTransformJob` without a name: SageMaker gives it one."""
        requests = {
            "InvocationsTimeoutInSeconds": None if self.timeout is None else seconds(self.timeout),
            "InvocationsMaxRetries": self.retries_per_request,
        }
        chosen = any(value is not None for value in requests.values())
        several = self.several_at_once and self.split is not Split.NONE
        together = Split.LINE if self.split is Split.LINE else Split.NONE
        return {
            "ModelName": self.model_name,
            "TransformInput": {
                "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": self.data}},
                "ContentType": self.content_type,
                "SplitType": self.split.value,
            },
            "TransformOutput": {
                "S3OutputPath": self._place(around),
                "Accept": self.accept,
                "AssembleWith": together.value,
                "KmsKeyId": around.key_arn,
            },
            "TransformResources": {
                "InstanceType": self.instance_type,
                "InstanceCount": self.instance_count,
                "VolumeKmsKeyId": around.volume_key(self.instance_type),
            },
            "BatchStrategy": "MultiRecord" if several else "SingleRecord",
            "MaxPayloadInMB": self.max_payload_mb,
            "MaxConcurrentTransforms": self.max_concurrent,
            "ModelClientConfig": requests if chosen else None,
            "DataProcessing": self._processing,
            "Environment": dict(self.environment) or None,
            "Tags": around.tag_list,
        }

    def access(self, around: JobSurroundings) -> Access:
        """Its data and its answers: the model's role reads and writes them."""
        return Access(creates=frozenset({"transform-job"}), reads=(self.data,), writes=(self._place(around),))

    @property
    def _processing(self) -> dict[str, Any] | None:
        if not (self.join_input or self.input_filter or self.output_filter):
            return None
        return {
            "JoinSource": "Input" if self.join_input else "None",
            "InputFilter": self.input_filter,
            "OutputFilter": self.output_filter,
        }

    def _place(self, around: JobSurroundings) -> Text:
        return self.place if self.place is not None else around.place_of_execution(self.name)

    def _check_requests(self) -> None:
        if self.join_input and self.split not in {Split.NONE, Split.LINE}:
            raise self.refuse("TransformJoin", f"join_input needs split NONE or LINE, got {self.split.name}")
        shortest, longest = jobs.TRANSFORM_TIMEOUT
        if self.timeout is not None and not shortest <= self.timeout <= longest:
            raise self.refuse("TransformTimeout", f"timeout must be 1 second to 1 hour, got {self.timeout}")
        fewest, most = jobs.TRANSFORM_RETRIES
        if self.retries_per_request is not None and not fewest <= self.retries_per_request <= most:
            raise self.refuse(
                "TransformRetries",
                f"retries_per_request must be {fewest}-{most}, got {self.retries_per_request}",
            )
        for what, value in (("max_payload_mb", self.max_payload_mb), ("max_concurrent", self.max_concurrent)):
            if value is not None and not is_open(value) and value < 0:
                raise self.refuse("TransformRequests", f"{what} must be at least 0, got {value}")
