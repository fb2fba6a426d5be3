"""On which line each value of a TOML file stands, which ``tomllib`` does not say.

A scanner that knows just enough of TOML to find keys and values: it skips strings and comments, so that text
which looks like a key never counts. Made for files that ``tomllib`` takes, it gives up quietly on others. The
tests compare the places it finds with the values that ``tomllib`` reads.
"""

from __future__ import annotations

import bisect
import contextlib
import re
import tomllib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from studio_infra.settings.findings import Path

#: Parts of a key, and brackets within brackets. `tomllib` takes very long over deeper ones.
DEPTH_MAX: Final = 20

_GAP = re.compile(r"(?:[ \t\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_SCALAR = re.compile(r"[^,\]}#\n]+")
_STRINGS = (
    re.compile(r'"""[^"\\]*(?:(?:\\[\s\S]|"{1,2}(?!"))[^"\\]*)*"{3,5}'),
    re.compile(r"'''[^']*(?:'{1,2}(?!')[^']*)*'{3,5}"),
    re.compile(r'"[^"\\\n]*(?:\\.[^"\\\n]*)*"'),
    re.compile(r"'[^'\n]*'"),
)


class TooDeep(ValueError):  # noqa: N818 - named for what happened
    """Keys or brackets are nested deeper than settings ever are."""

    def __init__(self, line: int) -> None:
        self.line: Final = line
        super().__init__(f"nested deeper than {DEPTH_MAX} levels on line {line}")


class _LostError(Exception):
    """The text is not TOML from here on."""


def toml_lines(text: str) -> dict[Path, int]:
    """The line of every key and of every element of an array, up to the first mistake in ``text``.

    Raises:
        TooDeep: Nested deeper than settings ever are.

    """
    scanner = _Scanner(text)
    with contextlib.suppress(_LostError):
        scanner.document()
    return scanner.lines


class _Scanner:
    def __init__(self, text: str) -> None:
        self.lines: dict[Path, int] = {}
        self._text = text
        self._at = 0
        self._breaks = [place for place, char in enumerate(text) if char == "\n"]
        self._last: dict[Path, int] = {}  # the number of the last table of each array of tables

    def document(self) -> None:
        """Every table header and every pair of the file."""
        table: Path = ()
        while self._skip(_GAP) < len(self._text):
            if self._take("[["):
                path = self._place(self._key(), inside_last=False)
                self._expect("]]")
                number = self._last[path] = self._last.get(path, -1) + 1
                table = (*path, number)
                self._note(table)
            elif self._take("["):
                table = self._place(self._key())
                self._expect("]")
            else:
                self._pair(table, 0)

    def _pair(self, table: Path, depth: int) -> None:
        path = (*table, *self._key())
        for length in range(len(table) + 1, len(path) + 1):
            self._note(path[:length])
        self._expect("=")
        self._value(path, depth)

    def _value(self, path: Path, depth: int) -> None:
        self._note(path)
        if depth > DEPTH_MAX:
            raise TooDeep(self._line())
        self._skip(_SPACE)
        if self._take("["):
            number = 0
            while not self._closed("]"):
                self._value((*path, number), depth + 1)
                number += 1
        elif self._take("{"):
            while not self._closed("}"):
                self._pair(path, depth + 1)
        elif not self._string():
            self._match(_SCALAR)

    def _closed(self, bracket: str) -> bool:
        """Step over commas and gaps; whether the closing bracket came."""
        self._skip(_GAP)
        if self._take(","):
            self._skip(_GAP)
        return self._take(bracket)

    def _key(self) -> Path:
        """A dotted key: its parts."""
        parts: list[str] = []
        while True:
            self._skip(_SPACE)
            if len(parts) >= DEPTH_MAX:
                raise TooDeep(self._line())
            start = self._at
            quoted = self._string()
            parts.append(_unquote(self._text[start : self._at]) if quoted else self._match(_BARE))
            self._skip(_SPACE)
            if not self._take("."):
                return tuple(parts)

    def _place(self, key: Path, *, inside_last: bool = True) -> Path:
        """The place of a header: tables inside an array of tables are inside its last one."""
        path: Path = ()
        for length, part in enumerate(key, start=1):
            path = (*path, part)
            self._note(path)
            if path in self._last and (inside_last or length < len(key)):
                path = (*path, self._last[path])
        return path

    def _note(self, path: Path) -> None:
        self.lines.setdefault(path, self._line())

    def _line(self) -> int:
        return bisect.bisect_left(self._breaks, self._at) + 1

    def _string(self) -> bool:
        return any(self._try(pattern) for pattern in _STRINGS if self._text[self._at : self._at + 1] in "\"'")

    def _try(self, pattern: re.Pattern[str]) -> bool:
        found = pattern.match(self._text, self._at)
        if found is not None:
            self._at = found.end()
        return found is not None

    def _match(self, pattern: re.Pattern[str]) -> str:
        start = self._at
        if not self._try(pattern):
            raise _LostError
        return self._text[start : self._at]

    def _skip(self, pattern: re.Pattern[str]) -> int:
        self._try(pattern)
        return self._at

    def _take(self, text: str) -> bool:
        taken = self._text.startswith(text, self._at)
        self._at += len(text) if taken else 0
        return taken

    def _expect(self, text: str) -> None:
        self._skip(_SPACE)
        if not self._take(text):
            raise _LostError


def _unquote(key: str) -> str:
    if "\\" not in key:
        return key[1:-1]
    try:
        return str(tomllib.loads(f"key = {key}")["key"])
    except tomllib.TOMLDecodeError:
        raise _LostError from None
