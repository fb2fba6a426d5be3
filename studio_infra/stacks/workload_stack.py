"""The stack beside Studio: training and endpoints, deployed, changed and destroyed without touching anybody's home."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import aws_cdk as cdk

from studio_infra.stacks.endpoints import make_endpoint
from studio_infra.stacks.values import pascal, removal_policy
from studio_infra.storage.artifact_bucket import team_prefix
from studio_infra.workloads.pipelines.new_data import PipelineOnNewData
from studio_infra.workloads.pipelines.pipeline_definition import (
    Approval,
    Cache,
    DataParallel,
    Distribution,
    InputMode,
    Mpi,
    ParameterServer,
    RegisterModelStep,
    Torchrun,
    TrainingInput,
    TrainingScript,
    TrainingStep,
)
from studio_infra.workloads.pipelines.pipeline_events import PipelineSchedule
from studio_infra.workloads.pipelines.training_pipeline import TrainingPipeline
from studio_infra.workloads.registry.model_registry import ModelRegistry
from studio_infra.workloads.tracking.tracking_app import TrackingApp
from studio_infra.workloads.tracking.tracking_server import TrackingServer, TrackingServerSize

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs import Construct

    from studio_infra.settings import StudioSettings
    from studio_infra.settings.sections.workloads import TrainingSettings
    from studio_infra.stacks.studio_stack import StudioStack
    from studio_infra.workloads.endpoints.model_endpoint import ModelEndpoint


#: How machines work together, in the words of the settings.
_DISTRIBUTIONS: Final[Mapping[str, Distribution]] = {
    "torchrun": Torchrun(),
    "data_parallel": DataParallel(),
    "mpi": Mpi(),
    "parameter_server": ParameterServer(),
}


def _script(training: TrainingSettings) -> TrainingScript | None:
    if training.code is None:
        return None
    return TrainingScript(source=training.code, entry_point=training.entry_point or "train.py")


def _minutes(count: int | None) -> timedelta | None:
    return timedelta(minutes=count) if count is not None else None


class WorkloadStack(cdk.Stack):
    """Training pipelines with their model registries, experiment tracking, and endpoints with their owners.

    Args:
        scope: The app.
        construct_id: Name of the stack.
        settings: What the platform team decided.
        studio: The stack with network, key and bucket.
        **kwargs: Options of any stack.

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: StudioSettings,
        studio: StudioStack,
        **kwargs: Any,
    ) -> None:
        super().__init__(scope, construct_id, **kwargs)
        self._settings = settings
        self._studio = studio
        #: Where trained models are registered, by name of the training.
        self.registries: Final = {name: self._registry(name) for name in settings.training}
        self.pipelines: Final[Mapping[str, TrainingPipeline]] = {
            name: self._pipeline(name) for name in settings.training
        }
        self.endpoints: Final[Mapping[str, ModelEndpoint]] = {
            name: make_endpoint(self, name, settings=settings, studio=studio) for name in settings.endpoints
        }
        #: MLflow of teams, by name.
        self.tracking: Final = {name: self._tracking(name) for name in settings.tracking}

    def _registry(self, name: str) -> ModelRegistry:
        return ModelRegistry(
            self,
            f"{pascal(name)}Registry",
            group_name=f"{self._settings.name}-{name}",
            description=f"Versions of the model that the training {name} makes",
            removal_policy=removal_policy(self._settings),
        )

    def _pipeline(self, name: str) -> TrainingPipeline:
        training, network = self._settings.training[name], self._studio.network
        bucket = self._studio.artifacts.bucket
        folder = team_prefix(training.team)
        wait = training.effective_max_wait_minutes
        train = TrainingStep(
            image=training.image,
            instance_type=training.instance_type,
            instance_count=training.instance_count,
            volume_gb=training.volume_gb,
            hyperparameters=training.hyperparameters,
            inputs={
                channel: TrainingInput(
                    place=f"s3://{bucket.bucket_name}/{folder}{prefix}",
                    mode=InputMode(training.input_mode),
                    content_type=training.content_type,
                )
                for channel, prefix in {"train": training.input_prefix, **training.channels}.items()
            },
            environment=training.environment,
            metrics=training.metrics,
            script=_script(training),
            private_registry=training.private_registry,
            network_isolation=training.network_isolation,
            max_runtime=timedelta(minutes=training.max_runtime_minutes),
            max_wait=_minutes(wait),
            spot=training.spot,
            keep_warm=_minutes(training.keep_warm_minutes),
            distribution=_DISTRIBUTIONS[training.distribution] if training.distribution is not None else None,
            cache=Cache(valid_for=timedelta(days=training.cache_days)) if training.cache_days else None,
        )
        register = RegisterModelStep(
            group_name=self.registries[name].group_name,
            image=training.image,
            model_data=train.model,
            approval=Approval.APPROVED if training.approval == "approved" else Approval.PENDING,
        )
        pipeline = TrainingPipeline(
            self,
            f"{pascal(name)}Training",
            pipeline_name=f"{self._settings.name}-{name}",
            steps=[train, register],
            vpc=network.vpc,
            subnets=network.job_subnets,
            security_groups=[network.job_security_group],
            key=self._studio.key,
            bucket=bucket,
            prefix=f"{folder}pipelines/{name}",
            job_tags={"studio:team": training.team},
        )
        cdk.Tags.of(pipeline).add("studio:team", training.team)
        # The group must be there before the first execution registers a model in it.
        pipeline.node.add_dependency(self.registries[name])
        self._starts(name, pipeline)
        return pipeline

    def _starts(self, name: str, pipeline: TrainingPipeline) -> None:
        training = self._settings.training[name]
        if training.schedule is not None:
            PipelineSchedule(
                self,
                f"{pascal(name)}Schedule",
                pipeline=pipeline,
                expression=training.schedule,
                time_zone=training.time_zone,
            )
        if training.start_on_new_data:
            PipelineOnNewData(
                self,
                f"{pascal(name)}NewData",
                pipeline=pipeline,
                bucket=self._studio.artifacts.bucket,
                prefix=f"{team_prefix(training.team)}{training.input_prefix}",
                suffix=training.new_data_suffix,
            )

    def _tracking(self, name: str) -> TrackingServer | TrackingApp:
        wanted = self._settings.tracking[name]
        physical_name = f"{self._settings.name}-{name}"
        if wanted.kind == "serverless":
            return TrackingApp(
                self,
                f"{pascal(name)}Tracking",
                team=wanted.team,
                bucket=self._studio.artifacts.bucket,
                key=self._studio.key,
                app_name=physical_name,
                register_models=wanted.register_models,
                removal_policy=removal_policy(self._settings),
            )
        return TrackingServer(
            self,
            f"{pascal(name)}Tracking",
            team=wanted.team,
            owner=wanted.owner or "",
            bucket=self._studio.artifacts.bucket,
            key=self._studio.key,
            server_name=physical_name,
            size=wanted.size or TrackingServerSize.SMALL,
            register_models=wanted.register_models,
            removal_policy=removal_policy(self._settings),
        )
