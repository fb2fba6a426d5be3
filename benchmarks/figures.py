"""Figures and their bars: what a clock says is measured here and printed, and decides no test's verdict."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


@dataclass(frozen=True)
class Figure:
    """Something measured.

    Args:
        what: What was measured.
        value: What it was.
        bar: The most it may be.
        unit: Of both.

    """

    what: str
    value: float
    bar: float
    unit: str = "s"

    @property
    def holds(self) -> bool:
        """Whether the bar holds."""
        return self.value <= self.bar


def report(title: str, figures: Iterable[Figure]) -> bool:
    """Print a table as the figures come, and tell whether every bar holds."""
    print(f"\n{title}\n\n| what | figure | bar | |\n|---|---|---|---|")
    good = True
    for one in figures:
        good &= one.holds
        verdict = "" if one.holds else "**missed**"
        print(f"| {one.what} | {one.value:.4g} {one.unit} | {one.bar:g} {one.unit} | {verdict} |", flush=True)
    return good


def processor_seconds(work: Callable[[], object], runs: int = 3) -> float:
    """Processor seconds of the fastest of some runs: other processes do not count."""
    return min(_timed(work, time.process_time) for _ in range(runs))


def elapsed_seconds(work: Callable[[], object], runs: int = 1) -> float:
    """Seconds by the clock of the fastest of some runs."""
    return min(_timed(work, time.perf_counter) for _ in range(runs))


def _timed(work: Callable[[], object], clock: Callable[[], float]) -> float:
    start = clock()
    work()
    return clock() - start
