"""Validators take time that grows no faster than the text: steps are counted, no clock decides."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any

import pytest

from studio_infra.settings.facts import limits
from tests.settings.steps import Counted
from tests.settings.test_limits import ATTACKS, CASES, REFUSED, STARTS, TAKEN, VALIDATORS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PATTERNS = {name: value for name, value in vars(limits).items() if name.endswith("_PATTERN")}


@pytest.fixture(autouse=True)
def _deep() -> Iterator[None]:
    """A character is a few calls of the counting engine."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(40_000)
    yield
    sys.setrecursionlimit(before)


def steps(pattern: str, text: str) -> int:
    return Counted(pattern, re.ASCII, text).steps


@pytest.mark.parametrize("name", PATTERNS)
def test_a_text_twice_as_long_takes_at_most_a_little_more_than_twice_the_steps(name: str) -> None:
    for attack in ATTACKS:
        for start in STARTS:
            short, long = (
                steps(PATTERNS[name], start + attack * (size // len(attack)) + "!") for size in (400, 800)
            )
            assert long <= 2.2 * short + 50, f"{start}{attack}…: {short} steps, then {long}"


@pytest.mark.parametrize("name", [name for name in VALIDATORS if name.startswith("is_")])
def test_nothing_longer_than_an_address_is_ever_shown_to_the_engine(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []

    def fullmatch(pattern: str, text: str, flags: int = 0) -> Any:
        seen.append(len(text))
        return re.compile(pattern, flags).fullmatch(text)

    monkeypatch.setattr("studio_infra.settings.facts.limits.re.fullmatch", fullmatch)
    for attack in ATTACKS:
        for start in STARTS:
            assert not VALIDATORS[name](start + attack * (100_000 // len(attack)) + "!")
    assert max(seen, default=0) <= limits.URL_MAX
    short = next(text for accepts, (taken, _) in CASES.items() if accepts.__name__ == name for text in taken)
    assert VALIDATORS[name](short)
    assert len(short) in seen  # the spy sees what the engine sees


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        # AWS's own pattern of an address of code: the same text, and twice as many ways with each character.
        (r"^https://([.\-_a-zA-Z0-9]+/?){3,1016}$", "https://{}?"),
        ("(a+)+", "{}!"),
        ("(?:a|a)*", "{}!"),
    ],
)
def test_a_pattern_that_is_not_linear_is_found(pattern: str, text: str) -> None:
    short, long = (steps(pattern, text.format("a" * size)) for size in (8, 16))
    assert long > 50 * short


@pytest.mark.parametrize("name", PATTERNS)
def test_the_counting_engine_says_what_pythons_says(name: str) -> None:
    texts = {text for _, text in [*TAKEN, *REFUSED]}
    texts |= {text[:cut] for text in texts for cut in (1, 5)}
    for text in texts:
        expected = re.fullmatch(PATTERNS[name], text, re.ASCII) is not None
        assert Counted(PATTERNS[name], re.ASCII, text).matches == expected, text


def test_every_pattern_is_counted() -> None:
    used: set[str] = set()

    def spy(accepts: Callable[[str], bool]) -> None:
        used.update(name for name in accepts.__code__.co_names if name.endswith("_PATTERN"))

    for accepts in CASES:
        spy(accepts)
    assert used
    assert used <= set(PATTERNS)
