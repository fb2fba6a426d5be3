"""Everything that exists, per account and region, with states that follow the clock."""

from __future__ import annotations

import threading
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final

from studio_infra.rehearsal.emulator import hooks
from studio_infra.rehearsal.emulator.service import model
from studio_infra.rehearsal.emulator.state import clock

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from studio_infra.rehearsal.emulator.service.identity import Key

#: Requests come in on the event loop, waiting CloudFormation handlers on threads of their own.
LOCK: Final = threading.RLock()
#: The phase after which a record is no longer there.
GONE: Final = ""


@dataclass
class Record:
    """One resource.

    Args:
        kind: Its kind's name.
        key: Its identity, see ``identity.key_of``.
        arn: Its ARN.
        members: What was asked for and what the service added, by the API's member names.
        tags: Its tags.
        created: When it was created, on the emulated clock.
        modified: When it was last changed.
        phases: Its states and when each begins. The last one that has begun is its state.
        hidden: What the service remembers and never shows.

    """

    kind: str
    key: Key
    arn: str
    members: dict[str, Any]
    tags: dict[str, str] = field(default_factory=dict)
    created: float = field(default_factory=clock.now)
    modified: float = field(default_factory=clock.now)
    phases: list[tuple[float, str]] = field(default_factory=list)
    hidden: dict[str, Any] = field(default_factory=dict)

    @property
    def status(self) -> str | None:
        """Its state now; ``None`` for kinds that have none, ``GONE`` when it is no longer there."""
        begun = [state for at, state in self.phases if at <= clock.now()]
        return begun[-1] if begun else None

    @property
    def settled(self) -> bool:
        """Whether no further state is to come by itself."""
        return all(at <= clock.now() for at, _ in self.phases)

    @property
    def settles_at(self) -> float:
        """When its last state begins."""
        return self.phases[-1][0] if self.phases else self.created

    def enter(self, *states: str, delay: float = 0.0) -> None:
        """Take on a state now and the others one after the other, each after ``delay`` seconds."""
        start = clock.now()
        self.phases = [(start + step * delay, state) for step, state in enumerate(states)]
        self.modified = start

    def touch(self) -> None:
        """Note a change."""
        self.modified = clock.now()


_records: dict[str, Any] = {}
_keys_by_arn = hooks.scoped_dict()


def add(record: Record) -> None:
    """Keep a new record."""
    _of(record.kind)[record.key] = record
    _keys_by_arn[record.arn.lower()] = record.key


def remove(record: Record) -> None:
    """Forget a record."""
    _of(record.kind).pop(record.key, None)
    _keys_by_arn.pop(record.arn.lower(), None)


def find(key: Key) -> Record | None:
    """The record of a key, if it is there now."""
    record: Record | None = _of(key[0]).get(key)
    if record is not None and record.status == GONE:
        remove(record)
        return None
    return record


def find_arn(arn: str) -> Record | None:
    """The record of an ARN, if it is there now."""
    key: Key | None = _keys_by_arn.get(arn.lower())
    return find(key) if key is not None else None


def every(kind: str, **members: Any) -> list[Record]:
    """The records of a kind that are there now and have these members, oldest first."""
    return [r for r in _present(kind) if all(r.members.get(m) == v for m, v in members.items())]


def scopes(kinds: Iterable[str]) -> set[tuple[str, str]]:
    """The accounts and regions where there is something of these kinds."""
    wanted = set(kinds)
    return {scope for scope, record in _everywhere() if record.kind in wanted}


def reset() -> None:
    """Forget everything, in every account and region."""
    _records.clear()
    _keys_by_arn.clear()


def dump() -> list[Any]:
    """Everything, in every account and region, as JSON."""
    return [[*scope, asdict(record)] for scope, record in _everywhere()]


def load(dumped: list[Any]) -> None:
    """Take back what ``dump`` gave."""
    for account, region, fields in dumped:
        fields["key"], fields["phases"] = tuple(fields["key"]), [(at, s) for at, s in fields["phases"]]
        with hooks.request_scope(account, region):
            add(Record(**fields))


def _of(kind: str) -> Any:
    if kind not in _records:
        _records[kind] = hooks.scoped_dict()
    return _records[kind]


def _present(kind: str) -> Iterator[Record]:
    for key in _of(kind):
        record = find(key)
        if record is not None:
            yield record


def _everywhere() -> Iterator[tuple[tuple[str, str], Record]]:
    for store in _records.values():
        for (account, region, _), record in store.all_items():
            yield (account, region), record


def kind_of(record: Record) -> model.Kind:
    """The kind that a record is of."""
    return model.kinds()[record.kind]
