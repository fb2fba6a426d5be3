"""10,000 apps and 2,000 endpoints in one run: in time, with few calls, at most five changes a second."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tests.runtime.idle_sweeper.scale import APPS, DEAD, KEPT, Large
from tests.runtime.idle_sweeper.world import FOREIGN

if TYPE_CHECKING:
    import pytest


def test_one_run_sees_and_does_everything_with_few_calls_and_few_changes_a_second(
    capsys: pytest.CaptureFixture[str],
) -> None:
    large = Large.made()
    world = large.world
    begun = world.clock.passed
    said = world.sweep()
    capsys.readouterr()
    assert said["finished"]
    assert len(said["stopped"]) == DEAD - KEPT
    assert len(world.sm.running("d-own")) == APPS - DEAD + KEPT
    assert set(world.statuses(FOREIGN).values()) == {"InService"}
    # Calls of 50 ms one after the other, with the pauses of the pace: within one run, and its margin.
    assert world.clock.passed - begun < 900 - 60
    counted = Counter(call.operation for call in world.aws.calls)
    assert len(world.aws.calls) <= 1.2 * large.fewest_calls, counted
    changes = [at for at, _, _ in world.changes()]
    assert len(changes) == DEAD - KEPT
    assert min(sixth - first for first, sixth in zip(changes, changes[5:], strict=False)) > 1


def test_what_does_not_fit_into_one_run_is_done_by_the_next_ones(capsys: pytest.CaptureFixture[str]) -> None:
    large = Large.made(apps=1500, dead=1500, endpoints=0)
    world = large.world
    world.timeout = 240.0
    runs = 0
    while len(world.sm.running("d-own")) > 150:
        runs += 1
        assert runs < 20
        world.sweep()
        world.clock.passed += 3600 - world.clock.passed % 3600
        capsys.readouterr()
    assert runs > 1
    assert set(world.statuses(FOREIGN).values()) == {"InService"}
