"""What a type of the settings is made of: its rule, what it says to editors, and the words below each field."""

from __future__ import annotations

from typing import Annotated

import pytest
from pydantic import TypeAdapter, ValidationError

from studio_infra.settings.fields.descriptions import _own_descriptions, descriptions
from studio_infra.settings.fields.rules import REFUSED, Text, refuse
from studio_infra.settings.sections.git import CustomGitHost
from studio_infra.settings.sections.tags import TagKey


class Another:
    """Stands first, and is not asked about."""

    said: int = 0
    """What the other class says."""


class Odd:
    """A class with more in it than fields and their words."""

    plain = 1
    """Below something without a type."""
    bare: int = 1
    other: int = 2
    7  # noqa: B018 - no words
    several: tuple[str, ...] = ()
    ("no", "text")  # noqa: B018 - no words
    said: int = 3
    """What it is for.
    In two lines."""

    def method(self) -> None:
        """No field."""


SHORT = Text(lambda text: text in {"a", "b"}, "not a letter", 'write "a" or "b"', "^[ab]$", 1)


def adapter(rule: Text) -> TypeAdapter[str]:
    return TypeAdapter(Annotated[str, rule])


def refusal(rule: Text, text: str) -> tuple[str, str]:
    """Kind and message of what pydantic says."""
    with pytest.raises(ValidationError) as caught:
        adapter(rule).validate_python(text)
    (error,) = caught.value.errors()
    return error["type"], error["msg"]


def test_a_refusal_is_one_sentence_of_what_is_wrong_and_what_is_allowed() -> None:
    error = refuse("not a letter", 'write "a"')
    assert (error.type, error.message()) == (REFUSED, 'not a letter, write "a"')
    assert error.context == {"wrong": "not a letter", "allowed": 'write "a"'}


def test_a_rule_takes_what_it_accepts_as_it_is_and_refuses_the_rest_in_its_words() -> None:
    assert adapter(SHORT).validate_python("a") == "a"
    assert refusal(SHORT, "c") == ("refused", 'not a letter, write "a" or "b"')


@pytest.mark.parametrize(
    ("text", "strange"),
    [
        ("а", "U+0430 CYRILLIC SMALL LETTER A"),
        ("x\x00", "U+0000 a control character"),
        ("x\u200b", "U+200B ZERO WIDTH SPACE"),
    ],
)
def test_what_nobody_would_see_or_would_take_for_something_else_is_named(text: str, strange: str) -> None:
    assert refusal(SHORT, text)[1] == f'not a letter: it has {strange} in it, write "a" or "b"'


def test_only_the_beginning_of_a_long_text_is_looked_at_for_what_is_strange() -> None:
    assert refusal(SHORT, "x" * 100_000 + "а")[1] == 'not a letter, write "a" or "b"'


def test_editors_are_told_the_pattern_and_the_length_where_there_is_one() -> None:
    assert adapter(SHORT).json_schema() == {"type": "string", "pattern": "^[ab]$", "maxLength": 1}
    free = Text.like("^[ab]+$", "no letters", 'write "ab"')
    assert adapter(free).json_schema() == {"type": "string", "pattern": "^[ab]+$"}


def test_a_rule_may_be_its_pattern_alone() -> None:
    free = Text.like("^[ab]+$", "no letters", 'write "ab"')
    assert adapter(free).validate_python("abba") == "abba"
    assert refusal(free, "abc")[1] == 'no letters, write "ab"'
    assert refusal(free, "ab\n")[1] == 'no letters: it has U+000A a control character in it, write "ab"'


def test_a_type_of_several_parts_keeps_what_was_there() -> None:
    assert adapter(SHORT).core_schema["schema"] == {"type": "str"}
    assert TypeAdapter(TagKey).validate_python("cost-center") == "cost-center"


def test_the_words_below_a_field_are_what_it_is_for() -> None:
    own = _own_descriptions(CustomGitHost)
    assert own["user"] == "User of its SSH server."
    assert set(own) == set(CustomGitHost.model_fields)
    assert descriptions.__wrapped__(CustomGitHost) == {name: own[name] for name in CustomGitHost.model_fields}


def test_only_a_text_below_a_field_with_a_type_is_its_words() -> None:
    assert _own_descriptions(Odd) == {"said": "What it is for.\nIn two lines."}
    assert _own_descriptions(Another) == {"said": "What the other class says."}
