"""Patterns that are too slow as regular expressions, checked by hand."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_SEGMENTS: Final = re.compile(r"https://([.\-_a-zA-Z0-9]+(?:/[.\-_a-zA-Z0-9]+)*)/?")
_LEAST, _MOST = 3, 1016


def repository_url(url: str) -> bool:
    r"""Same language as ``https://([.\-_a-zA-Z0-9]+/?){3,1016}``, in linear time.

    The group is repeated once per segment at least and once per character at most, so any number between the
    two will do, and one of them must lie within the bounds.
    """
    found = _SEGMENTS.fullmatch(url)
    if found is None:
        return False
    segments = found.group(1).split("/")
    return len(segments) <= _MOST and sum(map(len, segments)) >= _LEAST


#: By the pattern's text, so that a change in the service model is noticed by a test.
BY_HAND: Final[dict[str, Callable[[str], bool]]] = {r"https://([.\-_a-zA-Z0-9]+/?){3,1016}": repository_url}
