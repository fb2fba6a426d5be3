"""`studio-infra extend`: gives an endpoint more time, as far as its settings allow."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer

from studio_infra.cli.endpoints.switch import Switch, day_to_tag
from studio_infra.cli.terminal.outcome import CommandFailed, ExitCode, print_json

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def extend(
    endpoint: Annotated[str, typer.Argument(help="Name of the endpoint.")],
    *,
    until: Annotated[str | None, typer.Option("--until", help="Its new last day, as 2027-03-31.")] = None,
    days: Annotated[
        int | None, typer.Option("--days", min=1, max=3650, help="Its new end in days from now.")
    ] = None,
    region: Annotated[
        str | None, typer.Option("--region", help="Region; that of your AWS configuration if left out.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print its ends, old, new and latest, as JSON.")
    ] = False,
) -> None:
    """Give a running endpoint a later end: up to `extendable_days` of its settings beyond its own.

    The settings stay as they are, and a later end in them wins at the next deploy. The function that keeps endpoints to
    their lifetimes reads the same limit: nothing lives beyond it.
    """
    if (until is None) == (days is None):
        raise CommandFailed("say until when: --until or --days, one of the two", code=ExitCode.USAGE)
    if until == "forever":
        raise CommandFailed(
            "--until takes a day: what has no end is said in the settings", code=ExitCode.USAGE
        )
    try:
        wanted = day_to_tag(until, days, now=dt.datetime.now(dt.UTC))
    except ValueError:
        raise CommandFailed(
            f"--until takes a day to come, as 2027-03-31, got {until!r}", code=ExitCode.USAGE
        ) from None
    ends = Switch(region).extend(endpoint, until=str(wanted))
    if as_json:
        print_json({"endpoint": endpoint, **ends})
    else:
        typer.echo(f"{endpoint} ends at {ends['until']}, {ends['latest']} would be the latest")
