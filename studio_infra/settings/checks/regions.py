"""What the settings ask for, against what CloudFormation can make in their region."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from studio_infra.settings.facts.regions import examples, missing_types
from studio_infra.settings.fields.partial import where
from studio_infra.settings.findings import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from studio_infra.settings.checks.draft import Checks, Draft

#: What the types are for, whether the settings ask for them, and how they could do without.
_ASKED: Final[tuple[tuple[Sequence[str], Callable[[Draft], bool], str], ...]] = (
    (
        ("AWS::SageMaker::Domain", "AWS::SageMaker::UserProfile", "AWS::SageMaker::StudioLifecycleConfig"),
        lambda _: True,
        "",
    ),
    (
        ("AWS::SageMaker::Space",),
        lambda draft: draft.people.private_spaces,
        "set people.private_spaces = false, or ",
    ),
    (
        ("AWS::SageMaker::Image", "AWS::SageMaker::ImageVersion", "AWS::SageMaker::AppImageConfig"),
        lambda draft: bool(draft.images),
        "leave [images] out, or ",
    ),
    (
        ("AWS::SageMaker::Pipeline", "AWS::SageMaker::ModelPackageGroup"),
        lambda draft: bool(draft.training),
        "leave [training] out, or ",
    ),
    (
        ("AWS::SageMaker::Model", "AWS::SageMaker::EndpointConfig", "AWS::SageMaker::Endpoint"),
        lambda draft: bool(draft.endpoints),
        "leave [endpoints] out, or ",
    ),
    (
        ("AWS::SageMaker::MlflowApp",),
        lambda draft: bool(where(draft.tracking, lambda one: one.kind == "serverless")),
        'say kind = "server" in [tracking], or ',
    ),
    (
        ("AWS::SageMaker::MlflowTrackingServer",),
        lambda draft: bool(where(draft.tracking, lambda one: one.kind == "server")),
        "leave servers out of [tracking], or ",
    ),
)


def region_checks(draft: Draft) -> Checks:
    """Sections of the settings that their own region cannot have."""
    for types, wanted, way in _ASKED:
        yield _lacking(draft, types, wanted, way)


def _lacking(
    draft: Draft, types: Sequence[str], wanted: Callable[[Draft], bool], way: str
) -> Iterator[Problem]:
    region = draft.aws.region
    missing = missing_types(region, types) if region is not None and wanted(draft) else ()
    if missing:
        yield Problem(
            ("aws", "region"),
            f"CloudFormation has no {' and no '.join(missing)} there",
            f"{way}use another region, for example {examples(types)}",
            region,
        )
