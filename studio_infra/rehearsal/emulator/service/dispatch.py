"""From an operation and its parameters to an answer: the one way in, for the API and CloudFormation."""

from __future__ import annotations

from typing import Any

from studio_infra.rehearsal.emulator.hosting import rollout
from studio_infra.rehearsal.emulator.jobs import executions as pipelines
from studio_infra.rehearsal.emulator.service import listing, model, operations, validation, verbs
from studio_infra.rehearsal.emulator.service.errors import unsupported
from studio_infra.rehearsal.emulator.state import faults, store


def call(operation: str, params: dict[str, Any]) -> dict[str, Any]:
    """Answer one call.

    Args:
        operation: The API operation, for example ``CreateApp``.
        params: Its parameters by the API's names.

    Raises:
        ServiceError: What the caller gets instead of an answer.

    """
    with store.LOCK:
        faults.strike(operation)
        if model.operation(operation) is None:
            raise unsupported(f"sagemaker:{operation}")
        validation.check(params, model.input_shape(operation))
        rollout.move_on()
        pipelines.move_on(call)
        answer = _run(operation, params)
        faults.strike(operation, after=True)
        return answer


def _run(operation: str, params: dict[str, Any]) -> dict[str, Any]:
    by_hand = operations.BY_HAND.get(operation)
    if by_hand is not None:
        return by_hand(params)
    regular = model.split(operation)
    if regular is None:
        raise unsupported(f"sagemaker:{operation}")
    verb, name = regular
    kind = model.kinds()[name]
    if verb == "List":
        return listing.run(operation, kind, params)
    return verbs.VERBS[verb](kind, params)
