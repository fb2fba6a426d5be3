"""A git host on loopback and the spaces of people who use it."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING

import pytest

from studio_infra.studio.git.git_host import GitHost
from studio_infra.studio.git.git_ssh import GitSsh
from tests.runtime.git_ssh.world import MISSING, PEOPLE, SSHD, GitServer, Space

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if MISSING:
        for item in items:
            if "runtime/git_ssh" in str(item.path):
                item.add_marker(pytest.mark.skip(reason=f"not on this machine: {', '.join(MISSING)}"))


@pytest.fixture(scope="session", params=["openssh", "asyncssh"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitServer]:
    """A git host: once OpenSSH's, once one in Python, which needs nothing of the machine."""
    if request.param == "openssh" and SSHD is None:
        pytest.skip(
            "OpenSSH's sshd is not installed here (Debian: openssh-server); the Python server stands in"
        )
    started = GitServer.start(tmp_path_factory.mktemp("host") / request.param, request.param)
    yield started
    started.stop()


@pytest.fixture
def git_ssh(server: GitServer) -> GitSsh:
    """What the platform team set up: one host, pinned; identities; signing."""
    host = GitHost.custom(
        "localhost",
        port=server.port,
        user=getpass.getuser(),
        host_keys=[server.host_key],
        key_page="https://git/keys",
    )
    return GitSsh(hosts=[host], people=PEOPLE, sign_commits=True)


@pytest.fixture
def closed() -> GitSsh:
    """The same with a host that nobody answers for: port 9 of loopback is closed."""
    key = GitHost.github().host_keys
    return GitSsh(
        hosts=[GitHost.custom("localhost", port=9, host_keys=key)], people=PEOPLE, sign_commits=True
    )


@pytest.fixture
def make_space(tmp_path: Path) -> Callable[..., Space]:
    """Make a space: `make_space("lab")` is Ana's, with her EFS home."""

    def make(name: str | None, *, user: str | None = "ana", efs: bool = True) -> Space:
        home = tmp_path / f"efs-{user}" if efs else None
        if home is not None:
            home.mkdir(mode=0o700, exist_ok=True)
        return Space(tmp_path / (name or "classic"), home, user=user, name=name)

    return make
