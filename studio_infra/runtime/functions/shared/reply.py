"""What CloudFormation is told, in the form and the size that it takes."""

from __future__ import annotations

import datetime as dt
import json
import urllib.parse
import urllib.request
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from .clock import Clock

#: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html
MOST_BYTES: Final = 4096
#: Characters: as many as people read. JSON may need twelve bytes for one.
_MOST_REASON: Final = 500
_SECONDS: Final = 10
_ATTEMPTS: Final = 6


def reply(event: Mapping[str, Any], *, good: bool, reason: str, name: str) -> bytes:
    """The answer to a request, not longer than CloudFormation takes.

    Args:
        event: The request.
        good: Whether it was done.
        reason: Why not, or what was done.
        name: What the physical id of a new resource begins with. Never the id of a thing that it is about: another
            physical id would make CloudFormation ask for the deletion of the old one.

    """
    most = _MOST_REASON
    while True:
        answer = {
            "Status": "SUCCESS" if good else "FAILED",
            "Reason": reason if len(reason) <= most else f"{reason[: most - 1]}…",
            "PhysicalResourceId": event.get("PhysicalResourceId") or f"{name}-{event['LogicalResourceId']}",
            **{name: event[name] for name in ("StackId", "RequestId", "LogicalResourceId")},
        }
        body = json.dumps(answer).encode()
        if len(body) <= MOST_BYTES or most == 1:
            return body
        most //= 2


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


def asked_at(url: str) -> dt.datetime | None:
    """When CloudFormation signed the address for the answer: that is when it began to wait.

    Every delivery of a request says the same, be it repeated or late.
    https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
    """
    (text,) = urllib.parse.parse_qs(urllib.parse.urlsplit(url).query).get("X-Amz-Date", [""])[:1]
    try:
        return dt.datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=dt.UTC)
    except ValueError:
        return None


def deliver(url: str, body: bytes, *, put: Callable[[str, bytes], None], clock: Clock) -> None:
    """Put an answer where CloudFormation looks for it, again if it does not arrive.

    Args:
        url: Where.
        body: The answer.
        put: Puts it there once.
        clock: Time and chance.

    Raises:
        OSError: It never arrived: Lambda repeats a run that fails.

    """
    for attempt in range(_ATTEMPTS):
        try:
            put(url, body)
        except OSError:
            if attempt == _ATTEMPTS - 1:
                raise
            clock.sleep(1 + clock.chance() * attempt)
        else:
            return


def send(url: str, body: bytes) -> None:
    """Put the answer where CloudFormation looks for it."""
    # An address that CloudFormation signed. It signs no content type, so none may be sent.
    request = urllib.request.Request(url, data=body, method="PUT", headers={"Content-Type": ""})  # noqa: S310 - CloudFormation's own
    with urllib.request.urlopen(request, timeout=_SECONDS):  # noqa: S310 - CloudFormation's own
        pass
