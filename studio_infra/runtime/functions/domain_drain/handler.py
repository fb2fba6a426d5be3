"""The custom resource: drains a domain when the stack that holds both is deleted, in as many runs as it takes.

CloudFormation waits for an answer at an address that came with its request, for an hour at most; a run on Lambda takes
a quarter of one. So a run that must end calls the next one, with the same request and the moment at which somebody has
to answer. Nothing else is handed on: the next run looks at AWS, as the first one did.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ..shared import aws
from ..shared.calls import Calls, Context, Deadline, OutOfTime
from ..shared.clock import Clock, SystemClock
from ..shared.reply import asked_at, deliver, reply, send, summary
from .drain import Drain, Stuck
from .observe import Clients
from .world import Homes, Wish

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_LOG = logging.getLogger(__name__)
_LOG.setLevel(logging.INFO)

#: Seconds before the end of a run on Lambda at which the next one is called, with as many attempts as it takes.
HAND_OVER: Final = 90.0
#: Seconds before CloudFormation stops waiting at which draining ends. 20 of them are for the answer; the others for a
#: run that Lambda starts late: it waits up to five minutes before it tries a queued call again.
RESERVE: Final = 320.0
#: Seconds that may go into finding out what is left, to say so.
_LAST_LOOK: Final = 60.0
_UNTIL: Final = "Until"
_DELETING: Final = "DELETE_IN_PROGRESS"
#: Seconds of a run on Lambda that stay for an answer.
_TO_ANSWER: Final = 30.0


@dataclass(frozen=True)
class Orders:
    """What the construct wrote into the environment: one domain, and what was consented to.

    Args:
        domain_id: The domain.
        home_id: Its home file system.
        stack_id: The stack whose deletion is awaited.
        timeout: How long CloudFormation waits, in seconds.
        wish: What was consented to.

    """

    domain_id: str
    home_id: str | None
    stack_id: str
    timeout: float
    wish: Wish

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Orders:
        """From the function's environment."""
        return cls(
            domain_id=environment["DOMAIN_ID"],
            home_id=environment.get("HOME_ID"),
            stack_id=environment["STACK_ID"],
            timeout=float(environment["TIMEOUT_SECONDS"]),
            wish=Wish(
                homes=Homes(environment["HOMES"]),
                vault=environment.get("VAULT"),
                role_arn=environment.get("ROLE_ARN"),
            ),
        )


@dataclass(frozen=True)
class Tools:
    """What a run needs from outside."""

    clock: Clock
    clients: Clients
    cloudformation: Any
    functions: Any
    send: Callable[[str, bytes], None]


def handle(event: dict[str, Any], context: Any) -> str:
    """Answer CloudFormation, or hand over to the next run."""
    clients = Clients(*(aws.client(name) for name in ("sagemaker", "efs", "ec2", "backup")))
    tools = Tools(SystemClock(), clients, aws.client("cloudformation"), aws.client("lambda"), send)
    return run(event, context, orders=Orders.read(os.environ), tools=tools)


def run(event: dict[str, Any], context: Any, *, orders: Orders, tools: Tools) -> str:
    """One run. Returns what it did, in words, for the log."""
    if event["RequestType"] != "Delete":
        return _answer(event, tools, good=True, reason="nothing to do until the stack is deleted")
    if _UNTIL not in event:
        asked = asked_at(event["ResponseURL"])
        end = (asked or tools.clock.now()) + dt.timedelta(seconds=orders.timeout - RESERVE)
        event = {**event, _UNTIL: end.timestamp()}
        if asked is None:
            # Written down before anything else: a run that dies is repeated with the event that it was called with.
            return _hand_over_or_answer(event, context, tools)
    try:
        reason = _drain(event, context, orders, tools)
    except Stuck as error:
        return _answer(event, tools, good=False, reason=f"{error}. {_what_is_left(orders, tools)}")
    except OutOfTime:
        # A pause that would pass the end is not begun, so some seconds may be left: not enough for another run.
        if _left(event, tools) > HAND_OVER:
            return _hand_over_or_answer(event, context, tools)
        minutes = int((orders.timeout - RESERVE) // 60)
        said = f"not finished in {minutes} minutes: delete the stack again to go on"
        return _answer(event, tools, good=False, reason=f"{said}. {_what_is_left(orders, tools)}")
    except Exception as error:
        said = f"{type(error).__name__}: see the log of {context.function_name}"
        _answer(event, tools, good=False, reason=said)
        raise
    return _answer(event, tools, good=True, reason=reason)


def _drain(event: dict[str, Any], context: Context, orders: Orders, tools: Tools) -> str:
    """Drain to the end, and say how it ended."""
    rest_of_run = context.get_remaining_time_in_millis() / 1000 - HAND_OVER
    deadline = Deadline(tools.clock, min(rest_of_run, _left(event, tools)))
    calls = Calls(tools.clock, deadline=deadline)
    if not _stack_goes(calls, orders, tools):
        # Somebody took the resource out of the template, or an update was rolled back. The domain is in use.
        return "the stack is not being deleted: nothing was drained"
    drain = Drain(
        orders.domain_id,
        orders.wish,
        calls=calls,
        clients=tools.clients,
        home_id=orders.home_id,
        say=_LOG.info,
    )
    for step in drain.run():
        _LOG.info("%d things are left; waiting for %d", len(step.left), len(step.waits))
    kept = "; its homes are kept" if orders.wish.homes is Homes.RETAIN else ""
    return f"{orders.domain_id} is gone{kept}"


def _left(event: Mapping[str, Any], tools: Tools) -> float:
    """Seconds until somebody must answer."""
    return float(event[_UNTIL]) - tools.clock.now().timestamp()


def _stack_goes(calls: Calls, orders: Orders, tools: Tools) -> bool:
    (stack,) = calls.read(tools.cloudformation.describe_stacks, StackName=orders.stack_id)["Stacks"]
    return bool(stack["StackStatus"] == _DELETING)


def _what_is_left(orders: Orders, tools: Tools) -> str:
    """For the answer, which must be given in any case."""
    calls = Calls(tools.clock, deadline=Deadline(tools.clock, _LAST_LOOK))
    drain = Drain(orders.domain_id, orders.wish, calls=calls, clients=tools.clients, home_id=orders.home_id)
    try:
        step = next(drain.run())
    except Exception as error:  # noqa: BLE001 - whatever it is, CloudFormation waits for the answer
        return f"What is left could not be found out ({type(error).__name__})"
    return f"Left: {summary(step.left)}" if step.left else "Nothing is left"


def _hand_over_or_answer(event: dict[str, Any], context: Any, tools: Tools) -> str:
    """Call the next run. Where that fails nobody else would answer, and CloudFormation would wait in vain."""
    try:
        return _hand_over(event, context, tools)
    except Exception as error:  # noqa: BLE001 - whatever it is, CloudFormation waits for the answer
        reason = f"the next run could not be called ({type(error).__name__}): delete the stack again to go on"
        return _answer(event, tools, good=False, reason=reason)


def _hand_over(event: dict[str, Any], context: Any, tools: Tools) -> str:
    rest_of_run = context.get_remaining_time_in_millis() / 1000 - _TO_ANSWER
    calls = Calls(tools.clock, deadline=Deadline(tools.clock, min(rest_of_run, HAND_OVER)))
    calls.change(
        tools.functions.invoke,
        FunctionName=context.invoked_function_arn,
        InvocationType="Event",
        Payload=json.dumps(event).encode(),
    )
    return "handed over"


def _answer(event: dict[str, Any], tools: Tools, *, good: bool, reason: str) -> str:
    body = reply(event, good=good, reason=reason, name="drain")
    deliver(event["ResponseURL"], body, put=tools.send, clock=tools.clock)
    _LOG.info("answered %s: %s", "SUCCESS" if good else "FAILED", reason)
    return reason
