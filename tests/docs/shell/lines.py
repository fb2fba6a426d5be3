"""What a block of shell says: its lines, what each prints according to the page, and the commands in it."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tests.docs.pages import ALL_BLOCKS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.docs.pages import Block

SHELL: Final = ("bash", "console", "sh")
_INSIDE: Final = re.compile(r"\$\(([^()]*)\)")
_ASSIGNMENT: Final = re.compile(r"\w+=")
_ENDS: Final = frozenset({";", "&", "&&", "|", "||"})
_REDIRECTS: Final = frozenset({">", ">>", "<"})


@dataclass(frozen=True)
class Line:
    """A line that somebody types, continued lines joined, and what the page says it prints."""

    block: Block
    text: str
    prints: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.block}: {self.text}"


def lines(block: Block) -> list[Line]:
    """The lines of a block. In one of `console`, what is typed stands behind a `$`, and the rest is printed."""
    text = re.sub(r"\\\n\s*", "", block.text)
    if block.language != "console":
        return [Line(block, one.strip(), ()) for one in text.splitlines() if one.strip()]
    found: list[tuple[str, list[str]]] = []
    for one in text.splitlines():
        if one.startswith("$ "):
            found.append((one[2:], []))
        elif one.strip():
            found[-1][1].append(one)
    return [Line(block, typed, tuple(printed)) for typed, printed in found]


def commands(text: str) -> Iterator[list[str]]:
    """The words of each command in a line, those in `$(…)` included; no assignment, redirection or comment."""
    while inside := _INSIDE.search(text):
        yield from commands(inside[1])
        text = f"{text[: inside.start()]}SUBSTITUTED{text[inside.end() :]}"
    lexer = shlex.shlex(text, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    words: list[str] = []
    skip = False
    for word in lexer:
        if word in _ENDS:
            if words:
                yield words
            words = []
        elif word in _REDIRECTS:
            skip = True
        elif skip:
            skip = False
        elif words or not _ASSIGNMENT.match(word):
            words.append(word)
    if words:
        yield words


def printed(expected: Sequence[str], output: str) -> list[str]:
    """The lines that a page promises and that were not printed, in this order. `…` is anything."""
    rest, missing = output, []
    for one in expected:
        pattern = re.escape(one).replace("…", r"[^\n]*").replace(r"\ \ ", r"\ +")
        found = re.search(rf"^\s*{pattern}\s*$", rest, re.MULTILINE)
        if found is None:
            missing.append(one)
        else:
            rest = rest[found.end() :]
    return missing


SHELL_LINES: Final = [line for block in ALL_BLOCKS if block.language in SHELL for line in lines(block)]
