"""The training step: a job that stops by itself."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Final

from studio_infra.settings import limits
from studio_infra.workloads import limits as jobs
from studio_infra.workloads.pipelines.pipeline_definition.data import TrainingInput
from studio_infra.workloads.pipelines.pipeline_definition.retries import DEFAULT_RETRIES, Retry
from studio_infra.workloads.pipelines.pipeline_definition.step import Access, CachedStep, check_texts, seconds
from studio_infra.workloads.pipelines.pipeline_definition.values import (
    Number,
    Reference,
    Scalar,
    StepProperty,
    Text,
    as_text,
    is_open,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from studio_infra.workloads.pipelines.pipeline_definition.surroundings import JobSurroundings

_CHANNEL: Final = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
_ENVIRONMENT_NAME: Final = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]{0,511}", re.ASCII)
_ENVIRONMENT_VALUE_MAX: Final = 512


@dataclass(frozen=True, kw_only=True)
class TrainingStep(CachedStep):
    """Trains a model.

    Args:
        image: The container image that trains.
        instance_type: What it runs on: `"ml.m5.xlarge"`.
        instance_count: On how many. More than one talk to each other encrypted.
        max_runtime: The job is stopped after this time, whatever it does.
        max_wait: How long it may take including the wait for spot capacity. Defaults to twice `max_runtime`.
        spot: Use spare capacity: up to 90 % cheaper, and the job may be interrupted and resumed.
        checkpoint_path: Folder inside the container that is copied to S3 while the job runs and brought back
            when it is resumed. Every execution of the pipeline has its own copy.
        hyperparameters: What the algorithm is told.
        inputs: Channel name to data: a place in S3 or a `TrainingInput`. The container sees it under
            `/opt/ml/input/data/<channel>`.
        environment: Environment variables of the container.
        volume_gb: Disk of each instance.
        keep_warm: Keep the instances for the next job of the same kind, for this long and at full price.
        entrypoint: Replaces the image's own.
        container_arguments: Given to the entry point.
        network_isolation: No network for the container itself; data still comes and goes through SageMaker.
        private_registry: Pull the image through the VPC, from a registry that only it can reach.
        metrics: Name to regular expression: figures that are read from the job's log.

    """

    TYPE: ClassVar[str] = "Training"

    name: str = "Train"
    image: Text
    instance_type: Text
    max_runtime: timedelta
    instance_count: Number = 1
    max_wait: timedelta | None = None
    spot: bool = True
    checkpoint_path: str | None = "/opt/ml/checkpoints"
    hyperparameters: Mapping[str, Scalar | Reference] = field(default_factory=dict)
    inputs: Mapping[str, TrainingInput | str] = field(default_factory=dict)
    environment: Mapping[str, Text] = field(default_factory=dict)
    volume_gb: Number = 30
    keep_warm: timedelta | None = None
    entrypoint: tuple[str, ...] = ()
    container_arguments: tuple[str, ...] = ()
    network_isolation: bool = True
    private_registry: bool = False
    metrics: Mapping[str, str] = field(default_factory=dict)
    retries: tuple[Retry, ...] = DEFAULT_RETRIES

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check_time()
        self._check_machines()
        self._check_texts()

    @property
    def model(self) -> StepProperty:
        """Where the trained model is: an input for the steps after this one."""
        return StepProperty(self.name, "ModelArtifacts.S3ModelArtifacts")

    def metric(self, name: str) -> StepProperty:
        """The last value of one of `metrics`: for conditions."""
        if name not in self.metrics:
            known = ", ".join(sorted(self.metrics)) or "none"
            raise self.refuse(
                "TrainingMetric", f"no metric {name!r} is read from the log, known are: {known}"
            )
        return StepProperty(self.name, f"FinalMetricDataList['{name}'].Value")

    def arguments(self, around: JobSurroundings) -> dict[str, Any]:
        """`CreateTrainingJob` without a name: SageMaker gives it one."""
        return {
            "AlgorithmSpecification": {
                "TrainingImage": self.image,
                "TrainingInputMode": "File",
                "ContainerEntrypoint": self.entrypoint or None,
                "ContainerArguments": self.container_arguments or None,
                "MetricDefinitions": [{"Name": name, "Regex": regex} for name, regex in self.metrics.items()]
                or None,
                "TrainingImageConfig": {"TrainingRepositoryAccessMode": "Vpc"}
                if self.private_registry
                else None,
            },
            "RoleArn": around.role_arn,
            "HyperParameters": {key: as_text(value) for key, value in self.hyperparameters.items()} or None,
            "Environment": dict(self.environment) or None,
            "InputDataConfig": [data.to_json(channel) for channel, data in self._data.items()] or None,
            "OutputDataConfig": {"S3OutputPath": around.place("models"), "KmsKeyId": around.key_arn},
            "ResourceConfig": {
                "InstanceType": self.instance_type,
                "InstanceCount": self.instance_count,
                "VolumeSizeInGB": self.volume_gb,
                "VolumeKmsKeyId": around.volume_key(self.instance_type),
                "KeepAlivePeriodInSeconds": None if self.keep_warm is None else seconds(self.keep_warm),
            },
            "StoppingCondition": {
                "MaxRuntimeInSeconds": seconds(self.max_runtime),
                "MaxWaitTimeInSeconds": seconds(self._longest_wait) if self.spot else None,
            },
            "EnableManagedSpotTraining": self.spot,
            "CheckpointConfig": self._checkpoints(around),
            "VpcConfig": around.vpc_config,
            "EnableNetworkIsolation": self.network_isolation,
            "EnableInterContainerTrafficEncryption": True,
            "Tags": around.tag_list,
        }

    def access(self, around: JobSurroundings) -> Access:
        """Its image, its data, and the two folders that it writes."""
        checkpoints = () if self.checkpoint_path is None else (around.place("checkpoints") + "/",)
        return Access(
            creates=frozenset({"training-job"}),
            images=(self.image,),
            reads=(*(data.place for data in self._data.values()), *checkpoints),
            writes=(around.place("models") + "/", *checkpoints),
        )

    @property
    def _data(self) -> dict[str, TrainingInput]:
        return {
            channel: data if isinstance(data, TrainingInput) else TrainingInput(place=data)
            for channel, data in self.inputs.items()
        }

    @property
    def _longest_wait(self) -> timedelta:
        return (
            self.max_wait if self.max_wait is not None else min(2 * self.max_runtime, jobs.TRAINING_LONGEST)
        )

    def _checkpoints(self, around: JobSurroundings) -> dict[str, Any] | None:
        if self.checkpoint_path is None:
            return None
        return {"S3Uri": around.place_of_execution("checkpoints"), "LocalPath": self.checkpoint_path}

    def _check_time(self) -> None:
        longest = jobs.TRAINING_LONGEST
        if not timedelta(seconds=1) <= self.max_runtime <= longest:
            raise self.refuse(
                "TrainingMaxRuntime",
                f"max_runtime must be between 1 second and {longest.days} days, got {self.max_runtime}",
            )
        if self.max_wait is not None and not self.spot:
            raise self.refuse(
                "TrainingMaxWait", "max_wait is the wait for spot capacity: leave it out, or set spot=True"
            )
        if not self.max_runtime <= self._longest_wait <= longest:
            raise self.refuse(
                "TrainingMaxWait",
                f"max_wait includes the run itself: it must be between max_runtime ({self.max_runtime}) and "
                f"{longest.days} days, got {self.max_wait}",
            )
        if (
            self.keep_warm is not None
            and not timedelta(seconds=1) <= self.keep_warm <= jobs.KEEP_WARM_LONGEST
        ):
            raise self.refuse("TrainingKeepWarm", f"keep_warm must be at most 6 hours, got {self.keep_warm}")
        if self.keep_warm is not None and self.spot:
            raise self.refuse(
                "TrainingKeepWarm",
                "spot capacity cannot be kept warm: leave out keep_warm, or set spot=False",
            )

    def _check_machines(self) -> None:
        kind = self.instance_type
        if isinstance(kind, str) and not is_open(kind) and not limits.is_instance_type(kind):
            raise self.refuse(
                "InstanceType", f'instance_type must be written like "ml.m5.xlarge", got {kind!r}'
            )
        for what, value in (("instance_count", self.instance_count), ("volume_gb", self.volume_gb)):
            if not is_open(value) and isinstance(value, int) and value < 1:
                raise self.refuse("TrainingResources", f"{what} must be at least 1, got {value}")

    def _check_texts(self) -> None:
        check_texts(self, "Image", "an image", (self.image,), limits.IMAGE_MAX)
        parameters = self.hyperparameters
        if len(parameters) > limits.HYPERPARAMETERS_MAX:
            raise self.refuse(
                "Hyperparameters",
                f"at most {limits.HYPERPARAMETERS_MAX} hyperparameters are possible, got {len(parameters)}",
            )
        check_texts(
            self, "Hyperparameters", "a hyperparameter's name", parameters, limits.HYPERPARAMETER_KEY_MAX
        )
        values = map(as_text, parameters.values())
        check_texts(
            self, "Hyperparameters", "a hyperparameter's value", values, limits.HYPERPARAMETER_VALUE_MAX
        )
        for channel in self._data:
            if _CHANNEL.fullmatch(channel) is None:
                raise self.refuse(
                    "TrainingChannel",
                    f"a channel is named by 1-64 letters, digits or one of .-_, got {channel!r}",
                )
        if len(self.inputs) > jobs.TRAINING_CHANNELS_MAX:
            raise self.refuse(
                "TrainingChannel",
                f"at most {jobs.TRAINING_CHANNELS_MAX} inputs are possible, got {len(self.inputs)}",
            )
        for name in self.environment:
            if _ENVIRONMENT_NAME.fullmatch(name) is None:
                raise self.refuse("TrainingEnvironment", f"{name!r} is no name of an environment variable")
        check_texts(
            self,
            "TrainingEnvironment",
            "a variable's value",
            self.environment.values(),
            _ENVIRONMENT_VALUE_MAX,
        )
