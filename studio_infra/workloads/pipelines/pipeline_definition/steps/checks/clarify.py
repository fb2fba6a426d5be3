"""Whether data or answers treat groups of people differently, and which features decide: by SageMaker Clarify."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, Any, ClassVar, Final

from studio_infra.workloads.pipelines.pipeline_definition.steps.checks.check import (
    FOLDER,
    CheckStep,
    as_json,
)
from studio_infra.workloads.pipelines.pipeline_definition.steps.processing import ProcessingInput
from studio_infra.workloads.pipelines.pipeline_definition.values import StepProperty, Text, is_open

if TYPE_CHECKING:
    from collections.abc import Mapping

    from studio_infra.workloads.pipelines.pipeline_definition.step import Access
    from studio_infra.workloads.pipelines.pipeline_definition.surroundings import JobSurroundings

_PREFIX: Final = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,39}", re.ASCII)


class ClarifyCheck(Enum):
    """What Clarify looks at."""

    #: Whether the data treats groups differently. Needs no model.
    DATA_BIAS = "DATA_BIAS"
    #: Whether the model's answers do.
    MODEL_BIAS = "MODEL_BIAS"
    #: Whether other features decide than did before.
    EXPLAINABILITY = "MODEL_EXPLAINABILITY"


#: How `CreateModelPackage` calls it: the part, and in it the name of what was measured and of the baseline.
_REGISTERED: Final = {
    ClarifyCheck.DATA_BIAS: ("Bias", "PreTrainingReport", "PreTrainingConstraints"),
    ClarifyCheck.MODEL_BIAS: ("Bias", "PostTrainingReport", "PostTrainingConstraints"),
    ClarifyCheck.EXPLAINABILITY: ("Explainability", "Report", "Constraints"),
}


@dataclass(frozen=True, kw_only=True)
class ClarifyCheckStep(CheckStep):
    """Runs Clarify over data, and compares with a baseline.

    About a model, Clarify asks it: it makes an endpoint for itself, and deletes it. So its container needs the
    network, `network_isolation=False` said out loud, and its job may make endpoints whose names begin with
    `endpoint_prefix`.

    Args:
        looks_at: What it looks at.
        config: Clarify's analysis configuration: a JSON file in S3, whose `predictor.endpoint_name_prefix` is
            `endpoint_prefix`.
            https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-processing-job-configure-analysis.html
        model_name: The model that is asked: usually `CreateModelStep.model_name`. The data's bias needs none.
        endpoint_prefix: How the names of Clarify's own endpoints begin: 1-40 letters, digits or inner hyphens.

    """

    TYPE: ClassVar[str] = "ClarifyCheck"
    RESULT: ClassVar[str] = "analysis_result"

    looks_at: ClarifyCheck
    config: Text
    model_name: Text | None = None
    endpoint_prefix: str | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        about_data = self.looks_at is ClarifyCheck.DATA_BIAS
        if about_data and (self.model_name is not None or self.endpoint_prefix is not None):
            raise self.refuse(
                "ClarifyModel", "the bias of data needs no model: leave model_name and endpoint_prefix out"
            )
        if about_data:
            return
        if self.model_name is None or self.endpoint_prefix is None:
            raise self.refuse(
                "ClarifyModel", f"{self.looks_at.value} asks a model: give model_name and endpoint_prefix"
            )
        if not is_open(self.endpoint_prefix) and _PREFIX.fullmatch(self.endpoint_prefix) is None:
            raise self.refuse(
                "ClarifyModel",
                f"endpoint_prefix must be 1-40 letters, digits or inner hyphens, got {self.endpoint_prefix!r}",
            )
        if self.network_isolation:
            raise self.refuse(
                "ClarifyModel",
                "Clarify cannot ask a model without a network: say network_isolation=False",
            )

    @property
    def kind(self) -> str:
        """What it checks, in SageMaker's word."""
        return self.looks_at.value

    def places(self) -> dict[str, Text]:
        """What it is given in S3, by the option that says so."""
        return super().places() | {"config": self.config}

    def inputs(self) -> Mapping[str, ProcessingInput]:
        """The configuration, and the data."""
        return {
            "analysis_config": ProcessingInput(place=self.config, path=f"{FOLDER}/input/config"),
            "dataset": ProcessingInput(place=self.data, path=f"{FOLDER}/input/data"),
        }

    def extras(self) -> dict[str, Any]:
        """What is compared, and what follows."""
        return super().extras() | {"ModelName": self.model_name}

    def access(self, around: JobSurroundings) -> Access:
        """The same, and the endpoints that Clarify makes."""
        own = () if self.endpoint_prefix is None else (self.endpoint_prefix,)
        return replace(super().access(around), endpoint_prefixes=own)

    def metrics(self) -> dict[str, Any]:
        """What `CreateModelPackage` calls what was measured."""
        return self._written(self.calculated_constraints, _REGISTERED[self.looks_at][1])

    def baselines(self) -> dict[str, Any]:
        """What `CreateModelPackage` calls what the next versions are compared with."""
        return self._written(self.used_constraints, _REGISTERED[self.looks_at][2])

    def _written(self, constraints: StepProperty, what: str) -> dict[str, Any]:
        return {_REGISTERED[self.looks_at][0]: {what: as_json(constraints)}}
