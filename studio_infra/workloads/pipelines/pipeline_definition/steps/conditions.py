"""Steps that decide: go one way or the other, or stop with a message."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from studio_infra.errors import InvalidInput
from studio_infra.workloads.pipelines.pipeline_definition.step import Step
from studio_infra.workloads.pipelines.pipeline_definition.values import Reference, Scalar, Text, references

if TYPE_CHECKING:
    from studio_infra.workloads.pipelines.pipeline_definition.surroundings import JobSurroundings


class Condition(ABC):
    """Something that is true or false when the pipeline runs."""

    @abstractmethod
    def to_json(self) -> dict[str, Any]:
        """How the pipeline definition writes it."""


@dataclass(frozen=True)
class Compare(Condition):
    """Compares two values: write `Compare(figure, ">=", 0.8)`.

    Args:
        left: A figure, a parameter, a text or a number.
        operator: One of `==`, `>`, `>=`, `<`, `<=`.
        right: What it is compared with.

    """

    OPERATORS: ClassVar[dict[str, str]] = {
        "==": "Equals",
        ">": "GreaterThan",
        ">=": "GreaterThanOrEqualTo",
        "<": "LessThan",
        "<=": "LessThanOrEqualTo",
    }

    left: Scalar | Reference
    operator: str
    right: Scalar | Reference

    def __post_init__(self) -> None:
        if self.operator not in self.OPERATORS:
            raise InvalidInput(
                "Condition", f"an operator must be one of {', '.join(self.OPERATORS)}, got {self.operator!r}"
            )

    def to_json(self) -> dict[str, Any]:
        """How the pipeline definition writes it."""
        return {"Type": self.OPERATORS[self.operator], "LeftValue": self.left, "RightValue": self.right}


@dataclass(frozen=True)
class OneOf(Condition):
    """Whether a value is among others."""

    value: Scalar | Reference
    values: tuple[Scalar | Reference, ...]

    def to_json(self) -> dict[str, Any]:
        """How the pipeline definition writes it."""
        return {"Type": "In", "QueryValue": self.value, "Values": self.values}


@dataclass(frozen=True)
class Not(Condition):
    """The opposite of a condition."""

    condition: Condition

    def to_json(self) -> dict[str, Any]:
        """How the pipeline definition writes it."""
        return {"Type": "Not", "Condition": self.condition.to_json()}


@dataclass(frozen=True)
class AnyOf(Condition):
    """Whether at least one of the conditions is true."""

    conditions: tuple[Condition, ...]

    def to_json(self) -> dict[str, Any]:
        """How the pipeline definition writes it."""
        return {"Type": "Or", "Conditions": [condition.to_json() for condition in self.conditions]}


@dataclass(frozen=True, kw_only=True)
class ConditionStep(Step):
    """Goes on with some steps if all conditions are true, and with others if not.

    Args:
        conditions: All have to be true.
        then: The steps for that case.
        otherwise: The steps for the other case. Defaults to none.

    """

    TYPE: ClassVar[str] = "Condition"

    conditions: tuple[Condition, ...]
    then: tuple[Step, ...] = ()
    otherwise: tuple[Step, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.conditions:
            raise self.refuse("ConditionStep", "conditions must hold at least one condition, got none")
        if not self.inner:
            raise self.refuse("ConditionStep", "then and otherwise are both empty: give at least one step")

    @property
    def inner(self) -> tuple[Step, ...]:
        """The steps of both cases."""
        return self.then + self.otherwise

    @property
    def waits_for(self) -> frozenset[str]:
        """What the conditions look at. The steps inside wait for themselves."""
        found = (reference.steps for reference in references(self.conditions))
        return frozenset(self.depends_on).union(*found)

    def arguments(self, around: JobSurroundings) -> dict[str, Any]:
        """The conditions and both cases."""
        return {
            "Conditions": [condition.to_json() for condition in self.conditions],
            "IfSteps": [step.render(around) for step in self.then],
            "ElseSteps": [step.render(around) for step in self.otherwise],
        }


@dataclass(frozen=True, kw_only=True)
class FailStep(Step):
    """Ends the execution as failed.

    Args:
        message: Why, for whoever looks at the execution.

    """

    TYPE: ClassVar[str] = "Fail"

    message: Text

    def arguments(self, around: JobSurroundings) -> dict[str, Any]:  # noqa: ARG002 - a message runs nowhere
        """The message."""
        return {"ErrorMessage": self.message}
