"""Answers in JSON 1.1, as the SDKs read them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from studio_infra.rehearsal.emulator.service.errors import ServiceError

Answer = tuple[int, dict[str, str], bytes]

_JSON: Final = "application/x-amz-json-1.1"


def refuse(error: ServiceError) -> Answer:
    """An error as the SDKs read it."""
    body = json.dumps({"__type": error.code, "message": error.message}).encode()
    return error.status, {"Content-Type": _JSON, "x-amzn-errortype": error.code}, body


def answer(result: dict[str, Any]) -> Answer:
    """What was asked for."""
    return 200, {"Content-Type": _JSON}, json.dumps(result).encode()
