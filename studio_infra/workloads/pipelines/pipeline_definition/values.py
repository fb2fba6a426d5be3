"""What a pipeline only knows when it runs: parameters, results of steps, facts about the execution.

Plain values without CDK. A CDK token is text to them that nobody can read yet: checks skip it.
"""

from __future__ import annotations

import dataclasses
import json
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from studio_infra.errors import InvalidInput

Scalar: TypeAlias = "str | int | float | bool"

#: Names of steps and parameters: the published pipeline definition schema, 2020-12-01.
NAME_MAX: Final = 64
_NAME: Final = re.compile(rf"[A-Za-z0-9_-]{{1,{NAME_MAX}}}", re.ASCII)
_TOKEN: Final = re.compile(r"\$\{Token\[")
#: CDK writes a number that is not known yet as a huge negative one.
_TOKEN_NUMBER_BELOW: Final = -1e280


class Reference(ABC):
    """A value that SageMaker fills in when the pipeline runs."""

    @abstractmethod
    def to_json(self) -> dict[str, Any]:
        """How the pipeline definition writes it."""

    @property
    def steps(self) -> frozenset[str]:
        """Names of the steps that have to run before it is known."""
        return frozenset()


def check_name(name: str, what: str) -> None:
    """Refuse a name that a pipeline definition cannot hold."""
    if not is_open(name) and _NAME.fullmatch(name) is None:
        raise InvalidInput(
            "PipelineName",
            f"{what} must be 1-{NAME_MAX} ASCII letters, digits, hyphens or underscores, got {name!r}",
        )


@dataclass(frozen=True)
class Parameter(Reference):
    """A value that whoever starts the pipeline may change. Its type is the type of its default.

    Args:
        name: What callers of `StartPipelineExecution` use.
        default: Used when the caller says nothing.
        allowed: The only texts that are accepted. Defaults to any.

    """

    name: str
    default: Scalar
    allowed: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_name(self.name, "a parameter's name")
        if self.allowed and self.default not in self.allowed:
            raise InvalidInput(
                "PipelineParameter",
                f"parameter {self.name!r} allows {', '.join(self.allowed)}, is {self.default!r} by default",
            )

    @property
    def type(self) -> str:
        """Its type in the words of the pipeline definition."""
        # bool before int: to Python, True is an int.
        for python, name in ((bool, "Boolean"), (int, "Integer"), (float, "Float")):
            if isinstance(self.default, python):
                return name
        return "String"

    def to_json(self) -> dict[str, Any]:
        """The reference to it; `declaration` is what stands at the top of the definition."""
        return {"Get": f"Parameters.{self.name}"}

    def declaration(self) -> dict[str, Any]:
        """What the definition's list of parameters says about it."""
        declared: dict[str, Any] = {"Name": self.name, "Type": self.type, "DefaultValue": self.default}
        return declared | ({"EnumValues": list(self.allowed)} if self.allowed else {})


@dataclass(frozen=True)
class StepProperty(Reference):
    """A part of what a step's `Describe…` call answers once the step has run.

    Args:
        step: The step's name.
        path: In the words of the service: `"ModelArtifacts.S3ModelArtifacts"`.

    """

    step: str
    path: str

    @property
    def steps(self) -> frozenset[str]:
        """The step itself."""
        return frozenset({self.step})

    def to_json(self) -> dict[str, Any]:
        """How the pipeline definition writes it."""
        return {"Get": f"Steps.{self.step}.{self.path}"}


@dataclass(frozen=True)
class JsonGet(Reference):
    """A value out of a JSON file that a processing step wrote as one of its property files.

    Args:
        step: The processing step's name.
        property_file: The name of the property file.
        path: Where in the JSON: `"metrics.auc.value"`.

    """

    step: str
    property_file: str
    path: str

    @property
    def steps(self) -> frozenset[str]:
        """The step that writes the file."""
        return frozenset({self.step})

    def to_json(self) -> dict[str, Any]:
        """How the pipeline definition writes it."""
        get = {"Get": f"Steps.{self.step}.PropertyFiles.{self.property_file}"}
        return {"Std:JsonGet": {"PropertyFile": get, "Path": self.path}}


@dataclass(frozen=True)
class ExecutionVariable(Reference):
    """A fact about the running execution, for example `"PipelineExecutionId"`."""

    name: str

    def to_json(self) -> dict[str, Any]:
        """How the pipeline definition writes it."""
        return {"Get": f"Execution.{self.name}"}


#: Differs between any two executions: what it is part of is never shared by two of them.
EXECUTION_ID: Final = ExecutionVariable("PipelineExecutionId")


@dataclass(frozen=True)
class Join(Reference):
    """Texts and references put together, with `on` between them."""

    values: tuple[Scalar | Reference, ...]
    on: str = ""

    @property
    def steps(self) -> frozenset[str]:
        """The steps that any of its parts waits for."""
        return frozenset().union(*(value.steps for value in self.values if isinstance(value, Reference)))

    def to_json(self) -> dict[str, Any]:
        """How the pipeline definition writes it."""
        return {"Std:Join": {"On": self.on, "Values": [render(value) for value in self.values]}}


Text: TypeAlias = "str | Reference"
Number: TypeAlias = "int | Reference"


def is_open(value: object) -> bool:
    """Whether `value` is not known yet: a reference, or a CDK token."""
    if isinstance(value, str):
        return _TOKEN.search(value) is not None
    if isinstance(value, int | float):
        return value < _TOKEN_NUMBER_BELOW
    return isinstance(value, Reference)


def as_text(value: Scalar | Reference) -> Text:
    """`value` where the service takes text only: numbers and booleans as JSON writes them."""
    if isinstance(value, Parameter) and value.type != "String":
        return Join((value,))
    return value if isinstance(value, str | Reference) else json.dumps(value)


def known_start(value: Text) -> str | None:
    """The text that every value of it starts with: `None` where nothing is known yet."""
    if isinstance(value, Join) and value.values and isinstance(value.values[0], str):
        return value.values[0] + (value.on if len(value.values) > 1 else "")
    return value if isinstance(value, str) else None


def render(value: Any) -> Any:
    """`value` as JSON: references written out, members that are `None` left out."""
    if isinstance(value, Reference):
        return value.to_json()
    if isinstance(value, Mapping):
        return {key: render(item) for key, item in value.items() if item is not None}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [render(item) for item in value]
    return value


def references(value: Any) -> Iterator[Reference]:
    """Every reference inside `value`: also inside dataclasses, mappings and sequences."""
    if isinstance(value, Join):
        yield from references(value.values)
    elif isinstance(value, Reference):
        yield value
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            yield from references(getattr(value, field.name))
    elif isinstance(value, Mapping):
        yield from references(tuple(value.values()))
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for item in value:
            yield from references(item)
