"""The processing step: a container that turns data into data, and may leave figures for conditions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from studio_infra.workloads import limits as jobs
from studio_infra.workloads.pipelines.pipeline_definition.data import check_place
from studio_infra.workloads.pipelines.pipeline_definition.retries import DEFAULT_RETRIES, Retry
from studio_infra.workloads.pipelines.pipeline_definition.step import (
    Access,
    CachedStep,
    seconds,
)
from studio_infra.workloads.pipelines.pipeline_definition.steps.processing_job import check_processing_job
from studio_infra.workloads.pipelines.pipeline_definition.values import (
    JsonGet,
    Number,
    StepProperty,
    Text,
    check_name,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

    from studio_infra.workloads.pipelines.pipeline_definition.surroundings import JobSurroundings


@dataclass(frozen=True, kw_only=True)
class ProcessingInput:
    """Data that is copied into the container before it starts.

    Args:
        place: An object or a folder in S3, or the result of a step.
        path: Folder in the container, below `/opt/ml/processing`.
        sharded: Give each instance its share of the objects. Defaults to all objects for every instance.

    """

    place: Text
    path: str
    sharded: bool = False

    def __post_init__(self) -> None:
        check_place(self.place, "an input")

    def to_json(self, name: str) -> dict[str, Any]:
        """The input in the words of the API."""
        source = {
            "S3Uri": self.place,
            "LocalPath": self.path,
            "S3DataType": "S3Prefix",
            "S3InputMode": "File",
            "S3DataDistributionType": "ShardedByS3Key" if self.sharded else "FullyReplicated",
        }
        return {"InputName": name, "AppManaged": False, "S3Input": source}


@dataclass(frozen=True, kw_only=True)
class ProcessingOutput:
    """A folder of the container that is copied to S3 when it has finished.

    Args:
        path: Folder in the container, below `/opt/ml/processing`.
        place: A folder in S3. Defaults to one of this execution's own.
        property_files: Name to file in the folder: JSON files whose values conditions can use.

    """

    path: str
    place: Text | None = None
    property_files: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.place is not None:
            check_place(self.place, "an output")
        for name in self.property_files:
            check_name(name, "a property file's name")


@dataclass(frozen=True, kw_only=True)
class ProcessingStep(CachedStep):
    """Runs a container over data.

    Args:
        image: The container image.
        instance_type: What it runs on: `"ml.m5.xlarge"`.
        instance_count: On how many. More than one talk to each other encrypted.
        max_runtime: The job is stopped after this time, whatever it does.
        inputs: Name to data.
        outputs: Name to result.
        entrypoint: Replaces the image's own.
        container_arguments: Given to the entry point.
        environment: Environment variables of the container.
        volume_gb: Disk of each instance.
        network_isolation: No network for the container itself; data still comes and goes through SageMaker.

    """

    TYPE: ClassVar[str] = "Processing"

    image: Text
    instance_type: Text
    max_runtime: timedelta
    instance_count: Number = 1
    inputs: Mapping[str, ProcessingInput] = field(default_factory=dict)
    outputs: Mapping[str, ProcessingOutput] = field(default_factory=dict)
    entrypoint: tuple[str, ...] = ()
    container_arguments: tuple[Text, ...] = ()
    environment: Mapping[str, Text] = field(default_factory=dict)
    volume_gb: Number = 30
    network_isolation: bool = True
    retries: tuple[Retry, ...] = DEFAULT_RETRIES

    def __post_init__(self) -> None:
        super().__post_init__()
        check_processing_job(
            self,
            image=self.image,
            max_runtime=self.max_runtime,
            instance_type=self.instance_type,
            instance_count=self.instance_count,
            volume_gb=self.volume_gb,
        )
        for what, given, most in (
            ("inputs", self.inputs, jobs.PROCESSING_INPUTS_MAX),
            ("outputs", self.outputs, jobs.PROCESSING_OUTPUTS_MAX),
        ):
            if len(given) > most:
                raise self.refuse("ProcessingData", f"at most {most} {what} are possible, got {len(given)}")

    def output(self, name: str) -> StepProperty:
        """Where one of `outputs` is: an input for the steps after this one."""
        if name not in self.outputs:
            known = ", ".join(sorted(self.outputs)) or "none"
            raise self.refuse("ProcessingOutput", f"there is no output {name!r}, known are: {known}")
        return StepProperty(self.name, f"ProcessingOutputConfig.Outputs['{name}'].S3Output.S3Uri")

    def figure(self, property_file: str, path: str) -> JsonGet:
        """A value in one of the property files: for conditions."""
        known = sorted(name for output in self.outputs.values() for name in output.property_files)
        if property_file not in known:
            listed = ", ".join(known) or "none"
            raise self.refuse(
                "PropertyFile", f"there is no property file {property_file!r}, known are: {listed}"
            )
        return JsonGet(self.name, property_file, path)

    def arguments(self, around: JobSurroundings) -> dict[str, Any]:
        """`CreateProcessingJob` without a name: SageMaker gives it one."""
        outputs = [
            {
                "OutputName": name,
                "AppManaged": False,
                "S3Output": {
                    "S3Uri": self._place(name, output, around),
                    "LocalPath": output.path,
                    "S3UploadMode": "EndOfJob",
                },
            }
            for name, output in self.outputs.items()
        ]
        return {
            "ProcessingResources": {
                "ClusterConfig": {
                    "InstanceType": self.instance_type,
                    "InstanceCount": self.instance_count,
                    "VolumeSizeInGB": self.volume_gb,
                    "VolumeKmsKeyId": around.volume_key(self.instance_type),
                }
            },
            "AppSpecification": {
                "ImageUri": self.image,
                "ContainerEntrypoint": self.entrypoint or None,
                "ContainerArguments": self.container_arguments or None,
            },
            "RoleArn": around.role_arn,
            "ProcessingInputs": [data.to_json(name) for name, data in self.inputs.items()] or None,
            "ProcessingOutputConfig": {"Outputs": outputs, "KmsKeyId": around.key_arn} if outputs else None,
            "Environment": dict(self.environment) or None,
            "StoppingCondition": {"MaxRuntimeInSeconds": seconds(self.max_runtime)},
            "NetworkConfig": {
                "EnableNetworkIsolation": self.network_isolation,
                "EnableInterContainerTrafficEncryption": True,
                "VpcConfig": around.vpc_config,
            },
            "Tags": around.tag_list,
        }

    def extras(self) -> dict[str, Any]:
        """Retries, cache, and the files whose values conditions can use."""
        files = [
            {"PropertyFileName": name, "OutputName": output_name, "FilePath": path}
            for output_name, output in self.outputs.items()
            for name, path in output.property_files.items()
        ]
        return super().extras() | {"PropertyFiles": files or None}

    def access(self, around: JobSurroundings) -> Access:
        """Its image and its data."""
        return Access(
            creates=frozenset({"processing-job"}),
            images=(self.image,),
            reads=tuple(data.place for data in self.inputs.values()),
            writes=tuple(self._place(name, output, around) for name, output in self.outputs.items()),
        )

    def _place(self, name: str, output: ProcessingOutput, around: JobSurroundings) -> Text:
        return output.place if output.place is not None else around.place_of_execution(f"{self.name}/{name}")
