"""Losses that somebody has accepted, with a reason, in a file that is reviewed."""

from __future__ import annotations

import datetime as dt
import tomllib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from studio_infra.errors import InvalidInput
from studio_infra.review.replacement.changes import Kind, Level
from studio_infra.review.replacement.stateful import stateful_types

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from studio_infra.review.replacement.changes import Change

FILE: Final = "acknowledged-changes.toml"
_MAX_SIZE: Final = 1024 * 1024
_KINDS: Final = {kind.value: kind for kind in Kind if kind.level is Level.BLOCKED}
_KEYS: Final = frozenset({"stack", "logical_id", "type", "kind", "reason", "until"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    """One loss that somebody has accepted.

    Args:
        stack: The stack of the resource.
        kind: What happens to it: `replaced`, `deleted`, `moved`, `renamed` or `orphaned`.
        reason: Why this is right, for whoever reads the file next year.
        logical_id: The resource.
        type: Instead of one resource all of a type, where the type is replaced whenever it changes.
        until: The last day on which it counts. Defaults to no end.

    """

    stack: str
    kind: Kind
    reason: str
    logical_id: str | None = None
    type: str | None = None
    until: dt.date | None = None

    def covers(self, change: Change) -> bool:
        """Whether a change is the one that was meant."""
        resource = change.logical_id == self.logical_id if self.type is None else change.type == self.type
        return resource and (change.stack, change.kind) == (self.stack, self.kind)

    def __str__(self) -> str:
        return f"{self.stack}/{self.logical_id or self.type} {self.kind}"


def read_acknowledgements(path: Path) -> list[Acknowledgement]:
    """The acknowledgements of a file: a list of `[[change]]`.

    Raises:
        InvalidInput: The file cannot be read, or an entry says too little, too much or something else.

    """
    try:
        if path.exists() and (not path.is_file() or path.stat().st_size > _MAX_SIZE):
            raise InvalidInput("Acknowledgement", "is no file of at most 1 MiB", path=str(path))
        found = tomllib.loads(path.read_bytes().decode())
    except (OSError, RecursionError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidInput("Acknowledgement", f"cannot be read as TOML: {error}", path=str(path)) from error
    entries = found.pop("change", [])
    if found or not isinstance(entries, list):
        raise InvalidInput("Acknowledgement", "must hold [[change]] tables and nothing else", path=str(path))
    return [_checked(entry, f"{path}: change {number}") for number, entry in enumerate(entries, start=1)]


def acknowledge(
    changes: Iterable[Change], acknowledgements: Iterable[Acknowledgement], *, today: dt.date
) -> tuple[list[Change], list[str]]:
    """Write into changes who has accepted them.

    Returns:
        The changes, and a warning for each acknowledgement that is over or that nothing needed. One for a whole type
        is meant to wait.

    """
    given = list(acknowledgements)
    valid = [one for one in given if one.until is None or today <= one.until]
    warnings = [f"acknowledgement of {one} is over since {one.until}" for one in given if one not in valid]
    result, used = [], set()
    for change in changes:
        match = next((one for one in valid if one.covers(change)), None)
        used.add(match)
        result.append(change if match is None else replace(change, acknowledged=match.reason))
    warnings += [
        f"acknowledgement of {one} is not needed: take it out"
        for one in valid
        if one not in used and one.type is None
    ]
    return result, warnings


def _checked(entry: Any, where: str) -> Acknowledgement:
    def refuse(message: str) -> InvalidInput:
        return InvalidInput("Acknowledgement", message, path=where)

    if not isinstance(entry, dict) or entry.keys() - _KEYS:
        raise refuse(f"must be a table of {', '.join(sorted(_KEYS))}")
    texts = {key: text for key, text in entry.items() if key != "until"}
    if not all(isinstance(text, str) and text.strip() for text in texts.values()):
        raise refuse("every value but until must be a text that says something")
    if missing := {"stack", "kind", "reason"} - texts.keys():
        raise refuse(f"says no {', '.join(sorted(missing))}")
    if ("logical_id" in texts) == ("type" in texts):
        raise refuse("must name either a logical_id or a type")
    if texts["kind"] not in _KINDS:
        raise refuse(f"kind must be one of {', '.join(_KINDS)}, got {texts['kind']!r}")
    routine = sorted(name for name, known in stateful_types().items() if known.routine)
    if "type" in texts and (texts["type"] not in routine or texts["kind"] != Kind.REPLACED):
        raise refuse(f"a whole type can only be 'replaced', and only {', '.join(routine)}; name a logical_id")
    until = entry.get("until")
    if until is not None and type(until) is not dt.date:
        raise refuse(f"until must be a date such as 2027-01-31, got {until!r}")
    return Acknowledgement(**{**texts, "kind": _KINDS[texts["kind"]]}, until=until)
