"""When a step is tried again, and when its last result is used again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Any, Final

from studio_infra.errors import InvalidInput


class RetryOn(Enum):
    """What went wrong, in the words of the pipeline definition."""

    SERVICE_FAULT = "Step.SERVICE_FAULT"
    THROTTLING = "Step.THROTTLING"
    JOB_INTERNAL_ERROR = "SageMaker.JOB_INTERNAL_ERROR"
    CAPACITY_ERROR = "SageMaker.CAPACITY_ERROR"
    RESOURCE_LIMIT = "SageMaker.RESOURCE_LIMIT"


@dataclass(frozen=True, kw_only=True)
class Retry:
    """Try a step again after certain errors.

    Args:
        on: The errors.
        attempts: How often at most.
        interval: How long to wait before the first new attempt; whole seconds.
        backoff: How many times longer each following wait is.

    """

    on: tuple[RetryOn, ...]
    attempts: int
    interval: timedelta = timedelta(seconds=10)
    backoff: float = 2.0

    def __post_init__(self) -> None:
        if not self.on:
            raise InvalidInput("Retry", "a retry must name at least one error in on, got none")
        if self.attempts < 1 or self.interval < timedelta(seconds=1) or self.backoff < 1:
            raise InvalidInput(
                "Retry",
                "a retry needs attempts, an interval in seconds and a backoff of at least 1 each, "
                f"got {self.attempts}, {self.interval.total_seconds():g} s and {self.backoff:g}",
            )

    def to_json(self) -> dict[str, Any]:
        """How the pipeline definition writes it."""
        return {
            "BackoffRate": self.backoff,
            "IntervalSeconds": int(self.interval.total_seconds()),
            "MaxAttempts": self.attempts,
            "ExceptionType": [error.value for error in self.on],
        }


#: What a person would do by hand: again at once when the service stumbled, patiently when it had no machine.
DEFAULT_RETRIES: Final = (
    Retry(on=(RetryOn.SERVICE_FAULT, RetryOn.THROTTLING), attempts=5),
    Retry(on=(RetryOn.JOB_INTERNAL_ERROR,), attempts=2, interval=timedelta(seconds=60)),
    Retry(on=(RetryOn.CAPACITY_ERROR,), attempts=8, interval=timedelta(minutes=5)),
)


@dataclass(frozen=True, kw_only=True)
class Cache:
    """Use a step's last result again if it ran with the same arguments.

    Args:
        valid_for: How old that result may be; whole hours.

    """

    valid_for: timedelta

    def __post_init__(self) -> None:
        if self.valid_for < timedelta(hours=1):
            raise InvalidInput("StepCache", f"valid_for must be an hour or more, got {self.valid_for}")

    def to_json(self) -> dict[str, Any]:
        """How the pipeline definition writes it."""
        return {"Enabled": True, "ExpireAfter": f"PT{int(self.valid_for.total_seconds() // 3600)}H"}
