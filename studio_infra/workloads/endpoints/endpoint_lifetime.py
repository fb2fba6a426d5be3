"""How long an endpoint is wanted: a value that has to be given, and that its tags carry to whoever sweeps."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, replace
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from studio_infra.errors import InvalidInput

OWNER_TAG: Final = "studio:owner"
EXPIRES_TAG: Final = "studio:expires"
LIFETIME_DAYS_TAG: Final = "studio:lifetime-days"
OFFICE_HOURS_TAG: Final = "studio:office-hours"
IDLE_HOURS_TAG: Final = "studio:stop-after-idle-hours"
EXTENDABLE_TAG: Final = "studio:extendable-days"

#: What `EXPIRES_TAG` says when somebody said it out loud.
FOREVER: Final = "forever"
DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

_CLOCK: Final = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]", re.ASCII)
_DAYS_MAX: Final = 3650
_IDLE_HOURS_MAX: Final = 24 * 90
_EXTENDABLE_DAYS_MAX: Final = 365


@dataclass(frozen=True, kw_only=True)
class OfficeHours:
    """The hours in which an endpoint is wanted.

    Args:
        start: `"08:00"` on the clocks of `time_zone`.
        end: `"18:00"`. Earlier than `start` means on the next day.
        time_zone: A name of the IANA database: `"Europe/Zurich"`. Daylight saving is followed.
        days: The first and the last day of the week, `"Mon-Fri"`, or one day, `"Sat"`. A night belongs to the
            day on which it starts.

    """

    start: str
    end: str
    time_zone: str
    days: str = "Mon-Fri"

    def __post_init__(self) -> None:
        for what, clock in (("start", self.start), ("end", self.end)):
            if _CLOCK.fullmatch(clock) is None:
                raise InvalidInput("OfficeHours", f"{what} must be a time like 08:00, got {clock!r}")
        if self.start == self.end:
            raise InvalidInput(
                "OfficeHours", f"start and end are both {self.start}: leave office hours out, or change one"
            )
        first, _, last = self.days.partition("-")
        if first not in DAYS or (last or first) not in DAYS or self.days.endswith("-"):
            raise InvalidInput("OfficeHours", f"days must be like Mon-Fri or Sat, got {self.days!r}")
        try:
            ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise InvalidInput(
                "OfficeHours", f"time_zone must be a name like Europe/Zurich, got {self.time_zone!r}"
            ) from None

    @property
    def weekdays(self) -> tuple[int, ...]:
        """The days as numbers, Monday first; `"Fri-Mon"` goes over the weekend."""
        first, _, last = self.days.partition("-")
        start, end = DAYS.index(first), DAYS.index(last or first)
        return tuple((start + step) % len(DAYS) for step in range((end - start) % len(DAYS) + 1))

    def to_tag(self) -> str:
        """`"Mon-Fri 08:00-18:00 Europe/Zurich"`."""
        return f"{self.days} {self.start}-{self.end} {self.time_zone}"


@dataclass(frozen=True, kw_only=True)
class EndpointLifetime:
    """How long an endpoint is wanted. Start with `until`, `for_days`, `forever` or `office_hours`.

    There is no default, on purpose: an endpoint costs money every hour until somebody deletes it.
    """

    expires: str | None = None
    days: int | None = None
    hours: OfficeHours | None = None
    idle_hours: int | None = None
    extendable_days: int | None = None

    def __post_init__(self) -> None:
        if (self.expires is None) == (self.days is None):
            raise InvalidInput(
                "EndpointLifetime",
                "say how long: EndpointLifetime.until(date), .for_days(n), .office_hours(…) or .forever()",
            )

    @classmethod
    def until(cls, when: dt.date | dt.datetime | str) -> EndpointLifetime:
        """Wanted up to and including a day in UTC, or up to a moment with a time zone.

        Raises:
            InvalidInput: Neither a date nor a moment with a time zone.

        """
        moment = _parsed(when) if isinstance(when, str) else when
        if isinstance(moment, dt.datetime):
            if moment.utcoffset() is None:
                raise InvalidInput(
                    "EndpointExpires", f"a moment needs a time zone, got {when!s}; or give a date alone"
                )
            return cls(expires=moment.isoformat(timespec="seconds"))
        return cls(expires=moment.isoformat())

    @classmethod
    def for_days(cls, days: int) -> EndpointLifetime:
        """Wanted for some days after it was created.

        Raises:
            InvalidInput: Fewer than one day, or more than ten years.

        """
        if not 1 <= days <= _DAYS_MAX:
            raise InvalidInput("EndpointExpires", f"days must be between 1 and {_DAYS_MAX}, got {days}")
        return cls(days=days)

    @classmethod
    def forever(cls) -> EndpointLifetime:
        """Wanted until somebody deletes it. Said out loud, and seen in its tags."""
        return cls(expires=FOREVER)

    @classmethod
    def office_hours(
        cls,
        *,
        start: str,
        end: str,
        time_zone: str,
        days: str = "Mon-Fri",
        until: dt.date | dt.datetime | str | None = None,
    ) -> EndpointLifetime:
        """Wanted in certain hours only; see `OfficeHours`.

        Args:
            start: When it is switched on: `"08:00"`.
            end: When it is switched off: `"18:00"`.
            time_zone: Whose clocks: `"Europe/Zurich"`.
            days: `"Mon-Fri"`.
            until: The last day. Defaults to none.

        Raises:
            InvalidInput: A time, a day, a time zone or a date that does not exist.

        """
        hours = OfficeHours(start=start, end=end, time_zone=time_zone, days=days)
        return (cls.forever() if until is None else cls.until(until)).in_hours(hours)

    def in_hours(self, hours: OfficeHours) -> EndpointLifetime:
        """The same, and switched off outside certain hours."""
        return replace(self, hours=hours)

    def or_idle(self, hours: int) -> EndpointLifetime:
        """The same, and switched off as well when nobody invoked it for some hours.

        Raises:
            InvalidInput: Fewer than one hour, or more than 90 days.

        """
        if not 1 <= hours <= _IDLE_HOURS_MAX:
            raise InvalidInput("EndpointIdle", f"hours must be between 1 and {_IDLE_HOURS_MAX}, got {hours}")
        return replace(self, idle_hours=hours)

    def extendable(self, days: int) -> EndpointLifetime:
        """The same, and its owner may give it up to so many days more with `studio-infra extend`.

        Raises:
            InvalidInput: Fewer than one day, more than a year, or there is no end to extend.

        """
        if not 1 <= days <= _EXTENDABLE_DAYS_MAX:
            raise InvalidInput(
                "EndpointExtension", f"days must be between 1 and {_EXTENDABLE_DAYS_MAX}, got {days}"
            )
        if self.expires == FOREVER:
            raise InvalidInput("EndpointExtension", "an endpoint without an end cannot be extended")
        return replace(self, extendable_days=days)

    def tags(self, owner: str) -> dict[str, str]:
        """What the endpoint carries so that a sweeper needs no other source."""
        tags = {
            OWNER_TAG: owner,
            EXPIRES_TAG: self.expires,
            LIFETIME_DAYS_TAG: None if self.days is None else str(self.days),
            OFFICE_HOURS_TAG: None if self.hours is None else self.hours.to_tag(),
            IDLE_HOURS_TAG: None if self.idle_hours is None else str(self.idle_hours),
            EXTENDABLE_TAG: None if self.extendable_days is None else str(self.extendable_days),
        }
        return {key: value for key, value in tags.items() if value is not None}


def _parsed(text: str) -> dt.date | dt.datetime:
    if text == FOREVER:
        raise InvalidInput(
            "EndpointExpires",
            'an endpoint without an end is EndpointLifetime.forever(), got until("forever")',
        )
    try:
        return (
            dt.date.fromisoformat(text) if len(text) == len("2027-03-31") else dt.datetime.fromisoformat(text)
        )
    except ValueError:
        raise InvalidInput("EndpointExpires", f"a date is written like 2027-03-31, got {text!r}") from None
