"""From what settings say of an endpoint's models, variants, components and monitors to their constructs."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

import aws_cdk as cdk

from studio_infra.settings.sections.endpoints.monitors import (
    BiasSettings,
    DataQualitySettings,
    ExplainabilitySettings,
    ModelQualitySettings,
)
from studio_infra.stacks.values import pascal
from studio_infra.storage.artifact_bucket import team_prefix
from studio_infra.workloads.endpoints.autoscaling import InstanceScaling, ScheduledScaling
from studio_infra.workloads.endpoints.kinds.asynchronous import BacklogScaling
from studio_infra.workloads.endpoints.kinds.inference_component import CopyScaling, InferenceComponent
from studio_infra.workloads.endpoints.kinds.shared_instances import SharedInstances
from studio_infra.workloads.endpoints.model import Model, ModelContainer
from studio_infra.workloads.endpoints.monitors.kinds import (
    DataQuality,
    ModelBias,
    ModelExplainability,
    ModelQuality,
)
from studio_infra.workloads.endpoints.monitors.model_monitor import ModelMonitor
from studio_infra.workloads.endpoints.variants import InstanceVariant, ServerlessVariant

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from constructs import Construct

    from studio_infra.settings import EndpointSettings
    from studio_infra.settings.sections.endpoints.models import ShadowSettings, VariantSettings
    from studio_infra.settings.sections.endpoints.monitors import MonitorSettings
    from studio_infra.stacks.studio_stack import StudioStack
    from studio_infra.workloads.endpoints.model_endpoint import ModelEndpoint
    from studio_infra.workloads.endpoints.monitors.kinds import Watched

PRIMARY: Final = "primary"
_SHADOW: Final = "shadow"


def endpoint_place(name: str, endpoint: EndpointSettings, studio: StudioStack) -> str:
    """The folder of an endpoint in its team's part of the artifact bucket."""
    return f"s3://{studio.artifacts.bucket.bucket_name}/{team_prefix(endpoint.team)}endpoints/{name}/"


def variants(
    scope: Construct, name: str, endpoint: EndpointSettings, studio: StudioStack
) -> list[InstanceVariant | ServerlessVariant | SharedInstances]:
    """What answers: the endpoint's own model and those beside it, or the machines that components share."""
    if endpoint.kind == "components":
        return [
            SharedInstances(
                name=PRIMARY,
                instance_type=endpoint.instance_type or "",
                min_instances=endpoint.least_instances,
                max_instances=endpoint.max_instances,
                vpc=studio.network.vpc,
                subnets=studio.network.job_subnets,
                security_groups=[studio.network.job_security_group],
            )
        ]
    own = _model(scope, f"{pascal(name)}Model", endpoint, studio, _containers(endpoint))
    if endpoint.kind == "serverless":
        return [
            ServerlessVariant(
                model=own,
                name=PRIMARY,
                memory_mb=endpoint.memory_mb,
                max_concurrency=endpoint.max_concurrency,
            )
        ]
    found: list[InstanceVariant | ServerlessVariant | SharedInstances] = [
        InstanceVariant(
            model=own,
            name=PRIMARY,
            weight=endpoint.weight,
            instance_type=endpoint.instance_type or "",
            scaling=_scaling(endpoint, endpoint.least_instances, endpoint.max_instances),
        )
    ]
    for variant, wanted in endpoint.variants.items():
        least = endpoint.least_instances if wanted.min_instances is None else wanted.min_instances
        most = endpoint.max_instances if wanted.max_instances is None else wanted.max_instances
        construct_id = f"{pascal(name)}{variant.title()}VariantModel"
        found.append(
            InstanceVariant(
                model=_model(scope, construct_id, endpoint, studio, [_other(endpoint, wanted)]),
                name=variant,
                weight=wanted.weight,
                instance_type=wanted.instance_type or endpoint.instance_type or "",
                scaling=_scaling(endpoint, least, most),
            )
        )
    return found


def shadow(
    scope: Construct, name: str, endpoint: EndpointSettings, studio: StudioStack
) -> InstanceVariant | None:
    """What gets the same requests, and is not heard."""
    wanted = endpoint.shadow
    if wanted is None:
        return None
    return InstanceVariant(
        model=_model(scope, f"{pascal(name)}ShadowModel", endpoint, studio, [_other(endpoint, wanted)]),
        name=_SHADOW,
        instance_type=wanted.instance_type or endpoint.instance_type or "",
        instance_count=wanted.instances,
    )


def make_components(
    scope: Construct, name: str, endpoint: EndpointSettings, studio: StudioStack, made: ModelEndpoint
) -> None:
    """The models on shared machines."""
    for component, wanted in endpoint.components.items():
        construct_id = f"{pascal(name)}{component.title()}Component"
        container = ModelContainer(
            image=wanted.image,
            model_data=wanted.model_data,
            environment=wanted.environment,
            private_registry=endpoint.private_registry,
        )
        one = InferenceComponent(
            scope,
            construct_id,
            endpoint=made,
            model=_model(scope, f"{construct_id}Model", endpoint, studio, [container]),
            memory_mb=wanted.memory_mb,
            cpus=wanted.cpus,
            accelerators=wanted.accelerators,
            copies=max(1, wanted.min_copies),
            scaling=CopyScaling(
                min_copies=wanted.min_copies,
                max_copies=wanted.max_copies,
                invocations_per_copy=wanted.invocations_per_copy,
            ),
        )
        cdk.Tags.of(one).add("studio:team", endpoint.team)


def make_monitors(
    scope: Construct, name: str, endpoint: EndpointSettings, studio: StudioStack, made: ModelEndpoint
) -> None:
    """What looks at the requests that are kept."""
    place = endpoint_place(name, endpoint, studio)
    for kind, wanted in () if endpoint.monitors is None else endpoint.monitors.each():
        isolated = not isinstance(wanted, ExplainabilitySettings) or wanted.network_isolation
        one = ModelMonitor(
            scope,
            f"{pascal(name)}{pascal(kind.replace('_', '-'))}Monitor",
            endpoint=made,
            watches=_watched(wanted),
            results=f"{place}monitors/{kind}/",
            key=studio.key,
            vpc=studio.network.vpc,
            subnets=studio.network.job_subnets,
            security_groups=[studio.network.job_security_group],
            schedule=wanted.schedule,
            instance_type=wanted.instance_type,
            max_runtime=timedelta(minutes=wanted.max_runtime_minutes),
            network_isolation=isolated,
        )
        cdk.Tags.of(one).add("studio:team", endpoint.team)


def _watched(wanted: MonitorSettings) -> Watched:
    image, constraints = wanted.image, wanted.constraints
    if isinstance(wanted, DataQualitySettings):
        return DataQuality(image=image, constraints=constraints, statistics=wanted.statistics)
    if isinstance(wanted, ModelQualitySettings):
        return ModelQuality(
            image=image,
            constraints=constraints,
            problem=wanted.problem,
            ground_truth=wanted.ground_truth,
            answer=wanted.answer,
            probability=wanted.probability,
        )
    if isinstance(wanted, BiasSettings):
        return ModelBias(
            image=image, constraints=constraints, config=wanted.config, ground_truth=wanted.ground_truth
        )
    if isinstance(wanted, ExplainabilitySettings):
        return ModelExplainability(image=image, constraints=constraints, config=wanted.config)
    raise TypeError(f"{type(wanted).__name__} is no monitor")


def _containers(endpoint: EndpointSettings) -> list[ModelContainer]:
    if endpoint.containers:
        return [
            ModelContainer(
                name=one.name,
                image=one.image,
                model_data=one.model_data,
                environment=one.environment,
                private_registry=endpoint.private_registry,
            )
            for one in endpoint.containers
        ]
    return [
        ModelContainer(
            image=endpoint.image or "",
            model_data=endpoint.model_data,
            environment=endpoint.environment,
            private_registry=endpoint.private_registry,
            many_models=endpoint.many_models,
            keep_models=endpoint.keep_models,
        )
    ]


def _other(endpoint: EndpointSettings, wanted: VariantSettings | ShadowSettings) -> ModelContainer:
    """The container of a model beside the endpoint's own: a model of its own needs data of its own."""
    own: Mapping[str, str] = wanted.environment or endpoint.environment
    return ModelContainer(
        image=wanted.image or endpoint.image or "",
        model_data=wanted.model_data or (endpoint.model_data if wanted.image is None else None),
        environment=own,
        private_registry=endpoint.private_registry,
    )


def _model(
    scope: Construct,
    construct_id: str,
    endpoint: EndpointSettings,
    studio: StudioStack,
    containers: Sequence[ModelContainer],
) -> Model:
    if endpoint.kind == "serverless":
        # The service can neither isolate them nor run them in a VPC.
        model = Model(
            scope, construct_id, containers=containers, vpc=None, network_isolation=False, key=studio.key
        )
    else:
        model = Model(
            scope,
            construct_id,
            containers=containers,
            vpc=studio.network.vpc,
            subnets=studio.network.job_subnets,
            security_groups=[studio.network.job_security_group],
            key=studio.key,
            direct=endpoint.direct and len(containers) > 1,
        )
    cdk.Tags.of(model).add("studio:team", endpoint.team)
    return model


def _scaling(endpoint: EndpointSettings, least: int, most: int) -> InstanceScaling | BacklogScaling:
    wanted = endpoint.scaling
    waits = {} if wanted is None else {"scale_out_seconds": wanted.scale_out_seconds}
    if wanted is not None and wanted.scale_in_seconds is not None:
        waits["scale_in_seconds"] = wanted.scale_in_seconds
    if endpoint.kind == "async":
        return BacklogScaling(
            min_instances=least,
            max_instances=most,
            backlog_per_instance=endpoint.backlog_per_instance,
            **waits,
        )
    return InstanceScaling(
        min_instances=least,
        max_instances=most,
        invocations_per_instance=endpoint.target_invocations_per_instance,
        schedule=tuple(
            ScheduledScaling(
                name=one.name,
                expression=one.expression,
                time_zone=one.time_zone,
                min_instances=one.min_instances,
                max_instances=one.max_instances,
            )
            for one in (() if wanted is None else wanted.schedule)
        ),
        **waits,
    )
