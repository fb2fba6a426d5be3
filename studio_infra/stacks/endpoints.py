"""From what settings say of an endpoint to its constructs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import aws_cdk as cdk
from aws_cdk import aws_sns as sns

from studio_infra.guardrails.acknowledge import acknowledge
from studio_infra.stacks.endpoint_parts import (
    PRIMARY,
    endpoint_place,
    make_components,
    make_monitors,
    shadow,
    variants,
)
from studio_infra.stacks.values import endpoint_lifetime, pascal
from studio_infra.workloads.endpoints.data_capture import DataCapture
from studio_infra.workloads.endpoints.endpoint_metrics import EndpointMetrics
from studio_infra.workloads.endpoints.endpoint_update import Capacity, EndpointUpdate
from studio_infra.workloads.endpoints.kinds.asynchronous import AsyncInference
from studio_infra.workloads.endpoints.model_endpoint import ModelEndpoint

if TYPE_CHECKING:
    from constructs import Construct

    from studio_infra.settings import EndpointSettings, StudioSettings
    from studio_infra.stacks.studio_stack import StudioStack

#: Answers 5xx in a minute of a new model that send the requests back to the old one.
_ERRORS: Final = 5


def make_endpoint(
    scope: Construct, name: str, *, settings: StudioSettings, studio: StudioStack
) -> ModelEndpoint:
    """The model and the endpoint that the settings describe under a name."""
    endpoint = settings.endpoints[name]
    full_name = f"{settings.name}-{name}"
    place = endpoint_place(name, endpoint, studio)
    percent = endpoint.data_capture_percent
    made = ModelEndpoint(
        scope,
        f"{pascal(name)}Endpoint",
        endpoint_name=full_name,
        variants=variants(scope, name, endpoint, studio),
        owner=endpoint.owner,
        lifetime=endpoint_lifetime(endpoint),
        key=studio.key,
        update=_update(scope, name, endpoint, full_name),
        asynchronous=_asynchronous(scope, name, endpoint, studio, place)
        if endpoint.kind == "async"
        else None,
        capture=(
            DataCapture(place=f"{place}captured/", key=studio.key, percent=percent)
            if percent is not None
            else None
        ),
        shadow=shadow(scope, name, endpoint, studio),
    )
    cdk.Tags.of(made).add("studio:team", endpoint.team)
    make_components(scope, name, endpoint, studio, made)
    make_monitors(scope, name, endpoint, studio, made)
    return made


def _asynchronous(
    scope: Construct, name: str, endpoint: EndpointSettings, studio: StudioStack, place: str
) -> AsyncInference:
    wanted = endpoint.asynchronous
    topics = {
        kind: sns.Topic.from_topic_arn(scope, f"{pascal(name)}{kind.title()}Topic", arn)
        for kind in ("success", "error")
        if wanted is not None and (arn := getattr(wanted, f"{kind}_topic")) is not None
    }
    return AsyncInference(
        results=f"{place}answers/",
        failures=f"{place}failed/",
        key=studio.key,
        success_topic=topics.get("success"),
        error_topic=topics.get("error"),
        max_concurrent=None if wanted is None else wanted.max_concurrent,
    )


def _update(scope: Construct, name: str, endpoint: EndpointSettings, full_name: str) -> EndpointUpdate | None:
    if endpoint.update is None:
        return None
    alarm = (
        EndpointMetrics(full_name, PRIMARY)
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
