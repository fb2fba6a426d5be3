"""What the settings ask for, against what CloudFormation can make in their region."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from studio_infra.settings.facts.regions import examples, missing_types
from studio_infra.settings.findings import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from studio_infra.settings.checks.draft import Draft

_STUDIO: Final = (
    "AWS::SageMaker::Domain",
    "AWS::SageMaker::UserProfile",
    "AWS::SageMaker::StudioLifecycleConfig",
)
_SPACES: Final = ("AWS::SageMaker::Space",)
_IMAGES: Final = ("AWS::SageMaker::Image", "AWS::SageMaker::ImageVersion", "AWS::SageMaker::AppImageConfig")
_TRAINING: Final = ("AWS::SageMaker::Pipeline", "AWS::SageMaker::ModelPackageGroup")
_TRACKING_APPS: Final = ("AWS::SageMaker::MlflowApp",)
_TRACKING_SERVERS: Final = ("AWS::SageMaker::MlflowTrackingServer",)
_ENDPOINTS: Final = ("AWS::SageMaker::Model", "AWS::SageMaker::EndpointConfig", "AWS::SageMaker::Endpoint")


def types_the_region_lacks(draft: Draft) -> Iterator[Problem]:
    """Sections of the settings that their own region cannot have."""
    region = getattr(draft.aws, "region", None)
    if not isinstance(region, str):
        return
    spaces = getattr(draft.people, "private_spaces", False) is True
    tracking = {getattr(one, "kind", None) for one in draft.tracking.values()}
    for types, wanted, way in (
        (_STUDIO, True, ""),
        (_SPACES, spaces, "set people.private_spaces = false, or "),
        (_IMAGES, bool(draft.images), "leave [images] out, or "),
        (_TRAINING, bool(draft.training), "leave [training] out, or "),
        (_ENDPOINTS, bool(draft.endpoints), "leave [endpoints] out, or "),
        (_TRACKING_APPS, "serverless" in tracking, 'say kind = "server" in [tracking], or '),
        (_TRACKING_SERVERS, "server" in tracking, "leave servers out of [tracking], or "),
    ):
        missing = missing_types(region, types) if wanted else []
        if missing:
            yield Problem(
                ("aws", "region"),
                f"CloudFormation has no {' and no '.join(missing)} there",
                f"{way}use another region, for example {examples(types)}",
                region,
            )
