"""Hours of a week as text, also on a machine without time zones. When they begin and end: `endpoint_lifetime`."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest

from studio_infra.runtime.functions.shared import hours
from studio_infra.runtime.functions.shared.hours import Hours

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def machine_without_zones(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    class NoZones(ZoneInfo):
        def __new__(cls, key: str) -> Any:
            raise ZoneInfoNotFoundError(key)

    monkeypatch.setattr(hours, "ZoneInfo", NoZones)
    return iter(())


def test_days_go_over_the_weekend_and_nights_over_midnight() -> None:
    read = Hours.from_text("Fri-Mon 22:00-06:00 UTC")
    assert read.weekdays == {4, 5, 6, 0}
    assert read.opening(dt.datetime(2026, 11, 24, 5, tzinfo=dt.UTC)) == dt.datetime(
        2026, 11, 23, 22, tzinfo=dt.UTC
    )
    assert read.opening(dt.datetime(2026, 11, 24, 23, tzinfo=dt.UTC)) is None


@pytest.mark.usefixtures("machine_without_zones")
def test_a_machine_without_time_zones_has_those_that_boto3_brings_along() -> None:
    summer = dt.datetime(2026, 7, 1, 12, tzinfo=dt.UTC)
    winter = dt.datetime(2026, 12, 1, 12, tzinfo=dt.UTC)
    zone = hours.zone("Europe/Zurich")
    offsets = [zone.utcoffset(moment.astimezone(zone)) for moment in (summer, winter)]
    assert offsets == [dt.timedelta(hours=2), dt.timedelta(hours=1)]


@pytest.mark.usefixtures("machine_without_zones")
@pytest.mark.parametrize("name", ["Europe/Zurik", "../../etc", "Europe"])
def test_a_zone_that_there_is_not_is_refused_there_too(name: str) -> None:
    with pytest.raises(ValueError, match="that there is not"):
        Hours.from_text(f"Mon 08:00-18:00 {name}")
