"""Images of one's own: versions that are kept, a configuration for each app, and no app that never looks idle."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Match, Template

from studio_infra.errors import InvalidInput
from studio_infra.studio.domain.apps import StudioApp
from studio_infra.studio.domain.domain import StudioDomain
from studio_infra.studio.idle.idle_shutdown import IdleEngine, IdleShutdown
from studio_infra.studio.images import AppContainer, Kernel, StudioImage
from tests import compliance

IMAGE = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/lab:1"


def image(stack: cdk.Stack, construct_id: str = "Lab", **options: Any) -> StudioImage:
    return StudioImage(stack, construct_id, **{"image_name": "lab", "container_image": IMAGE} | options)


def test_an_image_has_a_version_and_a_configuration_for_each_app(stack: cdk.Stack) -> None:
    image(stack, apps=[StudioApp.JUPYTER_LAB, StudioApp.CODE_EDITOR])
    template = Template.from_stack(stack)
    template.has_resource_properties("AWS::SageMaker::ImageVersion", {"ImageName": "lab", "BaseImage": IMAGE})
    names = {
        one["Properties"]["AppImageConfigName"]
        for one in template.find_resources("AWS::SageMaker::AppImageConfig").values()
    }
    assert names == {"lab-jl", "lab-ce"}


def test_old_versions_are_kept_for_the_apps_that_run_from_them(stack: cdk.Stack) -> None:
    image(stack)
    Template.from_stack(stack).has_resource(
        "AWS::SageMaker::ImageVersion", {"UpdateReplacePolicy": "Retain", "DeletionPolicy": "Delete"}
    )


def test_sagemaker_may_pull_that_image_and_no_other(stack: cdk.Stack) -> None:
    image(stack)
    Template.from_stack(stack).has_resource_properties(
        "AWS::IAM::ManagedPolicy",
        {
            "PolicyDocument": {
                "Statement": Match.array_with(
                    [
                        Match.object_like(
                            {
                                "Sid": "PullImage",
                                "Resource": {
                                    "Fn::Join": [
                                        "",
                                        [
                                            "arn:",
                                            {"Ref": "AWS::Partition"},
                                            ":ecr:eu-west-1:123456789012:repository/team/lab",
                                        ],
                                    ]
                                },
                            }
                        )
                    ]
                )
            }
        },
    )


def test_a_container_is_started_as_it_is_told(stack: cdk.Stack) -> None:
    container = AppContainer(entrypoint="/start", arguments=("--lab",), environment={"B": "2", "A": "1"})
    image(stack, container=container)
    Template.from_stack(stack).has_resource_properties(
        "AWS::SageMaker::AppImageConfig",
        {
            "JupyterLabAppImageConfig": {
                "ContainerConfig": {
                    "ContainerEntrypoint": ["/start"],
                    "ContainerArguments": ["--lab"],
                    "ContainerEnvironmentVariables": [
                        {"Key": "A", "Value": "1"},
                        {"Key": "B", "Value": "2"},
                    ],
                }
            }
        },
    )


def test_r_is_a_kernel_of_studio_classic(stack: cdk.Stack) -> None:
    image(stack, apps=[StudioApp.KERNEL_GATEWAY], kernel=Kernel(name="ir", display_name="R"))
    Template.from_stack(stack).has_resource_properties(
        "AWS::SageMaker::AppImageConfig",
        {
            "KernelGatewayImageConfig": {
                "KernelSpecs": [{"Name": "ir", "DisplayName": "R"}],
                "FileSystemConfig": {"DefaultUid": 1000, "DefaultGid": 100},
            }
        },
    )


def test_a_domain_offers_the_image_to_the_apps_that_can_run_it(
    stack: cdk.Stack, domain_options: dict[str, Any]
) -> None:
    lab = image(stack, idle_extension=True)
    StudioDomain(
        stack, "Domain", images=[lab], idle=IdleShutdown(after=cdk.Duration.hours(1)), **domain_options
    )
    template = Template.from_stack(stack)
    template.has_resource_properties(
        "AWS::SageMaker::Domain",
        {
            "DefaultUserSettings": {
                "JupyterLabAppSettings": {
                    "CustomImages": [{"ImageName": "lab", "AppImageConfigName": "lab-jl"}]
                },
                "CodeEditorAppSettings": {"CustomImages": []},
            },
            "DefaultSpaceSettings": {
                "JupyterLabAppSettings": {
                    "CustomImages": [{"ImageName": "lab", "AppImageConfigName": "lab-jl"}]
                }
            },
        },
    )
    (domain,) = template.find_resources("AWS::SageMaker::Domain").values()
    assert {"LabVersion", "LabJupyterLabConfig"} <= {
        name.rstrip("0123456789ABCDEF") for name in domain["DependsOn"]
    }


@pytest.mark.parametrize("engine", [IdleEngine.NATIVE, IdleEngine.NATIVE_WITH_GUARD])
def test_an_image_that_studio_never_sees_idle_is_refused(
    stack: cdk.Stack, domain_options: dict[str, Any], engine: IdleEngine
) -> None:
    idle = IdleShutdown(after=cdk.Duration.hours(1), engine=engine)
    with pytest.raises(InvalidInput, match=r"Studio would never see apps of image 'lab' idle: install"):
        StudioDomain(stack, "Domain", images=[image(stack)], idle=idle, **domain_options)


def test_the_watcher_stops_apps_of_any_image(stack: cdk.Stack, domain_options: dict[str, Any]) -> None:
    idle = IdleShutdown(after=cdk.Duration.minutes(20), engine=IdleEngine.WATCHER)
    StudioDomain(stack, "Domain", images=[image(stack)], idle=idle, **domain_options)


def test_an_image_for_no_app_of_the_domain_is_refused(
    stack: cdk.Stack, domain_options: dict[str, Any]
) -> None:
    only = image(stack, apps=[StudioApp.CODE_EDITOR])
    with pytest.raises(InvalidInput, match="image 'lab' is for CodeEditor, which the domain does not offer"):
        StudioDomain(stack, "Domain", images=[only], apps=[StudioApp.JUPYTER_LAB], **domain_options)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"image_name": "a" * 61}, "image_name must be 1-60"),
        ({"image_name": "lab_1"}, "image_name must be 1-60"),
        ({"image_name": "lab\n"}, "image_name must be 1-60"),
        ({"container_image": "python:3.11"}, "must be an image in Amazon ECR"),
        ({"apps": []}, "apps must be one or more of JupyterLab, CodeEditor, KernelGateway, got none"),
        ({"apps": ["JupyterServer"]}, "got JupyterServer"),
        ({"apps": ["KernelGateway"]}, "needs kernel"),
        ({"kernel": Kernel(name="ir")}, "needs kernel"),
    ],
)
def test_refuses_what_sagemaker_would_refuse(stack: cdk.Stack, wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidInput, match=says) as caught:
        image(stack, **wrong)
    assert caught.value.path == "S/Lab"


@pytest.mark.parametrize(
    "wrong",
    [
        {"entrypoint": " "},
        {"entrypoint": "x" * 257},
        {"arguments": ("x",) * 51},
        {"arguments": ("x" * 65,)},
        {"environment": {str(n): "x" for n in range(26)}},
        {"environment": {"A": ""}},
    ],
)
def test_refuses_containers_that_sagemaker_would_refuse(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match="characters"):
        AppContainer(**wrong)


@pytest.mark.parametrize("wrong", [{"uid": 1000, "gid": 1000}, {"mount_path": "home"}])
def test_refuses_kernels_that_sagemaker_would_refuse(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match="must be"):
        Kernel(name="ir", **wrong)


def test_tokens_pass(stack: cdk.Stack) -> None:
    image(stack, image_name=cdk.Fn.import_value("n"), container_image=cdk.Fn.import_value("i"))
    Template.from_stack(stack).resource_count_is("AWS::SageMaker::Image", 1)


def test_no_compliance_pack_and_no_validator_finds_anything() -> None:
    app = compliance.strict_app()
    stack = cdk.Stack(app, "S")
    image(stack)
    assert compliance.findings(stack) == set()
    app.synth()
