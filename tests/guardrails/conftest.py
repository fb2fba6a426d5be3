"""The engine that CDK runs, taken out of aws-cdk-lib once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.guardrails.engine import unpack

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the engine's package."""
    return unpack(tmp_path_factory.mktemp("engine"))
