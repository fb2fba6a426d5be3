"""Condition steps: which way a pipeline goes on."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any, Final

from studio_infra.rehearsal.emulator.service.errors import invalid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Params = dict[str, Any]

_COMPARE: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "Equals": operator.eq,
    "GreaterThan": operator.gt,
    "GreaterThanOrEqualTo": operator.ge,
    "LessThan": operator.lt,
    "LessThanOrEqualTo": operator.le,
}


def every_step(steps: list[Params]) -> Iterator[Params]:
    """All steps, also those inside conditions."""
    for step in steps:
        yield step
        if step["Type"] == "Condition":
            arguments = step["Arguments"]
            yield from every_step(arguments.get("IfSteps", []) + arguments.get("ElseSteps", []))


def goes_on_with(arguments: Params, conditions: list[Params]) -> list[Params]:
    """The steps of the case that holds.

    Args:
        arguments: Of the condition step, as in the definition.
        conditions: Its conditions with every expression resolved.

    """
    return list(arguments.get("IfSteps" if all(map(_holds, conditions)) else "ElseSteps", []))


def _holds(condition: Params) -> bool:
    kind = condition["Type"]
    if kind == "Not":
        return not _holds(condition["Condition"])
    if kind == "Or":
        return any(map(_holds, condition["Conditions"]))
    if kind == "In":
        return condition["QueryValue"] in condition["Values"]
    left, right = condition["LeftValue"], condition["RightValue"]
    try:
        return _COMPARE[kind](*_alike(left, right))
    except (KeyError, TypeError) as error:
        raise invalid(f"The condition {kind} cannot compare {left!r} with {right!r}.") from error


def _alike(left: Any, right: Any) -> tuple[Any, Any]:
    """A number that came as text, as parameters do, is compared as a number."""
    if isinstance(left, str) != isinstance(right, str):
        try:
            return float(left), float(right)
        except ValueError:
            pass
    return left, right
