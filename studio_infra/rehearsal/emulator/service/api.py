"""The SageMaker service as MiniStack calls it: JSON 1.1 for the control plane, paths for the runtime."""

from __future__ import annotations

import json
import logging
import uuid
from typing import Any

from studio_infra.rehearsal.emulator.hosting import runtime
from studio_infra.rehearsal.emulator.service import dispatch
from studio_infra.rehearsal.emulator.service.answers import Answer, answer, refuse
from studio_infra.rehearsal.emulator.service.errors import ServiceError
from studio_infra.rehearsal.emulator.state import ledger, store

_LOG = logging.getLogger("studio-infra")


async def handle_request(
    method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, list[str]]
) -> Answer:
    """Answer one HTTP request."""
    del query
    target = headers.get("x-amz-target", "")
    try:
        if not target:
            return runtime.handle(method, path, headers, body)
        return answer(dispatch.call(target.partition(".")[2], _parameters(body)))
    except ServiceError as error:
        return refuse(error)
    except Exception:  # noqa: BLE001 - logged whole, and said so
        # A fault of ours must not look like an answer of AWS; the whole story is in the server's log.
        number = uuid.uuid4().hex[:8]
        _LOG.exception("rehearsal fault %s in %s %s", number, target or method, path)
        return refuse(
            ServiceError("InternalFailure", f"The rehearsal itself failed; fault {number} in its log.", 500)
        )


def reset() -> None:
    """Forget everything; MiniStack calls this for ``POST /_ministack/reset``."""
    store.reset()
    ledger.reset()


def get_state() -> dict[str, Any]:
    """Everything, for MiniStack to keep over a restart."""
    return {"records": store.dump(), "ledger": ledger.dump()}


def load_persisted_state(state: dict[str, Any] | None) -> None:
    """Take back what ``get_state`` gave."""
    store.load((state or {}).get("records", []))
    ledger.load((state or {}).get("ledger", []))


def _parameters(body: bytes) -> dict[str, Any]:
    try:
        parameters = json.loads(body or b"{}")
    except ValueError:
        parameters = None
    if not isinstance(parameters, dict):
        raise ServiceError("SerializationException", "The request is not a JSON object.")
    return parameters
