"""Whether data still looks as it did, and whether a model is still as good."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from studio_infra.workloads.pipelines.pipeline_definition.steps.checks.check import (
    FOLDER,
    OUTPUT,
    CheckStep,
    as_json,
)
from studio_infra.workloads.pipelines.pipeline_definition.steps.processing import ProcessingInput
from studio_infra.workloads.pipelines.pipeline_definition.values import StepProperty, Text

if TYPE_CHECKING:
    from collections.abc import Mapping

PROBLEMS = ("BinaryClassification", "MulticlassClassification", "Regression")
_DATA, _BEFORE, _AFTER = (
    "baseline_dataset_input",
    "record_preprocessor_script_input",
    "post_analytics_processor_script_input",
)


def _folder(name: str) -> str:
    return f"{FOLDER}/input/{name}"


def csv(*, header: bool = True) -> dict[str, Any]:
    """Data in lines of values: for `data_format`."""
    return {"csv": {"header": header, "output_columns_position": "START"}}


def json_lines() -> dict[str, Any]:
    """Data in lines of JSON: for `data_format`."""
    return {"json": {"lines": True}}


@dataclass(frozen=True, kw_only=True)
class QualityCheckStep(CheckStep):
    """What both quality checks have in common; use `DataQualityCheckStep` or `ModelQualityCheckStep`.

    Args:
        data_format: How the data is written: `csv()` or `json_lines()`, or the image's own word for it.
        statistics: The statistics of a baseline of one's own: a JSON file in S3. Defaults to those of the group.
        after_script: A script in S3 that AWS's image runs when it has finished.

    """

    TYPE: ClassVar[str] = "QualityCheck"
    RESULT: ClassVar[str] = "quality_check_output"

    data_format: Mapping[str, Any] = field(default_factory=csv)
    statistics: Text | None = None
    after_script: str | None = None

    @property
    def calculated_statistics(self) -> StepProperty:
        """The statistics that this execution measured: a file in S3."""
        return StepProperty(self.name, "CalculatedBaselineStatistics")

    @property
    def used_statistics(self) -> StepProperty:
        """The statistics that it was compared with, or that are the new baseline."""
        return StepProperty(self.name, "BaselineUsedForDriftCheckStatistics")

    def places(self) -> dict[str, Text]:
        """What it is given in S3, by the option that says so."""
        given = {"statistics": self.statistics, "after_script": self.after_script}
        return super().places() | {what: place for what, place in given.items() if place is not None}

    def inputs(self) -> Mapping[str, ProcessingInput]:
        """The data, and the script."""
        found = {_DATA: ProcessingInput(place=self.data, path=_folder(_DATA))}
        if self.after_script is not None:
            found[_AFTER] = ProcessingInput(place=self.after_script, path=_folder(_AFTER))
        return found

    def environment(self) -> Mapping[str, Text]:
        """Where the data is, how it is written, and where the findings go."""
        found: dict[str, Text] = {
            "output_path": OUTPUT,
            "publish_cloudwatch_metrics": "Disabled",
            "dataset_format": json.dumps(self.data_format),
            "dataset_source": _folder(_DATA),
        }
        if self.after_script is not None:
            found["post_analytics_processor_script"] = f"{_folder(_AFTER)}/{_name(self.after_script)}"
        return found

    def extras(self) -> dict[str, Any]:
        """What is compared, and what follows."""
        return super().extras() | {"SuppliedBaselineStatistics": self.statistics}

    def supplied(self) -> tuple[Text | None, ...]:
        """The same, and the statistics."""
        return (*super().supplied(), self.statistics)

    def metrics(self) -> dict[str, Any]:
        """What `CreateModelPackage` calls what was measured."""
        return self._both(self.calculated_statistics, self.calculated_constraints)

    def baselines(self) -> dict[str, Any]:
        """What `CreateModelPackage` calls what the next versions are compared with."""
        return self._both(self.used_statistics, self.used_constraints)

    def _both(self, statistics: StepProperty, constraints: StepProperty) -> dict[str, Any]:
        (kind,) = self._written(constraints, "Constraints")
        return {kind: {"Statistics": as_json(statistics), "Constraints": as_json(constraints)}}


@dataclass(frozen=True, kw_only=True)
class DataQualityCheckStep(QualityCheckStep):
    """Whether data still looks as it did: types, missing values, distributions.

    Args:
        before_script: A script in S3 that AWS's image runs over each record first.

    """

    before_script: str | None = None

    @property
    def kind(self) -> str:
        """What it checks, in SageMaker's word."""
        return "DATA_QUALITY"

    def places(self) -> dict[str, Text]:
        """What it is given in S3, by the option that says so."""
        more: dict[str, Text] = {} if self.before_script is None else {"before_script": self.before_script}
        return super().places() | more

    def inputs(self) -> Mapping[str, ProcessingInput]:
        """The data, and the scripts."""
        found = dict(super().inputs())
        if self.before_script is not None:
            found[_BEFORE] = ProcessingInput(place=self.before_script, path=_folder(_BEFORE))
        return found

    def environment(self) -> Mapping[str, Text]:
        """The same, and the script."""
        found = dict(super().environment())
        if self.before_script is not None:
            found["record_preprocessor_script"] = f"{_folder(_BEFORE)}/{_name(self.before_script)}"
        return found

    def _written(self, constraints: StepProperty, what: str) -> dict[str, Any]:
        return {"ModelDataQuality": {what: as_json(constraints)}}


@dataclass(frozen=True, kw_only=True)
class ModelQualityCheckStep(QualityCheckStep):
    """Whether a model is still as good, by data that has both its answers and what was right.

    Args:
        problem: `"BinaryClassification"`, `"MulticlassClassification"` or `"Regression"`.
        answer: Index or JSONPath of the answer.
        truth: Index or JSONPath of what was right.
        probability: Index or JSONPath of the probability. Defaults to none.
        threshold: From which probability on the answer is yes: `"0.5"`. Defaults to the image's own.

    """

    problem: str
    answer: Text | None = None
    truth: Text | None = None
    probability: Text | None = None
    threshold: Text | None = None

    @property
    def kind(self) -> str:
        """What it checks, in SageMaker's word."""
        return "MODEL_QUALITY"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.problem not in PROBLEMS:
            raise self.refuse(
                "CheckProblem", f"problem must be one of {', '.join(PROBLEMS)}, got {self.problem!r}"
            )

    def environment(self) -> Mapping[str, Text]:
        """The same, and where in the data to look."""
        where = {
            "inference_attribute": self.answer,
            "probability_attribute": self.probability,
            "ground_truth_attribute": self.truth,
            "probability_threshold_attribute": self.threshold,
        }
        said: dict[str, Text] = {"analysis_type": self.kind, "problem_type": self.problem}
        return {
            **super().environment(),
            **said,
            **{name: text for name, text in where.items() if text is not None},
        }

    def _written(self, constraints: StepProperty, what: str) -> dict[str, Any]:
        return {"ModelQuality": {what: as_json(constraints)}}


def _name(place: str) -> str:
    return place.rpartition("/")[2]
