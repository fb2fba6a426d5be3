"""How long things take on the emulated clock: nothing, unless a test says otherwise.

Keys are ``Kind.transition`` (``App.delete``), ``Kind`` (all its transitions) or ``*``. The transitions are
create, update, delete, stop and start; a job runs during its create.
"""

from __future__ import annotations

_seconds: dict[str, float] = {}


def of(kind: str, transition: str) -> float:
    """The seconds that a transition of a kind takes."""
    for name in (f"{kind}.{transition}", kind, "*"):
        if name in _seconds:
            return _seconds[name]
    return 0.0


def change(wanted: dict[str, float]) -> None:
    """Set some delays; the others stay."""
    _seconds.update({name: float(value) for name, value in wanted.items()})


def current() -> dict[str, float]:
    """What is set."""
    return dict(_seconds)


def reset() -> None:
    """Everything takes no time again."""
    _seconds.clear()
