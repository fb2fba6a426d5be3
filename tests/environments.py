"""Environments for tools that cannot live with ours: each is made once, by whichever process of the tests is first."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
import sys
import venv
from pathlib import Path


def python_with(requirements: Path, *, name: str) -> Path:
    """Python of an environment with these packages, made anew when the file changes.

    Whoever else needs it meanwhile waits; a run that is stopped half-way leaves nothing that looks finished.
    """
    content = hashlib.sha256(requirements.read_bytes()).hexdigest()[:12]
    folder = Path(sys.prefix, "tools")
    folder.mkdir(exist_ok=True)
    environment = folder / f"{name}-{content}"
    python, done = environment / "bin" / "python", environment / ".done"
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            for old in folder.glob(f"{name}-*"):
                shutil.rmtree(old)
            venv.create(environment, with_pip=True)
            pip: list[str | Path] = [python, "-m", "pip", "install", "--quiet", "--requirement", requirements]
            subprocess.run(pip, check=True, timeout=800)
            done.touch()
    return python
