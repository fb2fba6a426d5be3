"""How resources are told apart and named, where the service model does not say it."""

from __future__ import annotations

from typing import Final

#: Kinds that another operation than ``Create…`` brings to life.
STARTED: Final = frozenset({"PipelineExecution"})

#: Identities that are more than the required members of the Describe call. An app belongs to a profile or to
#: a space: the one that is not given counts as empty.
IDENTITY: Final = {
    "App": ("DomainId", "UserProfileName", "SpaceName", "AppType", "AppName"),
    "ImageVersion": ("ImageName", "Version"),
}

#: Where the ARN stands, if not in ``<Kind>Arn``.
ARN_MEMBER: Final = {
    "AutoMLJobV2": "AutoMLJobArn",
    "DataQualityJobDefinition": "JobDefinitionArn",
    "InferenceExperiment": "Arn",
    "InferenceRecommendationsJob": "JobArn",
    "MlflowApp": "Arn",
    "ModelBiasJobDefinition": "JobDefinitionArn",
    "ModelExplainabilityJobDefinition": "JobDefinitionArn",
    "ModelQualityJobDefinition": "JobDefinitionArn",
    "PartnerApp": "Arn",
}

#: ARN words that no pattern shows.
ARN_TYPE: Final = {
    "AutoMLJobV2": "automl-job",
    "InferenceExperiment": "inference-experiment",
    "PipelineExecution": "pipeline",
    "Trial": "experiment-trial",
    "TrialComponent": "experiment-trial-component",
    "Workforce": "workforce/private-crowd",
    "Workteam": "workteam/private-crowd",
}

#: ARNs keep the letters' case for these; all others are lower case, app types too (``…/kernelgateway/…``).
ARN_KEEPS_CASE: Final = frozenset(
    {"MlflowApp", "PartnerApp", "Pipeline", "PipelineExecution", "Space", "StudioLifecycleConfig"}
)

#: Identity members that the service makes up, and what they look like: prefix, length, alphabet.
MADE_UP: Final = {
    ("Domain", "DomainId"): ("d-", 12, "0123456789abcdefghijklmnopqrstuvwxyz"),
    ("ClusterSchedulerConfig", "ClusterSchedulerConfigId"): ("", 12, "0123456789abcdefghijklmnopqrstuvwxyz"),
    ("ComputeQuota", "ComputeQuotaId"): ("", 12, "0123456789abcdefghijklmnopqrstuvwxyz"),
}

#: Kinds whose identity is the ARN itself, and its made-up tail.
ARN_TAIL: Final = {
    "Artifact": ("", 32, "0123456789abcdef"),
    "MlflowApp": ("app-", 12, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    "PartnerApp": ("app-", 12, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
}

#: The older kinds say "not found" and "taken" with a ValidationException.
OLDER: Final = frozenset(
    {
        "CodeRepository",
        "Endpoint",
        "EndpointConfig",
        "Model",
        "ModelPackage",
        "ModelPackageGroup",
        "NotebookInstance",
        "NotebookInstanceLifecycleConfig",
        "Workteam",
    }
)

#: Names that must be unique although they are not the identity.
UNIQUE_NAME: Final = {"Domain": "DomainName", "ComputeQuota": "Name", "ClusterSchedulerConfig": "Name"}
