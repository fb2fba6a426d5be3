"""Endpoints: in the stack beside Studio, and never without an end that somebody decided."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from annotated_types import Ge, Le
from pydantic import AfterValidator, BeforeValidator, StringConstraints

from studio_infra.settings.base import Section
from studio_infra.settings.findings import Problem
from studio_infra.settings.texts import Image, InstanceType, S3Uri, TeamName, UserName, refuse
from studio_infra.settings.workloads import Count

if TYPE_CHECKING:
    from collections.abc import Iterator

FOREVER = "forever"


def _time_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise refuse("no time zone", "use a name like Europe/Zurich") from None
    return value


Clock = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Days = Annotated[
    str, StringConstraints(pattern="^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)(-(Mon|Tue|Wed|Thu|Fri|Sat|Sun))?$")
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


def _expiry(value: object) -> object:
    """A date, or the word that has to be said out loud."""
    if isinstance(value, dt.datetime) or (isinstance(value, str) and value != FOREVER):
        raise refuse("not a date", f'write it without quotes and time, as 2027-03-31, or say "{FOREVER}"')
    return value


class EndpointSettings(Section):
    """`[endpoints.NAME]`: a model that answers over HTTPS, and costs money until it is stopped."""

    team: TeamName
    """Team whose budget it uses."""

    owner: UserName
    """Person of the roster who is asked before it is stopped."""

    image: Image
    """Image in Amazon ECR that serves the model."""

    model_data: S3Uri | None = None
    """Model in S3. Left out, the image has the model inside."""

    instance_type: InstanceType
    """Instance type of the serving machines."""

    min_instances: Count = 2
    """Fewest machines. Two or more stay available while one is replaced."""

    max_instances: Count = 4
    """Most machines."""

    target_invocations_per_instance: Annotated[int, Ge(1), Le(1_000_000)] = 750
    """Invocations a minute that one machine should answer; more starts another one."""

    expires: Annotated[dt.date | Literal["forever"], BeforeValidator(_expiry)] | None = None
    """Day on which it is stopped, or "forever", which has to be said out loud."""

    lifetime_days: Annotated[int, Ge(1), Le(3650)] | None = None
    """Days after its creation on which it is stopped, instead of `expires`."""

    office_hours: OfficeHoursSettings | None = None
    """When it is wanted. Left out, always."""

    stop_after_idle_hours: Annotated[int, Ge(1), Le(24 * 90)] | None = None
    """Hours without a request after which it is stopped as well. Left out, silence does not matter."""

    def checks(self) -> tuple[Iterator[Problem], ...]:
        """An endpoint that could be forgotten, and scaling that contradicts itself."""
        return self._lifetime(), self._scaling()

    def _lifetime(self) -> Iterator[Problem]:
        if self.expires is None and self.lifetime_days is None:
            yield Problem(("expires",), "missing", f'give a date, "{FOREVER}", or lifetime_days')
        if self.expires is not None and self.lifetime_days is not None:
            yield Problem(
                ("lifetime_days",), "expires is given as well", "leave one of the two out", self.lifetime_days
            )

    def _scaling(self) -> Iterator[Problem]:
        if self.min_instances > self.max_instances:
            allowed = f"use at most max_instances, {self.max_instances}"
            yield Problem(("min_instances",), "more than max_instances", allowed, self.min_instances)
