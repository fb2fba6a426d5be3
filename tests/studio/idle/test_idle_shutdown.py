from __future__ import annotations

import json
import re
import subprocess
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from botocore.session import Session

from studio_infra.errors import InvalidInput
from studio_infra.settings.facts.limits import IDLE_MINUTES, MAX_LIFECYCLE_CONTENT
from studio_infra.settings.sections.idle import WATCHER_MINUTES
from studio_infra.studio.domain.apps import StudioApp
from studio_infra.studio.idle.idle_program import idle_program
from studio_infra.studio.idle.idle_shutdown import IdleEngine, IdleShutdown

if TYPE_CHECKING:
    from studio_infra.studio.lifecycle.lifecycle_script import LifecycleScript


def minutes(number: float) -> cdk.Duration:
    return cdk.Duration.seconds(number * 60) if number % 1 else cdk.Duration.minutes(number)


def settings_of(script: LifecycleScript | None) -> dict[str, Any]:
    assert script is not None
    found = re.search(r"^readonly IDLE='(.*)'$", script.text, re.MULTILINE)
    assert found is not None
    return dict(json.loads(found[1]))


def test_by_default_studio_stops_an_app_after_an_hour_and_a_guard_keeps_it_honest() -> None:
    idle = IdleShutdown()
    assert idle.idle_settings() == {"LifecycleManagement": "ENABLED", "IdleTimeoutInMinutes": 60}
    assert settings_of(idle.script("JupyterLab")) == {
        "engine": "guard",
        "app": "JupyterLab",
        "limit": 3600,
        "limits": {},
        "busy_cap": None,
        "hold_cap": 12 * 3600,
        "terminal_jobs": True,
    }


@pytest.mark.parametrize(
    ("engine", "names"),
    [
        ("native", [None, None, None, None]),
        ("native_with_guard", ["idle-guard", "idle-guard", None, "idle-watcher"]),
        ("watcher", ["idle-watcher", "idle-watcher", None, "idle-watcher"]),
    ],
)
def test_each_app_gets_the_script_that_can_serve_it(engine: str, names: list[str | None]) -> None:
    scripts = [IdleShutdown(engine=engine).script(app) for app in StudioApp]
    assert [script.name if script is not None else None for script in scripts] == names


@pytest.mark.parametrize("app", ["JupyterLab", "CodeEditor", "KernelGateway"])
@pytest.mark.parametrize("engine", ["native_with_guard", "watcher"])
def test_what_ships_is_plain_text_within_the_limit_and_bash_reads_it(engine: str, app: str) -> None:
    script = IdleShutdown(engine=engine).script(app)
    assert script is not None
    assert script.size <= MAX_LIFECYCLE_CONTENT
    assert "def judge(before: State, look: Look" in script.text
    subprocess.run(["bash", "-n"], input=script.text, text=True, check=True, timeout=10)
    subprocess.run(["shellcheck", "-"], input=script.text, text=True, check=True, timeout=60)


def test_the_guard_has_no_code_that_could_stop_an_app() -> None:
    script = IdleShutdown().script("JupyterLab")
    assert script is not None
    assert not re.search("boto3|aws |delete", script.text, re.IGNORECASE)


@pytest.mark.parametrize(("engine", "keeper"), [("native_with_guard", "guard"), ("watcher", "watcher")])
def test_the_program_that_other_tests_load_is_the_one_inside_the_script_that_ships(
    engine: str, keeper: str
) -> None:
    script = IdleShutdown(engine=engine).script("JupyterLab")
    assert script is not None
    body = re.search(r"<<'PROGRAM'[^\n]*\n(.*)^PROGRAM$", script.text, re.MULTILINE | re.DOTALL)
    assert body is not None
    assert body[1] == idle_program(keeper)


def test_every_option_reaches_the_program_in_seconds() -> None:
    idle = IdleShutdown(
        after=minutes(30),
        engine=IdleEngine.WATCHER,
        by_instance_type={"ml.g5": minutes(10), "ml.g5.xlarge": minutes(5)},
        busy_cap=cdk.Duration.hours(24),
        terminal_jobs=False,
        hold_cap=cdk.Duration.hours(0),
    )
    assert settings_of(idle.script("CodeEditor")) == {
        "engine": "watcher",
        "app": "CodeEditor",
        "limit": 1800,
        "limits": {"ml.g5": 600, "ml.g5.xlarge": 300},
        "busy_cap": 86400,
        "hold_cap": 0,
        "terminal_jobs": False,
    }


def test_people_may_choose_within_a_range_and_the_guard_waits_for_the_longest() -> None:
    idle = IdleShutdown(after=minutes(120), allowed_range=(minutes(60), minutes(480)))
    assert idle.idle_settings() == {
        "LifecycleManagement": "ENABLED",
        "IdleTimeoutInMinutes": 120,
        "MinIdleTimeoutInMinutes": 60,
        "MaxIdleTimeoutInMinutes": 480,
    }
    assert idle.space_idle_settings() == {"IdleTimeoutInMinutes": 120}
    assert IdleShutdown().space_idle_settings() is None
    assert settings_of(idle.script("JupyterLab"))["limit"] == 480 * 60


def test_with_the_watcher_studios_own_shutdown_is_switched_off_aloud() -> None:
    idle = IdleShutdown(engine="watcher", after=minutes(20))
    assert idle.idle_settings() == {"LifecycleManagement": "DISABLED"}
    assert idle.space_idle_settings() is None


def test_the_settings_are_words_and_numbers_that_the_service_takes() -> None:
    shape: Any = Session().get_service_model("sagemaker").shape_for("IdleSettings")
    longest = IdleShutdown(
        after=minutes(IDLE_MINUTES[1]), allowed_range=(minutes(60), minutes(IDLE_MINUTES[1]))
    )
    for idle in (IdleShutdown(), longest, IdleShutdown(engine="watcher")):
        for key, value in idle.idle_settings().items():
            member = shape.members[key]
            if isinstance(value, int):
                assert member.metadata["min"] <= value <= member.metadata["max"]
            else:
                assert value in member.metadata["enum"]


@pytest.mark.parametrize("engine", ["native", "native_with_guard"])
@pytest.mark.parametrize("number", [0, 1, 45, 59, 60.5, IDLE_MINUTES[1] + 1])
def test_refuses_limits_that_studio_cannot_keep_and_names_the_engine_that_can(
    engine: str, number: float
) -> None:
    with pytest.raises(InvalidInput, match="after must be 60 to 525,600 whole minutes") as caught:
        IdleShutdown(after=minutes(number), engine=engine)
    assert caught.value.code == "IdleMinutes"
    assert "for less, use engine 'watcher'" in str(caught.value)


def test_the_watcher_keeps_limits_from_five_minutes() -> None:
    least, most = WATCHER_MINUTES
    for number in (least, most):
        IdleShutdown(after=minutes(number), engine="watcher")
    with pytest.raises(
        InvalidInput, match="after must be 5 to 525,600 whole minutes with engine 'watcher', got 4"
    ):
        IdleShutdown(after=minutes(4), engine="watcher")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"engine": "cron"}, "engine must be one of native, native_with_guard, watcher, got 'cron'"),
        ({"allowed_range": (minutes(30), minutes(90))}, "allowed_range must be 60 to 525,600"),
        (
            {"allowed_range": (minutes(61), minutes(90))},
            "after must lie in allowed_range, 61 to 90 minutes, got 60",
        ),
        ({"allowed_range": (minutes(90), minutes(60))}, "after must lie in allowed_range, 90 to 60"),
        (
            {"engine": "watcher", "allowed_range": (minutes(60), minutes(90))},
            "allowed_range needs Studio's own",
        ),
        ({"by_instance_type": {"ml.g5": minutes(60)}}, "by_instance_type needs engine 'watcher'"),
        ({"engine": "watcher", "by_instance_type": {"g5": minutes(9)}}, "types .ml.g5.xlarge. and families"),
        ({"engine": "watcher", "by_instance_type": {"ml.g5": minutes(1)}}, "ml.g5 must be 5 to 525,600"),
        ({"busy_cap": minutes(0)}, "busy_cap of zero"),
    ],
)
def test_refuses_what_no_engine_could_do_and_says_what_to_change(
    options: dict[str, Any], message: str
) -> None:
    with pytest.raises(InvalidInput, match=message):
        IdleShutdown(**options)


# -- permissions --------------------------------------------------------------------------------

HERE = (
    "arn:",
    {"Ref": "AWS::Partition"},
    ":sagemaker:",
    {"Ref": "AWS::Region"},
    ":",
    {"Ref": "AWS::AccountId"},
)


def arn(rest: str) -> dict[str, Any]:
    return {"Fn::Join": ["", [*HERE, rest]]}


@pytest.mark.parametrize("engine", ["native", "native_with_guard"])
def test_studios_own_shutdown_and_the_guard_need_no_permission(stack: cdk.Stack, engine: str) -> None:
    assert IdleShutdown(engine=engine).policy_statements(stack) == []


def test_the_watcher_may_delete_apps_in_the_persons_own_private_spaces_and_nothing_else(
    stack: cdk.Stack,
) -> None:
    (statement,) = IdleShutdown(engine="watcher").policy_statements(stack, domain_id="d-1")
    assert stack.resolve(statement.to_statement_json()) == {
        "Sid": "StopMyIdleApps",
        "Effect": "Allow",
        "Action": "sagemaker:DeleteApp",
        "Resource": arn(":app/d-1/*"),
        "Condition": {
            "ArnLike": {
                "sagemaker:OwnerUserProfileArn": arn(":user-profile/d-1/${aws:PrincipalTag/studio:user}")
            },
            "StringEquals": {"sagemaker:SpaceSharingType": "Private"},
        },
    }


def test_limits_by_type_need_to_see_the_type(stack: cdk.Stack) -> None:
    idle = IdleShutdown(engine="watcher", by_instance_type={"ml.g5": minutes(10)})
    actions = [statement.actions for statement in idle.policy_statements(stack)]
    assert actions == [["sagemaker:DeleteApp"], ["sagemaker:DescribeApp"]]


def test_classic_kernels_belong_to_a_profile_and_are_named_by_it(stack: cdk.Stack) -> None:
    statements = IdleShutdown().policy_statements(
        stack, user_name="ana", apps=[StudioApp.JUPYTER_LAB, StudioApp.KERNEL_GATEWAY]
    )
    assert [stack.resolve(one.to_statement_json())["Resource"] for one in statements] == [
        arn(":app/*/ana/KernelGateway/*")
    ]
