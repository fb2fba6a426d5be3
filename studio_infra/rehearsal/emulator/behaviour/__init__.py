"""What single kinds do beyond the common verbs; each module fills these tables when it is imported."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from studio_infra.rehearsal.emulator.state.store import Record

    Members = dict[str, Any]

#: Checks a new resource's members and fills in the service's defaults.
PREPARE: dict[str, Callable[[Members], None]] = {}
#: Makes what comes with a new resource.
CREATED: dict[str, Callable[[Record], None]] = {}
#: Checks a change, or makes what comes with it; may edit the changes.
UPDATING: dict[str, Callable[[Record, Members], None]] = {}
#: Goes on with a change that has begun.
UPDATED: dict[str, Callable[[Record], None]] = {}
#: Checks a deletion, or takes along what goes with it.
DELETING: dict[str, Callable[[Record, Members], None]] = {}
#: Checks a stop or a start.
STOPPING: dict[str, Callable[[Record], None]] = {}
STARTING: dict[str, Callable[[Record], None]] = {}


def prepare(kind: str, members: Members) -> None:
    """Run a kind's own checks and defaults."""
    if kind in PREPARE:
        PREPARE[kind](members)


def created(record: Record) -> None:
    """Make what comes with a new resource."""
    if record.kind in CREATED:
        CREATED[record.kind](record)


def updating(record: Record, changes: Members) -> None:
    """Check a change of a resource."""
    if record.kind in UPDATING:
        UPDATING[record.kind](record, changes)


def updated(record: Record) -> None:
    """Go on with a change that has begun."""
    if record.kind in UPDATED:
        UPDATED[record.kind](record)


def deleting(record: Record, request: Members) -> None:
    """Check a deletion and take along what goes with it."""
    if record.kind in DELETING:
        DELETING[record.kind](record, request)


def stopping(record: Record) -> None:
    """Check a stop."""
    if record.kind in STOPPING:
        STOPPING[record.kind](record)


def starting(record: Record) -> None:
    """Check a start."""
    if record.kind in STARTING:
        STARTING[record.kind](record)
