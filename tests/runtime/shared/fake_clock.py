"""A clock that only moves when somebody waits: hours of pauses in no time, the same at every run."""

from __future__ import annotations

import datetime as dt
import random


class FakeClock:
    """Time and chance of a test.

    Args:
        start: What calendars show first.
        seed: Of the chance.

    """

    def __init__(
        self, start: dt.datetime = dt.datetime(2026, 11, 2, 9, tzinfo=dt.UTC), seed: int = 0
    ) -> None:
        self.start = start
        self.passed = 0.0
        self.sleeps: list[float] = []
        self.random = random.Random(seed)  # noqa: S311 - a test that can be run again

    def now(self) -> dt.datetime:
        return self.start + dt.timedelta(seconds=self.passed)

    def monotonic(self) -> float:
        return self.passed

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        self.sleeps.append(seconds)
        self.passed += seconds

    def chance(self) -> float:
        return self.random.random()
