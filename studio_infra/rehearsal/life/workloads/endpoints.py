"""The steps about endpoints: they answer, get a new model, are stopped when their time is over, and come back."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any, Final

from studio_infra.rehearsal.life.stage import NOTHING, StepFailed, expect, expect_same
from studio_infra.rehearsal.life.workloads.asking import check_answer, endpoints
from studio_infra.rehearsal.life.workloads.takeover import Takeover
from studio_infra.runtime.functions.endpoint_lifetime.acts import Actor
from studio_infra.runtime.functions.endpoint_lifetime.core import DAYS, EXPIRES
from studio_infra.runtime.functions.endpoint_lifetime.fleet import Reader
from studio_infra.runtime.functions.endpoint_lifetime.scaling import Scaling
from studio_infra.runtime.functions.shared.calls import Calls
from studio_infra.runtime.functions.shared.clock import SystemClock

if TYPE_CHECKING:
    from studio_infra.rehearsal.life.stage import Stage

_OVER: Final = "2020-01-01"


def endpoints_answer(stage: Stage) -> str:
    """Every endpoint answers an invocation."""
    names = endpoints(stage)
    if not names:
        return NOTHING
    for name in names:
        check_answer(stage, name)
    return ", ".join(names)


def a_new_model_takes_over(stage: Stage) -> str:
    """The next image of every model answers after an update of the stack; with an alarm that rings, the old one."""
    names = endpoints(stage)
    if not names:
        return NOTHING
    takeover = Takeover(stage, f"{stage.settings.name}-workloads")
    alarms = {name: _alarms(stage, name) for name in names}
    before = {name: check_answer(stage, name) for name in names}
    watched = sorted({alarm for found in alarms.values() for alarm in found})
    said = "no update is watched"
    if watched:
        _ring(stage, watched, "ALARM")
        status = takeover.change("rehearsed-bad")
        _ring(stage, watched, "OK")
        expect_same("the stack after an alarm", status, "UPDATE_ROLLBACK_COMPLETE")
        expect_same("who answers after it", {name: check_answer(stage, name) for name in names}, before)
        said = f"back again when {', '.join(watched)} rang"
    expect_same("the stack with the next images", takeover.change("rehearsed"), "UPDATE_COMPLETE")
    for name in names:
        expect(check_answer(stage, name) != before[name], f"{name} still answers with its old model")
    expect_same("the stack as it was", takeover.undo(), "UPDATE_COMPLETE")
    return f"{', '.join(names)}: the next model answered; {said}"


def endpoints_stop_and_come_back(stage: Stage) -> str:
    """The deployed function warns of an end that is past, then stops; the model stays, and it can be started again."""
    names = endpoints(stage)
    if not names:
        return NOTHING
    function = _keeper(stage)
    own = {name: _tags(stage, name) for name in names}
    configs = {name: stage.sagemaker.describe_endpoint(EndpointName=name) for name in names}
    for name in names:
        arn = configs[name]["EndpointArn"]
        stage.sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": EXPIRES, "Value": _OVER}])
        stage.sagemaker.delete_tags(ResourceArn=arn, TagKeys=[DAYS])
    expect_same("whose owners were warned", sorted(_look(stage, function)["warned"]), sorted(names))
    expect_same("endpoints after the warning", sorted(endpoints(stage)), sorted(names))
    expect_same("endpoints that were stopped", sorted(_look(stage, function)["stopped"]), sorted(names))
    expect_same("endpoints that are left", endpoints(stage), [])
    for name in names:
        config = stage.sagemaker.describe_endpoint_config(
            EndpointConfigName=configs[name]["EndpointConfigName"]
        )
        for variant in config["ProductionVariants"]:
            stage.sagemaker.describe_model(ModelName=variant["ModelName"])
    _start(stage, own)
    for name in names:
        check_answer(stage, name)
    return f"{', '.join(names)}: warned of, stopped, and back with the same model"


def _alarms(stage: Stage, endpoint: str) -> list[str]:
    last = stage.sagemaker.describe_endpoint(EndpointName=endpoint).get("LastDeploymentConfig", {})
    return [one["AlarmName"] for one in last.get("AutoRollbackConfiguration", {}).get("Alarms", [])]


def _ring(stage: Stage, alarms: list[str], state: str) -> None:
    for name in alarms:
        stage.client("cloudwatch").set_alarm_state(AlarmName=name, StateValue=state, StateReason="rehearsed")


def _keeper(stage: Stage) -> str:
    """The name of the deployed function."""
    stack = f"{stage.settings.name}-operations"
    pages = stage.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=stack)
    for page in pages:
        for resource in page["StackResourceSummaries"]:
            own = resource["LogicalResourceId"].startswith("EndpointKeeperFunction")
            if own and resource["ResourceType"] == "AWS::Lambda::Function":
                return str(resource["PhysicalResourceId"])
    raise StepFailed(f"stack {stack} has no function that keeps endpoints to their lifetimes")


def _look(stage: Stage, function: str) -> dict[str, Any]:
    answer = stage.client("lambda").invoke(FunctionName=function, Payload=b"{}")
    text = answer["Payload"].read().decode()
    expect("FunctionError" not in answer, f"the function failed: {text[:500]}")
    return dict(json.loads(text))


def _tags(stage: Stage, endpoint: str) -> dict[str, str]:
    arn = stage.sagemaker.describe_endpoint(EndpointName=endpoint)["EndpointArn"]
    return {tag["Key"]: tag["Value"] for tag in stage.pages("list_tags", ResourceArn=arn)}


def _start(stage: Stage, own: dict[str, dict[str, str]]) -> None:
    """What `studio-infra start` does, with the end that each endpoint had."""
    calls = Calls(SystemClock())
    clients = {name: stage.client(name) for name in ("sagemaker", "cloudwatch")}
    reader = Reader(calls, tagging=stage.client("resourcegroupstaggingapi"), **clients)
    scaling = Scaling(
        calls,
        autoscaling=stage.client("application-autoscaling"),
        cloudwatch=clients["cloudwatch"],
    )
    actor = Actor(
        calls,
        sagemaker=clients["sagemaker"],
        scaling=scaling,
        reader=reader,
        publish=lambda _owner, _subject, _text: None,
    )
    for one in reader.fleet().stopped:
        ends = {key: own[one.name].get(key) for key in (EXPIRES, DAYS)}
        actor.start(one, now=calls.clock.now(), notice=dt.timedelta(), more=ends)
    found = reader.fleet()
    running = {one.name: one for one in found.running}
    for one in found.stopped:
        expect(actor.settle(running[one.name], one), f"{one.name} was started and is not in service")
