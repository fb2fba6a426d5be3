"""Which values a hyperparameter may have while it is tuned."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from studio_infra.errors import InvalidInput
from studio_infra.workloads import limits as jobs
from studio_infra.workloads.pipelines.pipeline_definition.distribution import as_json
from studio_infra.workloads.pipelines.pipeline_definition.values import Reference, Text, as_text, is_open

if TYPE_CHECKING:
    from studio_infra.workloads.pipelines.pipeline_definition.values import Scalar

Bound: TypeAlias = "int | float | Reference"


class Scaling(StrEnum):
    """How values are spread over a range."""

    AUTO = "Auto"
    LINEAR = "Linear"
    #: As many trials between 0.001 and 0.01 as between 0.1 and 1.
    LOGARITHMIC = "Logarithmic"
    #: The same towards 1: for values like 0.999.
    REVERSE_LOGARITHMIC = "ReverseLogarithmic"


class Range(ABC):
    """The values that a hyperparameter may have."""

    #: The list of the API that it stands in.
    KIND: ClassVar[str]

    @abstractmethod
    def to_json(self, name: str, *, in_json: bool) -> dict[str, Any]:
        """The range in the words of the API; `in_json` for images that read hyperparameters as JSON."""


@dataclass(frozen=True)
class _Between(Range):
    """Everything between two bounds, both included."""

    least: Bound
    most: Bound
    scaling: Scaling = Scaling.AUTO

    def __post_init__(self) -> None:
        both = [bound for bound in (self.least, self.most) if not is_open(bound)]
        if len(both) > 1 and not self.least < self.most:  # type: ignore[operator] # neither is a reference
            raise InvalidInput(
                "TuningRange", f"a range goes from less to more, got {self.least} to {self.most}"
            )
        logarithmic = self.scaling is Scaling.LOGARITHMIC
        if (
            logarithmic
            and isinstance(self.least, int | float)
            and not is_open(self.least)
            and self.least <= 0
        ):
            raise InvalidInput(
                "TuningRange", f"a logarithmic range begins above 0, got {self.least} to {self.most}"
            )

    def to_json(self, name: str, *, in_json: bool) -> dict[str, Any]:  # noqa: ARG002 - numbers are JSON as they are
        """The range in the words of the API."""
        return {
            "Name": name,
            "MinValue": as_text(self.least),
            "MaxValue": as_text(self.most),
            "ScalingType": self.scaling.value,
        }


@dataclass(frozen=True)
class IntegerRange(_Between):
    """Whole numbers: `IntegerRange(2, 10)`."""

    KIND: ClassVar[str] = "IntegerParameterRanges"


@dataclass(frozen=True)
class FloatRange(_Between):
    """Any numbers: `FloatRange(0.001, 0.3, Scaling.LOGARITHMIC)`."""

    KIND: ClassVar[str] = "ContinuousParameterRanges"


@dataclass(frozen=True)
class Choice(Range):
    """One of some values: `Choice(("adam", "sgd"))`."""

    KIND: ClassVar[str] = "CategoricalParameterRanges"

    values: tuple[Scalar | Reference, ...]

    def __post_init__(self) -> None:
        if not 1 <= len(self.values) <= jobs.TUNING_CHOICES_MAX:
            raise InvalidInput(
                "TuningRange",
                f"a choice is between 1-{jobs.TUNING_CHOICES_MAX} values, got {len(self.values)}",
            )

    def to_json(self, name: str, *, in_json: bool) -> dict[str, Any]:
        """The range in the words of the API."""
        written = as_json if in_json else as_text
        values: list[Text] = [written(value) for value in self.values]
        return {"Name": name, "Values": values}
