"""The time that SageMaker's resources see. Tests move it; delays are measured on it."""

from __future__ import annotations

import time

_state = {"offset": 0.0}


def now() -> float:
    """Seconds since the epoch, as far as the emulated service is concerned."""
    return time.time() + _state["offset"]


def advance(seconds: float) -> None:
    """Let time pass at once."""
    _state["offset"] += seconds


def reset() -> None:
    """Return to the machine's time."""
    _state["offset"] = 0.0


def offset() -> float:
    """How far this clock is ahead of the machine's."""
    return _state["offset"]
