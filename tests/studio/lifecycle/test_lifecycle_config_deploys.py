"""Scripts that change and change back, deployed to the embedded AWS while an app runs with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template

from studio_infra.rehearsal.server import EmbeddedAws
from studio_infra.studio.lifecycle.lifecycle_config import StudioLifecycleConfig
from studio_infra.studio.lifecycle.lifecycle_script import LifecycleScript
from tests.rehearsal.conftest import Stacks, Studio, make_studio

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow

A, B = (LifecycleScript(text=f"#!/bin/bash\necho {word}\n", name="git") for word in "ab")


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedAws]:
    with EmbeddedAws() as aws:
        yield aws


@pytest.fixture
def studio(server: EmbeddedAws) -> Studio:
    server.control.reset()
    server.control.wipe()
    return make_studio(server, server.client("sagemaker"))


def resources(script: LifecycleScript, *, revision: int = 0, commit: str | None = None) -> dict[str, Any]:
    """One configuration, as it would be deployed."""
    app = cdk.App()
    stack = cdk.Stack(app, "S")
    StudioLifecycleConfig(stack, "C", app_type="JupyterLab", script=script, prefix="p", revision=revision)
    if commit is not None:
        cdk.Tags.of(app).add("commit", commit)
    return dict(Template.from_stack(stack).find_resources("AWS::SageMaker::StudioLifecycleConfig"))


def start_an_app(studio: Studio, made: dict[str, Any]) -> str:
    """Run an app with the configuration; returns the configuration's name."""
    (resource,) = made.values()
    name = str(resource["Properties"]["StudioLifecycleConfigName"])
    arn = studio.sm.describe_studio_lifecycle_config(StudioLifecycleConfigName=name)[
        "StudioLifecycleConfigArn"
    ]
    spec = {"LifecycleConfigArn": arn, "InstanceType": "ml.t3.medium"}
    studio.sm.update_user_profile(
        DomainId=studio.domain_id,
        UserProfileName="ana",
        UserSettings={"JupyterLabAppSettings": {"DefaultResourceSpec": spec, "LifecycleConfigArns": [arn]}},
    )
    studio.space("lab", "ana", JupyterLabAppSettings={"DefaultResourceSpec": spec})
    studio.app("lab")
    return name


def test_a_then_b_then_a_deploys_with_an_app_still_on_a_when_the_revision_is_raised(studio: Studio) -> None:
    stacks = Stacks(studio.aws)
    assert stacks.create(resources(A)) == "CREATE_COMPLETE"
    first = start_an_app(studio, resources(A))
    assert stacks.update(resources(B)) == "UPDATE_COMPLETE"
    assert studio.sm.describe_studio_lifecycle_config(StudioLifecycleConfigName=first)

    assert stacks.update(resources(A)) == "UPDATE_ROLLBACK_COMPLETE"
    assert stacks.update(resources(A, revision=1)) == "UPDATE_COMPLETE"
    names = {
        one["StudioLifecycleConfigName"]
        for one in studio.sm.list_studio_lifecycle_configs()["StudioLifecycleConfigs"]
    }
    assert len(names) == 3
    assert first in names


def test_a_new_tag_on_the_app_deploys_while_an_app_runs_with_the_config(studio: Studio) -> None:
    stacks = Stacks(studio.aws)
    assert stacks.create(resources(A, commit="1")) == "CREATE_COMPLETE"
    start_an_app(studio, resources(A, commit="1"))
    assert stacks.update(resources(A, commit="2")) == "UPDATE_COMPLETE"
