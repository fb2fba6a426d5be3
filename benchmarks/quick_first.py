"""A plugin of pytest, for `benchmarks/mutants.py`: the quickest tests first, as most mutants die in one of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

#: Where mutmut notes how long each test took, next to the copy that it tests.
TIMES = Path("mutmut-stats.json")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sort the tests by what they took when nothing was changed."""
    if TIMES.exists():
        took = json.loads(TIMES.read_text("utf-8"))["duration_by_test"]
        items.sort(key=lambda item: took.get(item.nodeid, 0.0))
