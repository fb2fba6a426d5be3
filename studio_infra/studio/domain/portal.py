"""What Studio's own pages show: tools, versions of its image, the page that people land on, shared notebooks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import aws_cdk as cdk

from studio_infra.errors import InvalidInput

if TYPE_CHECKING:
    from studio_infra.studio.domain.apps import Json

_VERSION: Final = re.compile(r"(?:0|[1-9][0-9]*)\.(?:0|[1-9][0-9]*)", re.ASCII)
_LANDING: Final = re.compile(r"(?:studio|app:[A-Za-z]+):[\x21-\x7e]*", re.ASCII)
_LANDING_MAX: Final = 1023
_VERSIONS_MAX: Final = 20


class StudioTool(StrEnum):
    """An entry of Studio's left navigation, as the CloudFormation registry names it."""

    AUTO_ML = "AutoMl"
    COMET = "Comet"
    DATA_WRANGLER = "DataWrangler"
    DEEPCHECKS = "DeepchecksLLMEvaluation"
    EMR_CLUSTERS = "EmrClusters"
    ENDPOINTS = "Endpoints"
    EXPERIMENTS = "Experiments"
    FEATURE_STORE = "FeatureStore"
    FIDDLER = "Fiddler"
    HYPERPOD_CLUSTERS = "HyperPodClusters"
    INFERENCE_OPTIMIZATION = "InferenceOptimization"
    INFERENCE_RECOMMENDER = "InferenceRecommender"
    JUMP_START = "JumpStart"
    LAKERA_GUARD = "LakeraGuard"
    MODELS = "Models"
    MODEL_EVALUATION = "ModelEvaluation"
    PERFORMANCE_EVALUATION = "PerformanceEvaluation"
    PIPELINES = "Pipelines"
    PROJECTS = "Projects"
    TRAINING = "Training"


@dataclass(frozen=True, slots=True, kw_only=True)
class Portal:
    """What people see of Studio. Hiding is comfort, not control: roles decide what may be done.

    Args:
        hidden_tools: Entries that the left navigation leaves out.
        hidden_image_versions: Versions of SageMaker Distribution that the launcher leaves out: `"2.1"`; at most 20.
        landing_uri: Where people land. Defaults to Studio's home, `studio::`; `app:JupyterLab:` is JupyterLab.
        canvas: Whether a domain's launcher shows Canvas. What it may do is said by `DomainFeatures`. Defaults to no.

    Raises:
        InvalidInput: A version or a page that Studio does not have.

    """

    hidden_tools: tuple[StudioTool, ...] = ()
    hidden_image_versions: tuple[str, ...] = ()
    landing_uri: str = "studio::"
    canvas: bool = False

    def __post_init__(self) -> None:
        unknown = [tool for tool in self.hidden_tools if tool not in tuple(StudioTool)]
        if unknown:
            raise InvalidInput(
                "StudioTool", f"hidden_tools must be among {', '.join(StudioTool)}, got {str(unknown[0])!r}"
            )
        wrong = [text for text in self.hidden_image_versions if _VERSION.fullmatch(text) is None]
        if wrong or len(self.hidden_image_versions) > _VERSIONS_MAX:
            raise InvalidInput(
                "HiddenImageVersions",
                f'hidden_image_versions must be at most {_VERSIONS_MAX} like "2.1", got '
                f"{wrong[0] if wrong else len(self.hidden_image_versions)!r}",
            )
        if not cdk.Token.is_unresolved(self.landing_uri) and (
            _LANDING.fullmatch(self.landing_uri) is None or len(self.landing_uri) > _LANDING_MAX
        ):
            raise InvalidInput(
                "LandingUri",
                f'landing_uri must be "studio::" or like "app:JupyterLab:", got {self.landing_uri!r}',
            )

    def as_json(self) -> Json:
        """Part of `StudioWebPortalSettings`."""
        settings: Json = {}
        if self.hidden_tools:
            settings["HiddenMlTools"] = [str(tool) for tool in self.hidden_tools]
        if self.hidden_image_versions:
            settings["HiddenSageMakerImageVersionAliases"] = [
                {
                    "SageMakerImageName": "sagemaker_distribution",
                    "VersionAliases": list(self.hidden_image_versions),
                }
            ]
        return settings


@dataclass(frozen=True, slots=True, kw_only=True)
class NotebookSharing:
    """Where notebooks that people share are kept, output included.

    Args:
        s3_uri: `s3://bucket/prefix`. Whoever may read it reads everybody's shared output.
        key_id: Id or ARN of the key that encrypts it.

    """

    s3_uri: str
    key_id: str

    def as_json(self) -> Json:
        """`SharingSettings` of CloudFormation."""
        return {"NotebookOutputOption": "Allowed", "S3OutputPath": self.s3_uri, "S3KmsKeyId": self.key_id}
