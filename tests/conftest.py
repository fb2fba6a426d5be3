"""Fixtures that every room shares."""

from __future__ import annotations

import os
import pwd
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

# CDK's template validator costs 2 s in a fresh process. Unit tests look at properties; the tests that are about
# validation switch it on themselves (see `tests/golden`).
os.environ.setdefault("CDK_VALIDATION", "false")
os.environ.setdefault("JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION", "1")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden", action="store_true", help="write the golden templates anew instead of comparing"
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests first: several processes then end together, as what is left for the end is short."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture(scope="session", autouse=True)
def _nothing_of_ours_in_the_home_of_whoever_runs_the_tests() -> Iterator[None]:
    """A lifecycle script asks the system for its home, whatever HOME says: tests have to give it another."""
    home = Path(pwd.getpwuid(os.geteuid()).pw_dir)
    ours = [home / ".studio-infra/git-ssh.log", home / ".config/sagemaker", home / "studio-stopped.txt"]
    before = {place: place.lstat().st_mtime_ns for place in ours if place.exists()}
    yield
    after = {place: place.lstat().st_mtime_ns for place in ours if place.exists()}
    assert after == before, "a test ran a lifecycle script in the home of whoever runs the tests"


@pytest.fixture
def app(request: pytest.FixtureRequest) -> object:
    """A fresh app: one app per test, because a synthesized one cannot be added to. Its parameter is the context."""
    import aws_cdk as cdk

    return cdk.App(context=getattr(request, "param", None))


@pytest.fixture
def stack(app: object) -> object:
    """A stack named `S`, free of any account and region."""
    import aws_cdk as cdk

    return cdk.Stack(app, "S")  # type: ignore[arg-type]
