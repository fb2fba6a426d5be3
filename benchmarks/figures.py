"""Figures and their bars: what a clock says is measured here and printed, and decides no test's verdict."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_MANY: Final = 10_000
HEAD: Final = "| what | figure | against | times | at most | |\n|---|---|---|---|---|---|"


@dataclass(frozen=True)
class Figure:
    """Something measured.

    Args:
        what: What was measured.
        value: What it was: of several runs the one in the middle.
        bar: The most it may be. None where nothing is promised.
        unit: Of value and bar.
        versus: What it is compared with, if with anything.
        other: The figure of that.
        ratio_bar: The most that one may be in times of the other.

    """

    what: str
    value: float
    bar: float | None = None
    unit: str = "s"
    versus: str = ""
    other: float | None = None
    ratio_bar: float | None = None

    @property
    def ratio(self) -> float | None:
        """How many times the other it is."""
        return None if not self.other else self.value / self.other

    @property
    def holds(self) -> bool:
        """Whether the bars hold."""
        within = self.bar is None or self.value <= self.bar
        return within and (self.ratio_bar is None or self.ratio is None or self.ratio <= self.ratio_bar)

    def row(self, *, told: bool = True) -> str:
        """A row of the table. A single run on a busy machine misses bars that it does not tell of."""
        against = "" if self.other is None else f"{self._said(self.other)}, {self.versus}"
        times = "" if self.ratio is None else f"{self.ratio:.2f}"
        bars = [self._said(self.bar)] if self.bar is not None else []
        bars += [f"{self.ratio_bar:g} times"] if self.ratio_bar is not None else []
        verdict = "" if self.holds or not told else "**missed**"
        return f"| {self.what} | {self._said(self.value)} | {against} | {times} | {', '.join(bars)} | {verdict} |"

    def _said(self, value: float) -> str:
        # Four digits are enough, but nobody reads 3.293e+04.
        return f"{value:{',.0f' if abs(value) >= _MANY else ',.4g'}} {self.unit}".rstrip()


def report(title: str, figures: Iterable[Figure]) -> bool:
    """Print a table as the figures come, and tell whether every bar holds."""
    print(f"\n{title}\n\n{HEAD}")
    good = True
    for one in figures:
        good &= one.holds
        print(one.row(), flush=True)
    return good


def processor_seconds(work: Callable[[], object], runs: int = 3) -> float:
    """Processor seconds of the run in the middle: other processes do not count."""
    return statistics.median(_timed(work, time.process_time) for _ in range(runs))


def elapsed_seconds(work: Callable[[], object], runs: int = 1) -> float:
    """Seconds by the clock of the run in the middle."""
    return statistics.median(_timed(work, time.perf_counter) for _ in range(runs))


def peak_megabytes() -> float:
    """The most memory that this program has held; what `getrusage` says counts whoever started it, too."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def in_a_process_of_its_own(module: str, *arguments: str) -> Iterator[Figure]:
    """Figures of a part for which it counts what else the process has done: memory, above all."""
    command = [sys.executable, "-m", module, "--lines", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout or ():
            yield Figure(**json.loads(line))
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed with {process.returncode}")


def main_of(title: str, figures: Iterable[Figure]) -> int:
    """The end of a part that can be run alone: a table, or with `--lines` figures for whoever started it."""
    if "--lines" not in sys.argv:
        return 0 if report(title, figures) else 1
    for one in figures:
        print(json.dumps(asdict(one)), flush=True)
    return 0


def _timed(work: Callable[[], object], clock: Callable[[], float]) -> float:
    start = clock()
    work()
    return clock() - start
