"""What a sweeper stops and when: a value, checked, and written as the function reads it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from studio_infra.errors import InvalidInput
from studio_infra.runtime.functions.shared.hours import Hours

if TYPE_CHECKING:
    from collections.abc import Sequence

_DAY: Final = timedelta(days=1)
_HOUR: Final = timedelta(hours=1)
_NOTICE_HOURS: Final = (1, 168)
_HOURS_OF_A_DAY: Final = range(24)


class Swept(StrEnum):
    """What can be stopped: files and records stay."""

    APPS = "apps"
    """Apps of people and of spaces."""
    NOTEBOOK_INSTANCES = "notebook_instances"
    """Notebook instances that are the domain's by their tags."""
    TRACKING_SERVERS = "tracking_servers"
    """MLflow tracking servers that are the domain's by their tags. Jobs that run write to them."""


@dataclass(frozen=True, kw_only=True)
class SweepRules:
    """What a sweeper stops, when, and what it reports.

    Args:
        lifetime: How long something may run. Defaults to 7 days; None for ever.
        idle: How long an app may go without a sign of life. Defaults to 24 hours; None for ever.
        unopened: After how long a space that nobody opened is reported. Defaults to 30 days; None for
            never.
        notice: How long a summary has to be ahead of the end of a lifetime, 1 to 168 hours. Defaults to 24.
        protected_hours: When nothing is stopped: `"Mon-Fri 08:00-18:00 Europe/Zurich"`. Defaults to no such time.
        dry_run: How long after the first sweep nothing is stopped. Defaults to 7 days.
        summary_hour: Hour, in UTC, from which the summary of a day is sent. Defaults to 6.
        stops: What is stopped; the rest is reported. Defaults to apps and notebook instances.

    Raises:
        InvalidInput: A time is none, or an hour that a day does not have.

    """

    lifetime: timedelta | None = timedelta(days=7)
    idle: timedelta | None = timedelta(hours=24)
    unopened: timedelta | None = timedelta(days=30)
    notice: timedelta = timedelta(hours=24)
    protected_hours: str | None = None
    dry_run: timedelta = timedelta(days=7)
    summary_hour: int = 6
    stops: Sequence[Swept] = (Swept.APPS, Swept.NOTEBOOK_INSTANCES)

    def __post_init__(self) -> None:
        for name, time in (("lifetime", self.lifetime), ("idle", self.idle), ("unopened", self.unopened)):
            if time is not None and time <= timedelta():
                raise InvalidInput("SweepRules", f"{name} must be longer than nothing; None means never")
        least, most = _NOTICE_HOURS
        if not least <= self.notice / _HOUR <= most:
            raise InvalidInput("SweepRules", f"notice must be {least} to {most} hours, got {self.notice}")
        if self.dry_run < timedelta():
            raise InvalidInput("SweepRules", f"dry_run must not be less than nothing, got {self.dry_run}")
        if self.summary_hour not in _HOURS_OF_A_DAY:
            raise InvalidInput("SweepRules", f"summary_hour must be 0 to 23, got {self.summary_hour}")
        if self.protected_hours is not None:
            try:
                Hours.from_text(self.protected_hours)
            except ValueError as error:
                raise InvalidInput("SweepRules", f"protected_hours: {error}") from error

    def to_json(self) -> str:
        """As the function reads it."""
        return json.dumps(
            {
                "lifetime_days": self.lifetime / _DAY if self.lifetime is not None else None,
                "idle_hours": self.idle / _HOUR if self.idle is not None else None,
                "unopened_days": self.unopened / _DAY if self.unopened is not None else None,
                "notice_hours": self.notice / _HOUR,
                "protected_hours": self.protected_hours,
                "dry_run_days": self.dry_run / _DAY,
                "summary_hour": self.summary_hour,
                "stops": sorted(Swept(one).value for one in self.stops),
            },
            sort_keys=True,
        )
