"""What every section of the settings has in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Strict, model_validator
from pydantic_core import PydanticCustomError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from studio_infra.settings.findings import Problem

T = TypeVar("T")

#: A TOML array: read as a list, kept as a tuple.
Many = Annotated[tuple[T, ...], Strict(strict=False)]

#: The type of pydantic errors that carry problems of several fields.
INCONSISTENT = "inconsistent"


class Section(BaseModel):
    """A table of the settings file: frozen, strict about types, without unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)

    def checks(self) -> Iterable[Iterable[Problem]]:
        """What does not fit together, although each field is right: one iterable for each check."""
        return ()

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        found = tuple(problem for check in self.checks() for problem in check)
        if found:
            raise PydanticCustomError(INCONSISTENT, "{text}", {"text": found[0].text, "problems": found})
        return self
