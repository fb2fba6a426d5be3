"""A plugin of pytest, for `benchmarks/mutants.py`: first the tests that noticed a change lately, then the quickest.

Changes of one function come one after the other, and what notices one of them mostly notices the next.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

#: Where mutmut notes how long each test took, next to the copy that it tests.
TIMES = Path("mutmut-stats.json")
#: Where each test that noticed a change is noted, the latest last.
NOTICED = Path("noticed.txt")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sort the tests by how lately they noticed something, and by what they took when nothing was changed."""
    if not TIMES.exists():
        return
    took = json.loads(TIMES.read_text("utf-8"))["duration_by_test"]
    lately = NOTICED.read_text("utf-8").splitlines() if NOTICED.exists() else []
    place = {name: -number for number, name in enumerate(lately)}
    items.sort(key=lambda item: (place.get(item.nodeid, 1), took.get(item.nodeid, 0.0)))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Remember who noticed something."""
    if report.failed:
        with NOTICED.open("a", encoding="utf-8") as file:
            file.write(f"{report.nodeid}\n")
