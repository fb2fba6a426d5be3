"""How long an endpoint is wanted: said once, read back from its tags, refused when it makes no sense."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio_infra.errors import InvalidInput
from studio_infra.workloads import EndpointLifetime, OfficeHours

if TYPE_CHECKING:
    from collections.abc import Callable

#: What AWS takes in the value of a tag.
TAG_VALUE = re.compile(r"[\w .:/=+@-]{0,256}", re.ASCII)
ZURICH = dt.timezone(dt.timedelta(hours=1))


@pytest.mark.parametrize(
    ("lifetime", "tags"),
    [
        (EndpointLifetime.until("2027-03-31"), {"studio:expires": "2027-03-31"}),
        (EndpointLifetime.until(dt.date(2027, 3, 31)), {"studio:expires": "2027-03-31"}),
        (
            EndpointLifetime.until(dt.datetime(2027, 3, 31, 17, tzinfo=ZURICH)),
            {"studio:expires": "2027-03-31T17:00:00+01:00"},
        ),
        (EndpointLifetime.until("2027-03-31T17:00:00Z"), {"studio:expires": "2027-03-31T17:00:00+00:00"}),
        (EndpointLifetime.for_days(14), {"studio:lifetime-days": "14"}),
        (EndpointLifetime.forever(), {"studio:expires": "forever"}),
        (
            EndpointLifetime.forever().or_idle(12),
            {"studio:expires": "forever", "studio:stop-after-idle-hours": "12"},
        ),
        (
            EndpointLifetime.office_hours(start="08:00", end="18:00", time_zone="Europe/Zurich"),
            {"studio:expires": "forever", "studio:office-hours": "Mon-Fri 08:00-18:00 Europe/Zurich"},
        ),
        (
            EndpointLifetime.office_hours(
                start="22:00", end="06:00", time_zone="Etc/GMT+3", days="Sat", until="2027-03-31"
            ),
            {"studio:expires": "2027-03-31", "studio:office-hours": "Sat 22:00-06:00 Etc/GMT+3"},
        ),
    ],
)
def test_a_lifetime_is_written_into_tags(lifetime: EndpointLifetime, tags: dict[str, str]) -> None:
    written = lifetime.tags("ana")
    assert written == tags | {"studio:owner": "ana"}
    assert all(TAG_VALUE.fullmatch(value) for value in written.values())


@pytest.mark.parametrize(
    ("days", "weekdays"),
    [("Mon-Fri", (0, 1, 2, 3, 4)), ("Sat", (5,)), ("Fri-Mon", (4, 5, 6, 0)), ("Sun-Sun", (6,))],
)
def test_days_may_go_over_the_weekend(days: str, weekdays: tuple[int, ...]) -> None:
    assert OfficeHours(start="08:00", end="18:00", time_zone="UTC", days=days).weekdays == weekdays


REFUSED: dict[str, tuple[Callable[[], object], str]] = {
    "nothing": (EndpointLifetime, "say how long: EndpointLifetime.until"),
    "forever as a date": (lambda: EndpointLifetime.until("forever"), r"EndpointLifetime.forever\(\)"),
    "no date": (lambda: EndpointLifetime.until("31.3.2027"), "a date is written like 2027-03-31"),
    "no such day": (lambda: EndpointLifetime.until("2027-02-30"), "a date is written like"),
    "newline": (lambda: EndpointLifetime.until("2027-03-31\n"), "a date is written like"),
    "no time zone": (lambda: EndpointLifetime.until("2027-03-31T17:00:00"), "a moment needs a time zone"),
    "no day": (lambda: EndpointLifetime.for_days(0), "days must be between 1 and 3650"),
    "eleven years": (lambda: EndpointLifetime.for_days(4000), "days must be between"),
    "idle at once": (lambda: EndpointLifetime.forever().or_idle(0), "hours must be between 1 and 2160"),
    "hour 24": (lambda: hours(end="24:00"), "end must be a time like 08:00, got '24:00'"),
    "seconds": (lambda: hours(start="08:00:00"), "start must be a time"),
    "no hours": (lambda: hours(end="08:00"), "start and end are both 08:00"),
    "day": (lambda: hours(days="Mon-Fry"), "days must be like Mon-Fri or Sat, got 'Mon-Fry'"),
    "half a range": (lambda: hours(days="Mon-"), "days must be like"),
    "list of days": (lambda: hours(days="Mon-Wed-Fri"), "days must be like"),
    "zone": (lambda: hours(time_zone="Europe/Zürich"), "time_zone must be a name like Europe/Zurich"),
    "zone as a path": (lambda: hours(time_zone="../../etc/passwd"), "time_zone must be a name"),
    "empty zone": (lambda: hours(time_zone=""), "time_zone must be a name"),
}


def hours(
    *, start: str = "08:00", end: str = "18:00", time_zone: str = "UTC", days: str = "Mon-Fri"
) -> EndpointLifetime:
    return EndpointLifetime.office_hours(start=start, end=end, time_zone=time_zone, days=days)


@pytest.mark.parametrize(("make", "message"), REFUSED.values(), ids=REFUSED)
def test_what_makes_no_sense_is_refused(make: Callable[[], object], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        make()


@given(st.text(max_size=30))
def test_any_text_is_a_date_or_refused(text: str) -> None:
    try:
        lifetime = EndpointLifetime.until(text)
    except InvalidInput:
        return
    assert TAG_VALUE.fullmatch(lifetime.tags("ana")["studio:expires"])
