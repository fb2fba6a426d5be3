"""What the sweeper stops and reports, and how that fits to what stops apps from inside."""

from __future__ import annotations

from typing import Annotated, Literal

from annotated_types import Ge, Le
from pydantic import AfterValidator

from studio_infra.runtime.functions.shared.hours import Hours
from studio_infra.settings.fields.base import Many, Section
from studio_infra.settings.fields.rules import refuse

Stopped = Literal["apps", "notebook_instances", "tracking_servers"]


def _readable(text: str) -> str:
    try:
        Hours.from_text(text)
    except ValueError as error:
        raise refuse("not hours", "write them like Mon-Fri 08:00-18:00 Europe/Zurich") from error
    return text


class SweeperSettings(Section):
    """`[operations.sweeper]`: looks every hour at what runs. An empty table means all defaults."""

    lifetime_days: Annotated[int, Ge(0), Le(365)] = 7
    """Days after which whatever runs is stopped, a day after a summary said so. 0: never."""

    idle_hours: Annotated[int, Ge(0), Le(8760)] = 24
    """Hours without a sign of life after which an app is stopped. AWS counts its own health checks as signs: this finds
    apps that are dead, and `[idle_shutdown]` those that nobody uses. 0: never."""

    unopened_days: Annotated[int, Ge(0), Le(3650)] = 30
    """Days after which a space that nobody opened is reported. Nothing deletes it. 0: never."""

    notice_hours: Annotated[int, Ge(1), Le(168)] = 24
    """Hours that a summary has to be ahead of the end of a lifetime."""

    protected_hours: Annotated[str, AfterValidator(_readable)] | None = None
    """When nothing is stopped: "Mon-Fri 08:00-18:00 Europe/Zurich". Left out, there is no such time."""

    dry_run_days: Annotated[int, Ge(0), Le(90)] = 7
    """Days after the first sweep in which nothing is stopped, and summaries say what would be."""

    summary_hour: Annotated[int, Ge(0), Le(23)] = 6
    """Hour, in UTC, from which the summary of a day is sent to the alert topic."""

    stops: Many[Stopped] = ("apps", "notebook_instances")
    """What is stopped: "apps", "notebook_instances", "tracking_servers". The rest is reported. Stopping keeps files and
    records; a tracking server is left alone by default, because jobs that run write to it."""
