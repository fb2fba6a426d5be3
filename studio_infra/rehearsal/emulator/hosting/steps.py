"""When which part of the requests goes to the new instances, as a deployment configuration asks for it.

https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-blue-green.html
https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-rolling.html
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

Members = dict[str, Any]

_ALL = 100


@dataclass(frozen=True)
class Steps:
    """The steps of one deployment.

    Args:
        shifts: Seconds after the new instances are ready, and the percentage that they answer from then on.
        length: Seconds until the old ones go.

    """

    shifts: tuple[tuple[float, float], ...] = ((0.0, _ALL),)
    length: float = 0.0


def steps_of(config: Members | None, *, capacity: int) -> Steps:
    """The steps that a deployment configuration asks for; without one, all at once and nothing to wait for.

    Args:
        config: ``DeploymentConfig`` of an endpoint or of an inference component.
        capacity: How many instances or copies there are: steps may be counted in them.

    """
    rolling = (config or {}).get("RollingUpdatePolicy")
    if rolling is not None:
        wait = rolling["WaitIntervalInSeconds"]
        return _even(rolling["MaximumBatchSize"], wait=wait, last=wait, capacity=capacity)
    policy = (config or {}).get("BlueGreenUpdatePolicy")
    if policy is None:
        return Steps()
    routing, last = policy["TrafficRoutingConfiguration"], policy.get("TerminationWaitInSeconds", 0)
    wait = routing["WaitIntervalInSeconds"]
    if routing["Type"] == "LINEAR":
        return _even(routing["LinearStepSize"], wait=wait, last=last, capacity=capacity)
    if routing["Type"] == "CANARY":
        first = _percent(routing["CanarySize"], capacity)
        return Steps(((0.0, first), (wait, _ALL)), wait + last)
    return Steps(length=last)


def _even(size: Members, *, wait: float, last: float, capacity: int) -> Steps:
    step = _percent(size, capacity)
    count = math.ceil(_ALL / step)
    shifts = tuple((number * wait, min(_ALL, (number + 1) * step)) for number in range(count))
    return Steps(shifts, (count - 1) * wait + last)


def _percent(size: Members, capacity: int) -> float:
    if size["Type"] == "CAPACITY_PERCENT":
        return float(size["Value"])
    return float(min(_ALL, _ALL * size["Value"] / max(1, capacity)))
