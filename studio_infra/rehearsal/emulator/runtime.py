"""The runtime service: invoking endpoints. The model is an echo: what a client sends comes back."""

from __future__ import annotations

import re
from typing import Final

from studio_infra.rehearsal.emulator import faults, hooks, lookup, model
from studio_infra.rehearsal.emulator.errors import ServiceError, unsupported

Answer = tuple[int, dict[str, str], bytes]

_INVOCATION: Final = re.compile(r"/endpoints/([^/]+)/invocations")
#: An endpoint keeps answering while it is updated.
_ANSWERS_IN: Final = frozenset({"InService", "Updating", "SystemUpdating", "RollingBack"})


def handle(method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
    """Answer a request that has no target header.

    Raises:
        ServiceError: The endpoint is not there or not in service, or the route is not rehearsed.

    """
    found = _INVOCATION.fullmatch(path)
    if found is None or method != "POST":
        raise unsupported(f"the route {method} {path} of sagemaker-runtime")
    name = found.group(1)
    faults.strike("InvokeEndpoint")
    endpoint = lookup.find(model.kinds()["Endpoint"], {"EndpointName": name})
    if endpoint is None or endpoint.status not in _ANSWERS_IN:
        raise ServiceError("ValidationError", f"Endpoint {name} of account {hooks.account()} not found.")
    variants = [v["VariantName"] for v in endpoint.members["ProductionVariants"]]
    wanted = headers.get("x-amzn-sagemaker-target-variant", variants[0])
    if wanted not in variants:
        raise ServiceError("ValidationError", f"Variant {wanted} does not exist for endpoint {name}.")
    faults.strike("InvokeEndpoint", after=True)
    return (
        200,
        {
            "Content-Type": headers.get("accept")
            or headers.get("content-type")
            or "application/octet-stream",
            "x-Amzn-Invoked-Production-Variant": wanted,
        },
        body,
    )
