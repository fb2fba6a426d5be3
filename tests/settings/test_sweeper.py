"""A sweeper must not be quicker than what people were promised inside their apps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.settings.conftest import SETTINGS

if TYPE_CHECKING:
    from studio_infra.settings.findings import Finding
    from tests.settings.conftest import Find

SWEEPER = "\n[operations.sweeper]\n"


def found(find: Find, sweeper: str, settings: str = SETTINGS) -> list[tuple[str, str]]:
    findings: tuple[Finding, ...] = find(settings + SWEEPER + sweeper)
    return [(one.field, one.message) for one in findings]


def test_an_empty_table_is_enough(find: Find) -> None:
    assert found(find, "") == []


@pytest.mark.parametrize(
    ("right", "wrong", "minutes"),
    [
        ("after_minutes = 60", "after_minutes = 600", 600),
        ("after_minutes = 60", "after_minutes = 60\nallowed_range_minutes = [60, 480]", 480),
    ],
)
def test_an_idle_limit_that_an_app_may_be_idle_for_is_refused(
    find: Find, right: str, wrong: str, minutes: int
) -> None:
    assert right in SETTINGS
    settings = SETTINGS.replace(right, wrong)
    hours = minutes // 60
    ((field, message),) = found(find, f"idle_hours = {hours - 1}", settings)
    assert field == "operations.sweeper.idle_hours"
    assert f"apps may be idle for {minutes} minutes" in message
    assert f"use at least {hours}, or 0 for never" in message
    assert found(find, f"idle_hours = {hours}", settings) == []
    assert found(find, "idle_hours = 0", settings) == []


def test_a_lifetime_that_work_may_outlive_is_refused(find: Find) -> None:
    settings = SETTINGS.replace("after_minutes = 60", "after_minutes = 60\nbusy_cap_hours = 100")
    ((field, message),) = found(find, "lifetime_days = 4", settings)
    assert field == "operations.sweeper.lifetime_days"
    assert "use at least 5, or 0 for never" in message
    assert found(find, "lifetime_days = 5", settings) == []
    assert found(find, "lifetime_days = 0", settings) == []
