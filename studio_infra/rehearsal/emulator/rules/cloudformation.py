"""Where CloudFormation's SageMaker types and the API do not use the same words."""

from __future__ import annotations

from typing import Final

#: Template property: API member.
RENAMED: Final = {
    "Image": {
        "ImageRoleArn": "RoleArn",
        "ImageDisplayName": "DisplayName",
        "ImageDescription": "Description",
    },
}

#: Members that the API takes as JSON text and templates write as an object.
JSON_TEXT: Final = {"Pipeline": ("PipelineDefinition",), "ModelCard": ("Content",)}

#: Types of the registry that have no full life in the API and are refused, not half done.
LEFT_OUT: Final = frozenset({"Device", "ExperimentTrialComponent"})

#: Types that CloudFormation stops before it deletes them.
STOPPED_FIRST: Final = frozenset({"NotebookInstance"})

#: Attributes whose name is not the API member's.
ATTRIBUTES: Final = {
    "InferenceExperiment": {"Arn": "InferenceExperimentArn"},
}

#: Attributes that CloudFormation documents although the registry schema does not mark them.
MORE_ATTRIBUTES: Final = {
    "CodeRepository": ("CodeRepositoryName",),
    "Endpoint": ("EndpointName",),
    "EndpointConfig": ("EndpointConfigName",),
    "Model": ("ModelName",),
    "NotebookInstance": ("NotebookInstanceName",),
    "NotebookInstanceLifecycleConfig": ("NotebookInstanceLifecycleConfigName",),
    "Workteam": ("WorkteamName",),
}

#: How long a made-up name may be, and whether it must be lower case; the rest is 63 and any case.
NAME_LENGTH: Final = {"Pipeline": 256, "Experiment": 120, "TrialComponent": 120, "ModelCard": 63}

#: How CloudFormation files the API's error codes.
HANDLER_CODES: Final = {
    "ConflictException": "ResourceConflict",
    "InternalFailure": "InternalFailure",
    "NotRehearsed": "GeneralServiceException",
    "ResourceInUse": "ResourceConflict",
    "ResourceLimitExceeded": "ServiceLimitExceeded",
    "ResourceNotFound": "NotFound",
    "ThrottlingException": "Throttling",
    "ValidationException": "InvalidRequest",
}
