"""checkov, in an environment of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.environments import python_with

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def checkov() -> Path:
    """Python of the environment in which `-m checkov.main` works."""
    return python_with(ROOT / "requirements-compliance.txt", name="compliance")
