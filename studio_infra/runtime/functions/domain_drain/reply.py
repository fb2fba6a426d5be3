"""What CloudFormation is told, in the form and the size that it takes."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Mapping, Sequence
from typing import Any, Final

#: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html
MOST_BYTES: Final = 4096
#: So that names of people's things do not push out the rest. JSON may need six bytes for a character.
_MOST_REASON: Final = 500
_SECONDS: Final = 10


def reply(event: Mapping[str, Any], *, good: bool, reason: str) -> bytes:
    """The answer to a request, not longer than CloudFormation takes."""
    cut = reason if len(reason) <= _MOST_REASON else f"{reason[: _MOST_REASON - 1]}…"
    answer = {
        "Status": "SUCCESS" if good else "FAILED",
        "Reason": cut,
        # Never a domain's id: another id of this would make CloudFormation ask for the old one's deletion.
        "PhysicalResourceId": event.get("PhysicalResourceId") or f"drain-{event['LogicalResourceId']}",
        **{name: event[name] for name in ("StackId", "RequestId", "LogicalResourceId")},
    }
    return json.dumps(answer).encode()


def summary(left: Sequence[str]) -> str:
    """What is left, in as many words as an answer has room for."""
    shown, length = [], 0
    for thing in left:
        length += len(thing) + 2
        if length > _MOST_REASON // 2:
            break
        shown.append(thing)
    more = len(left) - len(shown)
    return "; ".join(shown) + (f"; and {more} more" if more and shown else f"{more} things" if more else "")


def send(url: str, body: bytes) -> None:
    """Put the answer where CloudFormation looks for it."""
    # An address that CloudFormation signed. It signs no content type, so none may be sent.
    request = urllib.request.Request(url, data=body, method="PUT", headers={"Content-Type": ""})  # noqa: S310
    with urllib.request.urlopen(request, timeout=_SECONDS):  # noqa: S310
        pass
