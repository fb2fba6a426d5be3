"""Pipeline executions: each step's arguments go through the API as anybody's call; its job is awaited.

Nothing runs in the background. Whoever calls the API next moves the executions on to where they should be by
now.
"""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, Any, Final

from studio_infra.rehearsal.emulator.jobs import calls, conditions, expressions, files
from studio_infra.rehearsal.emulator.rules import steps as rules
from studio_infra.rehearsal.emulator.service import lookup, paging, views
from studio_infra.rehearsal.emulator.service.errors import ServiceError, invalid, unsupported
from studio_infra.rehearsal.emulator.state import clock, store

if TYPE_CHECKING:
    from collections.abc import Callable

    from studio_infra.rehearsal.emulator.state.store import Record

    Params = dict[str, Any]
    Call = Callable[[str, Params], Params]

_RUNNING: Final = "Executing"
_moving = {"on": False}


def start(params: Params) -> Params:
    """``StartPipelineExecution``."""
    pipeline = lookup.require_named("Pipeline", PipelineName=params["PipelineName"])
    definition = json.loads(pipeline.members["PipelineDefinition"])
    for step in conditions.every_step(definition["Steps"]):
        if step["Type"] in calls.CALLS:
            calls.check(step)
        elif step["Type"] not in rules.STEPS and step["Type"] not in ("Fail", "Condition"):
            raise unsupported(f"pipeline steps of type {step['Type']}")
    arn = f"{pipeline.arn}/execution/{secrets.token_hex(6)}"
    record = store.Record(
        kind="PipelineExecution",
        key=("PipelineExecution", arn),
        arn=arn,
        members={
            "PipelineName": pipeline.key[1],
            "PipelineArn": pipeline.arn,
            "PipelineExecutionDisplayName": params.get(
                "PipelineExecutionDisplayName", f"execution-{clock.now():.0f}"
            ),
            "PipelineExecutionDescription": params.get("PipelineExecutionDescription"),
            "RoleArn": pipeline.members["RoleArn"],
        },
        hidden={
            "steps": {},
            "definition": definition,
            # Those of a condition come when it has been decided.
            "open": list(definition["Steps"]),
            "parameters": _parameters(definition, params),
        },
    )
    record.enter(_RUNNING)
    store.add(record)
    return {"PipelineExecutionArn": arn}


def stop(params: Params) -> Params:
    """``StopPipelineExecution``."""
    record = _execution(params)
    if record.status != _RUNNING:
        raise ServiceError("ConflictException", f"{record.arn} is in status {record.status}.")
    for state in record.hidden["steps"].values():
        if state["StepStatus"] == _RUNNING:
            state |= {"StepStatus": "Stopped", "EndTime": clock.now()}
    record.enter("Stopping", "Stopped")
    return {"PipelineExecutionArn": record.arn}


def list_executions(params: Params) -> Params:
    """``ListPipelineExecutions``, the newest first."""
    pipeline = lookup.require_named("Pipeline", PipelineName=params["PipelineName"])
    found = store.every("PipelineExecution", PipelineName=pipeline.key[1])
    found.sort(key=lambda r: r.created, reverse=params.get("SortOrder", "Descending") == "Descending")
    shown = [views.facts(r) for r in found]
    keep = ("PipelineExecutionArn", "StartTime", "PipelineExecutionStatus", "PipelineExecutionDisplayName")
    items = [{name: facts[name] for name in keep if name in facts} for facts in shown]
    return paging.page(items, params, into="PipelineExecutionSummaries", default=10)


def list_steps(params: Params) -> Params:
    """``ListPipelineExecutionSteps``."""
    record = _execution(params)
    steps = [{"StepName": name} | _shown(state) for name, state in record.hidden["steps"].items()]
    return paging.page(steps, params, into="PipelineExecutionSteps", default=10)


def list_parameters(params: Params) -> Params:
    """``ListPipelineParametersForExecution``."""
    record = _execution(params)
    items = [{"Name": name, "Value": str(value)} for name, value in record.hidden["parameters"].items()]
    return paging.page(items, params, into="PipelineParameters", default=10)


def definition_of(params: Params) -> Params:
    """``DescribePipelineDefinitionForExecution``."""
    record = _execution(params)
    return {"PipelineDefinition": json.dumps(record.hidden["definition"]), "CreationTime": record.created}


def _execution(params: Params) -> Record:
    # Optional in the service model for one of the lists, and yet needed.
    return lookup.require_named("PipelineExecution", PipelineExecutionArn=params.get("PipelineExecutionArn"))


def move_on(call: Call) -> None:
    """Bring every execution to where it should be by now.

    Args:
        call: The API's dispatcher, for the jobs that steps start.

    """
    if _moving["on"]:
        return
    _moving["on"] = True
    try:
        for record in store.every("PipelineExecution"):
            while record.status == _RUNNING and _step_forward(record, call):
                pass
    finally:
        _moving["on"] = False


def _step_forward(record: Record, call: Call) -> bool:
    """Move one step of an execution; whether there may be more to do at once."""
    states = record.hidden["steps"]
    for step in record.hidden["open"]:
        state = states.get(step["Name"])
        if state is None and _ready(step, states):
            return _begin(record, step, call)
        if state is not None and state["StepStatus"] == _RUNNING and _finish(record, state):
            return True
    if any(state["StepStatus"] == _RUNNING for state in states.values()):
        return False
    failed = [name for name, state in states.items() if state["StepStatus"] == "Failed"]
    if failed:
        record.members["FailureReason"] = f"Step failure: one or multiple steps failed: {', '.join(failed)}."
    record.enter("Failed" if failed else "Succeeded")
    return False


def _ready(step: Params, states: Params) -> bool:
    arguments = step.get("Arguments", {})
    used = arguments.get("Conditions", []) if step["Type"] == "Condition" else arguments
    needed = set(step.get("DependsOn", [])) | expressions.steps_named_in(used)
    return all(states.get(name, {}).get("StepStatus") == "Succeeded" for name in needed)


def _begin(record: Record, step: Params, call: Call) -> bool:
    state: Params = {"StartTime": clock.now(), "StepStatus": _RUNNING, "type": step["Type"]}
    record.hidden["steps"][step["Name"]] = state
    try:
        scope = {
            "Parameters": record.hidden["parameters"],
            "Steps": _outputs(record),
            "Execution": _about(record),
            "Files": files.reader(record.hidden["definition"], record.hidden["steps"]),
        }
        if step["Type"] == "Condition":
            decided = expressions.resolve(step["Arguments"]["Conditions"], scope)
            record.hidden["open"] += conditions.goes_on_with(step["Arguments"], decided)
            state |= {"StepStatus": "Succeeded", "EndTime": clock.now()}
            return True
        arguments = expressions.resolve(step.get("Arguments", {}), scope)
        if step["Type"] == "Fail":
            raise invalid(arguments.get("ErrorMessage", "The pipeline's Fail step was reached."))
        if step["Type"] in calls.CALLS:
            calls.begin(record, step, arguments, state)
            return True
        rule = rules.STEPS[step["Type"]]
        if rule.name_member and rule.name_member not in arguments:
            arguments[rule.name_member] = _job_name(record, step["Name"], rule.name_member)
        state["arn"] = call(rule.operation, arguments)[rule.arn_member]
    except ServiceError as error:
        if error.code.startswith("Throttling"):
            del record.hidden["steps"][step["Name"]]  # tried again by whoever comes next
            return False
        state |= {
            "StepStatus": "Failed",
            "EndTime": clock.now(),
            "FailureReason": f"ClientError: {error.message}",
        }
    return True


def _job_name(record: Record, step: str, member: str) -> str:
    execution = record.arn.rpartition("/")[2]
    longest = rules.NAME_MAX.get(member)
    if longest is not None:
        return f"pipelines-{execution}-{secrets.token_hex(16)}"[:longest]
    return f"pipelines-{execution}-{step[:20]}-{secrets.token_hex(5)}"


def _finish(record: Record, state: Params) -> bool:
    del record
    if "token" in state:
        return calls.finish(state)
    job = store.find_arn(state["arn"])
    if job is not None and not job.settled:
        return False
    state["EndTime"] = job.settles_at if job is not None else clock.now()
    if job is None or job.status in ("Failed", "Stopped"):
        reason = job.members.get("FailureReason") if job is not None else None
        state |= {
            "StepStatus": "Failed",
            "FailureReason": reason or f"ClientError: {state['arn']} did not complete.",
        }
    else:
        state["StepStatus"] = "Succeeded"
    return True


def _outputs(record: Record) -> Params:
    outputs: Params = {}
    for name, state in record.hidden["steps"].items():
        if "outputs" in state:
            outputs[name] = {"OutputParameters": state["outputs"]}
        job = store.find_arn(state.get("arn", ""))
        if job is not None:
            outputs[name] = views.facts(job)
    return outputs


def _about(record: Record) -> Params:
    return {
        "PipelineExecutionArn": record.arn,
        "PipelineExecutionId": record.arn.rpartition("/")[2],
        "PipelineName": record.members["PipelineName"],
        "PipelineArn": record.members["PipelineArn"],
        "StartDateTime": record.created,
        "CurrentDateTime": clock.now(),
    }


def _parameters(definition: Params, params: Params) -> Params:
    values = {p["Name"]: p.get("DefaultValue") for p in definition.get("Parameters", [])}
    for given in params.get("PipelineParameters") or []:
        if given["Name"] not in values:
            raise invalid(
                f"Unknown pipeline parameter {given['Name']}; there are {', '.join(values) or 'none'}."
            )
        values[given["Name"]] = given["Value"]
    unset = [name for name, value in values.items() if value is None]
    if unset:
        raise invalid(f"Pipeline parameters without a value: {', '.join(unset)}.")
    return values


def _shown(state: Params) -> Params:
    shown: Params = {
        name: state[name] for name in ("StartTime", "EndTime", "StepStatus", "FailureReason") if name in state
    }
    if "token" in state:
        shown["Metadata"] = calls.shown(state)
    rule = rules.STEPS.get(state["type"])
    if rule is not None and "arn" in state:
        shown["Metadata"] = {rule.metadata: {"Arn": state["arn"]}}
    return shown
