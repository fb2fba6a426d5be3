"""Apps of some people that stop at another time than the domain's."""

from __future__ import annotations

import base64
import json
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template

from studio_infra.errors import InvalidInput
from studio_infra.studio.domain.apps import StudioApp
from studio_infra.studio.domain.domain import StudioDomain
from studio_infra.studio.git.git_host import GitHost
from studio_infra.studio.git.git_ssh import GitSsh
from studio_infra.studio.idle.idle_shutdown import IdleShutdown
from studio_infra.studio.lifecycle.sagemaker_defaults import SageMakerDefaults
from studio_infra.studio.people.user_profile import UserProfile
from tests.studio.idle.unpacked import idle_settings_in, script_in

CONFIG = "AWS::SageMaker::StudioLifecycleConfig"


def hours(number: int, **options: Any) -> IdleShutdown:
    return IdleShutdown(after=cdk.Duration.hours(number), **options)


def programs(stack: cdk.Stack) -> dict[str, dict[str, Any]]:
    """Settings of every idle program, by logical id of the configuration that holds it."""
    configs = Template.from_stack(stack).find_resources(CONFIG)
    return {
        key: idle_settings_in(one["Properties"]["StudioLifecycleConfigContent"])
        for key, one in configs.items()
    }


def test_a_profile_takes_a_longer_limit_by_the_guards_difference(
    stack: cdk.Stack, domain_options: dict[str, Any]
) -> None:
    domain = StudioDomain(stack, "Domain", **domain_options, idle=hours(1))
    UserProfile(
        stack, "Ana", domain=domain, user_name="ana", apps=domain.app_defaults.with_idle("Ana", hours(8))
    )
    (profile,) = Template.from_stack(stack).find_resources("AWS::SageMaker::UserProfile").values()
    settings = profile["Properties"]["UserSettings"]
    for app in ("JupyterLab", "CodeEditor"):
        slot = settings[f"{app}AppSettings"]["BuiltInLifecycleConfigArn"]["Fn::GetAtt"][0]
        program = programs(stack)[slot]
        assert (program["app"], program["limit"], program["longer"]) == (app, 8 * 3600, 7 * 3600)
    assert "IdleSettings" not in json.dumps(settings)


@pytest.mark.parametrize("with_git", [True, False])
def test_defaults_of_the_sdk_come_behind_git_in_the_slot_of_the_current_apps(
    stack: cdk.Stack, domain_options: dict[str, Any], *, with_git: bool
) -> None:
    StudioDomain(
        stack,
        "Domain",
        **domain_options,
        apps=[StudioApp.JUPYTER_LAB, StudioApp.CODE_EDITOR],
        git=GitSsh(hosts=[GitHost.github()]) if with_git else None,
        sdk_defaults=SageMakerDefaults(people="/research/people", teams="/research/teams"),
    )
    configs = Template.from_stack(stack).find_resources(CONFIG)
    assert len(configs) == 2
    for config in configs.values():
        script = base64.b64decode(config["Properties"]["StudioLifecycleConfigContent"]).decode()
        assert "readonly TEAMS=/research/teams" in script
        assert ("part git-ssh" in script) is with_git
    (domain,) = Template.from_stack(stack).find_resources("AWS::SageMaker::Domain").values()
    for app in ("JupyterLab", "CodeEditor"):
        settings = domain["Properties"]["DefaultUserSettings"][f"{app}AppSettings"]
        assert settings["DefaultResourceSpec"]["LifecycleConfigArn"]["Fn::GetAtt"][0] in configs


def test_the_same_limit_needs_no_script_of_its_own(stack: cdk.Stack, domain_options: dict[str, Any]) -> None:
    domain = StudioDomain(stack, "Domain", **domain_options, idle=hours(1))
    assert domain.app_defaults.with_idle("Ana", hours(1)) == domain.apps
    Template.from_stack(stack).resource_count_is(CONFIG, 2)


def test_a_classic_kernel_gets_the_limit_too_in_its_one_slot(
    stack: cdk.Stack, domain_options: dict[str, Any]
) -> None:
    domain = StudioDomain(
        stack,
        "Domain",
        **domain_options,
        apps=[StudioApp.JUPYTER_SERVER, StudioApp.KERNEL_GATEWAY],
        idle=hours(1),
        git=GitSsh(hosts=[GitHost.github()]),
    )
    server, kernel = domain.app_defaults.with_idle("Ana", hours(2))
    assert server == domain.apps[0]
    slot = stack.resolve(kernel.lifecycle_config_arn)["Fn::GetAtt"][0]
    config = Template.from_stack(stack).find_resources(CONFIG)[slot]["Properties"]
    text = script_in(config["StudioLifecycleConfigContent"])
    assert '"limit":7200' in text
    assert "git-ssh" in text


@pytest.mark.parametrize(
    ("domains", "some", "says"),
    [
        (None, hours(2), "the domain's idle engine is none, so nothing would keep a limit of engine"),
        (IdleShutdown(engine="watcher"), hours(2), "the domain's idle engine is 'watcher', so nothing"),
        (hours(1), hours(2, engine="watcher"), "idle engine is 'native_with_guard', so nothing would keep"),
        (hours(2), hours(1), "after must be at least studio_limit, 120 minutes, which a guard can only"),
        (hours(1), hours(2, engine="native"), "studio_limit needs engine 'native_with_guard'"),
    ],
)
def test_refuses_a_limit_that_nothing_would_keep(
    stack: cdk.Stack,
    domain_options: dict[str, Any],
    domains: IdleShutdown | None,
    some: IdleShutdown,
    says: str,
) -> None:
    domain = StudioDomain(stack, "Domain", **domain_options, idle=domains)
    with pytest.raises(InvalidInput, match=says):
        domain.app_defaults.with_idle("Ana", some)


def test_the_watcher_keeps_shorter_limits_of_some(stack: cdk.Stack, domain_options: dict[str, Any]) -> None:
    minutes = cdk.Duration.minutes
    domain = StudioDomain(
        stack, "Domain", **domain_options, idle=IdleShutdown(engine="watcher", after=minutes(30))
    )
    domain.app_defaults.with_idle("Ana", IdleShutdown(engine="watcher", after=minutes(10)))
    assert sorted(program["limit"] for program in programs(stack).values()) == [600, 600, 1800, 1800]
