"""The training step: a job that stops by itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from studio_infra.settings.facts import limits
from studio_infra.workloads import limits as jobs
from studio_infra.workloads.pipelines.pipeline_definition.data import TrainingInput
from studio_infra.workloads.pipelines.pipeline_definition.distribution import (
    Distribution,
    TrainingScript,
    as_json,
)
from studio_infra.workloads.pipelines.pipeline_definition.retries import DEFAULT_RETRIES, Retry
from studio_infra.workloads.pipelines.pipeline_definition.step import (
    Access,
    CachedStep,
    check_machines,
    check_texts,
    seconds,
)
from studio_infra.workloads.pipelines.pipeline_definition.steps.training_checks import (
    check_channels,
    check_environment,
    check_time,
    check_told,
)
from studio_infra.workloads.pipelines.pipeline_definition.values import (
    Number,
    Reference,
    Scalar,
    StepProperty,
    Text,
    as_text,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

    from studio_infra.workloads.pipelines.pipeline_definition.surroundings import JobSurroundings


@dataclass(frozen=True, kw_only=True)
class TrainingStep(CachedStep):
    """Trains a model.

    Args:
        image: The container image that trains.
        instance_type: What it runs on: `"ml.m5.xlarge"`.
        instance_count: On how many.
        distribution: How they work together: `Torchrun()`, `DataParallel()`, `Mpi()`, `ParameterServer()`, for
            AWS's framework images. Defaults to what the image does of its own accord.
        encrypt_between_instances: Encrypt what the instances say to each other. That takes time; a job that is
            slowed down by it may say no.
        max_runtime: The job is stopped after this time, whatever it does.
        max_wait: How long it may take including the wait for spot capacity. Defaults to twice `max_runtime`.
        spot: Use spare capacity: up to 90 % cheaper, and the job may be interrupted and resumed.
        checkpoint_path: Folder inside the container that is copied to S3 while the job runs and brought back
            when it is resumed. Every execution of the pipeline has its own copy.
        script: Code that a framework image runs. Defaults to the code in the image.
        hyperparameters: What the algorithm is told. Names that begin with `sagemaker_` belong to `script` and
            `distribution`.
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
    distribution: Distribution | None = None
    encrypt_between_instances: bool = True
    max_wait: timedelta | None = None
    spot: bool = True
    checkpoint_path: str | None = "/opt/ml/checkpoints"
    script: TrainingScript | None = None
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
        check_time(self)
        check_texts(self, "Image", "an image", (self.image,), limits.IMAGE_MAX)
        check_machines(
            self,
            "TrainingResources",
            self.instance_type,
            instance_count=self.instance_count,
            volume_gb=self.volume_gb,
        )
        check_told(self)
        check_channels(self)
        check_environment(self, self.environment)

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
            "HyperParameters": self.told or None,
            "Environment": dict(self.environment) or None,
            "InputDataConfig": [data.to_json(channel) for channel, data in self.data.items()] or None,
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
                "MaxWaitTimeInSeconds": seconds(self.longest_wait) if self.spot else None,
            },
            "EnableManagedSpotTraining": self.spot,
            "CheckpointConfig": self._checkpoints(around),
            "VpcConfig": around.vpc_config,
            "EnableNetworkIsolation": self.network_isolation,
            "EnableInterContainerTrafficEncryption": self.encrypt_between_instances,
            "Tags": around.tag_list,
        }

    def access(self, around: JobSurroundings) -> Access:
        """Its image, its data, and the two folders that it writes."""
        checkpoints = () if self.checkpoint_path is None else (around.place("checkpoints") + "/",)
        return Access(
            creates=frozenset({"training-job"}),
            images=(self.image,),
            reads=(*(data.place for data in self.data.values()), *checkpoints),
            writes=(around.place("models") + "/", *checkpoints),
        )

    @property
    def told(self) -> dict[str, Text]:
        """All hyperparameters as the service takes them: text."""
        written = as_text if self.script is None else as_json
        own = {key: written(value) for key, value in self.hyperparameters.items()}
        script = {} if self.script is None else self.script.settings
        how = {} if self.distribution is None else self.distribution.settings(self.instance_type)
        return own | {key: as_json(value) for key, value in {**script, **how}.items()}

    @property
    def data(self) -> dict[str, TrainingInput]:
        """Every channel, the code's included."""
        given = {
            channel: data if isinstance(data, TrainingInput) else TrainingInput(place=data)
            for channel, data in self.inputs.items()
        }
        return given if self.script is None else given | {TrainingScript.CHANNEL: self.script.channel}

    @property
    def longest_wait(self) -> timedelta:
        """For spot capacity and the run itself."""
        return (
            self.max_wait if self.max_wait is not None else min(2 * self.max_runtime, jobs.TRAINING_LONGEST)
        )

    def _checkpoints(self, around: JobSurroundings) -> dict[str, Any] | None:
        if self.checkpoint_path is None:
            return None
        return {"S3Uri": around.place_of_execution("checkpoints"), "LocalPath": self.checkpoint_path}
