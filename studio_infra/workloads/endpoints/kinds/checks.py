"""What cannot share an endpoint, and what the service has for some kinds alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio_infra.errors import InvalidInput
from studio_infra.workloads.endpoints.kinds.asynchronous import BacklogScaling
from studio_infra.workloads.endpoints.kinds.shared_instances import SharedInstances
from studio_infra.workloads.endpoints.model import Model
from studio_infra.workloads.endpoints.variants import InstanceVariant, ServerlessVariant

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs import Construct

    from studio_infra.workloads.endpoints.endpoint_update import EndpointUpdate

    AnyVariant = InstanceVariant | ServerlessVariant | SharedInstances
    Variants = Sequence[AnyVariant]


def check_kind(
    scope: Construct,
    variants: Variants,
    shadow: InstanceVariant | None,
    *,
    asynchronous: bool,
    captured: bool,
    update: EndpointUpdate | None,
) -> None:
    """Refuse what cannot share an endpoint.

    Raises:
        InvalidInput: It cannot.

    """
    shared = [one for one in variants if isinstance(one, SharedInstances)]
    if shared and len(variants) > 1:
        raise InvalidInput(
            "EndpointVariants", "shared instances must be the only variant of their endpoint", scope=scope
        )
    if asynchronous and not all(isinstance(one, InstanceVariant) for one in variants):
        raise InvalidInput(
            "EndpointVariants",
            "an asynchronous endpoint answers with models on instances alone",
            scope=scope,
        )
    backlog = [
        one.name
        for one in variants
        if isinstance(one, InstanceVariant) and isinstance(one.scaling, BacklogScaling)
    ]
    if backlog and not asynchronous:
        raise InvalidInput(
            "EndpointVariants",
            f"{', '.join(backlog)} scales with a queue that only an asynchronous endpoint has: give asynchronous",
            scope=scope,
        )
    if shadow is not None and (len(variants) != 1 or not isinstance(variants[0], InstanceVariant)):
        raise InvalidInput(
            "EndpointShadow", "a shadow needs a single variant on instances beside it", scope=scope
        )
    if shadow is not None and shadow.name == variants[0].name:
        raise InvalidInput(
            "EndpointVariants",
            f"each variant needs a name of its own, got {shadow.name} twice",
            scope=scope,
        )
    serverless = any(isinstance(one, ServerlessVariant) for one in variants)
    if captured and serverless:
        raise InvalidInput(
            "EndpointVariants",
            "a serverless endpoint captures nothing: leave capture out, or use instances",
            scope=scope,
        )
    if shadow is not None:
        _check_shadow(scope, [variants[0], shadow], asynchronous=asynchronous)
    if update is not None:
        _check_update(scope, variants, update, serverless=serverless)


def _check_shadow(
    scope: Construct,
    both: Variants,
    *,
    asynchronous: bool,
) -> None:
    """Refuse what a shadow cannot stand beside.

    https://docs.aws.amazon.com/sagemaker/latest/dg/shadow-tests-exclusions.html
    """
    models = [one.model for one in both if isinstance(one, InstanceVariant) and isinstance(one.model, Model)]
    excluded = {
        "a queue": asynchronous,
        "several containers": any(len(model.containers) > 1 for model in models),
        "many models in a folder": any(one.many_models for model in models for one in model.containers),
        "Inf1 instances": any(_is_inf1(one) for one in both),
    }
    for what, there in excluded.items():
        if there:
            raise InvalidInput("EndpointShadow", f"the service has no shadows beside {what}", scope=scope)


def _check_update(scope: Construct, variants: Variants, update: EndpointUpdate, *, serverless: bool) -> None:
    """Refuse what the service would silently replace by an update at once that no alarm watches.

    https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-exclusions.html
    """
    if any(_is_inf1(one) for one in variants):
        raise InvalidInput(
            "EndpointUpdate",
            "the service updates Inf1 instances at once and looks at no alarm: leave update out, or use Inf2",
            scope=scope,
        )
    if update.is_rolling and (serverless or len(variants) > 1):
        what = "a serverless endpoint" if serverless else f"{len(variants)} variants"
        raise InvalidInput(
            "EndpointUpdate",
            f"a rolling update needs a single variant on instances, got {what}: use canary or linear",
            scope=scope,
        )


def _is_inf1(variant: AnyVariant) -> bool:
    return not isinstance(variant, ServerlessVariant) and variant.instance_type.startswith("ml.inf1.")
