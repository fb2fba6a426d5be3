"""A team's limit may be longer than the one that Studio itself keeps: the guard makes up the difference."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio_infra.errors import InvalidInput
from studio_infra.studio.idle.idle_shutdown import IdleEngine, IdleShutdown
from tests.runtime.idle.shipped import shipped

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def guard() -> Any:
    return shipped("guard")


def published(guard: Any, folder: Path, *, idle_for: float, longer: float) -> float:
    """How many seconds ago Studio's detector is told the last sign of life was."""
    settings = {"heartbeat": str(folder / "beat"), "limit": 3600, "overdue": 300, "longer": longer}
    keeper = guard.Guard(SimpleNamespace(settings=settings, log=lambda *_: None))
    now = time.monotonic()
    keeper.beat(guard.State(now, now - idle_for, "kernel 1", working=False, seen={}))
    age: float = time.time() - guard.parse((folder / "beat").read_text())
    return age


@pytest.mark.parametrize(
    ("idle_for", "told"),
    [(0, 0), (1800, 0), (3600, 0), (3660, 60), (7200, 3600)],
)
def test_studio_counts_from_a_sign_that_is_later_by_the_difference(
    guard: Any, tmp_path: Path, idle_for: float, told: float
) -> None:
    assert published(guard, tmp_path, idle_for=idle_for, longer=3600) == pytest.approx(told, abs=2)


def test_an_app_that_nobody_opened_gets_the_difference_too(guard: Any, tmp_path: Path) -> None:
    for longer, written in ((0, False), (3600, True)):
        settings = {"heartbeat": str(tmp_path / "beat"), "limit": 3600, "overdue": 300, "longer": longer}
        keeper = guard.Guard(SimpleNamespace(settings=settings, log=lambda *_: None))
        keeper.beat(guard.State(time.monotonic(), time.monotonic(), "start", working=False, seen={}))
        assert (tmp_path / "beat").exists() is written


def test_without_a_difference_the_sign_is_the_true_one(guard: Any, tmp_path: Path) -> None:
    assert published(guard, tmp_path, idle_for=1800, longer=0) == pytest.approx(1800, abs=2)


@given(idle_for=st.floats(0, 1e6), longer=st.floats(0, 1e5))
def test_the_sign_never_lies_in_the_future_where_it_would_stick(
    guard: Any, tmp_path_factory: pytest.TempPathFactory, idle_for: float, longer: float
) -> None:
    assert published(guard, tmp_path_factory.mktemp("beat"), idle_for=idle_for, longer=longer) > -1


def test_the_difference_is_in_the_script_and_only_where_there_is_one() -> None:
    two_hours = IdleShutdown(after=cdk.Duration.hours(2), studio_limit=cdk.Duration.hours(1))
    script = two_hours.script("JupyterLab")
    assert script is not None
    assert '"longer":3600' in script.text
    plain = IdleShutdown(after=cdk.Duration.hours(2)).script("JupyterLab")
    assert plain is not None
    assert '"longer":3600' not in plain.text


def test_refuses_a_limit_that_is_shorter_than_studios() -> None:
    with pytest.raises(InvalidInput, match=r"at least studio_limit, 120 minutes.*got 60"):
        IdleShutdown(after=cdk.Duration.hours(1), studio_limit=cdk.Duration.hours(2))


@pytest.mark.parametrize("engine", [IdleEngine.NATIVE, IdleEngine.WATCHER])
def test_refuses_an_engine_without_a_guard(engine: IdleEngine) -> None:
    with pytest.raises(InvalidInput, match="studio_limit needs engine 'native_with_guard'"):
        IdleShutdown(after=cdk.Duration.hours(2), engine=engine, studio_limit=cdk.Duration.hours(1))
