"""The runtime service: invoking endpoints. The model is an echo that says in its custom attributes who it is."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING, Final

from studio_infra.rehearsal.emulator import hooks
from studio_infra.rehearsal.emulator.hosting import asynchronous, capture, fleet, rollout, routing
from studio_infra.rehearsal.emulator.service import lookup, model
from studio_infra.rehearsal.emulator.service.errors import unsupported
from studio_infra.rehearsal.emulator.state import faults, store

if TYPE_CHECKING:
    from studio_infra.rehearsal.emulator.state.store import Record

Answer = tuple[int, dict[str, str], bytes]

_ROUTE: Final = re.compile(r"/endpoints/([^/]+)/(async-)?invocations")
_ATTRIBUTES: Final = "X-Amzn-SageMaker-Custom-Attributes"
#: An endpoint keeps answering while it is updated.
_ANSWERS_IN: Final = frozenset({"InService", "Updating", "SystemUpdating", "RollingBack"})


def handle(method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
    """Answer a request that has no target header.

    Raises:
        ServiceError: The endpoint is not there or not in service, it does not take such requests, or the route is not
            rehearsed.

    """
    found = _ROUTE.fullmatch(path)
    if found is None or method != "POST":
        raise unsupported(f"the route {method} {path} of sagemaker-runtime")
    operation = "InvokeEndpointAsync" if found.group(2) else "InvokeEndpoint"
    with store.LOCK:
        faults.strike(operation)
        rollout.move_on()
        record = _endpoint(found.group(1))
        queued = fleet.of_endpoint(record)["async"] is not None
        # Which of the two an endpoint takes is documented, what it says to the other is not.
        if found.group(2):
            if not queued:
                raise routing.refusal(f"Endpoint {record.key[1]} has no AsyncInferenceConfig.")
            answer = asynchronous.take(record, headers, body)
        elif queued:
            raise routing.refusal(
                f"Endpoint {record.key[1]} is asynchronous and takes InvokeEndpointAsync alone."
            )
        else:
            answer = _at_once(record, headers, body)
        faults.strike(operation, after=True)
        return answer


def _endpoint(name: str) -> Record:
    record = lookup.find(model.kinds()["Endpoint"], {"EndpointName": name})
    if record is None or record.status not in _ANSWERS_IN:
        raise routing.refusal(f"Endpoint {name} of account {hooks.account()} not found.")
    return record


def _at_once(record: Record, headers: dict[str, str], body: bytes) -> Answer:
    one = routing.choose(record, headers)
    kind = headers.get("accept") or headers.get("content-type") or "application/octet-stream"
    event = headers.get("x-amzn-sagemaker-inference-id") or str(uuid.uuid4())
    capture.keep(record, one, body, content_type=headers.get("content-type") or kind, event=event)
    about = {"Content-Type": kind, "x-Amzn-Invoked-Production-Variant": one.variant, _ATTRIBUTES: str(one)}
    return 200, about, body
