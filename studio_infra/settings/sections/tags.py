"""Tags that everything gets."""

from __future__ import annotations

import unicodedata
from typing import Annotated

from pydantic import AfterValidator

from studio_infra.settings.facts import limits
from studio_infra.settings.fields.rules import refuse

#: Tags that the library itself sets start like this.
OWN_TAGS = "studio:"
_PUNCTUATION = "_.:/=+-@"


def _written_well(text: str) -> bool:
    """Whether it has only letters, digits, spaces and the signs that AWS takes in tags."""
    return (
        all(char in _PUNCTUATION or unicodedata.category(char)[0] in "LNZ" for char in text)
        and text.isprintable()
    )


def _key(text: str) -> str:
    if not 1 <= len(text) <= limits.TAG_KEY_MAX or not _written_well(text):
        raise refuse(
            "not a tag name", f"use 1 to {limits.TAG_KEY_MAX} letters, digits, spaces and {_PUNCTUATION}"
        )
    if text.lower().startswith(("aws:", OWN_TAGS)):
        raise refuse(
            "a tag name that others own", f'use one that starts neither with "aws:" nor with "{OWN_TAGS}"'
        )
    return text


def _value(text: str) -> str:
    if len(text) > limits.TAG_VALUE_MAX or not _written_well(text):
        raise refuse(
            "not a tag value",
            f"use at most {limits.TAG_VALUE_MAX} letters, digits, spaces and {_PUNCTUATION}",
        )
    return text


TagKey = Annotated[str, AfterValidator(_key)]
TagValue = Annotated[str, AfterValidator(_value)]
#: The service takes 50 tags; the library needs a few for itself.
TAGS_MAX = limits.TAGS_MAX - 10
