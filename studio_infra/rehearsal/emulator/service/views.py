"""What a caller gets to see of a record: exactly the members of the answer's shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.model import ListShape, StructureShape

from studio_infra.rehearsal.emulator.service import identity, model
from studio_infra.rehearsal.emulator.state import store

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.model import Shape

    from studio_infra.rehearsal.emulator.state.store import Record

#: Members that are computed when somebody looks, per kind; filled by the modules in ``behaviour/``.
COMPUTED: dict[str, Callable[[Record], dict[str, Any]]] = {}

_CREATED_NAMES = ("CreationTime", "CreatedAt", "StartTime")
_MODIFIED_NAMES = ("LastModifiedTime", "LastModified", "LastUpdatedAt", "LastUpdateDate")


def show(record: Record, shape: Shape | None) -> dict[str, Any]:
    """The record as an answer of this shape."""
    everything = facts(record)
    shown: dict[str, Any] = {}
    for name, member in (getattr(shape, "members", None) or {}).items():
        value = everything.get(name)
        if value is None and name.endswith("Summary"):
            value = everything.get(name.removesuffix("Summary"))
        if value is not None:
            shown[name] = cut(value, member)
    return shown


def facts(record: Record) -> dict[str, Any]:
    """Everything there is to know of a record, by member name."""
    kind = store.kind_of(record)
    known: dict[str, Any] = {
        name: value for name, value in zip(kind.identity, record.key[1:], strict=True) if value
    }
    known |= record.members
    known |= {kind.arn_member: record.arn}
    known |= dict.fromkeys(_CREATED_NAMES, record.created) | dict.fromkeys(_MODIFIED_NAMES, record.modified)
    if kind.status_member and record.status:
        known[kind.status_member] = record.status
    if kind.name in COMPUTED:
        known |= COMPUTED[kind.name](record)
    return known


def fact(record: Record, member: str) -> Any:
    """One member; long lists ask for few of them, and everything there is to know takes longer."""
    if record.kind in COMPUTED:
        return facts(record).get(member)
    if member in _CREATED_NAMES:
        return record.created
    if member in _MODIFIED_NAMES:
        return record.modified
    kind = store.kind_of(record)
    return record.status if member == kind.status_member else record.members.get(member)


def cut(value: Any, shape: Shape) -> Any:
    """``value`` without the members that ``shape`` does not have."""
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        members = shape.members
        return {n: cut(v, members[n]) for n, v in value.items() if n in members and v is not None}
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [cut(item, shape.member) for item in value]
    return value


def answer(operation: str, record: Record) -> dict[str, Any]:
    """The record as the answer of an operation."""
    return show(record, model.output_shape(operation))


def label(record: Record) -> str:
    """The record's name in messages: ``Domain [d-…]``."""
    return f"{record.kind} [{', '.join(filter(None, record.key[1:]))}]"


def label_of(kind: model.Kind, params: dict[str, Any]) -> str:
    """The same for something that may not exist."""
    return f"{kind.name} [{', '.join(filter(None, identity.key_of(kind, params)[1:]))}]"
