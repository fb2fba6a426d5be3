"""How many people of a stack are made at a time.

Everybody waits for one of `WAVES` rungs, and which one is told by their own name alone. So a person's resources say the
same whoever else is there. What changes is what the rungs wait for: rungs in a row whose people fit into a wave are let
go together, when everybody of the wave before is done.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import TYPE_CHECKING, Final

from studio_infra.settings.facts.limits import WAVES
from studio_infra.settings.findings import Problem

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

#: Of one stack at a time, unless the settings say otherwise.
WAVE_WIDTH: Final = 20


def rung_of(user_name: str) -> int:
    """The rung that a person waits for, 0 to 31."""
    return hashlib.sha256(user_name.encode()).digest()[-1] % WAVES


def waves(user_names: Iterable[str], width: int) -> list[list[int]]:
    """The rungs that are let go together, wave by wave: as many in a row as have at most `width` people.

    Raises:
        ValueError: One rung has more people than a wave; its argument is how many.

    """
    crowd = Counter(map(rung_of, user_names))
    found: list[list[int]] = []
    room = 0
    for rung, people in sorted(crowd.items()):
        if people > width:
            raise ValueError(max(crowd.values()))
        if people > room:
            found.append([])
            room = width
        found[-1].append(rung)
        room -= people
    return found


def too_narrow_waves(stacks: Mapping[int, Collection[str]], width: int) -> Iterator[Problem]:
    """A width that cannot be kept, because more people of a stack wait for one rung.

    Args:
        stacks: User names by stack.
        width: How many people at a time.

    """
    crowds = (Counter(map(rung_of, set(names))).most_common(1)[0][1] for names in stacks.values() if names)
    most = max(crowds, default=0)
    if most > width:
        yield Problem(
            ("people", "wave_width"),
            f"{most} people of a stack cannot be told apart by their names' hashes, and are made together",
            f"use at least {most}",
            width,
        )
