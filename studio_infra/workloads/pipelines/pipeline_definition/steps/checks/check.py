"""What the checks of data and models have in common: a job, a baseline, and what happens to both."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from studio_infra.workloads.pipelines.pipeline_definition.data import check_place
from studio_infra.workloads.pipelines.pipeline_definition.step import (
    Access,
    Step,
    seconds,
)
from studio_infra.workloads.pipelines.pipeline_definition.steps.processing_job import check_processing_job
from studio_infra.workloads.pipelines.pipeline_definition.values import Number, Reference, StepProperty, Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from studio_infra.workloads.pipelines.pipeline_definition.retries import Cache
    from studio_infra.workloads.pipelines.pipeline_definition.steps.processing import ProcessingInput
    from studio_infra.workloads.pipelines.pipeline_definition.surroundings import JobSurroundings

FOLDER = "/opt/ml/processing"
OUTPUT = f"{FOLDER}/output"


@dataclass(frozen=True, kw_only=True)
class CheckStep(Step):
    """A processing job of AWS's own images that measures, and compares with a baseline.

    What it compares with is, in this order: `constraints` and `statistics`, if they are given; the baseline of the
    latest approved version of `group_name`; nothing, and then nothing is a violation.
    https://docs.aws.amazon.com/sagemaker/latest/dg/pipelines-quality-clarify-baseline-lifecycle.html

    Args:
        image: AWS's image for it, in this region.
            https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-pre-built-container.html
        data: An object or a folder in S3.
        group_name: The model package group whose latest approved version has the baseline. Defaults to none.
        constraints: A baseline of one's own: a JSON file in S3. Defaults to that of the group.
        skip: Measure, and compare with nothing: for the first version.
        fail_on_violation: Whether the execution ends when something has drifted. The violations are in S3 either way.
        register_new_baseline: Whether what was measured is what the next versions are compared with, in place of the
            baseline of before; `RegisterModelStep` writes it down.
        results: A folder in S3 for what it finds. Defaults to one of this execution's own.
        instance_type: What it runs on.
        instance_count: On how many.
        max_runtime: The job is stopped after this time, whatever it does.
        volume_gb: Disk of each instance.
        network_isolation: No network for the container itself.
        cache: For how long the last result can be used again. Defaults to never.

    """

    #: The name of the one output.
    RESULT: ClassVar[str]

    image: Text
    data: Text
    group_name: str | None = None
    constraints: Text | None = None
    skip: bool | Reference = False
    fail_on_violation: bool | Reference = True
    register_new_baseline: bool | Reference = False
    results: Text | None = None
    instance_type: Text = "ml.m5.xlarge"
    instance_count: Number = 1
    max_runtime: timedelta = timedelta(hours=1)
    volume_gb: Number = 30
    network_isolation: bool = True
    cache: Cache | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        for what, place in self.places().items():
            check_place(place, what)
        check_processing_job(
            self,
            image=self.image,
            max_runtime=self.max_runtime,
            instance_type=self.instance_type,
            instance_count=self.instance_count,
            volume_gb=self.volume_gb,
        )

    @property
    @abstractmethod
    def kind(self) -> str:
        """What it checks, in SageMaker's word."""

    @property
    def calculated_constraints(self) -> StepProperty:
        """The constraints that this execution measured: a file in S3."""
        return StepProperty(self.name, "CalculatedBaselineConstraints")

    @property
    def used_constraints(self) -> StepProperty:
        """The constraints that it was compared with, or that are the new baseline."""
        return StepProperty(self.name, "BaselineUsedForDriftCheckConstraints")

    @abstractmethod
    def inputs(self) -> Mapping[str, ProcessingInput]:
        """Name to data, in the folders where AWS's image looks for them."""

    def environment(self) -> Mapping[str, Text]:
        """What AWS's image is told."""
        return {}

    def places(self) -> dict[str, Text]:
        """What it is given in S3, by the option that says so."""
        given = {"data": self.data, "constraints": self.constraints, "results": self.results}
        return {what: place for what, place in given.items() if place is not None}

    def arguments(self, around: JobSurroundings) -> dict[str, Any]:
        """`CreateProcessingJob` without a name: SageMaker gives it one."""
        result = {"S3Uri": self._results(around), "LocalPath": OUTPUT, "S3UploadMode": "EndOfJob"}
        return {
            "ProcessingResources": {
                "ClusterConfig": {
                    "InstanceType": self.instance_type,
                    "InstanceCount": self.instance_count,
                    "VolumeSizeInGB": self.volume_gb,
                    "VolumeKmsKeyId": around.volume_key(self.instance_type),
                }
            },
            "AppSpecification": {"ImageUri": self.image},
            "RoleArn": around.role_arn,
            "ProcessingInputs": [data.to_json(name) for name, data in self.inputs().items()],
            "ProcessingOutputConfig": {
                "Outputs": [{"OutputName": self.RESULT, "AppManaged": False, "S3Output": result}],
                "KmsKeyId": around.key_arn,
            },
            "Environment": dict(self.environment()) or None,
            "StoppingCondition": {"MaxRuntimeInSeconds": seconds(self.max_runtime)},
            "NetworkConfig": {
                "EnableNetworkIsolation": self.network_isolation,
                "EnableInterContainerTrafficEncryption": True,
                "VpcConfig": around.vpc_config,
            },
            "Tags": around.tag_list,
        }

    def extras(self) -> dict[str, Any]:
        """What is compared, and what follows."""
        return {
            "CheckType": self.kind,
            "ModelPackageGroupName": self.group_name,
            "SkipCheck": self.skip,
            "FailOnViolation": self.fail_on_violation,
            "RegisterNewBaseline": self.register_new_baseline,
            "SuppliedBaselineConstraints": self.constraints,
            "CacheConfig": None if self.cache is None else self.cache.to_json(),
        }

    def access(self, around: JobSurroundings) -> Access:
        """Its image, its data, and the versions that have the baseline."""
        return Access(
            creates=frozenset({"processing-job"}),
            images=(self.image,),
            reads=tuple(data.place for data in self.inputs().values()),
            writes=(self._results(around),),
            baseline_groups=frozenset() if self.group_name is None else frozenset({self.group_name}),
            baselines=tuple(place for place in self.supplied() if place is not None),
        )

    def supplied(self) -> tuple[Text | None, ...]:
        """What the pipeline itself reads to compare: a baseline that is given, and findings in a place of one's own."""
        return (self.constraints, self.results)

    def metrics(self) -> dict[str, Any]:
        """What `CreateModelPackage` calls what was measured."""
        return self._written(self.calculated_constraints, "Report")

    def baselines(self) -> dict[str, Any]:
        """What `CreateModelPackage` calls what the next versions are compared with."""
        return self._written(self.used_constraints, "Constraints")

    @abstractmethod
    def _written(self, constraints: StepProperty, what: str) -> dict[str, Any]: ...

    def _results(self, around: JobSurroundings) -> Text:
        return around.place_of_execution(f"{self.name}/results") if self.results is None else self.results


def as_json(place: Text) -> dict[str, Any]:
    """A JSON file, as `CreateModelPackage` takes it."""
    return {"ContentType": "application/json", "S3Uri": place}


def merged(parts: list[dict[str, Any]]) -> dict[str, Any] | None:
    """What several checks say about one version: two of them may be about its bias."""
    found: dict[str, Any] = {}
    for part in parts:
        for kind, said in part.items():
            found[kind] = found.get(kind, {}) | said
    return found or None
