"""A new configuration takes over: step by step on the emulated clock, and back when an alarm goes off.

An alarm counts when it is in ALARM while somebody looks: at each call of SageMaker's, at each look of a deployment that
waits, and whenever a test moves the clock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from studio_infra.rehearsal.emulator import hooks
from studio_infra.rehearsal.emulator.hooks import services
from studio_infra.rehearsal.emulator.state import clock, delays, store, transitions

if TYPE_CHECKING:
    from studio_infra.rehearsal.emulator.hosting.steps import Steps
    from studio_infra.rehearsal.emulator.state.store import Record

    Members = dict[str, Any]

#: Kinds whose changes take over like this.
KINDS: Final = ("Endpoint", "InferenceComponent")
_UNDER_WAY: Final = "rollout"


def begin(
    record: Record, *, to: str, members: Members, hidden: Members, steps: Steps, alarms: list[str]
) -> None:
    """Let something new take over.

    Args:
        record: What changes: its update has begun.
        to: The name of the new thing, for whoever asks.
        members: What the resource shows when it is done.
        hidden: What it remembers when it is done.
        steps: When which part of the requests goes there.
        alarms: Names of the alarms that call it off.

    """
    if record.members.get("FailureReason"):
        return  # it was ordered to fail
    start = clock.now()
    ready = start + delays.of(record.kind, "update")
    factor = delays.part_of_waits(record.kind)
    record.hidden[_UNDER_WAY] = {
        "to": to,
        "members": members,
        "hidden": hidden,
        "start": start,
        "shifts": [[ready + seconds * factor, percent] for seconds, percent in steps.shifts],
        "end": ready + steps.length * factor,
        "alarms": alarms,
        "looked": False,
    }
    record.phases = [(start, "Updating"), (record.hidden[_UNDER_WAY]["end"], "InService")]
    _look(record)


def of(record: Record) -> Members | None:
    """What takes over right now, if anything does."""
    found: Members | None = record.hidden.get(_UNDER_WAY)
    return found


def percent_of_new(under_way: Members) -> float:
    """Which part of the requests the new one answers now."""
    begun = [percent for at, percent in under_way["shifts"] if at <= clock.now()]
    return float(begun[-1]) if begun else 0.0


def move_on() -> None:
    """Look at everything that is under way here."""
    with store.LOCK:
        for kind in KINDS:
            for record in store.every(kind):
                look(record)


def move_on_everywhere() -> None:
    """Look in every account and region: the clock is about to jump."""
    with store.LOCK:
        for account, region in store.scopes(KINDS):
            with hooks.request_scope(account, region):
                move_on()


def look(record: Record) -> None:
    """Look at one."""
    with store.LOCK:
        if of(record) is not None:
            _look(record)


def _look(record: Record) -> None:
    under_way = record.hidden[_UNDER_WAY]
    due = clock.now() >= under_way["end"]
    # What comes after its end has nothing to say any more; but each is looked at once, however short it is.
    raised = [] if due and under_way["looked"] else _in_alarm(under_way["alarms"])
    under_way["looked"] = True
    if raised:
        _go_back(record, under_way, raised)
    elif due:
        del record.hidden[_UNDER_WAY]
        record.members |= under_way["members"]
        record.hidden |= under_way["hidden"]
        record.touch()


def _go_back(record: Record, under_way: Members, raised: list[str]) -> None:
    del record.hidden[_UNDER_WAY]
    # AWS documents the rollback and not its words; they are ours.
    record.members["FailureReason"] = (
        f"The deployment of {under_way['to']} was rolled back: "
        f"the alarm(s) {', '.join(raised)} went off during the deployment."
    )
    way = transitions.word(record.kind, "rollback") or "Updating"
    record.enter(way, "InService", delay=delays.of(record.kind, "rollback"))


def _in_alarm(names: list[str]) -> list[str]:
    return sorted(set(names) & services.alarms_in_alarm()) if names else []
