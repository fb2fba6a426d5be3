"""The record of what was kept without being done: a rehearsal must be able to say it."""

from __future__ import annotations

from typing import Any

from studio_infra.rehearsal.emulator import hooks

_entries = hooks.scoped_dict()


def note(resource_type: str, stack: str, logical_id: str, physical_id: str) -> None:
    """Note a resource whose properties are kept and whose effect is not emulated."""
    _entries[(resource_type, physical_id)] = {"stack": stack, "logical_id": logical_id}


def strike_out(resource_type: str, physical_id: str) -> None:
    """Note that it is gone."""
    _entries.pop((resource_type, physical_id), None)


def has(resource_type: str, physical_id: str) -> bool:
    """Whether it is noted."""
    return (resource_type, physical_id) in _entries


def entries() -> list[dict[str, Any]]:
    """All of them, in every account and region."""
    return [
        {"type": kind, "physical_id": physical_id, "account": account, "region": region, **entry}
        for (account, region, (kind, physical_id)), entry in sorted(_entries.all_items())
    ]


def reset() -> None:
    """Forget all of them."""
    _entries.clear()


def dump() -> list[Any]:
    """All of them as JSON."""
    return [[account, region, *key, entry] for (account, region, key), entry in _entries.all_items()]


def load(dumped: list[Any]) -> None:
    """Take back what ``dump`` gave."""
    for account, region, kind, physical_id, entry in dumped:
        with hooks.request_scope(account, region):
            _entries[(kind, physical_id)] = entry
