"""The evaluation step: how good a model is, as figures that conditions and the registry read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from studio_infra.workloads.pipelines.pipeline_definition.steps.conditions import Compare
from studio_infra.workloads.pipelines.pipeline_definition.steps.processing import (
    ProcessingInput,
    ProcessingOutput,
    ProcessingStep,
)
from studio_infra.workloads.pipelines.pipeline_definition.values import Join, JsonGet, Reference, Scalar, Text

_REPORT: Final = "report"
_FILE: Final = "evaluation.json"
_FIGURES: Final = "Evaluation"
_FOLDER: Final = "/opt/ml/processing"


@dataclass(frozen=True, kw_only=True)
class EvaluationStep(ProcessingStep):
    """Tries a model on data that it has not seen: a processing step with inputs and a report of fixed names.

    The container finds the model in `/opt/ml/processing/model` and the data in `/opt/ml/processing/test`, and writes
    `/opt/ml/processing/report/evaluation.json`. More inputs and outputs are possible beside them.

    Args:
        model: The model: `TrainingStep.model` or `TuningStep.model`.
        data: An object or a folder in S3 that the model has not seen.

    """

    name: str = "Evaluate"
    model: Text
    data: Text

    def __post_init__(self) -> None:
        taken = sorted({"model", "test"} & self.inputs.keys() | {_REPORT} & self.outputs.keys())
        if taken:
            raise self.refuse(
                "EvaluationData", f"{', '.join(taken)} is the evaluation's own: name yours otherwise"
            )
        inputs = {
            "model": ProcessingInput(place=self.model, path=f"{_FOLDER}/model"),
            "test": ProcessingInput(place=self.data, path=f"{_FOLDER}/test"),
        }
        report = ProcessingOutput(path=f"{_FOLDER}/{_REPORT}", property_files={_FIGURES: _FILE})
        object.__setattr__(self, "inputs", inputs | dict(self.inputs))
        object.__setattr__(self, "outputs", {_REPORT: report} | dict(self.outputs))
        super().__post_init__()

    def metric(self, path: str) -> JsonGet:
        """A figure of the report: `metric("auc.value")`."""
        return self.figure(_FIGURES, path)

    def passes(self, path: str, operator: str, limit: Scalar | Reference) -> Compare:
        """A condition on a figure of the report: `passes("auc.value", ">=", 0.8)`."""
        return Compare(self.metric(path), operator, limit)

    @property
    def statistics(self) -> Join:
        """Where the report is: the `model_statistics` of a `RegisterModelStep`."""
        return Join((self.output(_REPORT), _FILE), on="/")
