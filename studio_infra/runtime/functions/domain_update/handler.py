"""The custom resource: gives a domain what CloudFormation cannot, takes it back, and always answers in time.

One run does it all: a domain is updated in minutes, a run on Lambda may take a quarter of an hour. A run that dies is
repeated by Lambda; it looks again and says only what is still missing.
"""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ..shared import aws
from ..shared.calls import Calls, Context, Deadline, OutOfTime
from ..shared.clock import Clock, SystemClock
from ..shared.reply import asked_at, deliver, reply, send
from .apply import Application, Gone, Stuck
from .whole import WholeSageMaker

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .core import Settings

_LOG = logging.getLogger(__name__)
_LOG.setLevel(logging.INFO)

#: Seconds before CloudFormation stops waiting at which nothing is tried any more: for the answer, as often as it takes.
RESERVE: Final = 120.0
#: Seconds of a run on Lambda that stay for the answer.
_TO_ANSWER: Final = 90.0
_DELETING: Final = "DELETE_IN_PROGRESS"
_PROPERTY: Final = "Settings"


@dataclass(frozen=True)
class Orders:
    """What the construct wrote into the environment.

    Args:
        domain_id: The domain, the only one that is touched.
        stack_id: The stack that the resource is in.
        timeout: How long CloudFormation waits, in seconds.

    """

    domain_id: str
    stack_id: str
    timeout: float

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Orders:
        """From the function's environment."""
        return cls(environment["DOMAIN_ID"], environment["STACK_ID"], float(environment["TIMEOUT_SECONDS"]))


@dataclass(frozen=True)
class Tools:
    """What a run needs from outside."""

    clock: Clock
    sagemaker: Any
    cloudformation: Any
    send: Callable[[str, bytes], None]


def handle(event: dict[str, Any], context: Any) -> str:
    """Do what CloudFormation asks, and answer."""
    tools = Tools(SystemClock(), WholeSageMaker(aws.client("sagemaker")), aws.client("cloudformation"), send)
    return run(event, context, orders=Orders.read(os.environ), tools=tools)


def run(event: dict[str, Any], context: Any, *, orders: Orders, tools: Tools) -> str:
    """One run. Returns what it did, in words, for the log."""
    asked = asked_at(event["ResponseURL"])
    begun = asked if asked is not None else tools.clock.now()
    left = orders.timeout - RESERVE - (tools.clock.now() - begun).total_seconds()
    if left <= 0:
        # Nobody waits any more, and others may have asked for something else since.
        return _answer(event, tools, good=False, reason="the request came too late: deploy again")
    try:
        reason = _do(event, context, orders, tools, left)
    except (Gone, Stuck) as error:
        return _answer(event, tools, good=False, reason=str(error))
    except OutOfTime:
        said = f"domain {orders.domain_id} is not in service with it yet: wait until it is, then deploy again"
        return _answer(event, tools, good=False, reason=said)
    except Exception as error:
        said = f"{type(error).__name__}: see the log of {context.function_name}"
        _answer(event, tools, good=False, reason=said)
        raise
    return _answer(event, tools, good=True, reason=reason)


def _do(event: Mapping[str, Any], context: Context, orders: Orders, tools: Tools, left: float) -> str:
    rest_of_run = context.get_remaining_time_in_millis() / 1000 - _TO_ANSWER
    calls = Calls(tools.clock, deadline=Deadline(tools.clock, min(rest_of_run, left)))
    application = Application(orders.domain_id, calls=calls, sagemaker=tools.sagemaker)
    now = _settings(event.get("ResourceProperties"))
    if event["RequestType"] != "Delete":
        application.run(now, _settings(event.get("OldResourceProperties")))
        return f"{orders.domain_id} has it, after {application.updates} updates"
    if _stack_goes(calls, orders, tools):
        # A domain that is retained is still used; one that is not goes next.
        return "the stack is being deleted: the domain keeps what it has"
    try:
        application.run({}, now)
    except Gone:
        return "the domain is gone, or goes"
    return f"{orders.domain_id} is without it, after {application.updates} updates"


def _settings(properties: Mapping[str, Any] | None) -> Settings:
    found: Settings = (properties or {}).get(_PROPERTY, {})
    return found


def _stack_goes(calls: Calls, orders: Orders, tools: Tools) -> bool:
    (stack,) = calls.read(tools.cloudformation.describe_stacks, StackName=orders.stack_id)["Stacks"]
    return bool(stack["StackStatus"] == _DELETING)


def _answer(event: Mapping[str, Any], tools: Tools, *, good: bool, reason: str) -> str:
    body = reply(event, good=good, reason=reason, name="update")
    deliver(event["ResponseURL"], body, put=tools.send, clock=tools.clock)
    _LOG.info("answered %s: %s", "SUCCESS" if good else "FAILED", reason)
    return reason
