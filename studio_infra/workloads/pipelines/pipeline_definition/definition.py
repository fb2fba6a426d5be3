"""The whole pipeline: steps in, the documented definition JSON out."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, fields
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Any, Final

from studio_infra.errors import InvalidInput
from studio_infra.workloads import limits
from studio_infra.workloads.pipelines.pipeline_definition.step import Access, Step
from studio_infra.workloads.pipelines.pipeline_definition.values import Parameter, references

if TYPE_CHECKING:
    from collections.abc import Iterator

    from studio_infra.workloads.pipelines.pipeline_definition.surroundings import JobSurroundings

#: The one version there is: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-pipeline.html
SCHEMA_VERSION: Final = "2020-12-01"


@dataclass(frozen=True, kw_only=True)
class PipelineDefinition:
    """What a pipeline does.

    Parameters are found where steps use them; nobody has to list them.

    Args:
        steps: In any order; SageMaker runs each as soon as what it waits for is done.

    """

    steps: tuple[Step, ...]

    def __post_init__(self) -> None:
        names = Counter(step.name for step in self.all_steps())
        twice = sorted(name for name, count in names.items() if count > 1)
        if not names:
            raise InvalidInput("PipelineSteps", "a pipeline needs at least one step, got none")
        if twice:
            raise InvalidInput(
                "PipelineSteps", f"each step needs a name of its own, got {', '.join(twice)} twice"
            )
        self._check_order()
        self.parameters  # noqa: B018 - a contradiction is found now, not at synthesis

    def all_steps(self) -> Iterator[Step]:
        """Every step, also those inside conditions."""
        yield from _with_inner(self.steps)

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The parameters that the steps use, in the order of their names."""
        found: dict[str, Parameter] = {}
        for reference in references(self.steps):
            if isinstance(reference, Parameter) and found.setdefault(reference.name, reference) != reference:
                raise InvalidInput(
                    "PipelineParameter",
                    f"parameter {reference.name!r} is used with two defaults or lists of allowed values: "
                    f"{found[reference.name].default!r} and {reference.default!r}; use one Parameter object",
                )
        return tuple(parameter for _, parameter in sorted(found.items()))

    def access(self, around: JobSurroundings) -> Access:
        """What all steps need, put together."""
        needs = [step.access(around) for step in self.all_steps()]
        found: dict[str, Any] = {}
        for field in fields(Access):
            values = [value for need in needs for value in getattr(need, field.name)]
            # Sets have no order; texts keep that of the steps, and come once.
            is_set = isinstance(field.default, frozenset)
            found[field.name] = frozenset(values) if is_set else tuple(dict.fromkeys(values))
        return Access(**found)

    def render(self, around: JobSurroundings) -> dict[str, Any]:
        """The definition as `CreatePipeline` takes it, before it becomes text."""
        rendered = {
            "Version": SCHEMA_VERSION,
            "Metadata": {},
            "Parameters": [parameter.declaration() for parameter in self.parameters],
            "Steps": [step.render(around) for step in self.steps],
        }
        size = len(json.dumps(rendered))
        if size > limits.PIPELINE_DEFINITION_MAX:
            raise InvalidInput(
                "PipelineDefinition",
                f"a definition has at most {limits.PIPELINE_DEFINITION_MAX} characters, got {size}: make two",
            )
        return rendered

    def _check_order(self) -> None:
        waits = {step.name: set(step.waits_for) for step in self.all_steps()}
        for step in self.all_steps():
            unknown = sorted(step.waits_for - waits.keys())
            if unknown:
                known = ", ".join(sorted(waits.keys() - {step.name}))
                raise step.refuse(
                    "PipelineSteps", f"waits for {', '.join(unknown)}, which is no step; there are: {known}"
                )
            for inner in step.inner:
                waits[inner.name].add(step.name)
        try:
            TopologicalSorter(waits).prepare()
        except CycleError as error:
            circle = " -> ".join(error.args[1])
            raise InvalidInput("PipelineSteps", f"steps wait for each other in a circle: {circle}") from None


def _with_inner(steps: tuple[Step, ...]) -> Iterator[Step]:
    for step in steps:
        yield step
        yield from _with_inner(step.inner)
