"""The four things that SageMaker Model Monitor looks at, each with what it needs to know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final

from aws_cdk import aws_sagemaker as sagemaker

from studio_infra.errors import InvalidInput
from studio_infra.workloads.pipelines.pipeline_definition.data import check_place

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Json = dict[str, Any]

PROBLEMS: Final = ("BinaryClassification", "MulticlassClassification", "Regression")
_INPUT: Final = "/opt/ml/processing/input/endpoint"


@dataclass(frozen=True, kw_only=True)
class Watched:
    """What all four have in common.

    Args:
        image: The container image: AWS has one for data and model quality, and one, Clarify, for bias and
            explainability, in each region.
            https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-pre-built-container.html
        constraints: What is normal: a file in S3 that a baseline job wrote. Without one, nothing is a violation.

    """

    #: In SageMaker's word, its resource type, and how its properties begin.
    TYPE: ClassVar[str]
    PREFIX: ClassVar[str]
    image: str
    constraints: str | None = None

    def __post_init__(self) -> None:
        for what, place in self.places().items():
            check_place(place, what)

    def places(self) -> Mapping[str, str]:
        """What is read from S3, by the option that names it."""
        known = {
            name: getattr(self, name, None)
            for name in ("constraints", "statistics", "config", "ground_truth")
        }
        return {name: place for name, place in known.items() if place is not None}

    def job(self) -> Callable[..., Any]:
        """The L1 construct of its job definition."""
        made: Callable[..., Any] = getattr(sagemaker, f"Cfn{self.TYPE}JobDefinition")
        return made

    def properties(self, endpoint_name: str) -> Json:
        """What its job definition has of its own."""
        source: Json = {
            "endpoint_input": {"endpoint_name": endpoint_name, "local_path": _INPUT, **self.columns()}
        }
        ground_truth = self.places().get("ground_truth")
        if ground_truth is not None:
            source["ground_truth_s3_input"] = {"s3_uri": ground_truth}
        found = {
            f"{self.PREFIX}_app_specification": {"image_uri": self.image, **self.application()},
            f"{self.PREFIX}_job_input": source,
        }
        baseline = {
            f"{name}_resource": {"s3_uri": place}
            for name, place in self.places().items()
            if name in {"constraints", "statistics"}
        }
        return found | ({f"{self.PREFIX}_baseline_config": baseline} if baseline else {})

    def application(self) -> Json:
        """What its container is told."""
        return {}

    def columns(self) -> Json:
        """Where in what was captured it finds what it needs."""
        return {}


@dataclass(frozen=True, kw_only=True)
class DataQuality(Watched):
    """Whether requests still look like the training data.

    Args:
        statistics: How the training data looked: a file in S3 that a baseline job wrote.

    """

    TYPE: ClassVar[str] = "DataQuality"
    PREFIX: ClassVar[str] = "data_quality"
    statistics: str | None = None


@dataclass(frozen=True, kw_only=True)
class ModelQuality(Watched):
    """Whether answers turn out to be right.

    Args:
        problem: `"BinaryClassification"`, `"MulticlassClassification"` or `"Regression"`.
        ground_truth: Folder in S3 with what was right, written later by whoever knows.
        answer: Index or JSONPath of the answer.
        probability: Index or JSONPath of the probability. Defaults to none.

    """

    TYPE: ClassVar[str] = "ModelQuality"
    PREFIX: ClassVar[str] = "model_quality"
    problem: str
    ground_truth: str
    answer: str | None = None
    probability: str | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.problem not in PROBLEMS:
            raise InvalidInput(
                "MonitorProblem", f"problem must be one of {', '.join(PROBLEMS)}, got {self.problem!r}"
            )

    def application(self) -> Json:
        """What its container is told."""
        return {"problem_type": self.problem}

    def columns(self) -> Json:
        """Where in what was captured it finds what it needs."""
        found = {"inference_attribute": self.answer, "probability_attribute": self.probability}
        return {name: value for name, value in found.items() if value is not None}


@dataclass(frozen=True, kw_only=True)
class ModelBias(Watched):
    """Whether answers treat groups of people differently.

    Args:
        config: Clarify's configuration: a JSON file in S3.
        ground_truth: Folder in S3 with what was right.

    """

    TYPE: ClassVar[str] = "ModelBias"
    PREFIX: ClassVar[str] = "model_bias"
    config: str
    ground_truth: str

    def application(self) -> Json:
        """What its container is told."""
        return {"config_uri": self.config}


@dataclass(frozen=True, kw_only=True)
class ModelExplainability(Watched):
    """Whether other features decide than did in the training.

    Args:
        config: Clarify's configuration: a JSON file in S3.

    """

    TYPE: ClassVar[str] = "ModelExplainability"
    PREFIX: ClassVar[str] = "model_explainability"
    config: str

    def application(self) -> Json:
        """What its container is told."""
        return {"config_uri": self.config}
