"""Hours of a week on the clocks of a place, as one line of text says them."""

from __future__ import annotations

import datetime as dt
import importlib
import re
import tarfile
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

WEEK = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_HOURS = re.compile(r"(\w{3})(?:-(\w{3}))? (\d\d:\d\d)-(\d\d:\d\d) (\S+)", re.ASCII)
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Hours:
    """Hours of days of the week, on the clocks of a time zone."""

    weekdays: frozenset[int]
    start: dt.time
    end: dt.time
    zone: ZoneInfo

    @classmethod
    def from_text(cls, text: str) -> Hours:
        """`"Mon-Fri 08:00-18:00 Europe/Zurich"`; one day is `"Sat 08:00-12:00 UTC"`.

        Raises:
            ValueError: It says nothing we understand.

        """
        match = _HOURS.fullmatch(text)
        if match is None:
            raise ValueError(f"hours are written like Mon-Fri 08:00-18:00 Europe/Zurich, got {text!r}")
        try:
            first, last = WEEK.index(match[1]), WEEK.index(match[2] or match[1])
            days = frozenset((first + step) % 7 for step in range((last - first) % 7 + 1))
            start, end = dt.time.fromisoformat(match[3]), dt.time.fromisoformat(match[4])
            return cls(days, start, end, zone(match[5]))
        except (ValueError, KeyError, OSError) as error:
            raise ValueError(
                f"hours name a day, a time or a time zone that there is not: {text!r}"
            ) from error

    def opening(self, now: dt.datetime) -> dt.datetime | None:
        """When the hours that `now` is in began; `None` outside of them.

        Hours are compared as moments, not as clock times: when the clock goes back they neither end twice nor
        begin twice. Where the clock shows a time twice, or skips it, they are never shorter than said.
        """
        today = now.astimezone(self.zone).date()
        for day in (today - _DAY, today):
            if day.weekday() in self.weekdays:
                last = day if self.start < self.end else day + _DAY
                begins = min(self._moments(day, self.start))
                if begins <= now < max(self._moments(last, self.end)):
                    return begins
        return None

    def _moments(self, day: dt.date, time: dt.time) -> tuple[dt.datetime, dt.datetime]:
        """When the clock shows `time`: two different moments only where it goes back or forward then."""
        shown = dt.datetime.combine(day, time, self.zone)
        return shown.astimezone(dt.UTC), shown.replace(fold=1).astimezone(dt.UTC)


def zone(name: str) -> ZoneInfo:
    """A time zone of the machine; of boto3's own data where the machine has none.

    Lambda's image is not said to have the IANA database. `dateutil`, which boto3 needs, brings it along.
    """
    try:
        return ZoneInfo(name)
    except ZoneInfoNotFoundError:
        data: Any = importlib.import_module("dateutil.zoneinfo")  # only where it is needed: it is slow
        with tarfile.open(fileobj=data.getzoneinfofile_stream()) as archive:
            found = archive.extractfile(name)  # a KeyError where there is no such zone
            if found is None:
                raise
            return ZoneInfo.from_file(found, key=name)
