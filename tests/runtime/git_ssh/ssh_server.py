"""An SSH server in pure Python that serves git, for machines without OpenSSH's: `ssh_server.py FOLDER`.

The folder holds `host_key` and `authorized_keys`, which is read anew at each login, as sshd does. The port
that it listens on is written to `port`.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import asyncssh


class AuthorizedKeysServer(asyncssh.SSHServer):
    """Lets in whoever holds a key that stands in the file."""

    def __init__(self, authorized_keys: Path) -> None:
        self._authorized_keys = authorized_keys

    def begin_auth(self, username: str) -> bool:
        del username
        return True

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        del username
        lines = self._authorized_keys.read_text().splitlines() if self._authorized_keys.exists() else []
        known = {asyncssh.import_public_key(line).public_data for line in lines if line.strip()}
        return key.public_data in known


async def serve_git(process: asyncssh.SSHServerProcess[bytes]) -> None:
    """Run what the client asks for in a shell, as a login would; without a command there is nothing to do."""
    if process.command is None:
        process.exit(0)
        return
    child = await asyncio.create_subprocess_shell(
        process.command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    await process.redirect(stdin=child.stdin, stdout=child.stdout, stderr=child.stderr)
    process.exit(await child.wait())
    await process.wait_closed()


async def main(folder: Path) -> None:
    server = await asyncssh.create_server(
        lambda: AuthorizedKeysServer(folder / "authorized_keys"),
        "127.0.0.1",
        0,
        server_host_keys=[str(folder / "host_key")],
        process_factory=serve_git,
        encoding=None,
    )
    (folder / "port.new").write_text(str(server.get_port()))
    (folder / "port.new").rename(folder / "port")
    await server.wait_closed()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
