"""Application Auto Scaling, which MiniStack lacks. What is put is kept; nothing scales by itself."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any, Final

from studio_infra.rehearsal.emulator import hooks
from studio_infra.rehearsal.emulator.service import answers, model, paging, validation
from studio_infra.rehearsal.emulator.service.errors import ServiceError, invalid, unsupported
from studio_infra.rehearsal.emulator.state import clock, faults, store

if TYPE_CHECKING:
    from collections.abc import Callable

    Params = dict[str, Any]

_TARGET: Final = ("ServiceNamespace", "ResourceId", "ScalableDimension")
_stores: Final = {name: hooks.scoped_dict() for name in ("targets", "policies", "actions")}


async def handle_request(
    method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, list[str]]
) -> answers.Answer:
    """Answer one HTTP request."""
    del method, path, query
    operation = headers.get("x-amz-target", "").partition(".")[2]
    try:
        return answers.answer(call(operation, json.loads(body or b"{}")))
    except ServiceError as error:
        return answers.refuse(error)


def call(operation: str, params: Params) -> Params:
    """Answer one call.

    Raises:
        ServiceError: What the caller gets instead.

    """
    faults.strike(operation)
    run = _OPERATIONS.get(operation)
    if run is None:
        raise unsupported(f"application-autoscaling:{operation}")
    service = model.service("application-autoscaling")
    validation.check(params, service.operation_model(operation).input_shape)
    return run(params)


def registered_variants(endpoint: str) -> set[str]:
    """The variants of an endpoint that something scales."""
    prefix = f"endpoint/{endpoint}/variant/"
    resources = [key[1] for key in _stores["targets"]]
    return {resource.removeprefix(prefix) for resource in resources if resource.startswith(prefix)}


def forget(endpoint: str) -> None:
    """What scales an endpoint goes with it: SageMaker deregisters its variants when it is deleted."""
    for held in _stores.values():
        for key in [key for key in held if key[1].startswith(f"endpoint/{endpoint}/")]:
            del held[key]


def reset() -> None:
    """Forget everything."""
    for held in _stores.values():
        held.clear()


def get_state() -> dict[str, Any]:
    """Everything, for the server's own persistence."""
    return dict(_stores)


def load_persisted_state(state: dict[str, Any] | None) -> None:
    """Take back what ``get_state`` gave."""
    for name, held in (state or {}).items():
        _stores[name].update(held)


# -- operations ------------------------------------------------------------------------------------


def _register(params: Params) -> Params:
    key = _key(params)
    _check_resource(params)
    target = _stores["targets"].get(key)
    if target is None:
        if not {"MinCapacity", "MaxCapacity"} <= set(params):
            raise invalid("MinCapacity and MaxCapacity are required for a new scalable target.")
        where = f"{hooks.region()}:{hooks.account()}"
        arn = f"arn:aws:application-autoscaling:{where}:scalable-target/{uuid.uuid4().hex}"
        target = {"ScalableTargetARN": arn, "CreationTime": clock.now(), "RoleARN": _service_role(params)}
    target = target | {name: value for name, value in params.items() if name != "Tags"}
    if target["MinCapacity"] > target["MaxCapacity"]:
        raise invalid("Maximum capacity cannot be less than minimum capacity.")
    _stores["targets"][key] = target
    return {"ScalableTargetARN": target["ScalableTargetARN"]}


def _deregister(params: Params) -> Params:
    key = _key(params)
    _require("targets", key, "scalable target")
    for kind in ("policies", "actions"):
        for other in [k for k in _stores[kind] if k[:3] == key]:
            del _stores[kind][other]
    del _stores["targets"][key]
    return {}


def _put_policy(params: Params) -> Params:
    _require("targets", _key(params), "scalable target")
    key = (*_key(params), params["PolicyName"])
    policy = _stores["policies"].get(key)
    if policy is None:
        arn = (
            f"arn:aws:autoscaling:{hooks.region()}:{hooks.account()}:scalingPolicy:{uuid.uuid4()}:"
            f"resource/{params['ServiceNamespace']}/{params['ResourceId']}:policyName/{params['PolicyName']}"
        )
        policy = {"PolicyARN": arn, "CreationTime": clock.now()}
    _stores["policies"][key] = policy | {"PolicyType": "StepScaling"} | params
    return {"PolicyARN": policy["PolicyARN"], "Alarms": []}


def _delete_policy(params: Params) -> Params:
    key = (*_key(params), params["PolicyName"])
    _require("policies", key, "scaling policy")
    del _stores["policies"][key]
    return {}


def _put_action(params: Params) -> Params:
    _require("targets", _key(params), "scalable target")
    name = params["ScheduledActionName"]
    arn = f"arn:aws:autoscaling:{hooks.region()}:{hooks.account()}:scheduledAction:{uuid.uuid4()}:{name}"
    _stores["actions"][(*_key(params), name)] = {
        "ScheduledActionARN": arn,
        "CreationTime": clock.now(),
    } | params
    return {}


def _delete_action(params: Params) -> Params:
    key = (*_key(params), params["ScheduledActionName"])
    _require("actions", key, "scheduled action")
    del _stores["actions"][key]
    return {}


def _describe(kind: str, into: str, names: str, own: str) -> Callable[[Params], Params]:
    def describe(params: Params) -> Params:
        found = [
            item for item in _stores[kind].values() if item["ServiceNamespace"] == params["ServiceNamespace"]
        ]
        for member in ("ResourceId", "ScalableDimension"):
            if member in params:
                found = [item for item in found if item[member] == params[member]]
        if params.get(names):
            found = [item for item in found if item[own] in params[names]]
        return paging.page(found, params, into=into, default=50)

    return describe


_OPERATIONS: Final[dict[str, Callable[[Params], Params]]] = {
    "RegisterScalableTarget": _register,
    "DeregisterScalableTarget": _deregister,
    "DescribeScalableTargets": _describe("targets", "ScalableTargets", "ResourceIds", "ResourceId"),
    "PutScalingPolicy": _put_policy,
    "DeleteScalingPolicy": _delete_policy,
    "DescribeScalingPolicies": _describe("policies", "ScalingPolicies", "PolicyNames", "PolicyName"),
    "PutScheduledAction": _put_action,
    "DeleteScheduledAction": _delete_action,
    "DescribeScheduledActions": _describe(
        "actions", "ScheduledActions", "ScheduledActionNames", "ScheduledActionName"
    ),
    "DescribeScalingActivities": lambda params: paging.page([], params, into="ScalingActivities", default=50),
}


def _key(params: Params) -> tuple[str, ...]:
    return tuple(params[name] for name in _TARGET)


def _require(kind: str, key: tuple[str, ...], what: str) -> None:
    if key not in _stores[kind]:
        raise ServiceError("ObjectNotFoundException", f"No {what} found for {' '.join(key)}.")


def _check_resource(params: Params) -> None:
    """A SageMaker target must be a variant or a component that exists; others' resources are not looked at."""
    parts = params["ResourceId"].split("/")
    if params["ServiceNamespace"] != "sagemaker" or parts[0] not in ("endpoint", "inference-component"):
        return
    if parts[0] == "inference-component":
        if len(parts) != 2 or store.find(("InferenceComponent", parts[1])) is None:  # noqa: PLR2004 - kind, name
            raise invalid(f"The resource {params['ResourceId']} does not exist.")
        return
    endpoint = store.find(("Endpoint", parts[1]))
    variants = [v["VariantName"] for v in endpoint.members["ProductionVariants"]] if endpoint else []
    if parts[2:3] != ["variant"] or parts[-1] not in variants:
        raise invalid(f"The resource {params['ResourceId']} does not exist.")


def _service_role(params: Params) -> str:
    name = "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
    path = f"aws-service-role/{params['ServiceNamespace']}.application-autoscaling.amazonaws.com"
    return f"arn:aws:iam::{hooks.account()}:role/{path}/{name}"
