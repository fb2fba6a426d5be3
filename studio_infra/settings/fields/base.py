"""What every section of the settings has in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Final, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Strict, field_validator, model_validator
from pydantic_core import PydanticCustomError

from studio_infra.settings.fields.partial import NotThere
from studio_infra.settings.fields.rules import refuse

if TYPE_CHECKING:
    from collections.abc import Iterable

    from studio_infra.settings.findings import Problem

T = TypeVar("T")

#: A TOML array: read as a list, kept as a tuple.
Many = Annotated[tuple[T, ...], Strict(strict=False)]

#: The type of pydantic errors that carry problems of several fields.
INCONSISTENT = "inconsistent"

#: Where CDK and CloudFormation put something else, be it another resource's name or a secret, wherever it stands.
_REPLACED: Final = ("{Token[", "{{resolve:")


class Section(BaseModel):
    """A table of the settings file: frozen, strict about types, without unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)

    if not TYPE_CHECKING:  # for mypy a section has its fields and nothing else

        def __getattr__(self, name: str) -> object:
            """Say apart what a draft lacks from what no section ever has: this is asked only for what is not there."""
            if name in type(self).model_fields:
                raise NotThere(name)
            return super().__getattr__(name)

    def checks(self) -> Iterable[Iterable[Problem]]:
        """What does not fit together, although each field is right: one iterable for each check."""
        return ()

    @field_validator("*")
    @classmethod
    def _stays_as_written(cls, value: object) -> object:
        if isinstance(value, str):
            _check_stays(value)
        elif isinstance(value, tuple):
            _check_stays(*value)
        elif isinstance(value, Mapping):
            _check_stays(*value, *value.values())
        return value

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        found = tuple(problem for check in self.checks() for problem in check)
        if found:
            raise PydanticCustomError(INCONSISTENT, "{text}", {"text": found[0].text, "problems": found})
        return self


def _check_stays(*values: object) -> None:
    for text in values:
        if isinstance(text, str) and any(part in text for part in _REPLACED):
            wrong = "AWS or CDK would put something else in its place"
            raise refuse(wrong, "leave out {Token[ and {{resolve:")
