"""Long answers in pages, as small as AWS makes them: who forgets the next page finds out here."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from studio_infra.rehearsal.emulator.service.errors import invalid


def page(items: list[Any], params: dict[str, Any], *, into: str, default: int) -> dict[str, Any]:
    """One page of ``items``.

    Args:
        items: All of them, in order.
        params: The request, with ``MaxResults`` and ``NextToken``.
        into: The answer's list member.
        default: How many there are in a page if the request does not say.

    Raises:
        ServiceError: The token is not one of ours.

    """
    start = _offset(params.get("NextToken"))
    end = start + int(params.get("MaxResults") or default)
    answer: dict[str, Any] = {into: items[start:end]}
    if end < len(items):
        answer["NextToken"] = base64.urlsafe_b64encode(f"from:{end}".encode()).decode()
    return answer


def _offset(token: str | None) -> int:
    if not token:
        return 0
    try:
        word, number = base64.urlsafe_b64decode(token).decode("ascii").split(":")
        if word == "from" and number.isdigit():
            return int(number)
    except (binascii.Error, ValueError):
        pass
    raise invalid("The pagination token is invalid.")
