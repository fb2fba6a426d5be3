"""The line of every value, found beside ``tomllib``."""

from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio_infra.settings.reading.toml_lines import DEPTH_MAX, TooDeep, toml_lines
from tests.settings.conftest import PATIENTLY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from random import Random

TRICKY = '''\
# name = "in a comment"
name = "a # no comment, a = 'b', [no.header]"   # here: 2
"quo\\u0074ed.key" = 1
'literal "key"' = [ # a comment, with ] and }
  "x", # line 5

  { a = 1, "b.c" = { d = [2, 3] } },
  [1979-05-27 07:32:00, nan],
]
text = """
[not.a.header]
key = "value"
\\""" still inside ""\\"
"""
other = \'\'\'
[[not.one]] 'x' ''
\'\'\'
spaced . out . key = true
five_quotes = """"two"""""

[ table . "with.dot" ]
x = 1
[[arr]]
x = 1
[[arr.inner]]
y = 2
[[arr.inner]]
y = 3
[arr.inner.deep]
z = 4
[[arr]]
x = 5
[arr.again]
q = ''
'''

EXPECTED = {
    ("name",): 2,
    ("quoted.key",): 3,
    ('literal "key"',): 4,
    ('literal "key"', 0): 5,
    ('literal "key"', 1, "a"): 7,
    ('literal "key"', 1, "b.c", "d", 1): 7,
    ('literal "key"', 2, 0): 8,
    ("text",): 10,
    ("other",): 15,
    ("spaced",): 18,
    ("spaced", "out", "key"): 18,
    ("five_quotes",): 19,
    ("table", "with.dot", "x"): 22,
    ("arr", 0): 23,
    ("arr", 0, "x"): 24,
    ("arr", 0, "inner", 0): 25,
    ("arr", 0, "inner", 1, "y"): 28,
    ("arr", 0, "inner", 1, "deep"): 29,
    ("arr", 0, "inner", 1, "deep", "z"): 30,
    ("arr", 1): 31,
    ("arr", 1, "again", "q"): 34,
}


def paths(value: Any, before: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The path of everything in a document."""
    if before:
        yield before
    for key, inner in (
        value.items() if isinstance(value, dict) else enumerate(value if isinstance(value, list) else ())
    ):
        yield from paths(inner, (*before, key))


def test_every_kind_of_key_and_value_is_on_its_line() -> None:
    lines = toml_lines(TRICKY)
    assert {path: lines[path] for path in EXPECTED} == EXPECTED
    assert set(lines) == set(paths(tomllib.loads(TRICKY)))


KEYS = st.text("ab.\"'\\ é#=[]", min_size=1, max_size=4) | st.sampled_from(["a", "b", "c-d", "1"])
SCALARS = (
    st.integers()
    | st.booleans()
    | st.text("ab\"'\\#[]{}=,.\n", max_size=8)
    | st.floats(allow_nan=False, allow_infinity=False)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)
DOCUMENTS = st.dictionaries(
    KEYS, VALUES | st.lists(st.dictionaries(KEYS, VALUES, max_size=3), min_size=1), max_size=5
)


class Writer:
    """Writes a document as TOML, in one way of many, and notes the line of each value."""

    def __init__(self, choose: Callable[[int], int]) -> None:
        self.text = ""
        self.places: dict[tuple[str | int, ...], int] = {}
        self._choose = choose

    def document(self, document: dict[str, Any]) -> None:
        tables = [name for name, item in document.items() if is_array_of_tables(item) and self._choose(2)]
        self._pairs((), {name: item for name, item in document.items() if name not in tables})
        for name in tables:
            for place, table in enumerate(document[name]):
                self._note(name)
                self._note(name, place)
                self.text += f"[[ {self._key(name)} ]] # a = 1\n"
                self._pairs((name, place), table)

    def _pairs(self, path: tuple[str | int, ...], table: dict[str, Any]) -> None:
        for name, item in table.items():
            self.text += "\n" * self._choose(2) + f"{self._key(name)} = "
            self._value((*path, name), item)
            self.text += "\n"

    def _value(self, path: tuple[str | int, ...], item: Any) -> None:
        self._note(*path)
        if isinstance(item, dict):
            self.text += "{"
            for number, (name, inner) in enumerate(item.items()):
                self.text += (", " if number else " ") + f"{self._key(name)} = "
                self._value((*path, name), inner)
            self.text += " }"
        elif isinstance(item, list):
            self.text += "["
            for number, inner in enumerate(item):
                self.text += ["", " ", "\n", " # ], a = 1\n\n"][self._choose(4)]
                self._value((*path, number), inner)
                self.text += "," if number < len(item) - 1 or self._choose(2) else "\n"
            self.text += "]"
        elif isinstance(item, str) and not set(item) & set("'\n") and self._choose(2):
            self.text += f"'{item}'"
        elif isinstance(item, str) and "'" not in item and not item.startswith("\n") and self._choose(2):
            self.text += f"'''{item}'''"
        else:
            self.text += json.dumps(item)

    def _key(self, name: str) -> str:
        bare = name.isascii() and name.replace("-", "a").isalnum()
        return name if bare and self._choose(2) else json.dumps(name)

    def _note(self, *path: str | int) -> None:
        self.places.setdefault(path, self.text.count("\n") + 1)


def is_array_of_tables(item: Any) -> bool:
    return isinstance(item, list) and bool(item) and all(isinstance(inner, dict) for inner in item)


@PATIENTLY
@given(DOCUMENTS, st.randoms(use_true_random=False))
def test_it_finds_every_value_of_every_document_where_it_was_written(document: Any, random: Random) -> None:
    writer = Writer(random.randrange)
    writer.document(document)
    assert tomllib.loads(writer.text) == document
    assert toml_lines(writer.text) == writer.places


@PATIENTLY
@given(st.text("ab=.[]{}\"'#,\n\\ 1"))
def test_it_never_fails_on_what_is_no_toml_and_agrees_on_what_is(text: str) -> None:
    lines = toml_lines(text)
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    assert set(lines) == set(paths(document))


@pytest.mark.parametrize("lost", ['"\\q" = 2', "b", "= 1", "[b", "[[b]", "b = ", '"b = 1'])
def test_what_stands_before_a_mistake_has_its_line(lost: str) -> None:
    assert toml_lines(f"\na = 1\n{lost}\nc = 3")[("a",)] == 2
    assert ("c",) not in toml_lines(f"\na = 1\n{lost}\nc = 3")


@pytest.mark.parametrize("deep", ["[" * 5000, "a = " + "{a = " * 5000, ".".join("a" * 5000) + " = 1"])
def test_nesting_ends_before_it_costs_anything(deep: str) -> None:
    with pytest.raises(TooDeep, match=f"deeper than {DEPTH_MAX} levels on line 2"):
        toml_lines(f"\n{'x = ' if deep.startswith('[') else ''}{deep}")
