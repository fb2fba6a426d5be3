"""What a sweep of 10,000 apps and 2,000 endpoints costs: `python -m benchmarks.sweep`.

AWS is in memory and takes 50 ms a call on a clock of its own. What is measured here is the function: its own processor
time and memory, to which Lambda adds the waiting. The fake is in the same process, so that memory is an upper bound.
"""

from __future__ import annotations

import contextlib
import io
import sys
from typing import TYPE_CHECKING, Final

from benchmarks.figures import Figure, main_of, peak_megabytes, processor_seconds
from tests.runtime.idle_sweeper.scale import LATENCY, Large

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Lambda's limit, less the minute in which the function writes what it did.
RUN_MAX: Final = 840
PROCESSOR_MAX: Final = 60
#: The function has 512 MB.
MB_MAX: Final = 400
CALLS_MAX: Final = 1.2


def figures() -> Iterator[Figure]:
    """Of one sweep in this process."""
    with contextlib.redirect_stdout(io.StringIO()):
        large = Large.made()
        before = peak_megabytes()
        begun = large.world.clock.passed
        processor = processor_seconds(large.world.sweep, runs=1)
    waited = large.world.clock.passed - begun
    peak = peak_megabytes()
    calls = len(large.world.aws.calls)
    yield Figure(f"sweep of 10,000 apps: a run of {calls} calls of {LATENCY * 1000:.0f} ms", waited, RUN_MAX)
    yield Figure(
        "sweep of 10,000 apps: calls, by the fewest that could do",
        calls / large.fewest_calls,
        CALLS_MAX,
        "times",
    )
    yield Figure("sweep of 10,000 apps: processor, the AWS in memory included", processor, PROCESSOR_MAX)
    yield Figure("sweep of 10,000 apps: memory, the AWS in memory included", peak, MB_MAX, "MB")
    yield Figure("sweep of 10,000 apps: of that, more than before the sweep", peak - before, MB_MAX, "MB")


if __name__ == "__main__":
    sys.exit(main_of("A sweep of 10,000 apps and 2,000 endpoints", figures()))
