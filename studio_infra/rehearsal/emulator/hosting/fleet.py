"""What a configuration puts behind an endpoint, kept by the endpoint: its configuration and its models may go."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from studio_infra.rehearsal.emulator.service import lookup
from studio_infra.rehearsal.emulator.state import store

if TYPE_CHECKING:
    from studio_infra.rehearsal.emulator.state.store import Record

    Members = dict[str, Any]


def of_config(name: str) -> Members:
    """What serves when this configuration does.

    Raises:
        ServiceError: There is no such configuration.

    """
    config = lookup.require_named("EndpointConfig", EndpointConfigName=name).members
    return {
        "config": name,
        "variants": {one["VariantName"]: _variant(one) for one in config.get("ProductionVariants", [])},
        "shadows": {one["VariantName"]: _variant(one) for one in config.get("ShadowProductionVariants", [])},
        "async": copy.deepcopy(config.get("AsyncInferenceConfig")),
        "capture": copy.deepcopy(config.get("DataCaptureConfig")),
    }


def of_endpoint(record: Record) -> Members:
    """What serves an endpoint now; while a new configuration takes over, the old one."""
    found: Members = record.hidden["fleet"]
    return found


def shares_instances(fleet: Members) -> bool:
    """Whether models come as inference components."""
    return any(one["model"] is None for one in fleet["variants"].values())


def is_serverless(fleet: Members) -> bool:
    """Whether it answers without instances to think of."""
    return any(one["serverless"] for one in fleet["variants"].values())


def containers_of(model: Members) -> list[Members]:
    """The containers of a model, one or several."""
    primary = model.get("PrimaryContainer")
    found: list[Members] = [primary] if primary else list(model.get("Containers") or [])
    return found


def _variant(wanted: Members) -> Members:
    name = wanted.get("ModelName")
    model = store.find(("Model", name)) if name else None
    members = model.members if model is not None else {}
    containers = containers_of(members)
    return {
        "model": name,
        "weight": wanted["InitialVariantWeight"],
        "serverless": "ServerlessConfig" in wanted,
        "instance": wanted.get("InstanceType"),
        "many": any(one.get("Mode") == "MultiModel" for one in containers),
        "direct": (members.get("InferenceExecutionConfig") or {}).get("Mode") == "Direct",
        "containers": [one.get("ContainerHostname") for one in containers],
    }
