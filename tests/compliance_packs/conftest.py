"""checkov, in an environment of its own."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def checkov() -> Path:
    """checkov's command; its environment is made once, anew when its pins change."""
    requirements = ROOT / "requirements-compliance.txt"
    content = hashlib.sha256(requirements.read_bytes()).hexdigest()[:12]
    environment = Path(sys.prefix, "tools", f"compliance-{content}")
    if not environment.exists():
        # Beside its place, so that a run that is stopped half-way leaves nothing that looks finished.
        making = environment.with_name(f"{environment.name}.making")
        shutil.rmtree(making, ignore_errors=True)
        venv.create(making, with_pip=True)
        pip: list[str | Path] = [making / "bin" / "python", "-m", "pip"]
        subprocess.run([*pip, "install", "--quiet", "--requirement", requirements], check=True, timeout=800)
        making.rename(environment)
    # Through its module: the command's first line names the folder in which the environment was made.
    return environment / "bin" / "python"
