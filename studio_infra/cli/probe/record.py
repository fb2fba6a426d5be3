"""A fact that nobody could prove without AWS, what was seen of it, and how that is told to people.

Needs Python 3.10 and nothing else: it is part of the script that runs in a space.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

PROVEN = "proven"
REFUTED = "refuted"
NOT_TESTABLE = "not testable"
#: Refuted first: those ask for something.
OUTCOMES = (REFUTED, PROVEN, NOT_TESTABLE)


class Unanswered(Exception):  # noqa: N818 - named for what happened
    """What a fact is judged by is not there. Says why, in words that are no secret."""


class Verdict(NamedTuple):
    """What was seen of a fact: in our own words and figures, never in the account's."""

    outcome: str
    evidence: str


class Fact(NamedTuple):
    """Something that is relied on and could not be proven without AWS.

    `judge` is pure: it takes what was seen and gives a verdict, or raises `Unanswered`.
    """

    id: str
    sentence: str
    relied_on: str
    checked_by: str
    change: str
    judge: Callable[[Any], Verdict]
    writes: bool = False


class Result(NamedTuple):
    """A fact and its verdict."""

    fact: Fact
    verdict: Verdict


def proven(evidence: str) -> Verdict:
    """It is so."""
    return Verdict(PROVEN, evidence)


def refuted(evidence: str) -> Verdict:
    """It is not so."""
    return Verdict(REFUTED, evidence)


def not_testable(why: str) -> Verdict:
    """It cannot be seen here, or not yet."""
    return Verdict(NOT_TESTABLE, why)


def decide(*, holds: bool, evidence: str, otherwise: str | None = None) -> Verdict:
    """Proven or refuted."""
    return proven(evidence) if holds else refuted(evidence if otherwise is None else otherwise)


def judge_all(facts: Iterable[Fact], seen: Any, private: Iterable[str] = ()) -> list[Result]:
    """The verdict on each fact. An answer in a shape that nobody expected makes a fact not testable, and no more."""
    known = tuple(private)
    results = []
    for fact in facts:
        try:
            verdict = fact.judge(seen)
        except Unanswered as error:
            verdict = not_testable(str(error))
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            verdict = not_testable("what was seen has another shape than expected: " + type(error).__name__)
        results.append(Result(fact, Verdict(verdict.outcome, redact(verdict.evidence, known))))
    return results


# -- nothing private leaves -----------------------------------------------------------------------

_HIDDEN = "…"
#: Evidence is made of our own words; this is the second lock.
_PRIVATE = (
    re.compile(r"-----BEGIN [A-Z ]*KEY-----.*", re.DOTALL),
    re.compile(r"\barn:aws[\w-]*:\S+"),
    re.compile(r"\b(?:https?|s3|ssh|git)://\S+"),
    re.compile(r"\b[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+"),
    re.compile(r"\b(?:AKIA|ASIA|AIDA|AROA|AGPA|ANPA)[A-Z0-9]{8,}"),
    re.compile(r"\b(?:d|fs|fsap|fsmt|sg|vpc|subnet|eni|vpce|i|vol|key)-[0-9a-z]{8,}\b"),
    re.compile(r"(?<![\d.])\d{12}(?![\d.])"),
    re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])"),
    re.compile(r"\b(?:gh[pousr]_|github_pat_|glpat-|xox[abp]-)\w+"),
    # A long word with letters and digits: a token, a hash, half of a key.
    re.compile(r"(?<![\w/+=.-])(?=[^\s]*\d)(?=[^\s]*[A-Za-z])[\w/+=-]{24,}"),
)
_SHORTEST_NAME = 3
_LONGEST = 400


def redact(text: str, private: Iterable[str] = ()) -> str:
    """A text without names of people and things, ids, addresses, keys and tokens, on one line.

    Args:
        text: Of ours, or of anybody's.
        private: Names that must not be told. Shorter ones than three letters would be found in every word.

    """
    for name in sorted({one for one in private if len(one) >= _SHORTEST_NAME}, key=len, reverse=True):
        text = re.sub(r"(?<![\w-])" + re.escape(name) + r"(?![\w-])", _HIDDEN, text, flags=re.IGNORECASE)
    for pattern in _PRIVATE:
        text = pattern.sub(_HIDDEN, text)
    text = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return text if len(text) <= _LONGEST else text[:_LONGEST] + _HIDDEN


# -- for people and programs ------------------------------------------------------------------------


def is_refuted(results: Iterable[Result]) -> bool:
    """Whether something is not as we take it to be."""
    return any(one.verdict.outcome == REFUTED for one in results)


def markdown(title: str, results: Sequence[Result]) -> str:
    """A table to read and to paste, and what to change."""
    counts = ", ".join(
        f"{sum(one.verdict.outcome == outcome for one in results)} {outcome}" for outcome in OUTCOMES
    )
    lines = [f"## {title}: {counts}", "", "| fact | outcome | evidence |", "|---|---|---|"]
    for outcome in OUTCOMES:
        for fact, verdict in results:
            if verdict.outcome == outcome:
                shown = f"**{outcome}**" if outcome == REFUTED else outcome
                lines.append(f"| `{fact.id}`: {_cell(fact.sentence)} | {shown} | {_cell(verdict.evidence)} |")
    changes = [
        f"- `{fact.id}`: {fact.change} Relied on by {fact.relied_on}."
        for fact, verdict in results
        if verdict.outcome == REFUTED
    ]
    if changes:
        lines += ["", "What to change:", "", *changes]
    return "\n".join(lines) + "\n"


def as_json(title: str, results: Sequence[Result]) -> dict[str, Any]:
    """The same for a program."""
    return {
        "probe": title,
        "refuted": is_refuted(results),
        "facts": [
            {
                "id": fact.id,
                "sentence": fact.sentence,
                "relied_on_by": fact.relied_on,
                "checked_by": fact.checked_by,
                "writes": fact.writes,
                "outcome": verdict.outcome,
                "evidence": verdict.evidence,
                "change": fact.change if verdict.outcome == REFUTED else None,
            }
            for fact, verdict in results
        ],
    }


def _cell(text: str) -> str:
    return text.replace("|", r"\|").replace("<", "&lt;")
