"""Pipeline steps that ask others: a Lambda function that really runs, and a queue whose reader answers with a token."""

from __future__ import annotations

import contextvars
import json
import secrets
import threading
from typing import TYPE_CHECKING, Any, Final

from studio_infra.rehearsal.emulator.hooks import services
from studio_infra.rehearsal.emulator.service.errors import invalid, unsupported
from studio_infra.rehearsal.emulator.state import clock, store

if TYPE_CHECKING:
    from collections.abc import Callable

    from studio_infra.rehearsal.emulator.state.store import Record

    Params = dict[str, Any]

#: Types of steps that make no call of SageMaker's own.
CALLS: Final = ("Lambda", "Callback")
_READERS: Final[dict[str, Callable[[Any], Any]]] = {
    "Integer": int,
    "Float": float,
    "Boolean": lambda text: str(text).lower() == "true",
}
#: What functions have answered, by the token of the call. A thread for each: a function may ask this AWS back.
_answers: Params = {}


def begin(record: Record, step: Params, arguments: Params, state: Params) -> None:
    """Ask."""
    state["wanted"] = {each["OutputName"]: each["OutputType"] for each in step.get("OutputParameters", [])}
    state["token"] = secrets.token_hex(5)
    if step["Type"] == "Callback":
        state["queue"] = step["SqsQueueUrl"]
        message = {
            "token": state["token"],
            "pipelineExecutionArn": record.arn,
            "arguments": arguments,
            "status": "Executing",
        }
        sent = {"QueueUrl": state["queue"], "MessageBody": json.dumps(message)}
        try:
            services.call_json("sqs", "AmazonSQS.SendMessage", sent)
        except ValueError as error:
            raise invalid(f"The message could not be sent: {error}") from error
        return
    state["function"] = step["FunctionArn"]
    threading.Thread(
        target=contextvars.copy_context().run,
        args=(_ask_function, state["token"], step["FunctionArn"], arguments),
        daemon=True,
    ).start()


def finish(state: Params) -> bool:
    """Take the answer, if there is one."""
    answer = _answers.pop(state["token"], None)
    if answer is None:
        return False
    _end(state, **answer)
    return True


def answer(params: Params) -> Params:
    """``SendPipelineExecutionStepSuccess``."""
    record, state = _waiting(params)
    given = {each["Name"]: each["Value"] for each in params.get("OutputParameters") or []}
    unknown = sorted(given.keys() - state["wanted"].keys())
    if unknown:
        raise invalid(f"The step has no output {', '.join(unknown)}.")
    _end(state, outputs=given)
    return {"PipelineExecutionArn": record.arn}


def refuse(params: Params) -> Params:
    """``SendPipelineExecutionStepFailure``."""
    record, state = _waiting(params)
    _end(state, reason=params.get("FailureReason") or "The callback step failed.")
    return {"PipelineExecutionArn": record.arn}


def shown(state: Params) -> Params:
    """The step's metadata in ``ListPipelineExecutionSteps``."""
    outputs = [{"Name": name, "Value": str(value)} for name, value in state.get("outputs", {}).items()]
    if "queue" in state:
        about: Params = {"CallbackToken": state["token"], "SqsQueueUrl": state["queue"]}
        return {"Callback": about | {"OutputParameters": outputs}}
    return {"Lambda": {"Arn": state["function"], "OutputParameters": outputs}}


def _ask_function(token: str, arn: str, event: Params) -> None:
    try:
        _answers[token] = {"outputs": services.call_function(arn, event)}
    except ValueError as error:
        _answers[token] = {"reason": f"ClientError: {error}"}


def _end(state: Params, *, outputs: Params | None = None, reason: str | None = None) -> None:
    state["EndTime"] = clock.now()
    if reason is None:
        missing = sorted(state["wanted"].keys() - (outputs or {}).keys())
        if missing:
            reason = f"ClientError: the answer has no {', '.join(missing)}."
    if reason is not None:
        state |= {"StepStatus": "Failed", "FailureReason": reason}
        return
    wanted = state["wanted"]
    state["outputs"] = {
        name: _READERS.get(wanted[name], str)(value)
        for name, value in (outputs or {}).items()
        if name in wanted
    }
    state["StepStatus"] = "Succeeded"


def _waiting(params: Params) -> tuple[Record, Params]:
    for record in store.every("PipelineExecution"):
        for state in record.hidden["steps"].values():
            if state.get("token") == params["CallbackToken"] and "queue" in state:
                if state["StepStatus"] != "Executing":
                    raise invalid(f"The step with this token is in status {state['StepStatus']}.")
                return record, state
    raise invalid("No pipeline step waits for this token.")


def check(step: Params) -> None:
    """Refuse a call that leads nowhere."""
    member = {"Lambda": "FunctionArn", "Callback": "SqsQueueUrl"}[step["Type"]]
    if not step.get(member):
        raise unsupported(f"pipeline steps of type {step['Type']} without {member}")
