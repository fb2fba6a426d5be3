"""Changing a file of somebody's: all of the change or nothing of it."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def edit(path: Path, change: Callable[[str], str]) -> None:
    """Change the text of a file: all of it or, whatever happens, nothing; its permissions stay."""
    path = path.resolve()
    before = path.read_bytes()
    after = change(before.decode("utf-8")).encode("utf-8")
    if after == before:
        return
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(after)
        Path(name).chmod(stat.S_IMODE(path.stat().st_mode))
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
