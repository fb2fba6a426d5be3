"""Endpoints: variants come from the config, instance counts from scaling, and updates take over in steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from studio_infra.rehearsal.emulator import autoscaling, behaviour
from studio_infra.rehearsal.emulator.hosting import fleet, rollout
from studio_infra.rehearsal.emulator.hosting.steps import Steps, steps_of
from studio_infra.rehearsal.emulator.service import lookup, views
from studio_infra.rehearsal.emulator.service.errors import invalid
from studio_infra.rehearsal.emulator.state import relations, store, transitions

if TYPE_CHECKING:
    from studio_infra.rehearsal.emulator.state.store import Record

    Members = dict[str, Any]

_LISTS: Final = {"ProductionVariants": "variants", "ShadowProductionVariants": "shadows"}


def _created(record: Record) -> None:
    config = record.members["EndpointConfigName"]
    record.members |= _shown(config)
    record.hidden["fleet"] = fleet.of_config(config)
    if (deployment := record.members.pop("DeploymentConfig", None)) is not None:
        record.members["LastDeploymentConfig"] = deployment


def _updating(record: Record, changes: Members) -> None:
    keep = changes.pop("RetainAllVariantProperties", False)
    left_out = {p["VariantPropertyType"] for p in changes.pop("ExcludeRetainedVariantProperties", None) or []}
    deployment = changes.pop("DeploymentConfig", None)
    if changes.pop("RetainDeploymentConfig", False):
        deployment = record.members.get("LastDeploymentConfig")
    config = changes.pop("EndpointConfigName")
    _check_scaled_variants(record, config)
    new = fleet.of_config(config)
    _check_takes_over(record, new, guarded=deployment is not None)
    shown = _shown(config)
    if keep:
        retained = {"DesiredInstanceCount", "DesiredWeight"} - left_out
        before = {variant["VariantName"]: variant for variant in record.members["ProductionVariants"]}
        for variant in shown["ProductionVariants"]:
            old = before.get(variant["VariantName"], {})
            variant |= {m: old[m] for m in retained if m in old}
            _follow(variant)
    if deployment is not None:
        record.members["LastDeploymentConfig"] = deployment
    record.hidden["next"] = {"config": config, "fleet": new, "shown": shown, "deployment": deployment}


def _updated(record: Record) -> None:
    wanted = record.hidden.pop("next", None)
    if wanted is None:
        return
    deployment = wanted["deployment"] or {}
    alarms = (deployment.get("AutoRollbackConfiguration") or {}).get("Alarms", [])
    counts = [one.get("DesiredInstanceCount", 0) for one in wanted["shown"]["ProductionVariants"]]
    same = wanted["config"] == record.members["EndpointConfigName"]
    guarded = bool(deployment) and not same and not _excluded(wanted["fleet"], deployment)
    rollout.begin(
        record,
        to=f"endpoint configuration {wanted['config']}",
        members=wanted["shown"] | {"EndpointConfigName": wanted["config"]},
        hidden={"fleet": wanted["fleet"]},
        steps=steps_of(deployment, capacity=min(counts, default=1)) if guarded else Steps(),
        alarms=[one["AlarmName"] for one in alarms] if guarded else [],
    )


def _deleting(record: Record, request: Members) -> None:
    del request
    autoscaling.forget(record.key[1])


def _excluded(new: Members, deployment: Members) -> bool:
    """Whether the service falls back to all at once without watching.

    https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-exclusions.html
    """
    rolling = "RollingUpdatePolicy" in deployment
    inf1 = any((one["instance"] or "").startswith("ml.inf1.") for one in new["variants"].values())
    return inf1 or (rolling and (fleet.is_serverless(new) or len(new["variants"]) > 1))


def _check_takes_over(record: Record, new: Members, *, guarded: bool) -> None:
    old = fleet.of_endpoint(record)
    # https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints-update.html
    if fleet.is_serverless(new) and not fleet.is_serverless(old):
        raise invalid("An instance-based endpoint cannot be converted to a serverless endpoint.")
    # The same page as of the exclusions: blue/green and rolling deployments need the same variant names.
    if guarded and set(new["variants"]) != set(old["variants"]):
        raise invalid(
            f"With a DeploymentConfig the new configuration must have the variants of the old one "
            f"({', '.join(sorted(old['variants']))}), got {', '.join(sorted(new['variants']))}."
        )


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


def _shown(config_name: str) -> Members:
    """What an endpoint shows of its configuration."""
    config = lookup.require_named("EndpointConfig", EndpointConfigName=config_name).members
    shown: Members = {name: [_variant(one) for one in config.get(name) or []] for name in _LISTS}
    shown["ShadowProductionVariants"] = shown["ShadowProductionVariants"] or None
    shown["AsyncInferenceConfig"] = config.get("AsyncInferenceConfig")
    capture = config.get("DataCaptureConfig")
    shown["DataCaptureConfig"] = capture and {
        "EnableCapture": capture.get("EnableCapture", True),
        "CaptureStatus": "Started" if capture.get("EnableCapture", True) else "Stopped",
        "CurrentSamplingPercentage": capture["InitialSamplingPercentage"],
        "DestinationS3Uri": capture["DestinationS3Uri"],
        "KmsKeyId": capture.get("KmsKeyId", ""),
    }
    return shown


def _variant(wanted: Members) -> Members:
    variant = {
        "VariantName": wanted["VariantName"],
        "CurrentWeight": wanted["InitialVariantWeight"],
        "DesiredWeight": wanted["InitialVariantWeight"],
    }
    if "ServerlessConfig" in wanted:
        names = ("CurrentServerlessConfig", "DesiredServerlessConfig")
        return variant | dict.fromkeys(names, wanted["ServerlessConfig"])
    count = wanted.get("InitialInstanceCount", 1)
    variant |= {"CurrentInstanceCount": count, "DesiredInstanceCount": count}
    return variant | {n: wanted[n] for n in ("ManagedInstanceScaling", "RoutingConfig") if n in wanted}


def _follow(variant: Members) -> None:
    for what in ("InstanceCount", "Weight"):
        if f"Desired{what}" in variant:
            variant[f"Current{what}"] = variant[f"Desired{what}"]


def _facts(record: Record) -> Members:
    """The deployment that is under way."""
    under_way = rollout.of(record)
    if under_way is None:
        return {}
    percent = rollout.percent_of_new(under_way)
    status = {0.0: "Creating", 100.0: "Baking"}.get(percent, "ActivatingTraffic")
    about: Members = {
        "EndpointConfigName": under_way["members"]["EndpointConfigName"],
        "StartTime": under_way["start"],
    }
    for name in _LISTS:
        about[name] = [
            variant | {"VariantStatus": [{"Status": status, "StartTime": under_way["start"]}]}
            for variant in under_way["members"].get(name) or []
        ] or None
    return {"PendingDeploymentSummary": about}


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


behaviour.CREATED["Endpoint"] = _created
behaviour.UPDATING["Endpoint"] = _updating
behaviour.UPDATED["Endpoint"] = _updated
behaviour.DELETING["Endpoint"] = _deleting
views.COMPUTED["Endpoint"] = _facts
