"""The findings of `acknowledged.toml`, and what is left of a list of findings without them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

Finding = tuple[str, str]


@dataclass(frozen=True)
class Entry:
    """A finding that stands on purpose."""

    rule: str
    where: str
    reason: str

    def covers(self, finding: Finding) -> bool:
        rule, where = finding
        return rule == self.rule and fnmatchcase(where, self.where)


def entries(judge: str) -> list[Entry]:
    """What is acknowledged before a judge."""
    text = Path(__file__).with_name("acknowledged.toml").read_text(encoding="utf-8")
    return [Entry(**entry) for entry in tomllib.loads(text)[judge]]


def without(found: Iterable[Finding], known: Iterable[Entry]) -> set[Finding]:
    """The findings that no entry covers."""
    known = list(known)
    return {finding for finding in found if not any(entry.covers(finding) for entry in known)}
