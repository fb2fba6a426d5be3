"""How many steps a backtracking engine takes for a pattern: counted, so that no clock decides what is linear.

It goes the ways that Python's own engine goes, in the same order, and gives up where that one gives up: each attempt at
one character, class or end is a step.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    Then = Callable[[int], bool]

#: How Python reads a pattern, which no type checker knows.
parser, sre = importlib.import_module("re._parser"), importlib.import_module("re._constants")


class Counted:
    """Matches the whole of a text, and counts."""

    def __init__(self, pattern: str, flags: int, text: str) -> None:
        self.steps = 0
        self._text = text
        self.matches = self._all(list(parser.parse(pattern, flags)), 0, lambda at: at == len(text))

    def _all(self, parts: list[Any], at: int, then: Then) -> bool:
        """Match parts one after the other, and then what follows."""
        if not parts:
            return then(at)
        (kind, argument), rest = parts[0], parts[1:]

        def go_on(end: int) -> bool:
            return self._all(rest, end, then)

        if kind is sre.SUBPATTERN:
            return self._all([*argument[3]], at, go_on)
        if kind is sre.BRANCH:
            return any(self._all([*way], at, go_on) for way in argument[1])
        if kind is sre.MAX_REPEAT:
            least, most, inner = argument
            return self._repeat([*inner], least, most, at, go_on)
        self.steps += 1
        if kind is sre.AT:
            start = argument in {sre.AT_BEGINNING, sre.AT_BEGINNING_STRING}
            return at == (0 if start else len(self._text)) and go_on(at)
        return at < len(self._text) and _is(kind, argument, ord(self._text[at])) and go_on(at + 1)

    def _repeat(self, inner: list[Any], least: int, most: Any, at: int, then: Then) -> bool:
        """As often as possible, then once less, and so on."""

        def again(end: int) -> bool:
            # Nothing gained is no way to go on.
            return end > at and self._repeat(inner, max(0, least - 1), _less(most), end, then)

        if most is not sre.MAXREPEAT and most <= 0:
            return then(at)
        return self._all(inner, at, again) or (least <= 0 and then(at))


def _less(most: Any) -> Any:
    return most if most is sre.MAXREPEAT else most - 1


def _is(kind: Any, argument: Any, char: int) -> bool:
    if kind is sre.LITERAL:
        return bool(char == argument)
    if kind is sre.NOT_LITERAL:
        return bool(char != argument)
    if kind is sre.ANY:
        return char != ord("\n")
    assert kind is sre.IN, kind
    negated = argument[0][0] is sre.NEGATE
    found = any(_among(one, value, char) for one, value in argument[negated:])
    return found is not negated


def _among(kind: Any, value: Any, char: int) -> bool:
    """Whether a character is a member of a class: `a-z`, or one alone."""
    return bool(value[0] <= char <= value[1] if kind is sre.RANGE else char == value)
