"""Application Auto Scaling's resource types."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from studio_infra.rehearsal.emulator import autoscaling
from studio_infra.rehearsal.emulator.cfn import casting, registry
from studio_infra.rehearsal.emulator.hooks import cloudformation as engine
from studio_infra.rehearsal.emulator.service import model
from studio_infra.rehearsal.emulator.service.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Callable

    from studio_infra.rehearsal.emulator.hooks.cloudformation import Made, Props

_TARGET: Final = ("ResourceId", "ScalableDimension", "ServiceNamespace")


def register() -> None:
    """Teach the engine both types."""
    for name, put, delete in (
        ("AWS::ApplicationAutoScaling::ScalableTarget", _put_target, _delete_target),
        ("AWS::ApplicationAutoScaling::ScalingPolicy", _put_policy, _delete_policy),
    ):
        engine.register_type(
            engine.Type(
                name=name,
                create=partial(_created, put),
                update=partial(_updated, put),
                delete=delete,
                replacing=registry.schema(name).create_only,
            )
        )


def _created(put: Callable[[Props], Made], logical_id: str, props: Props, stack: str) -> Made:
    del logical_id, stack
    return put(props)


def _updated(put: Callable[[Props], Made], change: engine.Change) -> Made:
    return put(change.new)


def _put_target(props: Props) -> Made:
    _call("RegisterScalableTarget", props)
    target = {name: props[name] for name in _TARGET}
    before = _call("DescribeScheduledActions", target)["ScheduledActions"]
    wanted = {action["ScheduledActionName"]: action for action in props.get("ScheduledActions") or []}
    for action in wanted.values():
        _call("PutScheduledAction", target | action)
    for name in {action["ScheduledActionName"] for action in before} - set(wanted):
        _call("DeleteScheduledAction", target | {"ScheduledActionName": name})
    physical_id = "|".join(str(props[name]) for name in _TARGET)
    return physical_id, {"Id": physical_id}


def _delete_target(physical_id: str, props: Props) -> None:
    del props
    _unless_gone("DeregisterScalableTarget", dict(zip(_TARGET, physical_id.split("|"), strict=True)))


def _put_policy(props: Props) -> Made:
    arn = _call("PutScalingPolicy", _target_of(props))["PolicyARN"]
    return arn, {"Arn": arn}


def _delete_policy(physical_id: str, props: Props) -> None:
    del physical_id
    given = _target_of(props)
    _unless_gone("DeleteScalingPolicy", {name: given[name] for name in (*_TARGET, "PolicyName")})


def _target_of(props: Props) -> Props:
    """A policy names its target by the target's id or by its three parts."""
    if "ScalingTargetId" in props:
        return props | dict(zip(_TARGET, props["ScalingTargetId"].split("|"), strict=True))
    return props


def _call(operation: str, props: Props) -> dict[str, Any]:
    shape = model.service("application-autoscaling").operation_model(operation).input_shape
    assert shape is not None  # noqa: S101 - each of these operations takes something
    try:
        return autoscaling.call(operation, casting.to_shape(props, shape))
    except ServiceError as error:
        raise ValueError(
            f"{error.message} (Service: ApplicationAutoScaling, Status Code: 400, Error Code: {error.code})"
        ) from error


def _unless_gone(operation: str, props: Props) -> None:
    try:
        _call(operation, props)
    except ValueError as error:
        if "ObjectNotFoundException" not in str(error):
            raise
