"""What a drain of a domain with 10,000 apps costs: `python -m benchmarks.drain [APPS]`.

AWS is in memory and takes 50 ms a call on a clock of its own, on which the drain waits and keeps its pace of five
changes a second. What is measured is its own processor time and memory; the fake is in the same process, so both are
upper bounds.
"""

from __future__ import annotations

import collections
import sys
from typing import TYPE_CHECKING, Final

from benchmarks.figures import Figure, main_of, peak_megabytes, processor_seconds
from studio_infra.runtime.functions.domain_drain.drain import Drain
from studio_infra.runtime.functions.shared.calls import CHANGES_A_SECOND, Calls, Deadline
from tests.runtime.domain_drain.worlds import BEGIN, KEEP, OTHER, OWN, add_studio, clients
from tests.runtime.fake_aws.aws import FakeAws, Trouble
from tests.runtime.shared.fake_clock import FakeClock

if TYPE_CHECKING:
    from collections.abc import Iterator

APPS: Final = 10_000
LATENCY: Final = 0.05
PROCESSOR_MAX: Final = 120
MB_MAX: Final = 400
#: In times of the changes alone: what is looked at in between.
CALLS_MAX: Final = 1.4
#: In times of the pace alone.
TIME_MAX: Final = 1.5
GROWTH_MAX: Final = 15
_PATIENCE: Final = 30 * 86_400


def a_domain(apps: int) -> FakeAws:
    """A domain of so many people with an app in a space each, and another one of a tenth of its size."""
    aws = FakeAws(FakeClock(seed=0), seed=0, trouble=Trouble(latency=LATENCY))
    add_studio(aws, OWN, people=apps)
    add_studio(aws, OTHER, people=apps // 10)
    aws.clock.passed = BEGIN
    return aws


def emptied(aws: FakeAws) -> None:
    """Drain it to the end."""
    calls = Calls(aws.clock, deadline=Deadline(aws.clock, _PATIENCE))
    steps = Drain(OWN, KEEP, calls=calls, clients=clients(aws), say=lambda _: None).run()
    (last,) = collections.deque(steps, maxlen=1)
    if not last.done:
        raise SystemExit("the drain did not come to its end")


def figures(apps: int = APPS) -> Iterator[Figure]:
    """Of one drain, and of one of a tenth of the size."""
    small = a_domain(apps // 10)
    less = processor_seconds(lambda: emptied(small), runs=1)
    aws = a_domain(apps)
    processor = processor_seconds(lambda: emptied(aws), runs=1)
    peak = peak_megabytes()
    changes = sum(call.changes and not call.error for call in aws.calls)
    what = f"drain of {apps:,} apps"
    yield Figure(
        f"{what}: calls",
        len(aws.calls),
        unit="",
        versus="changes alone",
        other=changes,
        ratio_bar=CALLS_MAX,
    )
    yield Figure(
        f"{what}: time, by a clock of its own",
        aws.clock.passed - BEGIN,
        versus=f"{CHANGES_A_SECOND:g} changes a second",
        other=changes / CHANGES_A_SECOND,
        ratio_bar=TIME_MAX,
    )
    yield Figure(
        f"{what}: processor, the AWS in memory included",
        processor,
        PROCESSOR_MAX,
        versus="a tenth of the apps",
        other=less,
        ratio_bar=GROWTH_MAX,
    )
    yield Figure(f"{what}: memory, the AWS in memory included", peak, MB_MAX, "MB")


if __name__ == "__main__":
    sizes = [int(word) for word in sys.argv[1:] if word.isdigit()]
    sys.exit(main_of("A drain of a large domain", figures(*sizes)))
