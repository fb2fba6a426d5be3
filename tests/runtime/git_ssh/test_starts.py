"""Many starts: at once, cut short, and again."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from tests.runtime.git_ssh.world import Space, executable, wait_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from studio_infra.studio.git.git_ssh import GitSsh

    MakeSpace = Callable[..., Space]


def begin(space: Space, script: str) -> subprocess.Popen[bytes]:
    path = space.folder / "lifecycle_script.sh"
    if not path.exists():
        executable(path, script)
    return subprocess.Popen(
        [path],
        env=space.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def is_pair(space: Space) -> bool:
    """Whether the private key of the space is whole and belongs to the public one."""
    shown = space.shell(
        "ssh-keygen -y -P '' -f .ssh/studio_key && cat .ssh/studio_key.pub"
    ).stdout.splitlines()
    return len(shown) == 2 and shown[0] == shown[1]


def assert_set_up_once(space: Space) -> None:
    assert is_pair(space)
    assert (space.home / ".ssh/config").read_text() == "Include studio_config\n"
    assert (space.home / ".gitconfig").read_text() == "[include] path = ~/.studio-infra/gitconfig\n"
    assert not list((space.home / ".ssh").glob("studio_key.[0-9]*")), "the key was replaced"


@pytest.mark.slow
@pytest.mark.parametrize("homes", [32, 1])
def test_simultaneous_first_starts_make_one_key_and_one_stanza(
    closed: GitSsh, make_space: MakeSpace, homes: int
) -> None:
    spaces = [make_space(f"lab-{number}") for number in range(homes)]
    running = [begin(spaces[number % homes], closed.script().text) for number in range(32)]
    assert [process.wait(120) for process in running] == [0] * 32
    wait_for(
        "the end of 32 detached parts",
        lambda: sum(space.log.count("INFO finished") for space in spaces) == 32,
        seconds=120,
    )
    assert len({space.public_key for space in spaces}) == 1
    for space in spaces:
        assert_set_up_once(space)
        assert "WARN" not in space.log.replace("WARN localhost: ssh: connect", "")
    efs = spaces[0].efs
    assert efs is not None
    assert [path.name for path in (efs / ".studio-infra/ssh").iterdir()] == ["id_ed25519"]


@pytest.mark.slow
def test_a_start_killed_at_any_point_is_mended_by_the_next(closed: GitSsh, make_space: MakeSpace) -> None:
    script = closed.script().text
    whole = make_space("whole", user="whole").start(script).seconds
    for point in range(50):
        space = make_space(f"lab-{point}", user=f"ana-{point}")
        process = begin(space, script)
        time.sleep(whole * (point + 1) / 50)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)
        again = space.start(script)
        assert again.code == 0
        assert not again.lines("WARN"), point
        assert_set_up_once(space)


def test_what_a_killed_start_left_behind_is_removed_an_hour_later(
    closed: GitSsh, make_space: MakeSpace
) -> None:
    lab = make_space("lab")
    lab.start(closed.script().text)
    assert lab.efs is not None
    left = [
        lab.home / ".ssh/config.studio~Ab12Cd",
        lab.home / ".studio-infra/gitconfig.studio~Ab12Cd",
        lab.efs / ".studio-infra/ssh/id_ed25519.studio~Ab12Cd",
    ]
    for path in left:
        path.write_text("half")
        os.utime(path, (time.time() - 4000,) * 2)
    (fresh := lab.home / ".ssh/config.studio~Xy34Zw").write_text("of a start that runs now")
    lab.start(closed.script().text)
    assert [path.exists() for path in left] == [False] * 3
    assert fresh.exists()


def test_from_the_second_start_on_the_home_does_not_change(closed: GitSsh, make_space: MakeSpace) -> None:
    lab = make_space("lab")
    for _ in range(2):
        lab.start(closed.script().text)
    second = lab.contents()
    for _ in range(8):
        lab.start(closed.script().text)
    assert lab.contents() == second


def test_the_foreground_waits_for_no_network(closed: GitSsh, make_space: MakeSpace) -> None:
    """How quick it is, is measured by `make bench`."""
    lab = make_space("lab")
    go = lab.folder / "go"
    for name in ("ssh", "aws"):
        executable(lab.bin / name, f"#!/bin/sh\nuntil [ -e {go} ]; do sleep 0.1; done\nexit 1\n")
    run = lab.start(closed.script().text, wait=False)
    assert "INFO started" in run.lines("INFO")[-1]
    assert "INFO finished" not in lab.log
    go.touch()
    wait_for("the end of the detached part", lambda: "INFO finished" in lab.log)


def test_the_foreground_alone_sets_everything_up_and_asks_nobody(
    closed: GitSsh, make_space: MakeSpace
) -> None:
    lab = make_space("lab")
    for name in ("ssh", "aws"):
        executable(lab.bin / name, f'#!/bin/sh\necho "$0 $*" >>{lab.folder}/asked\n')
    executable(lab.bin / "setsid", "#!/bin/sh\n")  # nothing is detached
    run = lab.start(closed.script().text, wait=False)
    assert run.output.splitlines()[-1].rpartition(" ")[0].endswith("INFO started failed=0")
    assert not (lab.folder / "asked").exists()
    assert_set_up_once(lab)
    assert "gpgSign" in (lab.home / ".studio-infra/gitconfig").read_text()
