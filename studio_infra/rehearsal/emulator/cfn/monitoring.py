"""Budgets and composite alarms: MiniStack has their APIs and not their resource types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from studio_infra.rehearsal.emulator import hooks
from studio_infra.rehearsal.emulator.cfn import registry
from studio_infra.rehearsal.emulator.hooks import cloudformation as engine
from studio_infra.rehearsal.emulator.hooks import services

if TYPE_CHECKING:
    from studio_infra.rehearsal.emulator.hooks.cloudformation import Made, Props

_BUDGET, _ALARM = "AWS::Budgets::Budget", "AWS::CloudWatch::CompositeAlarm"


def register() -> None:
    """Teach the engine both types."""
    engine.register_type(
        engine.Type(
            name=_BUDGET,
            create=_create_budget,
            update=_update_budget,
            delete=_delete_budget,
            replacing=("NotificationsWithSubscribers",),
            maybe_replacing=("Budget",),
            tags="ResourceTags",
        )
    )
    engine.register_type(
        engine.Type(
            name=_ALARM,
            create=_create_alarm,
            update=_update_alarm,
            delete=_delete_alarm,
            replacing=registry.schema(_ALARM).create_only,
            custom_name="AlarmName",
        )
    )


# -- budgets -----------------------------------------------------------------------------------------


def _create_budget(logical_id: str, props: Props, stack: str) -> Made:
    budget = _budget(props, logical_id, stack)
    members = ("NotificationsWithSubscribers", "ResourceTags")
    _budgets("CreateBudget", Budget=budget, **{name: props[name] for name in members if props.get(name)})
    return budget["BudgetName"], {"Id": budget["BudgetName"]}


def _update_budget(change: engine.Change) -> Made:
    if change.old["Budget"].get("BudgetName") != change.new["Budget"].get("BudgetName"):
        return engine.replace(_BUDGET, change)
    name = change.physical_id
    budget = _budget(change.new, change.logical_id, change.stack) | {"BudgetName": name}
    _budgets("UpdateBudget", NewBudget=budget)
    return name, {"Id": name}


def _delete_budget(physical_id: str, props: Props) -> None:
    del props
    try:
        _budgets("DeleteBudget", BudgetName=physical_id)
    except ValueError as error:
        if "NotFound" not in str(error):
            raise


def _budget(props: Props, logical_id: str, stack: str) -> dict[str, Any]:
    budget = dict(props["Budget"])
    budget.setdefault("BudgetName", engine.physical_name(stack, logical_id, longest=100))
    if "BudgetLimit" in budget:
        # Templates may write a number; the API wants text.
        budget["BudgetLimit"] = {name: str(value) for name, value in budget["BudgetLimit"].items()}
    return budget


def _budgets(operation: str, **payload: Any) -> dict[str, Any]:
    return services.call_json(
        "budgets", f"AWSBudgetServiceGateway.{operation}", {"AccountId": hooks.account(), **payload}
    )


# -- composite alarms --------------------------------------------------------------------------------


def _create_alarm(logical_id: str, props: Props, stack: str) -> Made:
    name = props.get("AlarmName") or engine.physical_name(stack, logical_id, longest=255)
    return _put_alarm(name, props)


def _update_alarm(change: engine.Change) -> Made:
    return _put_alarm(change.physical_id, change.new)


def _put_alarm(name: str, props: Props) -> Made:
    wanted = props | {"AlarmName": name}
    if isinstance(wanted.get("ActionsEnabled"), str):
        wanted["ActionsEnabled"] = wanted["ActionsEnabled"].lower() == "true"
    _alarms("PutCompositeAlarm", wanted)
    return name, {"Arn": f"arn:aws:cloudwatch:{hooks.region()}:{hooks.account()}:alarm:{name}"}


def _delete_alarm(physical_id: str, props: Props) -> None:
    del props
    _alarms("DeleteAlarms", {"AlarmNames": [physical_id]})


def _alarms(operation: str, payload: dict[str, Any]) -> None:
    services.call_json("cloudwatch", f"GraniteServiceVersion20100801.{operation}", payload)
