"""From what settings say of an endpoint to its constructs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import aws_cdk as cdk

from studio_infra.guardrails.acknowledge import acknowledge
from studio_infra.stacks.values import endpoint_lifetime, pascal
from studio_infra.storage.artifact_bucket import team_prefix
from studio_infra.workloads.endpoints.autoscaling import InstanceScaling
from studio_infra.workloads.endpoints.data_capture import DataCapture
from studio_infra.workloads.endpoints.endpoint_metrics import EndpointMetrics
from studio_infra.workloads.endpoints.endpoint_update import Capacity, EndpointUpdate
from studio_infra.workloads.endpoints.kinds.asynchronous import AsyncInference, BacklogScaling
from studio_infra.workloads.endpoints.model import Model, ModelContainer
from studio_infra.workloads.endpoints.model_endpoint import ModelEndpoint
from studio_infra.workloads.endpoints.variants import InstanceVariant, ServerlessVariant

if TYPE_CHECKING:
    from constructs import Construct

    from studio_infra.settings import EndpointSettings, StudioSettings
    from studio_infra.stacks.studio_stack import StudioStack

_VARIANT: Final = "primary"
#: Answers 5xx in a minute of a new model that send the requests back to the old one.
_ERRORS: Final = 5


def make_endpoint(
    scope: Construct, name: str, *, settings: StudioSettings, studio: StudioStack
) -> ModelEndpoint:
    """The model and the endpoint that the settings describe under a name."""
    endpoint = settings.endpoints[name]
    full_name = f"{settings.name}-{name}"
    model = _model(scope, name, endpoint, studio)
    place = f"s3://{studio.artifacts.bucket.bucket_name}/{team_prefix(endpoint.team)}endpoints/{name}/"
    percent = endpoint.data_capture_percent
    made = ModelEndpoint(
        scope,
        f"{pascal(name)}Endpoint",
        endpoint_name=full_name,
        variants=[_variant(model, endpoint)],
        owner=endpoint.owner,
        lifetime=endpoint_lifetime(endpoint),
        key=studio.key,
        update=_update(scope, name, endpoint, full_name),
        asynchronous=(
            AsyncInference(results=f"{place}answers/", failures=f"{place}failed/", key=studio.key)
            if endpoint.kind == "async"
            else None
        ),
        capture=(
            DataCapture(place=f"{place}captured/", key=studio.key, percent=percent)
            if percent is not None
            else None
        ),
    )
    for construct in (model, made):
        cdk.Tags.of(construct).add("studio:team", endpoint.team)
    return made


def _model(scope: Construct, name: str, endpoint: EndpointSettings, studio: StudioStack) -> Model:
    containers = [ModelContainer(image=endpoint.image, model_data=endpoint.model_data)]
    if endpoint.kind == "serverless":
        # The service can neither isolate them nor run them in a VPC.
        return Model(
            scope,
            f"{pascal(name)}Model",
            containers=containers,
            vpc=None,
            network_isolation=False,
            key=studio.key,
        )
    return Model(
        scope,
        f"{pascal(name)}Model",
        containers=containers,
        vpc=studio.network.vpc,
        subnets=studio.network.job_subnets,
        security_groups=[studio.network.job_security_group],
        key=studio.key,
    )


def _variant(model: Model, endpoint: EndpointSettings) -> InstanceVariant | ServerlessVariant:
    if endpoint.instance_type is None:
        return ServerlessVariant(
            model=model,
            name=_VARIANT,
            memory_mb=endpoint.memory_mb,
            max_concurrency=endpoint.max_concurrency,
        )
    least, most = endpoint.least_instances, endpoint.max_instances
    scaling = (
        BacklogScaling(
            min_instances=least, max_instances=most, backlog_per_instance=endpoint.backlog_per_instance
        )
        if endpoint.kind == "async"
        else InstanceScaling(
            min_instances=least,
            max_instances=most,
            invocations_per_instance=endpoint.target_invocations_per_instance,
        )
    )
    return InstanceVariant(model=model, name=_VARIANT, instance_type=endpoint.instance_type, scaling=scaling)


def _update(scope: Construct, name: str, endpoint: EndpointSettings, full_name: str) -> EndpointUpdate | None:
    if endpoint.update is None:
        return None
    alarm = (
        EndpointMetrics(full_name, _VARIANT)
        .server_errors()
        .create_alarm(
            scope,
            f"{pascal(name)}Errors",
            alarm_description=f"A new model of {full_name} answers with errors: the old one takes over again",
            threshold=_ERRORS,
            evaluation_periods=1,
        )
    )
    cdk.Tags.of(alarm).add("studio:team", endpoint.team)
    acknowledge(alarm, "CloudWatchAlarmAction", "SageMaker looks at it while it updates, and acts by itself")
    ways = {
        "all_at_once": lambda: EndpointUpdate.all_at_once(rollback_on=[alarm]),
        "canary": lambda: EndpointUpdate.canary(Capacity.percent(10), rollback_on=[alarm]),
        "linear": lambda: EndpointUpdate.linear(Capacity.percent(25), rollback_on=[alarm]),
        "rolling": lambda: EndpointUpdate.rolling(Capacity.percent(25), rollback_on=[alarm]),
    }
    return ways[endpoint.update]()
