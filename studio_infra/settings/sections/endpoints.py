"""Endpoints: in the stack beside Studio, and never without an end that somebody decided."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from annotated_types import Ge, Le, MultipleOf
from pydantic import AfterValidator, BeforeValidator, StringConstraints

from studio_infra.settings.fields.base import Section
from studio_infra.settings.fields.texts import Image, InstanceType, S3Uri, TeamName, UserName, refuse
from studio_infra.settings.findings import Problem
from studio_infra.settings.sections.workloads import Count

if TYPE_CHECKING:
    from collections.abc import Iterator

FOREVER = "forever"
#: Fields that mean something for some kinds alone.
_ON_MACHINES = ("real_time", "async")
_ONLY_OF = {
    "instance_type": _ON_MACHINES,
    "min_instances": _ON_MACHINES,
    "max_instances": _ON_MACHINES,
    "target_invocations_per_instance": ("real_time",),
    "backlog_per_instance": ("async",),
    "memory_mb": ("serverless",),
    "max_concurrency": ("serverless",),
    "update": _ON_MACHINES,
    "data_capture_percent": _ON_MACHINES,
}


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

    kind: Literal["real_time", "serverless", "async"] = "real_time"
    """How it answers: "real_time" at once, on machines that run all the time; "serverless" at once, on machines that
    AWS finds when somebody asks, without a VPC; "async" into S3, from a queue, on machines that go when it is empty."""

    instance_type: InstanceType | None = None
    """Instance type of the serving machines. A serverless endpoint has none."""

    min_instances: Annotated[int, Ge(0), Le(100)] | None = None
    """Fewest machines. Left out, 2, which stay available while one is replaced; 0 for "async"."""

    max_instances: Count = 4
    """Most machines."""

    target_invocations_per_instance: Annotated[int, Ge(1), Le(1_000_000)] = 750
    """Invocations a minute that one machine should answer; more starts another one."""

    backlog_per_instance: Annotated[int, Ge(1), Le(10_000)] = 5
    """Of "async": requests that may wait for each machine; more start another one."""

    memory_mb: Annotated[int, Ge(1024), Le(6144), MultipleOf(1024)] = 2048
    """Of "serverless": memory in MB, in steps of 1024."""

    max_concurrency: Annotated[int, Ge(1), Le(200)] = 10
    """Of "serverless": requests at the same time."""

    data_capture_percent: Annotated[int, Ge(1), Le(100)] | None = None
    """Requests in a hundred that are kept with their answers, in the team's part of the artifact bucket. Left out,
    none."""

    update: Literal["all_at_once", "canary", "linear", "rolling"] | None = None
    """How a new model takes over. Each goes back by itself when answers 5xx come from it. Left out, all at once, and
    nothing goes back."""

    expires: Annotated[dt.date | Literal["forever"], BeforeValidator(_expiry)] | None = None
    """Day on which it is stopped, or "forever", which has to be said out loud."""

    lifetime_days: Annotated[int, Ge(1), Le(3650)] | None = None
    """Days after its creation on which it is stopped, instead of `expires`."""

    extendable_days: Annotated[int, Ge(1), Le(365)] | None = None
    """Days beyond its end to which its team may extend it with `studio-infra extend`. Left out, nobody may."""

    office_hours: OfficeHoursSettings | None = None
    """When it is wanted. Left out, always."""

    stop_after_idle_hours: Annotated[int, Ge(1), Le(24 * 90)] | None = None
    """Hours without a request after which it is stopped as well. Left out, silence does not matter."""

    def checks(self) -> tuple[Iterator[Problem], ...]:
        """An endpoint that could be forgotten, and scaling that contradicts itself."""
        return self._kinds(), self._lifetime(), self._scaling()

    @property
    def least_instances(self) -> int:
        """Fewest machines."""
        if self.min_instances is not None:
            return self.min_instances
        return min(2, self.max_instances) if self.kind != "async" else 0

    def _lifetime(self) -> Iterator[Problem]:
        if self.expires is None and self.lifetime_days is None:
            yield Problem(("expires",), "missing", f'give a date, "{FOREVER}", or lifetime_days')
        if self.expires is not None and self.lifetime_days is not None:
            yield Problem(
                ("lifetime_days",), "expires is given as well", "leave one of the two out", self.lifetime_days
            )

        if self.expires == FOREVER and self.extendable_days is not None:
            yield Problem(
                ("extendable_days",),
                "there is no end to extend",
                "leave one of the two out",
                self.extendable_days,
            )

    def _scaling(self) -> Iterator[Problem]:
        if self.min_instances == 0 and self.kind != "async":
            yield Problem(("min_instances",), 'only kind = "async" goes to none', "use at least 1", 0)
        if self.min_instances is not None and self.min_instances > self.max_instances:
            allowed = f"use at most max_instances, {self.max_instances}"
            yield Problem(("min_instances",), "more than max_instances", allowed, self.min_instances)

    def _kinds(self) -> Iterator[Problem]:
        if self.kind != "serverless" and self.instance_type is None:
            yield Problem(
                ("instance_type",),
                "missing",
                f'give one like ml.m5.large; kind = "{self.kind}" needs machines',
            )
        for field, kinds in _ONLY_OF.items():
            if field in self.model_fields_set and self.kind not in kinds:
                allowed = f"leave it out, or use kind = {' or '.join(f'{kind!r}' for kind in kinds)}"
                yield Problem(
                    (field,), f"says nothing about kind = {self.kind!r}", allowed, getattr(self, field)
                )
