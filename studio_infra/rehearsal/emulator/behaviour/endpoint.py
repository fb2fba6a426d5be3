"""Endpoints: their variants come from the config, and their instance counts from scaling."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from studio_infra.rehearsal.emulator import autoscaling, behaviour, lookup, relations, store, transitions
from studio_infra.rehearsal.emulator.errors import invalid

if TYPE_CHECKING:
    from studio_infra.rehearsal.emulator.store import Record

    Members = dict[str, Any]


def _prepare_config(members: Members) -> None:
    names = [variant["VariantName"] for variant in members.get("ProductionVariants", [])]
    for name in {name for name in names if names.count(name) > 1}:
        raise invalid(f"Variant names must be unique: {name} is given more than once.")
    for variant in members.get("ProductionVariants", []):
        if "ServerlessConfig" not in variant and "InstanceType" not in variant and "ModelName" in variant:
            raise invalid(f"Variant {variant['VariantName']} needs an InstanceType or a ServerlessConfig.")
        variant.setdefault("InitialVariantWeight", 1.0)


def _created(record: Record) -> None:
    record.members["ProductionVariants"] = _variants(record.members["EndpointConfigName"])


def _updating(record: Record, changes: Members) -> None:
    keep = changes.pop("RetainAllVariantProperties", False)
    left_out = {p["VariantPropertyType"] for p in changes.pop("ExcludeRetainedVariantProperties", None) or []}
    if "EndpointConfigName" not in changes:
        return
    _check_scaled_variants(record, changes["EndpointConfigName"])
    before = {variant["VariantName"]: variant for variant in record.members["ProductionVariants"]}
    after = _variants(changes["EndpointConfigName"])
    if keep:
        retained = {"DesiredInstanceCount", "DesiredWeight"} - left_out
        for variant in after:
            old = before.get(variant["VariantName"], {})
            variant |= {m: old[m] for m in retained if m in old}
            _follow(variant)
    changes["ProductionVariants"] = after


def _deleting(record: Record, request: Members) -> None:
    del request
    autoscaling.forget(record.key[1])


def _check_scaled_variants(record: Record, config_name: str) -> None:
    old, new = (
        {v["VariantName"]: v.get("InstanceType") for v in _config(name).get("ProductionVariants", [])}
        for name in (record.members["EndpointConfigName"], config_name)
    )
    scaled = autoscaling.registered_variants(record.key[1])
    held = sorted(name for name in scaled if name not in new or new[name] != old.get(name))
    if held:
        raise invalid(
            f'The variant(s) "{", ".join(held)}" must be deregistered as scalable targets with AWS Auto '
            "Scaling before they can be removed or have their instance type updated."
        )


def _config(name: str) -> Members:
    found = store.find(("EndpointConfig", name))
    return found.members if found is not None else {}


def _variants(config_name: str) -> list[Members]:
    config = lookup.require_named("EndpointConfig", EndpointConfigName=config_name)
    variants = []
    for wanted in config.members.get("ProductionVariants", []):
        variant = {
            "VariantName": wanted["VariantName"],
            "CurrentWeight": wanted["InitialVariantWeight"],
            "DesiredWeight": wanted["InitialVariantWeight"],
        }
        if "ServerlessConfig" in wanted:
            names = ("CurrentServerlessConfig", "DesiredServerlessConfig")
            variant |= dict.fromkeys(names, wanted["ServerlessConfig"])
        else:
            count = wanted.get("InitialInstanceCount", 1)
            variant |= {"CurrentInstanceCount": count, "DesiredInstanceCount": count}
        variants.append(variant)
    return variants


def _follow(variant: Members) -> None:
    for what in ("InstanceCount", "Weight"):
        if f"Desired{what}" in variant:
            variant[f"Current{what}"] = variant[f"Desired{what}"]


def scale(params: Members) -> Members:
    """``UpdateEndpointWeightsAndCapacities``: what a person or Application Auto Scaling asks for."""
    record = lookup.require_named("Endpoint", EndpointName=params["EndpointName"])
    relations.check_settled(record)
    variants = {variant["VariantName"]: variant for variant in record.members["ProductionVariants"]}
    for wanted in params["DesiredWeightsAndCapacities"]:
        variant = variants.get(wanted["VariantName"])
        if variant is None:
            raise invalid(f"The variant name {wanted['VariantName']} does not exist for this endpoint.")
        variant |= {m: wanted[m] for m in ("DesiredWeight", "DesiredInstanceCount") if m in wanted}
        _follow(variant)
    transitions.begin(record, "update")
    return {"EndpointArn": record.arn}


behaviour.PREPARE["EndpointConfig"] = _prepare_config
behaviour.CREATED["Endpoint"] = _created
behaviour.UPDATING["Endpoint"] = _updating
behaviour.DELETING["Endpoint"] = _deleting
