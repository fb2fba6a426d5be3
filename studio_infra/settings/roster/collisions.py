"""People of a roster who could be taken for each other."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from studio_infra.settings.findings import Problem, show

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from studio_infra.settings.roster.person import Person

#: Letters of other scripts, and digits, that look like a Latin letter in most fonts.
_LOOKALIKES: Final = str.maketrans(
    "01I|"  # digits and strokes
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u04bb\u0501\u051b\u051d"  # Cyrillic, small
    "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0425\u0406\u0408\u0405"  # Cyrillic, big
    "\u03b1\u03bf\u03bd\u03b9\u03c1\u03ba\u03c5"  # Greek, small
    "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7",  # Greek, big
    "olllaeopcyxijshdqwABEKMHOPCTXIJSaovipkuABEZHIKMNOPTYX",
)
_LONGEST_COMPARED: Final = 255


@dataclass(frozen=True)
class RosterRow:
    """One line of a roster: its cells as they were written, and the person, where all of them are right."""

    cells: Mapping[str, str]
    person: Person | None = None
    line: int | None = None


def skeleton(name: str) -> str:
    """What a name looks like: equal for two names that a reader would take for one."""
    if name.isascii():
        return name.translate(_LOOKALIKES).casefold()
    plain = unicodedata.normalize("NFKC", name)
    visible = "".join(char for char in plain if unicodedata.category(char) not in {"Cf", "Cc"})
    return unicodedata.normalize("NFC", visible.translate(_LOOKALIKES).casefold())


def collisions(roster: Sequence[RosterRow]) -> Iterator[Problem]:
    """Everybody whose user name, SSO name or uid is, or looks like, another person's."""
    names = [row.cells.get("user_name", "")[:_LONGEST_COMPARED] for row in roster]
    found: set[int] = set()
    for same, words in (
        (str, "already the name of the person on"),
        (str.lower, "differs only in upper and lower case from"),
        (skeleton, "looks the same as"),
    ):
        for row, twin in _twins(names, same):
            if row not in found:
                found.add(row)
                other = "" if same is str else f"{show(names[twin])} on "
                allowed = "give each person a name of their own"
                yield Problem(
                    ("roster", row, "user_name"),
                    f"{words} {other}{_place(roster, twin)}",
                    allowed,
                    names[row],
                )
    for field in ("sso_user_name", "posix_uid"):
        values = [row.cells.get(field, "") for row in roster]
        for row, twin in _twins(values, str.lower):
            wrong = f"already given to the person on {_place(roster, twin)}"
            yield Problem(("roster", row, field), wrong, "give each person their own", values[row])


def _twins(values: Sequence[str], same: Callable[[str], str]) -> Iterator[tuple[int, int]]:
    """Every place whose value was there before, with the first place that had it; empty ones are left out."""
    first: dict[str, int] = {}
    for place, value in enumerate(values):
        if value:
            twin = first.setdefault(same(value), place)
            if twin != place:
                yield place, twin


def _place(roster: Sequence[RosterRow], row: int) -> str:
    line = roster[row].line
    return f"place {row + 1}" if line is None else f"line {line}"
