"""Time and chance, passed in: what waits here can be tested without waiting."""

from __future__ import annotations

import datetime as dt
import random
import time
from typing import Protocol


class Clock(Protocol):
    """What the functions know of time and chance."""

    def now(self) -> dt.datetime:
        """What calendars show, in UTC: for ages and ends of things."""

    def monotonic(self) -> float:
        """Seconds that only grow: for deadlines and pauses."""

    def sleep(self, seconds: float) -> None:
        """Wait."""

    def chance(self) -> float:
        """A number from 0 to below 1."""


class SystemClock:
    """The clock of the machine."""

    def now(self) -> dt.datetime:
        """What calendars show, in UTC."""
        return dt.datetime.now(dt.UTC)

    def monotonic(self) -> float:
        """Seconds that only grow."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)

    def chance(self) -> float:
        """A number from 0 to below 1: it spreads calls in time and keeps nothing secret."""
        return random.random()  # noqa: S311 - no secret
