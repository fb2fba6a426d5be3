"""When an endpoint is wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator

from studio_infra.settings.fields.base import Section
from studio_infra.settings.fields.rules import Text, refuse
from studio_infra.settings.findings import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator


def _time_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise refuse("no time zone", "use a name like Europe/Zurich") from None
    return value


Clock = Annotated[
    str, Text.like(r"^([01][0-9]|2[0-3]):[0-5][0-9]$", "not a time of day", 'write it like "08:00"')
]
Days = Annotated[
    str,
    Text.like(
        "^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)(-(Mon|Tue|Wed|Thu|Fri|Sat|Sun))?$",
        "not days of the week",
        'write them like "Mon-Fri" or "Sat"',
    ),
]
TimeZone = Annotated[str, AfterValidator(_time_zone)]


class OfficeHoursSettings(Section):
    """`[endpoints.NAME.office_hours]`: when it is wanted. Outside, it is stopped and costs nothing."""

    start: Clock
    """When it is started: "08:00"."""

    end: Clock
    """When it is stopped: "18:00". Earlier than `start` means on the next day."""

    time_zone: TimeZone
    """Whose clocks: "Europe/Zurich". Daylight saving is followed."""

    days: Days = "Mon-Fri"
    """First and last day of the week, or one day: "Sat"."""

    def checks(self) -> tuple[Iterator[Problem], ...]:
        """Hours that are none."""
        return (self._nothing(),)

    def _nothing(self) -> Iterator[Problem]:
        if self.start == self.end:
            allowed = "leave office_hours out for a whole day, or change one"
            yield Problem(("end",), "the same as start", allowed, self.end)
