from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk.assertions import Annotations, Match, Template
from botocore.session import Session
from hypothesis import given, settings
from hypothesis import strategies as st

from studio_infra.errors import InvalidInput
from studio_infra.studio.domain.apps import StudioApp
from studio_infra.studio.domain.classic import CLASSIC_WARNING
from studio_infra.studio.lifecycle.lifecycle_config import StudioLifecycleConfig
from studio_infra.studio.lifecycle.lifecycle_script import LifecycleScript

if TYPE_CHECKING:
    from aws_cdk.interfaces import aws_sagemaker as refs

TYPE = "AWS::SageMaker::StudioLifecycleConfig"
GIT = LifecycleScript(text="#!/bin/bash\necho git\n", name="git-ssh")
OTHER = LifecycleScript(text="#!/bin/bash\necho other\n", name="git-ssh")


def synthesized(
    *, stack_tags: dict[str, str] | None = None, tags: dict[str, str] | None = None, **options: Any
) -> dict[str, Any]:
    """One configuration in a fresh app, tags added to the app after it was made: its whole resource."""
    app = cdk.App()
    stack = cdk.Stack(app, "S", tags=stack_tags)
    StudioLifecycleConfig(
        stack, "Config", **{"app_type": "JupyterLab", "script": GIT, "prefix": "research", **options}
    )
    for key, value in (tags or {}).items():
        cdk.Tags.of(app).add(key, value)
    (resource,) = Template.from_stack(stack).find_resources(TYPE).values()
    return dict(resource)


def name(**options: Any) -> str:
    return str(synthesized(**options)["Properties"]["StudioLifecycleConfigName"])


def test_a_config_holds_the_script_under_a_readable_hashed_name_and_stays() -> None:
    resource = synthesized()
    assert resource["Properties"] == {
        "StudioLifecycleConfigAppType": "JupyterLab",
        "StudioLifecycleConfigContent": GIT.content_base64,
        "StudioLifecycleConfigName": name(),
    }
    assert name().startswith("research-git-ssh-jupyterlab-")
    assert len(name().rpartition("-")[2]) == 8
    assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("Retain", "Retain")


def test_the_same_input_gives_the_same_name_in_every_synthesis() -> None:
    assert name(tags={"a": "1", "b": "2"}) == name(tags={"b": "2", "a": "1"})


@pytest.mark.parametrize(
    "change",
    [
        {"script": OTHER},
        {"app_type": "CodeEditor"},
        {"revision": 1},
        {"prefix": "other"},
        {"tags": {"commit": "abc"}},
        {"stack_tags": {"commit": "abc"}},
    ],
    ids=lambda change: next(iter(change)),
)
def test_whatever_would_replace_the_config_changes_its_name(change: dict[str, Any]) -> None:
    hashes = {name(**options).rpartition("-")[2] for options in ({}, change)}
    assert len(hashes) == 2


@settings(max_examples=25, deadline=None)
@given(st.lists(st.dictionaries(st.sampled_from("abc"), st.sampled_from(["1", "2"])), min_size=2, max_size=3))
def test_two_edits_of_tags_share_a_name_only_if_they_share_every_tag(edits: list[dict[str, str]]) -> None:
    resources = [synthesized(tags=edit)["Properties"] for edit in edits]
    for one in resources:
        for another in resources:
            same_name = one["StudioLifecycleConfigName"] == another["StudioLifecycleConfigName"]
            assert same_name == (one == another)


def test_two_configs_with_one_script_in_one_stack_do_not_share_a_name(stack: cdk.Stack) -> None:
    for construct_id in ("One", "Two"):
        StudioLifecycleConfig(stack, construct_id, app_type="JupyterLab", script=GIT, prefix="p")
    names = {
        found["Properties"]["StudioLifecycleConfigName"]
        for found in Template.from_stack(stack).find_resources(TYPE).values()
    }
    assert len(names) == 2


@pytest.mark.parametrize("app_type", list(StudioApp))
@pytest.mark.parametrize("prefix", ["p", "p" * 31 + "-" + "q" * 31])
def test_every_name_is_one_that_the_service_takes(app_type: StudioApp, prefix: str) -> None:
    shape = Session().get_service_model("sagemaker").shape_for("StudioLifecycleConfigName")
    long = LifecycleScript(text=GIT.text, name="idle-watcher-" + "x" * 50)
    for script in (GIT, long):
        made = name(app_type=app_type, prefix=prefix, script=script)
        assert len(made) <= shape.metadata["max"]
        assert made.endswith(f"-{app_type.lower()}-{made[-8:]}")
        assert "--" not in made


def test_tokens_in_tags_are_covered_as_they_will_be_rendered() -> None:
    assert name(tags={"where": cdk.Aws.REGION}) == name(tags={"where": cdk.Aws.REGION})
    assert name(tags={"where": cdk.Aws.REGION}) != name(tags={"where": cdk.Aws.PARTITION})


def test_destroying_needs_two_consents_and_a_replaced_one_stays_even_so() -> None:
    refused = synthesized(removal_policy=cdk.RemovalPolicy.DESTROY)
    assert refused["DeletionPolicy"] == "Retain"

    app = cdk.App(context={"@studio-infra/allow-destroy": True})
    stack = cdk.Stack(app, "S")
    StudioLifecycleConfig(
        stack, "C", app_type="JupyterLab", script=GIT, prefix="p", removal_policy=cdk.RemovalPolicy.DESTROY
    )
    Template.from_stack(stack).has_resource(
        TYPE, {"DeletionPolicy": "Delete", "UpdateReplacePolicy": "Retain"}
    )


def test_a_config_is_what_cdk_takes_as_a_reference_and_its_arn_comes_from_the_service(
    stack: cdk.Stack,
) -> None:
    config = StudioLifecycleConfig(stack, "C", app_type="JupyterLab", script=GIT, prefix="p")
    reference: refs.IStudioLifecycleConfigRef = config
    assert sagemaker.CfnStudioLifecycleConfig.arn_for_studio_lifecycle_config(reference) == config.arn
    (logical_id,) = Template.from_stack(stack).find_resources(TYPE)
    assert stack.resolve(config.arn) == {"Fn::GetAtt": [logical_id, "StudioLifecycleConfigArn"]}


def test_foreign_configs_are_referred_to_by_arn_or_by_name(stack: cdk.Stack) -> None:
    arn = "arn:aws:sagemaker:eu-central-1:123456789012:studio-lifecycle-config/theirs"
    by_arn = StudioLifecycleConfig.from_studio_lifecycle_config_arn(stack, "ByArn", arn)
    by_name = StudioLifecycleConfig.from_studio_lifecycle_config_name(stack, "ByName", "theirs")
    assert by_arn.studio_lifecycle_config_ref.studio_lifecycle_config_name == "theirs"
    assert "studio-lifecycle-config/theirs" in str(
        stack.resolve(by_name.studio_lifecycle_config_ref.studio_lifecycle_config_arn)
    )
    Template.from_stack(stack).resource_count_is(TYPE, 0)


def test_classic_is_warned_about_once_however_many_configs_serve_it(stack: cdk.Stack) -> None:
    for number, app_type in enumerate(("JupyterServer", "KernelGateway", "KernelGateway")):
        StudioLifecycleConfig(stack, f"C{number}", app_type=app_type, script=GIT, prefix="p")
    warnings = Annotations.from_stack(stack).find_warning("*", Match.string_like_regexp(CLASSIC_WARNING))
    assert len(warnings) == 1


def test_the_classic_warning_can_be_acknowledged_and_current_apps_have_none(
    app: cdk.App, stack: cdk.Stack
) -> None:
    StudioLifecycleConfig(stack, "C", app_type="KernelGateway", script=GIT, prefix="p")
    cdk.Validations.of(app).acknowledge(cdk.Acknowledgment(id=CLASSIC_WARNING, reason="still in use"))
    current = cdk.Stack(app, "T")
    StudioLifecycleConfig(current, "C", app_type="CodeEditor", script=GIT, prefix="p")
    for one in (stack, current):
        Annotations.from_stack(one).has_no_warning("*", Match.any_value())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"app_type": "Canvas"},
            "app_type must be one of JupyterLab, CodeEditor, JupyterServer, KernelGateway, got 'Canvas'",
        ),
        ({"prefix": "my_team"}, "prefix must be 1-63 letters"),
        ({"prefix": ""}, "prefix must be 1-63 letters"),
        ({"prefix": cdk.Aws.STACK_NAME}, "known at synthesis"),
        ({"revision": -1}, "revision must be 0 or more, got -1"),
    ],
)
def test_refuses_what_could_not_deploy_and_names_the_construct(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput, match=message) as caught:
        synthesized(**options)
    assert caught.value.path == "S/Config"
