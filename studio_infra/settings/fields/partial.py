"""Sections that lack the fields which are wrong by themselves, and what can be said of them nevertheless.

So a mistake in one field neither hides the contradictions between the others nor makes them look wrong.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from studio_infra.settings.findings import Problem

P = ParamSpec("P")
T = TypeVar("T")


class NotThere(AttributeError):  # noqa: N818 - named for what happened
    """A field was asked for that a section lacks, because it is wrong by itself."""


def problems_of(checks: Iterable[Iterable[Problem]]) -> Iterator[Problem]:
    """What checks find: one that asks for a field which is not there has nothing more to say, the others have."""
    for check in checks:
        with suppress(NotThere):
            yield from check


def known(ask: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | None:
    """An answer, or None if it needs a field that is not there."""
    with suppress(NotThere):
        return ask(*args, **kwargs)
    return None


def where(sections: Mapping[str, T], holds: Callable[[T], bool]) -> dict[str, T]:
    """The sections of which something holds for sure: not those that lack what it needs."""
    return {name: one for name, one in sections.items() if known(holds, one)}
