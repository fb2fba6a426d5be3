"""The stack beside Studio: training and endpoints, deployed, changed and destroyed without touching anybody's home."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import aws_cdk as cdk

from studio_infra.stacks.values import endpoint_lifetime, pascal, removal_policy
from studio_infra.storage.artifact_bucket import team_prefix
from studio_infra.workloads.endpoints.autoscaling import InstanceScaling
from studio_infra.workloads.endpoints.model import Model, ModelContainer
from studio_infra.workloads.endpoints.model_endpoint import ModelEndpoint
from studio_infra.workloads.endpoints.variants import InstanceVariant
from studio_infra.workloads.pipelines.pipeline_definition import (
    RegisterModelStep,
    TrainingInput,
    TrainingStep,
)
from studio_infra.workloads.pipelines.training_pipeline import TrainingPipeline
from studio_infra.workloads.registry.model_registry import ModelRegistry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs import Construct

    from studio_infra.settings import StudioSettings
    from studio_infra.stacks.studio_stack import StudioStack


class WorkloadStack(cdk.Stack):
    """Training pipelines with their model registries, and endpoints with their owners.

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
            name: self._endpoint(name) for name in settings.endpoints
        }

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
                "train": TrainingInput(place=f"s3://{bucket.bucket_name}/{folder}{training.input_prefix}")
            },
            max_runtime=timedelta(minutes=training.max_runtime_minutes),
            max_wait=timedelta(minutes=wait) if wait is not None else None,
            spot=training.spot,
        )
        register = RegisterModelStep(
            group_name=self.registries[name].group_name, image=training.image, model_data=train.model
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
        return pipeline

    def _endpoint(self, name: str) -> ModelEndpoint:
        endpoint, network = self._settings.endpoints[name], self._studio.network
        model = Model(
            self,
            f"{pascal(name)}Model",
            containers=[ModelContainer(image=endpoint.image, model_data=endpoint.model_data)],
            vpc=network.vpc,
            subnets=network.job_subnets,
            security_groups=[network.job_security_group],
            key=self._studio.key,
        )
        made = ModelEndpoint(
            self,
            f"{pascal(name)}Endpoint",
            endpoint_name=f"{self._settings.name}-{name}",
            variants=[
                InstanceVariant(
                    model=model,
                    instance_type=endpoint.instance_type,
                    scaling=InstanceScaling(
                        min_instances=endpoint.min_instances,
                        max_instances=endpoint.max_instances,
                        invocations_per_instance=endpoint.target_invocations_per_instance,
                    ),
                )
            ],
            owner=endpoint.owner,
            lifetime=endpoint_lifetime(endpoint),
            key=self._studio.key,
        )
        for construct in (model, made):
            cdk.Tags.of(construct).add("studio:team", endpoint.team)
        return made
