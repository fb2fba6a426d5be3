"""From an operation and its parameters to an answer: the one way in, for the API and CloudFormation."""

from __future__ import annotations

import threading
from typing import Any, Final

from studio_infra.rehearsal.emulator import faults, listing, model, operations, pipelines, validation, verbs
from studio_infra.rehearsal.emulator.errors import unsupported

#: Requests come in on the event loop, waiting CloudFormation handlers on threads of their own.
_LOCK: Final = threading.RLock()


def call(operation: str, params: dict[str, Any]) -> dict[str, Any]:
    """Answer one call.

    Args:
        operation: The API operation, for example ``CreateApp``.
        params: Its parameters by the API's names.

    Raises:
        ServiceError: What the caller gets instead of an answer.

    """
    with _LOCK:
        faults.strike(operation)
        if model.operation(operation) is None:
            raise unsupported(f"sagemaker:{operation}")
        validation.check(params, model.input_shape(operation))
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
