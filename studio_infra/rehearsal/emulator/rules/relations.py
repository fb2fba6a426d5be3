"""What must exist before something else can, and what must be gone before something else may go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Needs:
    """A resource that must exist.

    Args:
        kind: Its kind.
        members: Its identity member, and the path in the request where that member's value stands. A path
            through a list ends in ``[]`` there: ``ProductionVariants[].ModelName``.
        also_on_update: Whether an update checks it, too.

    """

    kind: str
    members: tuple[tuple[str, str], ...]
    also_on_update: bool = False


_SAME_DOMAIN: Final = ("DomainId", "DomainId")
_DOMAIN: Final = Needs("Domain", (_SAME_DOMAIN,))
_OWNER: Final = Needs(
    "UserProfile", (_SAME_DOMAIN, ("UserProfileName", "OwnershipSettings.OwnerUserProfileName"))
)

#: Checked in this order; a need whose own member is not in the request does not count.
NEEDS: Final = {
    "UserProfile": (_DOMAIN,),
    "Space": (
        _DOMAIN,
        _OWNER,
    ),
    "App": (
        _DOMAIN,
        Needs("UserProfile", (_SAME_DOMAIN, ("UserProfileName", "UserProfileName"))),
        Needs("Space", (_SAME_DOMAIN, ("SpaceName", "SpaceName"))),
    ),
    "EndpointConfig": (Needs("Model", (("ModelName", "ProductionVariants[].ModelName"),)),),
    "Endpoint": (
        Needs("EndpointConfig", (("EndpointConfigName", "EndpointConfigName"),), also_on_update=True),
    ),
    "InferenceComponent": (
        Needs("Endpoint", (("EndpointName", "EndpointName"),)),
        Needs("Model", (("ModelName", "Specification.ModelName"),)),
    ),
    "ImageVersion": (Needs("Image", (("ImageName", "ImageName"),)),),
    "ModelPackage": (Needs("ModelPackageGroup", (("ModelPackageGroupName", "ModelPackageGroupName"),)),),
    "NotebookInstance": (
        Needs(
            "NotebookInstanceLifecycleConfig",
            (("NotebookInstanceLifecycleConfigName", "LifecycleConfigName"),),
        ),
    ),
    "TransformJob": (Needs("Model", (("ModelName", "ModelName"),)),),
    "Trial": (Needs("Experiment", (("ExperimentName", "ExperimentName"),)),),
    "PipelineExecution": (Needs("Pipeline", (("PipelineName", "PipelineName"),)),),
}  # fmt: skip


@dataclass(frozen=True)
class Blocker:
    """Something whose existence forbids a deletion.

    Args:
        kind: Its kind.
        members: The members of it, dotted, and the members of the resource to be deleted that must be equal.
        code: AWS's error code.
        harmless: States in which it forbids nothing.

    """

    kind: str
    members: tuple[tuple[str, str], ...]
    code: str = "ResourceInUse"
    harmless: frozenset[str] = frozenset()


#: An app that failed is in nobody's way, and cannot be deleted either:
#: https://docs.aws.amazon.com/sagemaker/latest/dg/gs-studio-delete-domain.html
_FAILED: Final = frozenset({"Failed"})

#: An app that lingers as ``Deleted`` does not block anything. A model or an endpoint config that is in use
#: may go: AWS does not guard them, and the endpoint keeps serving.
BLOCKERS: Final = {
    "Domain": (
        Blocker("App", (_SAME_DOMAIN,), harmless=_FAILED),
        Blocker("Space", (_SAME_DOMAIN,)),
        Blocker("UserProfile", (_SAME_DOMAIN,)),
    ),
    "UserProfile": (
        Blocker("App", (_SAME_DOMAIN, ("UserProfileName", "UserProfileName")), harmless=_FAILED),
        Blocker("Space", (_SAME_DOMAIN, ("OwnershipSettings.OwnerUserProfileName", "UserProfileName"))),
    ),
    "Space": (Blocker("App", (_SAME_DOMAIN, ("SpaceName", "SpaceName")), harmless=_FAILED),),
    "ModelPackageGroup": (
        Blocker("ModelPackage", (("ModelPackageGroupName", "ModelPackageGroupName"),), "ConflictException"),
    ),
    "Experiment": (Blocker("Trial", (("ExperimentName", "ExperimentName"),), "ValidationException"),),
    "Endpoint": (Blocker("InferenceComponent", (("EndpointName", "EndpointName"),), "ValidationException"),),
}  # fmt: skip

#: Kinds that can be deleted in these states alone.
DELETABLE_IN: Final = {
    "NotebookInstance": frozenset({"Stopped", "Failed"}),
    "TrainingJob": frozenset({"Completed", "Failed", "Stopped"}),
    "ProcessingJob": frozenset({"Completed", "Failed", "Stopped"}),
}

#: Members that name an IAM role SageMaker must be able to assume, per kind; dotted.
ROLES: Final = {
    "Domain": ("DefaultUserSettings.ExecutionRole", "DefaultSpaceSettings.ExecutionRole"),
    "UserProfile": ("UserSettings.ExecutionRole",),
    "Model": ("ExecutionRoleArn",),
    "NotebookInstance": ("RoleArn",),
    "Pipeline": ("RoleArn",),
    "ProcessingJob": ("RoleArn",),
    "TrainingJob": ("RoleArn",),
    "MlflowTrackingServer": ("RoleArn",),
    "MlflowApp": ("RoleArn",),
    "Image": ("RoleArn",),
    "FeatureGroup": ("RoleArn",),
}

#: In which app's settings a lifecycle config of an app type may stand.
LIFECYCLE_SLOTS: Final = {
    "JupyterServerAppSettings": "JupyterServer",
    "KernelGatewayAppSettings": "KernelGateway",
    "JupyterLabAppSettings": "JupyterLab",
    "CodeEditorAppSettings": "CodeEditor",
}
