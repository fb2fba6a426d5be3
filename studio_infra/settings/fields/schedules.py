"""When something starts by itself: what EventBridge Scheduler reads, and whose clocks."""

from __future__ import annotations

import re
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_EXPRESSION: Final = re.compile(
    r"(?:cron\([^()\n]{11,200}\)|rate\([1-9][0-9]{0,8} (?:minutes?|hours?|days?)\))", re.ASCII
)


def is_schedule(text: str) -> bool:
    """Whether it is written like a schedule. Whether its fields fit together, the service says."""
    return _EXPRESSION.fullmatch(text) is not None


def is_time_zone(text: str) -> bool:
    """Whether it is a name of the IANA database."""
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
