"""How machines come and go, and how an asynchronous endpoint works and tells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from annotated_types import Ge, Le
from pydantic import BeforeValidator

from studio_infra.settings.fields.base import Many, Section
from studio_infra.settings.fields.rules import Text, refuse
from studio_infra.settings.fields.schedules import is_time_zone
from studio_infra.settings.findings import Problem
from studio_infra.settings.sections.endpoints.models import Machines, order

if TYPE_CHECKING:
    from collections.abc import Iterator

Seconds = Annotated[int, Ge(0), Le(3600)]
TopicArn = Annotated[
    str,
    Text.like(
        r"^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[a-zA-Z0-9_-]{1,256}$",
        "not the ARN of a topic",
        'write it like "arn:aws:sns:eu-west-1:123456789012:answers"',
    ),
]
ScheduleName = Annotated[
    str,
    Text.like(
        "^[a-zA-Z][a-zA-Z0-9-]{0,62}$",
        "not a name for a schedule",
        "use 1 to 63 letters, digits and hyphens, a letter first",
    ),
]
#: https://docs.aws.amazon.com/autoscaling/application/userguide/scheduled-scaling-using-cron-expressions.html
Moments = Annotated[
    str,
    Text.like(
        r"^(cron\([^()\n]{11,200}\)|rate\([^()\n]{5,40}\)|at\([0-9T:-]{19}\))$",
        "no schedule",
        'write it like "cron(0 20 * * ? *)", "rate(1 day)" or "at(2027-03-31T08:00:00)"',
    ),
]


def _time_zone(value: object) -> object:
    if isinstance(value, str) and not is_time_zone(value):
        raise refuse("no time zone", "use a name like Europe/Zurich")
    return value


class ScheduledScalingSettings(Section):
    """`[[endpoints.NAME.scaling.schedule]]`: other bounds from a certain moment on, every time it comes."""

    name: ScheduleName
    """What it is called: "night"."""

    expression: Moments
    """When, as Application Auto Scaling has it: "cron(0 20 * * ? *)", "rate(1 day)" or "at(2027-03-31T08:00:00)"."""

    time_zone: Annotated[str, BeforeValidator(_time_zone)] = "UTC"
    """Whose clocks: "Europe/Zurich". Daylight saving is followed."""

    min_instances: Machines | None = None
    """Fewest machines from then on. Left out, as before."""

    max_instances: Machines | None = None
    """Most machines from then on. Left out, as before."""

    def checks(self) -> tuple[Iterator[Problem], ...]:
        """Bounds that change nothing or contradict each other."""
        return self._bounds(), order(
            self.min_instances, self.max_instances, ("min_instances", "max_instances")
        )

    def _bounds(self) -> Iterator[Problem]:
        if self.min_instances is None and self.max_instances is None:
            yield Problem(("min_instances",), "missing", "give it, or max_instances: else nothing changes")


class ScalingSettings(Section):
    """`[endpoints.NAME.scaling]`: how fast machines come and go, and other bounds at certain times."""

    scale_out_seconds: Seconds = 60
    """Wait before still more machines are added."""

    scale_in_seconds: Seconds | None = None
    """Wait before still more are taken away. Left out, 300; 600 for "async"."""

    schedule: Many[ScheduledScalingSettings] = ()
    """Other bounds at certain times."""

    def checks(self) -> tuple[Iterator[Problem], ...]:
        """Two of one name."""
        return (self._names(),)

    def _names(self) -> Iterator[Problem]:
        seen: set[str] = set()
        for number, one in enumerate(self.schedule):
            if one.name in seen:
                yield Problem(("schedule", number, "name"), "is there twice", "use another name", one.name)
            seen.add(one.name)


class AsynchronousSettings(Section):
    """`[endpoints.NAME.asynchronous]`: how an endpoint of kind "async" works, and whom it tells."""

    max_concurrent: Annotated[int, Ge(1), Le(1000)] | None = None
    """Requests that one machine works on at the same time. Left out, what SageMaker finds best."""

    success_topic: TopicArn | None = None
    """ARN of an SNS topic that hears of every answer. Left out, nobody does."""

    error_topic: TopicArn | None = None
    """ARN of an SNS topic that hears of every failure. Left out, nobody does."""
