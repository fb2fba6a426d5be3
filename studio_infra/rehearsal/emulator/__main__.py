"""The server process, ``python -m studio_infra.rehearsal.emulator FD``: started by ``EmbeddedAws`` alone."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import sys
import threading
import time
from pathlib import Path

_PATIENCE_SECONDS = 5.0


def main(listener: int) -> None:
    """Serve on an open socket until asked to stop, or until the process that started us is gone."""
    home = Path(os.environ["HOME"])
    os.chdir(home)  # functions that run here must not find this library lying about
    orphaned = threading.Event()
    threading.Thread(target=_follow_parent, args=(home, orphaned), daemon=True).start()

    from studio_infra.rehearsal.emulator import install, serving  # noqa: PLC0415 - the thread comes first

    install.install()
    asyncio.run(serving.serve(listener))
    if orphaned.is_set():
        _vanish(home)


def _follow_parent(home: Path, orphaned: threading.Event) -> None:
    """Wait for standard input to close: our parent ended, maybe without a chance to stop us."""
    with contextlib.suppress(OSError):
        while os.read(0, 4096):  # not sys.stdin: its lock must be free when the interpreter ends
            pass
    orphaned.set()
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_PATIENCE_SECONDS)
    _vanish(home)


def _vanish(home: Path) -> None:
    shutil.rmtree(home, ignore_errors=True)
    os.killpg(os.getpgid(0), signal.SIGKILL)


if __name__ == "__main__":
    main(int(sys.argv[1]))
