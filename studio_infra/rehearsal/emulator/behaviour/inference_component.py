"""Inference components: models on instances that an endpoint shares, in so many copies."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from studio_infra.rehearsal.emulator import behaviour
from studio_infra.rehearsal.emulator.hosting import fleet, rollout
from studio_infra.rehearsal.emulator.hosting.steps import steps_of
from studio_infra.rehearsal.emulator.service import lookup
from studio_infra.rehearsal.emulator.service.errors import invalid
from studio_infra.rehearsal.emulator.state import relations, transitions

if TYPE_CHECKING:
    from studio_infra.rehearsal.emulator.state.store import Record

    Members = dict[str, Any]


def _created(record: Record) -> None:
    endpoint = lookup.require_named("Endpoint", EndpointName=record.members["EndpointName"])
    serving = fleet.of_endpoint(endpoint)
    name = record.members.get("VariantName")
    if name not in serving["variants"]:
        raise invalid(f"The variant name {name} does not exist for endpoint {endpoint.key[1]}.")
    if serving["variants"][name]["model"] is not None:
        raise invalid(f"Variant {name} of endpoint {endpoint.key[1]} has a model, and takes no components.")
    record.members["EndpointArn"] = endpoint.arn
    _copies(record, (record.members.get("RuntimeConfig") or {}).get("CopyCount", 1))


def _updating(record: Record, changes: Members) -> None:
    wanted = changes.pop("RuntimeConfig", None)
    if wanted is not None and wanted["CopyCount"] != record.members["RuntimeConfig"]["DesiredCopyCount"]:
        _copies(record, wanted["CopyCount"])
    deployment = changes.pop("DeploymentConfig", None)
    if deployment is not None:
        record.members["LastDeploymentConfig"] = deployment
    specification = changes.pop("Specification", None)
    if specification is not None and specification != record.members.get("Specification"):
        if specification.get("ModelName"):
            lookup.require_named("Model", ModelName=specification["ModelName"])
        record.hidden["next"] = {"specification": copy.deepcopy(specification), "deployment": deployment}


def _updated(record: Record) -> None:
    wanted = record.hidden.pop("next", None)
    if wanted is None:
        return
    deployment = wanted["deployment"] or {}
    alarms = (deployment.get("AutoRollbackConfiguration") or {}).get("Alarms", [])
    rollout.begin(
        record,
        to=f"inference component {record.key[1]}",
        members={"Specification": wanted["specification"]},
        hidden={},
        steps=steps_of(deployment, capacity=record.members["RuntimeConfig"]["DesiredCopyCount"]),
        alarms=[one["AlarmName"] for one in alarms],
    )


def _copies(record: Record, count: int) -> None:
    record.members["RuntimeConfig"] = {"DesiredCopyCount": count, "CurrentCopyCount": count}


def scale(params: Members) -> Members:
    """``UpdateInferenceComponentRuntimeConfig``: what a person or Application Auto Scaling asks for."""
    name = params["InferenceComponentName"]
    record = lookup.require_named("InferenceComponent", InferenceComponentName=name)
    relations.check_settled(record)
    _copies(record, params["DesiredRuntimeConfig"]["CopyCount"])
    transitions.begin(record, "update")
    return {"InferenceComponentArn": record.arn}


behaviour.CREATED["InferenceComponent"] = _created
behaviour.UPDATING["InferenceComponent"] = _updating
behaviour.UPDATED["InferenceComponent"] = _updated
