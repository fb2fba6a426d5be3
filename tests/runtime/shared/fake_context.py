"""What Lambda tells a run about itself, on a clock of the test's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.runtime.shared.fake_clock import FakeClock


@dataclass
class FakeContext:
    """Of one run, which has until `end`, in seconds of the clock."""

    clock: FakeClock
    end: float
    invoked_function_arn: str = "arn:own"
    function_name: str = "own"

    def get_remaining_time_in_millis(self) -> int:
        return int((self.end - self.clock.passed) * 1000)
