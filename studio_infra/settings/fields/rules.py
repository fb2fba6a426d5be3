"""How a text of the settings is checked, and how a refusal says what is allowed."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Self

from pydantic_core import PydanticCustomError, core_schema

from studio_infra.settings.facts import limits

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue

#: The type of pydantic errors that say themselves what is allowed.
REFUSED = "refused"


def refuse(wrong: str, allowed: str) -> PydanticCustomError:
    """An error that says what is wrong and what is allowed."""
    return PydanticCustomError(REFUSED, "{wrong}, {allowed}", {"wrong": wrong, "allowed": allowed})


@dataclass(frozen=True)
class Text:
    """What a text has to be, as metadata of its type: `Annotated[str, Text(…)]`.

    Args:
        accepts: Whether a text is right.
        wrong: What one is that is not.
        allowed: How to write it.
        pattern: What the schema says of it, for editors.
        longest: The most characters it may have, for the schema as well.

    """

    accepts: Callable[[str], bool]
    wrong: str
    allowed: str
    pattern: str
    longest: int | None = None

    @classmethod
    def like(cls, pattern: str, wrong: str, allowed: str) -> Self:
        """A text that only has to fit its pattern."""
        return cls(partial(limits.matches, pattern), wrong, allowed, pattern)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> Any:
        return core_schema.no_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(self, schema: Any, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        longest = {} if self.longest is None else {"maxLength": self.longest}
        return {**handler(schema), "pattern": self.pattern, **longest}

    def _check(self, text: str) -> str:
        if self.accepts(text):
            return text
        strange = _strange(text[: limits.URL_MAX])
        raise refuse(f"{self.wrong}: it has {strange} in it" if strange else self.wrong, self.allowed)


def _strange(text: str) -> str:
    """The first character nobody would see, or would take for another one; empty if there is none."""
    for char in text:
        if not (char.isascii() and char.isprintable()):
            name = unicodedata.name(char, "a control character")
            return f"U+{ord(char):04X} {name}"
    return ""
