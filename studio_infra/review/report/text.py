"""Values of templates as words that are safe to show: whoever wrote a template writes none of our page."""

from __future__ import annotations

import json
import unicodedata
from typing import TYPE_CHECKING, Any, Final

from studio_infra.review.replacement.resolver import Reference

if TYPE_CHECKING:
    from collections.abc import Sequence

#: More of one value helps nobody; a description may have a megabyte.
_LONGEST: Final = 300
#: Control characters, invisible ones, and those that turn the direction of what follows.
_HIDDEN: Final = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})


def shown(text: str) -> str:
    """A text on one line, what cannot be seen written out, and not longer than anybody reads."""
    short = text[:_LONGEST]
    seen = "".join(
        " " if one in "\n\t\r" else f"\\u{ord(one):04x}" if unicodedata.category(one) in _HIDDEN else one
        for one in short
    )
    return seen if len(text) <= _LONGEST else f"{seen}… ({len(text)} characters)"


def words(value: Any) -> str:
    """A resolved value in words: references by logical id, joined texts as one."""
    return shown(_words(value))


def listed(value: Any) -> tuple[str, ...]:
    """A value that may be a list, as words for each."""
    return tuple(words(one) for one in as_list(value))


def as_list(value: Any) -> list[Any]:
    """A value that may be a list, as one."""
    return value if isinstance(value, list) else [] if value is None else [value]


def few(names: Sequence[str], most: int) -> tuple[str, ...]:
    """So many names at most, and how many more there are: longer lists help nobody."""
    return tuple(names) if len(names) <= most else (*names[:most], f"and {len(names) - most} more")


def _words(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Reference):
        attribute = "" if value.attribute in {"Ref", "Arn"} else f".{value.attribute}"
        return f"<{value.to.logical_id}{attribute}>"
    if isinstance(value, dict) and len(value) == 1:
        ((key, inner),) = value.items()
        return _intrinsic(str(key), inner)
    return _json(value)


def _intrinsic(key: str, inner: Any) -> str:
    match key, inner:
        case "Ref", _:
            return f"<{_words(inner)}>"
        case "Fn::Join", [separator, list(parts)]:
            return _words(separator).join(map(_words, parts))
        case "Fn::Sub", ([text, *_] | text):
            return _words(text)
    if key.startswith("Fn::"):
        return f"<{key.removeprefix('Fn::')} {_json(inner)}>"
    return _json({key: inner})


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=_words)
