"""`studio-infra start`: brings a stopped endpoint back."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer

from studio_infra.cli.endpoints.switch import Switch, day_to_tag
from studio_infra.cli.terminal.outcome import CommandFailed, ExitCode, print_json
from studio_infra.cli.terminal.progress import progress

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def start(
    endpoint: Annotated[str, typer.Argument(help="Name of the endpoint.")],
    *,
    until: Annotated[
        str | None, typer.Option("--until", help="Its new last day, as 2027-03-31, or forever.")
    ] = None,
    days: Annotated[
        int | None, typer.Option("--days", min=1, max=3650, help="Its new lifetime in days from now.")
    ] = None,
    region: Annotated[
        str | None, typer.Option("--region", help="Region; that of your AWS configuration if left out.")
    ] = None,
    wait: Annotated[
        bool,
        typer.Option(
            "--wait/--no-wait",
            help="Wait until it is in service and scales again; else the function in the operations stack sees to it.",
        ),
    ] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was started as JSON.")] = False,
) -> None:
    """Start an endpoint that was stopped: the same model and configuration, tags and scaling.

    It costs money again from now on. One whose lifetime is over needs a new end. A later deploy of the settings
    gives it the end that stands there.
    """
    if until is not None and days is not None:
        raise CommandFailed("--until and --days: say one", code=ExitCode.USAGE)
    try:
        expires = day_to_tag(until, days, now=dt.datetime.now(dt.UTC))
    except ValueError:
        raise CommandFailed(
            f"--until takes a day to come, as 2027-03-31, or forever, got {until!r}", code=ExitCode.USAGE
        ) from None
    with progress(quiet=as_json) as say:
        Switch(region).start(endpoint, expires=expires, wait=say if wait else None)
    if as_json:
        print_json({"endpoint": endpoint, "expires": expires, "in_service": wait})
    else:
        typer.echo(f"started {endpoint}" if wait else f"{endpoint} starts")
