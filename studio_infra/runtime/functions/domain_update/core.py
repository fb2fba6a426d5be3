"""What an update of a domain has to say: decided from what the domain has, what is wanted, and what was wanted before.

Nothing here looks at AWS, and nothing is remembered: who was stopped anywhere looks again and decides again.

A domain's settings are sections (`DefaultUserSettings`), which hold blocks (`CanvasAppSettings`). UpdateDomain keeps
the sections and the blocks that it is not told about. Whether it keeps what it is not told about *inside* of a block,
AWS does not say. So a block goes out whole or not at all: what the domain has, with ours laid over it. That is right
either way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

Settings = Mapping[str, Any]

#: Sections that DescribeDomain shows, and what UpdateDomain calls them.
SECTIONS: Final = {
    "DefaultUserSettings": "DefaultUserSettings",
    "DefaultSpaceSettings": "DefaultSpaceSettings",
    "DomainSettings": "DomainSettingsForUpdate",
}
#: What a switch says when it is off. Everything else cannot be unset: it can only be left out of its block.
OFF: Final = {"ENABLED": "DISABLED", "USER_IDENTITY": "STATIC"}
#: What tells entries of lists apart.
_NAMES: Final = ("DataSourceName", "RepositoryUrl")


@dataclass(frozen=True)
class Plan:
    """What UpdateDomain is to be told.

    Args:
        members: Its arguments, besides the domain's id; empty when there is nothing to say.
        open: What the domain does not have yet, as places: `DefaultUserSettings.CanvasAppSettings`. What the API cannot
            unset is not among them: it is said, and whether it worked is not asked.

    """

    members: dict[str, dict[str, Any]]
    open: tuple[str, ...]


def plan(domain: Settings, want: Settings, had: Settings) -> Plan:
    """What to say.

    Args:
        domain: What DescribeDomain shows.
        want: Sections with blocks with what is wanted.
        had: What was wanted before: what is not wanted any more is taken back where it is still as it was set.

    """
    members: dict[str, dict[str, Any]] = {}
    unmet: list[str] = []
    for section, argument in SECTIONS.items():
        there, wanted, before = (_part(one, section) for one in (domain, want, had))
        for block in sorted({*wanted, *before}):
            current = there.get(block)
            new = merged(current, wanted.get(block), before.get(block))
            if new is None or new == current:
                continue
            members.setdefault(argument, {})[block] = new
            if not _fits(current, new):
                unmet.append(f"{section}.{block}")
    return Plan(members, tuple(unmet))


def merged(current: Any, want: Any, had: Any) -> Any:
    """`current` with `want` laid over it, and without what only `had` names. None is: not there.

    What somebody else has changed since is theirs and stays.
    """
    if isinstance(want, Mapping) or (want is None and isinstance(had, Mapping)):
        return _merged_block(current, want or {}, had if isinstance(had, Mapping) else {})
    if _is_list(want) or (want is None and _is_list(had)):
        return _merged_list(current, want or (), had if _is_list(had) else ())
    if want is not None:
        return want
    return OFF.get(current) if current == had else current


def places(settings: Settings, place: str = "") -> Iterator[str]:
    """Names of everything that is set, without what it is set to: for logs."""
    for name, value in settings.items():
        where = f"{place}.{name}" if place else name
        if isinstance(value, Mapping):
            yield from places(value, where)
        else:
            yield where


def _merged_block(current: Any, want: Settings, had: Settings) -> dict[str, Any] | None:
    block = dict(current) if isinstance(current, Mapping) else {}
    for name in {**had, **want}:
        value = merged(block.get(name), want.get(name), had.get(name))
        if value is None:
            block.pop(name, None)
        else:
            block[name] = value
    return block if block or isinstance(current, Mapping) else None


def _merged_list(current: Any, want: Sequence[Any], had: Sequence[Any]) -> list[Any] | None:
    ours = {_name(one): one for one in want}
    gone = {_name(one): one for one in had if _name(one) not in ours}
    # An entry that is ours alone goes. One that others have written to is taken back like a block.
    kept = [
        merged(one, ours.pop(_name(one), None), _nameless(gone.get(_name(one))))
        for one in (current if _is_list(current) else ())
        if one != gone.get(_name(one))
    ]
    kept += ours.values()
    return kept if kept or _is_list(current) else None


def _fits(current: Any, new: Any) -> bool:
    """Whether `current` has everything that `new` says. It may have more: what the API cannot unset."""
    if isinstance(new, Mapping):
        there = current if isinstance(current, Mapping) else {}
        return all(_fits(there.get(name), value) for name, value in new.items())
    if _is_list(new):
        return list(new) == list(current if _is_list(current) else ())
    # What is off may not be shown at all.
    return bool(current == new) or (current is None and new in OFF.values())


def _part(settings: Settings, section: str) -> Settings:
    part = settings.get(section)
    return part if isinstance(part, Mapping) else {}


def _name(entry: Any) -> str:
    if isinstance(entry, Mapping):
        return next((str(entry[name]) for name in _NAMES if name in entry), str(entry))
    return str(entry)


def _nameless(entry: Any) -> Any:
    """What is taken back of an entry that stays: all but its name."""
    if isinstance(entry, Mapping):
        return {name: value for name, value in entry.items() if name not in _NAMES}
    return entry


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)
