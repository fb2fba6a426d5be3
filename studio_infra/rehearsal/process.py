"""The server's process: started on an open socket, ended with everything it started."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from collections.abc import Callable

_HOST: Final = "127.0.0.1"
_STOP_SECONDS: Final = 6.0
_BACKLOG: Final = 1024


class ServerProcess:
    """A running server.

    Args:
        port: Where it listens.
        child: The process.

    """

    def __init__(self, port: int, child: subprocess.Popen[bytes]) -> None:
        self.port = port
        self._child = child

    @classmethod
    def start(cls, *, port: int, log: Path, environment: Callable[[int], dict[str, str]]) -> Self:
        """Start one.

        Args:
            port: Where it shall listen; 0 takes a free port.
            log: The file for what it says.
            environment: Gives its environment for the port.

        """
        with socket.socket() as listener, log.open("ab") as said:
            # The open socket is handed over, so nobody can take the port between choosing it and listening on
            # it.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((_HOST, port))
            listener.listen(_BACKLOG)
            chosen = int(listener.getsockname()[1])
            child = subprocess.Popen(  # noqa: S603 - our own interpreter, our own module
                [sys.executable, "-m", "studio_infra.rehearsal.emulator", str(listener.fileno())],
                cwd=Path(__file__).parents[2],
                env=environment(chosen),
                stdin=subprocess.PIPE,  # its end tells the server that we are gone, however we went
                stdout=said,
                stderr=said,
                pass_fds=(listener.fileno(),),
                start_new_session=True,
            )
        return cls(chosen, child)

    @property
    def pid(self) -> int:
        """Its process id, which is also the group of everything it starts."""
        return self._child.pid

    @property
    def ended(self) -> bool:
        """Whether it is gone."""
        return self._child.poll() is not None

    def end(self, *, patience: float = _STOP_SECONDS) -> None:
        """End it and everything it started: Lambda workers, and itself if it waits for one of them.

        Args:
            patience: How many seconds it has to do so by itself; it writes its state down last.

        """
        self._child.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._child.wait(patience)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._child.pid, signal.SIGKILL)
        self._child.wait()
        if self._child.stdin is not None:
            self._child.stdin.close()
