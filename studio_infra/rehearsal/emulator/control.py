"""``/_studio/…``: how tests steer the server, and how a report learns what it did not really do."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any, Final

from studio_infra.rehearsal.emulator import hooks, notebooks
from studio_infra.rehearsal.emulator.hosting import rollout
from studio_infra.rehearsal.emulator.service.errors import ServiceError
from studio_infra.rehearsal.emulator.state import clock, delays, faults, ledger


def handle(method: str, path: str, body: bytes) -> tuple[int, bytes]:
    """Answer one control request: GET reads, POST adds, DELETE resets."""
    route = _ROUTES.get(path)
    if route is None:
        return _say(404, {"message": f"no such control route: {path}; there are {', '.join(_ROUTES)}"})
    try:
        given = json.loads(body) if body else {}
        return _say(200, route(method, given))
    except (ServiceError, TypeError, ValueError, KeyError) as error:
        return _say(400, {"message": f"{path}: {error}"})


def _faults(method: str, given: Any) -> Any:
    if method == "POST":
        faults.order(given if isinstance(given, list) else [given])
    elif method == "DELETE":
        faults.reset()
    return faults.current()["faults"]


def _outcomes(method: str, given: Any) -> Any:
    if method == "POST":
        faults.order_outcomes(given if isinstance(given, list) else [given])
    elif method == "DELETE":
        faults.reset()
    return faults.current()["outcomes"]


def _delays(method: str, given: Any) -> Any:
    if method == "POST":
        delays.change(given)
    elif method == "DELETE":
        delays.reset()
    return delays.current()


def _clock(method: str, given: Any) -> Any:
    if method == "POST":
        # What has gone off until now has gone off before the clock jumps.
        rollout.move_on_everywhere()
        clock.advance(float(given["advance"]))
    elif method == "DELETE":
        clock.reset()
    now = dt.datetime.fromtimestamp(clock.now(), dt.UTC)
    return {"now": now.isoformat(), "ahead": clock.offset()}


def _state_only(method: str, given: Any) -> Any:
    del method, given
    return ledger.entries()


def _notebook(method: str, given: Any) -> Any:
    del method
    _, _, _, region, account, *_ = given["app_arn"].split(":")
    with hooks.request_scope(account, region):
        return notebooks.credentials(given["app_arn"])


def _reset(method: str, given: Any) -> Any:
    del method, given
    faults.reset()
    delays.reset()
    clock.reset()
    return {}


_ROUTES: Final = {
    "faults": _faults,
    "outcomes": _outcomes,
    "delays": _delays,
    "clock": _clock,
    "state-only": _state_only,
    "notebook": _notebook,
    "reset": _reset,
}


def _say(status: int, what: Any) -> tuple[int, bytes]:
    return status, json.dumps(what).encode()
