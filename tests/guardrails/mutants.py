"""Every small mistake that somebody could make in a Guard rule."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

#: A clause that is always true stands for one that was dropped: an empty block does not parse.
_DROPPED = "this exists"
_MESSAGE = re.compile(r"<<.*?>>", re.DOTALL)
_CLAUSE = re.compile(r"^ +(?!when |let |or |rule )(\S[^<{}]*?)\s*<<.*?>>", re.MULTILINE | re.DOTALL)
_FILTER_LINE = re.compile(r"(?<=\n)  (?!keys )((?:some )?[A-Z][^\n{}<>]*)(?=\n)")
_FILTER = re.compile(r"\[ (?!keys )([A-Za-z%][^\]\[]*?(?:\[\*\][^\]\[]*?)*?) \]")
_CONDITION = re.compile(r"(?<=when )([^{]+?)(?= \{)")
_FLIPS = (
    (r"!exists\b", "exists"),
    (r"(?<!!)\bexists\b", "!exists"),
    (r"!empty\b", "empty"),
    (r"(?<!!)\bempty\b", "!empty"),
    (r"==", "!="),
    (r"!=", "=="),
    (r"<=", ">"),
    (r"<=", "<"),
    (r" > ", " <= "),
    (r" > ", " >= "),
    (r"\bnot in\b", "in"),
    (r"(?<!not )\bin\b(?= [\[%r/]| [A-Z])", "not in"),
    (r"(?<!!)\b(is_string|is_int|is_struct)\b", r"!\1"),
    (r"\bsome ", ""),
    (r"\bor\b", ""),
    (r"\bfalse\b", "true"),
)


def mutants(text: str) -> Iterator[str]:
    """Each rule with one mistake, comments and messages untouched."""
    code = "".join(line for line in text.splitlines(keepends=True) if not line.startswith("#"))
    # Messages are no code; apostrophes in them would look like texts.
    quiet = _MESSAGE.sub(lambda said: "<<" + " " * (len(said[0]) - 4) + ">>", code)
    places: list[tuple[int, int, str]] = []
    for pattern in (_CLAUSE, _FILTER, _FILTER_LINE, _CONDITION):
        places += [(*one.span(1), _DROPPED) for one in pattern.finditer(quiet)]
    for operator, by in _FLIPS:
        places += [(*one.span(), one.expand(by)) for one in re.finditer(operator, quiet)]
    for one in re.finditer(r"'[^']*'", quiet):
        places.append((*one.span(), "'mutated'"))
    for one in re.finditer(r"(?<=[\[ (,])\d+(?=[\], )\n])", quiet):
        places += [(*one.span(), str(int(one[0]) + step)) for step in (1, -1) if int(one[0]) + step >= 0]
    for one in re.finditer(r"(?<=[ \[])/(?:\\.|[^/\n])+/(?=[\]\s])", quiet):
        places += [(*one.span(), f"/{by}/") for by in _expressions(one[0][1:-1])]
    seen = {code}
    for start, end, by in places:
        mutant = code[:start] + by + code[end:]
        if mutant not in seen:
            seen.add(mutant)
            yield mutant


def _expressions(pattern: str) -> Iterator[str]:
    yield "^mutated$"
    if pattern.startswith("^"):
        yield pattern[1:]
    if pattern.endswith("$") and not pattern.endswith("\\$"):
        yield pattern[:-1]
    for group in re.finditer(r"\(((?:\\.|\[[^]]*\]|[^()\\])*\|(?:\\.|\[[^]]*\]|[^()\\])*)\)", pattern):
        branches = group[1].split("|")
        for number in range(len(branches)):
            rest = "|".join(branches[:number] + branches[number + 1 :])
            yield pattern[: group.start(1)] + rest + pattern[group.end(1) :]
    for one in re.finditer(r"(?<=[{,])\d+(?=[,}])", pattern):
        for step in (1, -1):
            if int(one[0]) + step >= 0:
                yield pattern[: one.start()] + str(int(one[0]) + step) + pattern[one.end() :]
