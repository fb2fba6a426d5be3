"""Fixtures of the idle program: Jupyter in its own environment, and a space to run in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.environments import python_with
from tests.runtime.idle.studio_space import SageMaker, Space

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def jupyter() -> Callable[[], Path]:
    """Python of the environment with Jupyter and AWS's detector; built once, when first needed."""

    return lambda: python_with(HERE / "requirements-jupyter.txt", name="jupyter")


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
