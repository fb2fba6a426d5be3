"""Fixtures of the idle program: Jupyter in its own environment, and a space to run in."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.runtime.idle.studio_space import SageMaker, Space

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HERE = Path(__file__).parent
ENVIRONMENT = HERE.parents[2] / ".venv-jupyter"


@pytest.fixture(scope="session")
def jupyter() -> Callable[[], Path]:
    """Python of the environment with Jupyter and AWS's detector; built once, when first needed."""

    def python() -> Path:
        pins = HERE / "requirements-jupyter.txt"
        done = ENVIRONMENT / f".done-{hashlib.sha256(pins.read_bytes()).hexdigest()[:12]}"
        path = ENVIRONMENT / "bin" / "python"
        if not done.exists():
            shutil.rmtree(ENVIRONMENT, ignore_errors=True)
            subprocess.run([sys.executable, "-m", "venv", ENVIRONMENT], check=True, timeout=120)
            subprocess.run([path, "-m", "pip", "install", "--quiet", "-r", pins], check=True, timeout=280)
            done.touch()
        return path

    return python


@pytest.fixture
def sagemaker() -> Iterator[SageMaker]:
    service = SageMaker()
    yield service
    service.server.shutdown()
    service.server.server_close()


@pytest.fixture
def space(tmp_path: Path, sagemaker: SageMaker, jupyter: Callable[[], Path]) -> Iterator[Space]:
    opened = Space(tmp_path, sagemaker, jupyter)
    yield opened
    opened.close()
