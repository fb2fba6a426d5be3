from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

import pytest

from studio_infra.studio.idle.idle_shutdown import IdleShutdown
from tests.runtime.idle.studio_space import until

if TYPE_CHECKING:
    from tests.runtime.idle.studio_space import Space

pytestmark = pytest.mark.slow

GUARD = IdleShutdown()
WATCHER = IdleShutdown(engine="watcher")
#: A cell that says nothing until somebody makes the file `go` in its folder.
SILENT = "import os, time\nwhile not os.path.exists('go'): time.sleep(0.2)"
ME = {"DomainId": "d-abcdefghijkl", "AppType": "JupyterLab", "AppName": "default", "SpaceName": "ana-lab"}


# -- guard: Studio's own idle shutdown, made right ----------------------------------------------


def test_a_silent_busy_cell_looks_idle_to_studio_without_the_guard(space: Space) -> None:
    space.serve()
    space.does("cell", SILENT)
    began = space.last_active()
    time.sleep(4)
    assert space.api("kernels")[0]["execution_state"] == "busy"
    assert space.last_active() == began


def test_a_silent_busy_cell_is_activity_with_the_guard_until_it_ends(space: Space) -> None:
    space.serve()
    assert "watching, limit 3600 s" in space.start(GUARD).stdout
    space.does("cell", SILENT)
    began = space.last_active()
    until(lambda: "in use: kernel" in space.log)
    until(lambda: space.last_active() > began)

    (space.home / "go").touch()
    until(lambda: space.api("kernels")[0]["execution_state"] == "idle")
    until(lambda: space.log.rstrip().splitlines()[-1].find("quiet") > 0)
    ended = space.last_active()
    time.sleep(3)
    assert space.last_active() == ended
    assert space.sagemaker.calls == []


def test_a_kernel_without_a_notebook_is_seen_by_the_guard_only(space: Space) -> None:
    space.serve()
    before = space.last_active()
    space.does("sessionless", SILENT)
    time.sleep(2)
    assert space.last_active() == before
    space.start(GUARD)
    until(lambda: space.last_active() > before)


def test_a_silent_terminal_job_is_activity_and_an_open_prompt_is_not(space: Space) -> None:
    space.serve()
    space.start(GUARD)
    space.does("terminal", "sleep 6")
    until(lambda: "in use: job sleep" in space.log)
    until(lambda: "quiet" in space.log.rpartition("in use")[2])
    ended = space.last_active()
    time.sleep(3)
    assert space.last_active() == ended


def test_without_the_guard_one_line_switches_studios_idle_shutdown_off(space: Space) -> None:
    space.serve()
    space.heartbeat.write_text("2099-01-01T00:00:00.000Z")
    assert space.last_active().startswith("2099")
    space.heartbeat.unlink()
    assert space.last_active().startswith("2099")


def test_the_guard_repairs_a_heartbeat_in_the_future_before_it_sticks(space: Space) -> None:
    space.serve()
    space.start(GUARD, interval=60)
    space.does("cell", "1")
    space.heartbeat.write_text("2099-01-01T00:00:00.000Z")
    until(lambda: "repaired" in space.log)
    assert not space.heartbeat.read_text().startswith("2099")
    assert not space.last_active().startswith("2099")


def test_a_future_that_did_stick_is_cured_by_a_restart_once_nobody_uses_the_app(space: Space) -> None:
    first = space.serve()
    space.heartbeat.write_text("2099-01-01T00:00:00.000Z")
    assert space.last_active().startswith("2099")
    space.start(GUARD, limit=3, overdue=1)
    until(lambda: "believes in the future" in space.log)
    assert first.wait(timeout=20) is not None

    space.serve()  # what the image's supervisor does
    assert not space.last_active().startswith("2099")


def test_a_future_that_did_stick_does_not_cost_running_work(space: Space) -> None:
    first = space.serve()
    space.heartbeat.write_text("2099-01-01T00:00:00.000Z")
    space.last_active()
    space.does("cell", "import time; time.sleep(60)")
    space.start(GUARD, limit=2, overdue=0)
    time.sleep(6)
    assert first.poll() is None
    assert "believes" not in space.log


# -- watcher: stops the app itself --------------------------------------------------------------


def test_an_app_that_nobody_opened_is_deleted_exactly_once(space: Space) -> None:
    space.serve()
    began = time.monotonic()
    space.start(WATCHER, limit=3)
    until(lambda: space.sagemaker.deleted)
    assert time.monotonic() - began >= 3
    time.sleep(3)
    assert space.sagemaker.calls == [("DeleteApp", ME)]
    assert "stopping this app: nothing used it for 0.1 minutes (last sign of life: start)" in space.log
    note = (space.home / "studio-stopped.txt").read_text()
    assert "Your app was stopped at 20" in note
    assert "touch ~/.studio-keep-alive" in note


def test_an_idle_kernel_and_a_quiet_terminal_do_not_keep_an_app(space: Space) -> None:
    space.serve()
    space.does("cell", "1")
    space.does("terminal")
    space.start(WATCHER, limit=4)
    until(lambda: space.sagemaker.deleted)


def test_a_kernel_that_never_leaves_starting_does_not_keep_an_app(space: Space) -> None:
    space.serve()
    space.does("kernel")
    assert space.api("kernels")[0]["execution_state"] == "starting"
    space.start(WATCHER, limit=4)
    until(lambda: space.sagemaker.deleted)


def test_a_silent_busy_cell_longer_than_the_limit_runs_to_its_end(space: Space) -> None:
    space.serve()
    space.does("cell", SILENT)
    space.start(WATCHER, limit=3)
    until(lambda: "in use: kernel" in space.log)
    time.sleep(8)
    assert space.sagemaker.calls == []
    (space.home / "go").touch()
    until(lambda: space.sagemaker.deleted)


def test_a_foreground_job_longer_than_the_limit_runs_to_its_end(space: Space) -> None:
    space.serve()
    space.start(WATCHER, limit=3)
    space.does("terminal", "sleep 8; touch done")
    until((space.home / "done").exists)
    assert space.sagemaker.calls == []
    until(lambda: space.sagemaker.deleted)


def test_terminal_jobs_can_be_told_not_to_count(space: Space) -> None:
    space.serve()
    space.does("terminal", "sleep 60")
    space.start(IdleShutdown(engine="watcher", terminal_jobs=False), limit=4)
    until(lambda: space.sagemaker.deleted)


def test_an_editor_left_open_in_a_terminal_does_not_keep_an_app(space: Space) -> None:
    space.serve()
    space.does("terminal", "less /etc/services")
    space.start(WATCHER, limit=4)
    until(lambda: space.sagemaker.deleted)


def test_work_beyond_the_cap_counts_as_stuck(space: Space) -> None:
    space.serve()
    space.does("cell", "import time; time.sleep(60)")
    space.start(WATCHER, limit=2, busy_cap=3)
    until(lambda: space.sagemaker.deleted)


def test_a_lost_server_does_not_end_running_work_and_does_not_keep_an_idle_app(space: Space) -> None:
    server = space.serve()
    space.does("cell", "import time; time.sleep(60)")
    space.start(WATCHER, limit=2)
    until(lambda: "in use: kernel" in space.log)
    os.kill(server.pid, signal.SIGSTOP)
    time.sleep(6)
    assert space.sagemaker.calls == []
    server.kill()
    until(lambda: space.sagemaker.deleted)
