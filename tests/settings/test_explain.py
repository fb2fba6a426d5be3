"""What pydantic finds, in the words of a person, for types that the settings do not have yet, too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import pytest
from annotated_types import Ge, Gt, Le, MaxLen, MinLen, MultipleOf
from pydantic import AnyUrl, BaseModel, ConfigDict, ValidationError
from pydantic.dataclasses import dataclass

from studio_infra.settings.reading import explain as room
from studio_infra.settings.reading.explain import explain


@dataclass
class Place:
    """No section."""

    x: int


@dataclass
class House:
    """No section either."""

    place: Place


class Part(BaseModel):
    """A section in a section."""

    model_config = ConfigDict(extra="forbid")

    size: Literal["XL", "L"] = "L"
    need: int = 1
    must: int


class Whole(BaseModel):
    """Every kind of field."""

    model_config = ConfigDict(extra="forbid")

    least: Annotated[float, Ge(0.5)] = 1
    least_whole: Annotated[float, Ge(2.0)] = 2
    more: Annotated[int, Gt(3)] = 4
    most: Annotated[float, Le(7.0)] = 7
    step: Annotated[int, MultipleOf(5)] = 5
    text: Annotated[str, MinLen(1)] = "x"
    texts: Annotated[str, MinLen(2), MaxLen(3)] = "xx"
    many: Annotated[tuple[int, ...], MinLen(1)] = (1,)
    pair: Annotated[tuple[int, ...], MinLen(2), MaxLen(3)] = (1, 2)
    address: AnyUrl | None = None
    place: Place | None = None
    parts: Mapping[str, Part] | None = None
    rows: tuple[Part, ...] = ()
    part: Part | None = None
    either: Part | int = 1
    house: House | None = None


def found(**values: Any) -> list[tuple[Any, ...]]:
    with pytest.raises(ValidationError) as caught:
        Whole.model_validate(values)
    return [(one.path, one.text) for one in explain(caught.value, Whole)]


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("least", 0.25, "too small (got 0.25), use at least 0.5"),
        ("least_whole", 1, "too small (got 1), use at least 2"),
        ("more", 3, "too small (got 3), use more than 3"),
        ("most", 8, "too large (got 8), use at most 7"),
        ("step", 7, "no multiple of 5 (got 7), use one"),
        ("text", "", 'empty (got ""), give at least one character'),
        ("texts", "x", 'too short (got "x"), use at least 2 characters'),
        ("texts", "xxxx", 'too long (got "xxxx"), use at most 3 characters'),
        ("many", [], "empty (got a list of 0), give at least one entry"),
        ("pair", [1], "too short (got a list of 1), use at least 2 entries"),
        ("pair", [1, 2, 3, 4], "too long (got a list of 4), use at most 3 entries"),
        (
            "address",
            "x",
            (
                'input should be a valid url, relative url without a base (got "x"), '
                "see docs/reference/settings.schema.json"
            ),
        ),
    ],
)
def test_every_bound_has_its_words(field: str, value: object, text: str) -> None:
    assert found(**{field: value}) == [((field,), text)]


def test_choices_and_keys_are_those_of_the_section_where_the_mistake_is() -> None:
    size = 'not one of the choices (got "XXL"), use "XL" or "L"; did you mean "XL"?'
    key = 'unknown key (got "neeed"), use one of size, need, must; did you mean "need"?'
    for where, path in (
        ({"parts": {"a": {"must": 1, "size": "XXL", "neeed": 1}}}, ("parts", "a")),
        ({"rows": [{"must": 1}, {"must": 1, "size": "XXL", "neeed": 1}]}, ("rows", 1)),
        ({"part": {"must": 1, "size": "XXL", "neeed": 1}}, ("part",)),
    ):
        assert found(**where) == [((*path, "size"), size), ((*path, "neeed"), key)]


@pytest.mark.parametrize(
    ("description", "words"),
    [
        ("How many there are. Left out,\nnone.", "how many there are"),
        ("Size in\nGB.", "size in GB"),
        ("IDs of groups.", "IDs of groups"),
        ("Clarify's own image.", "Clarify's own image"),
        ("What is left of X.", "what is left of X"),
        ("A", "a"),
    ],
)
def test_what_is_missing_is_described_in_the_middle_of_a_sentence(
    description: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "descriptions", lambda model: {"must": description} if model is Part else {})
    for where, path in (({"parts": {"a": {}}}, ("parts", "a")), ({"part": {}}, ("part",))):
        assert found(**where) == [((*path, "must"), f"missing, add it: {words}")]


def test_what_nobody_described_is_missing_nevertheless() -> None:
    assert found(part={}) == [(("part", "must"), "missing, add it")]
    assert found(place={}) == [(("place", "x"), "missing, add it")]
    assert found(house={"place": {}}) == [(("house", "place", "x"), "missing, add it")]
    assert found(either={})[0] == (("either", "Part", "must"), "missing, add it")
