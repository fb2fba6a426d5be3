"""How long the script for git holds up the start of an app: `python -m benchmarks.git_ssh`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Final

from benchmarks.figures import Figure, main_of
from studio_infra.studio.git.git_host import GitHost
from studio_infra.studio.git.git_ssh import GitSsh
from tests.runtime.git_ssh.world import PEOPLE, Space, executable

if TYPE_CHECKING:
    from collections.abc import Iterator

FIRST_MAX: Final = 1
AGAIN_MAX: Final = 0.5
#: Foreground, and until everything that never answers is given up.
STUCK_MAX: Final = 5
GIVEN_UP_MAX: Final = 20


def script() -> str:
    """For a host that nobody answers for: port 9 of loopback is closed."""
    host = GitHost.custom("localhost", port=9, host_keys=GitHost.github().host_keys)
    return GitSsh(hosts=[host], people=PEOPLE, sign_commits=True).script().text


def a_space(folder: Path, name: str) -> Space:
    """A private space with an EFS home."""
    home = folder / f"efs-{name}"
    home.mkdir(mode=0o700)
    return Space(folder / name, home, user=name, name=name)


def figures() -> Iterator[Figure]:
    """The run in the middle of some."""
    with tempfile.TemporaryDirectory() as folder:
        yield from _figures(Path(folder))


def _figures(folder: Path) -> Iterator[Figure]:
    text = script()
    first = median(a_space(folder, f"new-{n}").start(text).seconds for n in range(5))
    yield Figure("git script: first start, which makes the key: foreground", first, FIRST_MAX)
    lab = a_space(folder, "lab")
    lab.start(text)
    yield Figure(
        "git script: later start: foreground", median(lab.start(text).seconds for _ in range(5)), AGAIN_MAX
    )
    for name in ("ssh", "aws"):
        executable(lab.bin / name, "#!/bin/sh\nexec sleep 30\n")
    waiting = median(lab.start(text, wait=False).seconds for _ in range(3))
    yield Figure("git script: ssh and aws that do not answer: foreground", waiting, AGAIN_MAX)
    stuck = a_space(folder, "stuck")
    (stuck.aws / "mode").write_text("hang", encoding="ascii")
    executable(stuck.bin / "ssh", "#!/bin/sh\nexec sleep 600\n")
    run = stuck.start(text)
    yield Figure("git script: look-ups that never end: foreground", run.seconds, STUCK_MAX)
    total = int(stuck.log.rpartition("seconds=")[2])
    yield Figure("git script: look-ups that never end: given up", total, GIVEN_UP_MAX)


if __name__ == "__main__":
    sys.exit(main_of("Git over SSH", figures()))
