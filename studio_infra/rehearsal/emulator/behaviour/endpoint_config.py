"""Endpoint configurations: what cannot stand beside each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from studio_infra.rehearsal.emulator import behaviour
from studio_infra.rehearsal.emulator.hosting import fleet
from studio_infra.rehearsal.emulator.service.errors import invalid
from studio_infra.rehearsal.emulator.state import store

if TYPE_CHECKING:
    Members = dict[str, Any]


def _prepare(members: Members) -> None:
    variants, shadows = members.get("ProductionVariants", []), members.get("ShadowProductionVariants") or []
    names = [variant["VariantName"] for variant in (*variants, *shadows)]
    for name in {name for name in names if names.count(name) > 1}:
        raise invalid(f"Variant names must be unique: {name} is given more than once.")
    for variant in (*variants, *shadows):
        if "ServerlessConfig" not in variant and "InstanceType" not in variant and "ModelName" in variant:
            raise invalid(f"Variant {variant['VariantName']} needs an InstanceType or a ServerlessConfig.")
        variant.setdefault("InitialVariantWeight", 1.0)
    _check_shadow(members, variants, shadows)
    _check_serverless(members, [*variants, *shadows])
    if members.get("AsyncInferenceConfig") is not None and any(
        "ServerlessConfig" in one or "ModelName" not in one for one in variants
    ):
        raise invalid("AsyncInferenceConfig needs models on instances.")


def _check_shadow(members: Members, variants: list[Members], shadows: list[Members]) -> None:
    """Refuse what a shadow cannot stand beside.

    https://docs.aws.amazon.com/sagemaker/latest/dg/shadow-tests-exclusions.html
    That these are validation errors is documented; their words are ours.
    """
    if not shadows:
        return
    # The service model says so in ShadowProductionVariants.
    if (len(shadows), len(variants)) != (1, 1):
        raise invalid(
            "A shadow variant needs one production variant beside it, and there can be one of each."
        )
    both = [*variants, *shadows]
    models = [store.find(("Model", one.get("ModelName", ""))) for one in both]
    containers = [fleet.containers_of(model.members) for model in models if model is not None]
    excluded = {
        "serverless inference": any("ServerlessConfig" in one for one in both),
        "asynchronous inference": members.get("AsyncInferenceConfig") is not None,
        "multi-container endpoints": any(len(some) > 1 for some in containers),
        "multi-model endpoints": any(one.get("Mode") == "MultiModel" for some in containers for one in some),
        "Inf1 instances": any(one.get("InstanceType", "").startswith("ml.inf1.") for one in both),
    }
    for what, there in excluded.items():
        if there:
            raise invalid(f"Shadow variants are not supported with {what}.")


def _check_serverless(members: Members, variants: list[Members]) -> None:
    """Refuse what a serverless endpoint cannot do.

    https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html, "Feature exclusions".
    The documentation has no words of the refusals; they are ours.
    """
    if not any("ServerlessConfig" in one for one in variants):
        return
    if len(variants) > 1:
        raise invalid("Serverless endpoints do not support multiple production variants.")
    if (members.get("DataCaptureConfig") or {}).get("EnableCapture"):
        raise invalid("Serverless endpoints do not support data capture.")
    model = store.find(("Model", variants[0].get("ModelName", "")))
    if model is None:
        return
    containers = fleet.containers_of(model.members)
    excluded = {
        "VPC configurations": bool(model.members.get("VpcConfig")),
        "network isolation": bool(model.members.get("EnableNetworkIsolation")),
        "multi-model endpoints": any(one.get("Mode") == "MultiModel" for one in containers),
        "inference pipelines": len(containers) > 1,
    }
    for what, there in excluded.items():
        if there:
            raise invalid(f"Serverless endpoints do not support {what}. (model {model.key[1]})")


def _prepare_model(members: Members) -> None:
    """What the service model says of ``ContainerHostname``, and that requests choose by it.

    https://docs.aws.amazon.com/sagemaker/latest/dg/multi-container-direct.html
    """
    containers = fleet.containers_of(members)
    names = [one["ContainerHostname"] for one in containers if one.get("ContainerHostname")]
    if len(containers) > 1 and names and len(names) < len(containers):
        raise invalid("ContainerHostname must be given for every container, or for none.")
    if len(set(names)) < len(names):
        raise invalid("ContainerHostname must be unique among the containers of a model.")


behaviour.PREPARE |= {"EndpointConfig": _prepare, "Model": _prepare_model}
