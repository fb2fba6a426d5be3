"""The program in an app without a server: how it starts, and what it does when AWS says no.

What it costs is measured by `make bench`.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from studio_infra.studio.idle.idle_shutdown import IdleShutdown
from tests.runtime.idle.studio_space import ARN, until

if TYPE_CHECKING:
    from tests.runtime.idle.studio_space import SageMaker, Space

GUARD = IdleShutdown()
WATCHER = IdleShutdown(engine="watcher")
ENGINES = pytest.mark.parametrize("idle", [GUARD, WATCHER], ids=["guard", "watcher"])
ME = {"DomainId": "d-abcdefghijkl", "AppType": "JupyterLab", "AppName": "default", "SpaceName": "ana-lab"}


# -- start --------------------------------------------------------------------------------------


@ENGINES
def test_the_script_returns_and_its_process_outlives_it(space: Space, idle: IdleShutdown) -> None:
    result = space.start(idle)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.endswith("INFO watching, limit 3600 s\n")
    (pid,) = space.keepers
    assert os.getsid(pid) == pid
    until(lambda: "quiet" in space.log)


@ENGINES
def test_however_often_and_at_once_the_script_runs_one_process_watches(
    space: Space, idle: IdleShutdown
) -> None:
    file = space.script(idle)
    with ThreadPoolExecutor(32) as many:
        results = list(
            many.map(
                lambda _: subprocess.run(
                    [file], env=space.environment, capture_output=True, text=True, timeout=60, check=False
                ),
                range(32),
            )
        )
    assert {result.returncode for result in results} == {0}
    assert sum("INFO watching" in result.stdout for result in results) == 1
    assert sum("already watching" in result.stdout for result in results) == 31
    assert len(space.keepers) == 1


def test_a_killed_process_leaves_nothing_behind_that_keeps_the_next_from_starting(space: Space) -> None:
    space.start(GUARD)
    os.kill(space.keepers[0], signal.SIGKILL)
    until(lambda: not space.keepers)
    assert "INFO watching" in space.start(GUARD).stdout


def test_the_end_of_studios_process_group_does_not_end_the_process(space: Space) -> None:
    file = space.script(GUARD)
    script = subprocess.Popen(
        [file], env=space.environment, start_new_session=True, stdout=subprocess.DEVNULL
    )
    script.wait(timeout=20)
    with pytest.raises(ProcessLookupError):
        os.killpg(script.pid, signal.SIGKILL)
    assert len(space.keepers) == 1


@pytest.mark.parametrize("path", ["/nonexistent", "/usr/bin"], ids=["no tools at all", "some tools"])
def test_without_what_it_needs_the_script_says_so_and_lets_the_app_start(space: Space, path: str) -> None:
    file = space.script(GUARD)
    space.environment["PATH"] = path
    result = subprocess.run(
        ["/bin/bash", file], env=space.environment, capture_output=True, text=True, timeout=30, check=False
    )
    assert result.returncode == 0
    assert ("idle ERROR not watching" in result.stdout) == (path == "/nonexistent")


def test_settings_that_cannot_be_read_let_the_app_start(space: Space) -> None:
    file = space.script(GUARD)
    file.write_text(file.read_text().replace("readonly IDLE='", "readonly IDLE='x"))
    result = subprocess.run(
        [file], env=space.environment, capture_output=True, text=True, timeout=30, check=False
    )
    assert result.returncode == 0
    assert "idle ERROR not watching, code 1" in result.stdout


def test_a_home_and_logs_that_cannot_be_written_do_not_end_the_process(space: Space) -> None:
    space.start(WATCHER, limit=1, logs=["/proc/none", "/nonexistent/log"], heartbeat="/nonexistent/beat")
    until(lambda: space.sagemaker.deleted)
    assert len(space.keepers) == 1


# -- AWS says no --------------------------------------------------------------------------------


def test_a_missing_permission_is_one_line_and_is_tried_again_much_later(space: Space) -> None:
    space.sagemaker.refuse("AccessDeniedException", times=9)
    space.start(WATCHER, limit=1)
    until(lambda: len(space.sagemaker.calls) == 2, 30)
    lines = [line for line in space.log.splitlines() if "ERROR" in line]
    assert "DeleteApp failed, next try after 15 looks: " in lines[0]
    assert "AccessDeniedException" in lines[0]
    first, second = (line for line in space.log.splitlines() if "INFO stopping" in line)
    assert len(space.keepers) == 1
    assert first != second


def test_throttling_is_tried_again_after_growing_waits_until_it_works(space: Space) -> None:
    space.sagemaker.refuse("ThrottlingException", times=2)
    space.start(WATCHER, limit=1, interval=0.3)
    until(lambda: len(space.sagemaker.calls) == 3, 30)
    assert space.sagemaker.deleted == [ME] * 3
    assert "next try after 2 looks" in space.log
    assert "next try after 4 looks" in space.log


def test_work_that_begins_before_the_next_try_keeps_the_app(space: Space) -> None:
    space.sagemaker.refuse("ThrottlingException", times=1)
    space.start(WATCHER, limit=1, interval=0.5)
    until(lambda: space.sagemaker.calls)
    (space.home / ".studio-keep-alive").touch()
    time.sleep(4)
    assert len(space.sagemaker.calls) == 1


def test_without_metadata_it_says_what_is_missing_and_goes_on(space: Space) -> None:
    Path(space.environment["RESOURCE_METADATA_FILE"]).unlink()
    space.start(WATCHER, limit=1)
    until(lambda: "ERROR goes on after" in space.log)
    time.sleep(1)
    assert space.log.count("ERROR goes on after") == 1
    assert space.sagemaker.calls == []


def test_an_image_without_boto3_and_aws_cli_says_so(space: Space) -> None:
    space.environment["PATH"] = "/usr/bin:/bin"
    result = space.start(WATCHER, limit=1)
    assert "watching" in result.stdout
    until(lambda: "ERROR DeleteApp failed" in space.log)
    assert "neither boto3 nor AWS CLI" in space.log or "No module named" in space.log


# -- limits and holds ---------------------------------------------------------------------------


def described(instance_type: str) -> tuple[int, dict[str, object]]:
    return 200, {"AppType": "JupyterLab", "ResourceSpec": {"InstanceType": instance_type}}


def test_a_gpu_stops_sooner(space: Space) -> None:
    space.sagemaker.answers.append(described("ml.g5.xlarge"))
    space.start(WATCHER, limit=600, limits={"ml.g5": 1})
    until(lambda: space.sagemaker.deleted)
    assert space.sagemaker.calls == [("DescribeApp", ME), ("DeleteApp", ME)]
    assert "limit 1 s on ml.g5.xlarge" in space.log


def test_without_the_permission_to_see_the_type_the_general_limit_holds(space: Space) -> None:
    space.sagemaker.refuse("AccessDeniedException")
    space.start(WATCHER, limit=2, limits={"ml.g5": 1})
    until(lambda: space.sagemaker.deleted)
    assert "limit 2 s on an unknown instance type" in space.log


def test_a_hold_file_keeps_the_app_and_says_so_and_its_end_is_the_end(space: Space) -> None:
    hold = space.home / ".studio-keep-alive"
    hold.touch()
    space.start(WATCHER, limit=1)
    time.sleep(4)
    assert space.sagemaker.calls == []
    assert "in use: hold file" in space.log
    hold.unlink()
    until(lambda: space.sagemaker.deleted)


def test_a_hold_file_ends_at_its_cap(space: Space) -> None:
    hold = space.home / ".studio-keep-alive"
    hold.touch()
    space.start(WATCHER, limit=1, hold_cap=3)
    until(lambda: space.sagemaker.deleted)
    assert "in use: hold file" in space.log
    (stopping,) = (line for line in space.log.splitlines() if "stopping this app" in line)
    stopped = datetime.strptime(stopping.split()[0], "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    assert stopped.timestamp() - hold.stat().st_mtime >= 3


def test_a_classic_app_is_deleted_by_its_owners_name(space: Space) -> None:
    metadata = Path(space.environment["RESOURCE_METADATA_FILE"])
    me = {"AppType": "KernelGateway", "DomainId": "d-abcdefghijkl", "UserProfileName": "ana"}
    arn = {"ResourceName": "py-ml-t3", "ResourceArn": f"{ARN}/ana/KernelGateway/py-ml-t3"}
    metadata.write_text(json.dumps({**me, **arn}))
    space.start(GUARD, "KernelGateway", limit=1)
    until(lambda: space.sagemaker.deleted)
    assert space.sagemaker.deleted == [{**me, "AppName": "py-ml-t3"}]


def test_composed_with_another_script_both_run_and_one_process_watches(
    space: Space, sagemaker: SageMaker
) -> None:
    from studio_infra.studio.lifecycle.lifecycle_script import LifecycleScript

    idle = LifecycleScript.fitted(space.script(WATCHER, limit=1).read_text(), name="idle")
    failing = LifecycleScript(text="#!/bin/bash\nset -e\nfalse\n", name="broken")
    filler = LifecycleScript(
        text="#!/bin/bash\n" + "".join(f"# {i * i * i}\n" for i in range(500)) + "echo last\n"
    )
    both = LifecycleScript.compose(failing, idle, filler)
    assert "grep -Ex" in both.text  # too long as plain text, so it is packed
    file = space.home.parent / "both.sh"
    file.write_text(both.text)
    result = subprocess.run(
        ["bash", file], env=space.environment, capture_output=True, text=True, timeout=30, check=False
    )
    assert result.returncode == 0
    assert "part broken ended with 1" in result.stdout
    assert "watching, limit 1 s" in result.stdout
    assert result.stdout.endswith("last\n")
    until(lambda: sagemaker.deleted)
