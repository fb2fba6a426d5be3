"""How long things take on the emulated clock: nothing, unless a test says otherwise.

Keys are ``Kind.transition`` (``App.delete``), ``Kind`` (all its transitions) or ``*``. The transitions are
create, update, delete, stop, start and rollback; a job runs during its create.

``Kind.waits`` is no number of seconds: it is how much of the waits is kept that an update itself asks for, to watch
alarms. Nothing, unless a test says otherwise; 1 keeps them whole.
"""

from __future__ import annotations

_seconds: dict[str, float] = {}


def of(kind: str, transition: str) -> float:
    """The seconds that a transition of a kind takes."""
    for name in (f"{kind}.{transition}", kind, "*"):
        if name in _seconds:
            return _seconds[name]
    return 0.0


def part_of_waits(kind: str) -> float:
    """How much of the waits of its updates a kind keeps."""
    return _seconds.get(f"{kind}.waits", 0.0)


def take_time(kind: str) -> bool:
    """Whether a deployment of a kind has to wait for anything."""
    return part_of_waits(kind) > 0 or any(of(kind, one) > 0 for one in ("create", "update", "delete"))


def change(wanted: dict[str, float]) -> None:
    """Set some delays; the others stay."""
    _seconds.update({name: float(value) for name, value in wanted.items()})


def current() -> dict[str, float]:
    """What is set."""
    return dict(_seconds)


def reset() -> None:
    """Everything takes no time again."""
    _seconds.clear()
