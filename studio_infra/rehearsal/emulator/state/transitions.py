"""From one state to the next, as fast or slow, and as well or badly, as was ordered."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from studio_infra.rehearsal.emulator.rules import states
from studio_infra.rehearsal.emulator.service import model
from studio_infra.rehearsal.emulator.state import delays, faults, store

if TYPE_CHECKING:
    from studio_infra.rehearsal.emulator.state.store import Record


def begin(record: Record, transition: str) -> None:
    """Start a transition; the clock does the rest.

    Args:
        record: What changes.
        transition: ``create``, ``update``, ``delete``, ``stop`` or ``start``.

    """
    words = _words(record.kind)
    delay = delays.of(record.kind, transition)
    bad_end = faults.outcome(record.kind, transition)
    under_way = _first(states.UNDER_WAY[transition], words)
    if bad_end is not None:
        record.members["FailureReason"] = bad_end.reason
        record.enter(*filter(None, (under_way, bad_end.status)), delay=delay)
    elif transition == "delete":
        record.members.pop("FailureReason", None)
        _end(record, under_way, delay)
    elif words:
        record.members.pop("FailureReason", None)
        done = _first(states.DONE[transition], words)
        record.enter(*filter(None, (under_way, done)), delay=delay)
    record.touch()


def word(kind: str, transition: str) -> str | None:
    """What a kind calls itself during a transition; nothing where it has no word for it."""
    return _first(states.UNDER_WAY[transition], _words(kind))


def _end(record: Record, under_way: str | None, delay: float) -> None:
    last_words, seconds = states.LINGERS.get(record.kind, (store.GONE, 0.0))
    steps = [under_way, last_words] if under_way else [last_words]
    record.enter(*steps, delay=delay)
    if last_words:
        record.phases.append((record.settles_at + seconds, store.GONE))
    elif delay == 0:
        store.remove(record)


@cache
def _words(kind: str) -> frozenset[str]:
    member = model.kinds()[kind].status_member
    shape = model.member(model.output_shape(f"Describe{kind}"), member) if member else None
    return frozenset(getattr(shape, "enum", ()) or ())


def _first(candidates: tuple[str, ...], words: frozenset[str]) -> str | None:
    return next((word for word in candidates if word in words), None)
