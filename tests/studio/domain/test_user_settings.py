from __future__ import annotations

import aws_cdk as cdk
import pytest
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk.assertions import Template

from studio_infra.studio.domain.apps import CLASSIC_APPS, AppSettings, StudioApp
from studio_infra.studio.domain.user_settings import SpaceStorage, UserSettings
from studio_infra.studio.people.l1 import properties

FULL = UserSettings(
    execution_role_arn="arn:aws:iam::123456789012:role/r",
    apps=[
        AppSettings(
            app=app,
            default_instance_type="ml.t3.medium",
            lifecycle_config_arn="arn:aws:sagemaker:eu-west-1:123456789012:studio-lifecycle-config/git",
            built_in_lifecycle_config_arn=None
            if app.is_classic
            else "arn:aws:sagemaker:eu-west-1:123456789012:studio-lifecycle-config/idle",
            idle_settings=None
            if app.is_classic
            else {"LifecycleManagement": "ENABLED", "IdleTimeoutInMinutes": 60},
            code_repositories=("https://github.com/example/a",) if app is StudioApp.JUPYTER_LAB else (),
        )
        for app in StudioApp
    ],
    security_group_ids=["sg-1"],
    hidden_instance_types=["ml.p5.48xlarge"],
    space_storage=SpaceStorage(default_gb=5, maximum_gb=10),
    posix_uid=10_000,
)


def test_the_same_words_reach_cloudformation_through_an_l1(stack: cdk.Stack) -> None:
    sagemaker.CfnDomain(
        stack,
        "Domain",
        auth_mode="IAM",
        domain_name="x",
        default_user_settings=properties(sagemaker.CfnDomain.UserSettingsProperty, FULL.for_domain()),
        default_space_settings=properties(
            sagemaker.CfnDomain.DefaultSpaceSettingsProperty, FULL.for_spaces()
        ),
    )
    sagemaker.CfnUserProfile(
        stack,
        "Profile",
        domain_id="d-1",
        user_profile_name="ana",
        user_settings=properties(sagemaker.CfnUserProfile.UserSettingsProperty, FULL.for_user_profile()),
    )
    resources = Template.from_stack(stack).to_json()["Resources"]
    assert resources["Domain"]["Properties"]["DefaultUserSettings"] == FULL.for_domain()
    assert resources["Domain"]["Properties"]["DefaultSpaceSettings"] == FULL.for_spaces()
    assert resources["Profile"]["Properties"]["UserSettings"] == FULL.for_user_profile()


def test_a_word_that_cloudformation_does_not_know_is_refused() -> None:
    with pytest.raises(KeyError, match="executionrol"):
        properties(sagemaker.CfnDomain.UserSettingsProperty, {"ExecutionRol": "arn"})


def test_a_default_script_stands_in_both_places_studio_looks_at() -> None:
    arn = "arn:aws:sagemaker:eu-west-1:123456789012:studio-lifecycle-config/git"
    settings = AppSettings(app=StudioApp.JUPYTER_LAB, lifecycle_config_arn=arn).as_json()
    assert settings == {"DefaultResourceSpec": {"LifecycleConfigArn": arn}, "LifecycleConfigArns": [arn]}


def test_settings_that_say_nothing_are_left_out() -> None:
    assert UserSettings(apps=[AppSettings(app=StudioApp.CODE_EDITOR)]).for_user_profile() == {}


def test_shared_spaces_have_no_code_editor_settings() -> None:
    assert "CodeEditorAppSettings" not in FULL.for_spaces()
    assert "JupyterLabAppSettings" in FULL.for_spaces()


def test_an_app_can_be_moved_to_another_machine() -> None:
    settings = AppSettings(app=StudioApp.JUPYTER_LAB, default_instance_type="ml.t3.medium")
    assert settings.on("ml.g5.xlarge").default_instance_type == "ml.g5.xlarge"
    assert settings.on(None) is settings


def test_only_the_two_old_apps_are_classic() -> None:
    assert [app for app in StudioApp if app.is_classic] == list(CLASSIC_APPS)
