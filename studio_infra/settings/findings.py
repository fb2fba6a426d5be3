"""What is wrong with settings, and how it is said: always one line."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from studio_infra.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

#: Where a value stands in a settings file: ``("teams", "vision", "instance_types", 0)``.
Path = tuple[str | int, ...]

NOTHING: Final = object()
#: A file with more mistakes is not one with mistakes in it, but something else.
PROBLEMS_MAX: Final = 1000
_LONGEST_SHOWN: Final = 60


@dataclass(frozen=True)
class Problem:
    """Something wrong with one value.

    Args:
        path: Where the value stands.
        wrong: What is wrong with it: lower case, no full stop.
        got: The value itself; left out where there is none.
        allowed: What is allowed, or what to do.

    """

    path: Path
    wrong: str
    allowed: str
    got: object = NOTHING

    @property
    def text(self) -> str:
        """The problem in words, without its place."""
        got = "" if self.got is NOTHING else f" (got {show(self.got)})"
        return f"{self.wrong}{got}, {self.allowed}"


@dataclass(frozen=True)
class Finding:
    """A problem with its place in a file."""

    file: str
    line: int
    field: str
    message: str

    def __str__(self) -> str:
        return f"{escape(self.file)}:{self.line}: {f'{self.field}: ' if self.field else ''}{self.message}"


class InvalidSettings(InvalidInput):
    """Settings or roster cannot be deployed.

    Args:
        findings: Everything that is wrong, in the order of the files and of their lines.

    """

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        first = self.findings[0]
        more = f" (and {len(self.findings) - 1} more)" if len(self.findings) > 1 else ""
        field = f"{first.field}: " if first.field else ""
        super().__init__(
            "Settings", f"{field}{first.message}{more}", path=f"{escape(first.file)}:{first.line}"
        )


def escape(text: str) -> str:
    """The text with everything that is not printable spelled out, so that it stays on one line."""
    return "".join(char if char.isprintable() else f"\\u{{{ord(char):x}}}" for char in text)


def show(value: object) -> str:
    """A value as a person would write it in TOML, cut to one short line."""
    if isinstance(value, str):
        cut = value if len(value) <= _LONGEST_SHOWN else value[:_LONGEST_SHOWN]
        more = "" if cut is value else f"… and {len(value) - _LONGEST_SHOWN} more characters"
        return f'"{escape(cut)}{more}"'
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}"
    if isinstance(value, int) and abs(value) >= 10**_LONGEST_SHOWN:
        return "a number of more than 60 digits"
    return escape(str(value))


def field_name(path: Path) -> str:
    """A path as it is written in TOML: ``teams.vision.instance_types[0]``."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            bare = part.isascii() and part.replace("-", "_").isidentifier()
            text += ("." if text else "") + (part if bare else show(part))
    return text


def repeated(values: Sequence[str], path: Path) -> Iterator[Problem]:
    """Everything in a list that was in it before."""
    for place, value in enumerate(values):
        if value in values[:place]:
            yield Problem((*path, place), "named twice", "name each once", value)


def did_you_mean(value: str, candidates: Iterable[str]) -> str:
    """A hint at the candidate that was most likely meant, or nothing."""
    close = get_close_matches(value[:_LONGEST_SHOWN], list(candidates), n=1)
    return f'; did you mean "{close[0]}"?' if close else ""
