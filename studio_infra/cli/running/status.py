"""`studio-infra status`: what runs in a domain, whose it is, and since when."""

from __future__ import annotations

import datetime as dt
import sys
from dataclasses import asdict
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from studio_infra.cli.running.look import Row, lookups, rows
from studio_infra.cli.running.place import DEFAULT_SETTINGS, DomainOption, Place, SettingsOption
from studio_infra.cli.terminal.outcome import print_json

if TYPE_CHECKING:
    from collections.abc import Sequence

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


class Shown(StrEnum):
    """What can be shown alone."""

    APPS = "app"
    SPACES = "space"
    ENDPOINTS = "endpoint"
    NOTEBOOK_INSTANCES = "notebook instance"
    TRACKING_SERVERS = "tracking server"


@app.command()
def status(
    *,
    settings: SettingsOption = DEFAULT_SETTINGS,
    domain: DomainOption = None,
    only: Annotated[list[Shown] | None, typer.Option("--only", help="Only these; may be repeated.")] = None,
    owner: Annotated[str | None, typer.Option("--owner", help="Only what this person has.")] = None,
    instance_type: Annotated[
        str | None, typer.Option("--instance-type", help="Only what runs on this type or family: ml.g5.")
    ] = None,
    older_than_hours: Annotated[
        float, typer.Option("--older-than-hours", min=0, help="Only what was made longer ago.")
    ] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """Show running apps, spaces and endpoints: whose they are, on what they run, and since when.

    AWS keeps the time at which an app was made when it is started again within a day, and counts its own health checks
    as signs of life: an app is at most as old, and idle for at least as long, as it says here.
    """
    now = dt.datetime.now(dt.UTC)
    found = [
        row
        for row in _look(Place.of(settings, domain))
        if (not only or row.kind in {shown.value for shown in only})
        and (owner is None or row.owner == owner)
        and (instance_type is None or f"{row.instance_type}.".startswith(f"{instance_type.rstrip('.')}."))
        and (now - row.created) / dt.timedelta(hours=1) >= older_than_hours
    ]
    if as_json:
        print_json([asdict(row) for row in found])
    elif found:
        _show(found, now=now)
    else:
        typer.echo("nothing runs that this asks for")


def _look(place: Place) -> list[Row]:
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("looking at the domain", total=None)
        fleet = place.reader.fleet()
        progress.update(task, total=lookups(fleet), description="asking when each was used")
        return list(rows(place, fleet, seen=lambda: progress.advance(task)))


def _show(found: Sequence[Row], *, now: dt.datetime) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("", "name", "owner", "runs on", "status", "age", "idle for", box=None)
    for row in found:
        idle = span(now - row.idle_since) if row.idle_since is not None else ""
        table.add_row(
            row.kind,
            row.name,
            row.owner or "nobody",
            row.instance_type,
            row.status,
            span(now - row.created),
            idle,
        )
    Console(highlight=False, markup=False).print(table)


def span(time: dt.timedelta) -> str:
    """How long something took, in one unit: `5 min`, `30 h`, `12 days`."""
    minutes = max(0, round(time / dt.timedelta(minutes=1)))
    if minutes < 120:  # noqa: PLR2004 - two hours
        return f"{minutes} min"
    hours = minutes // 60
    return f"{hours} h" if hours < 72 else f"{hours // 24} days"  # noqa: PLR2004 - three days
