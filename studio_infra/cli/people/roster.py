"""`studio-infra roster …`: who joins, who is in which stack, and who leaves soon."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated, Any

import typer

from studio_infra.cli.people.roster_import import import_people
from studio_infra.cli.terminal.edit import edit
from studio_infra.cli.terminal.outcome import CommandFailed, ExitCode, print_errors, print_json
from studio_infra.settings.reading.files import ROSTER_BYTES_MAX, read_text
from studio_infra.settings.reading.loader import SettingsFiles, load_settings
from studio_infra.settings.reading.roster_file import parse_roster
from studio_infra.settings.roster.seats import NoSeat, assign, free_places
from studio_infra.settings.roster.text import set_cells

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, no_args_is_help=True)

_SETTINGS = typer.Argument(help="Settings file, for example settings/production.toml.")
_JSON = typer.Option("--json", help="Print it as JSON.")
_WHO_WAS_FIRST = (
    "who has been deployed without a number lives in stack 1; the order of the file decided who that is: "
    "name the roster that was deployed last with --deployed, if new people stand above old ones"
)


@app.callback()
def _roster() -> None:
    """Bring people in, give them a stack, see who leaves."""


app.command("import")(import_people)


@app.command("assign")
def assign_stacks(
    settings: Annotated[Path, _SETTINGS],
    *,
    apply: Annotated[
        bool,
        typer.Option(
            "--apply/--check",
            help="Write the numbers into the roster, or only say them: then exit code 1 if there are any.",
        ),
    ] = True,
    deployed: Annotated[
        Path | None,
        typer.Option(help="Roster as it was deployed last: who is in it without a number lives in stack 1."),
    ] = None,
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """Give everybody whose `stack` cell is empty a stack, so that no stack grows too large.

    Nobody who has a number ever moves. The others fill the stacks from the first on, in the order of the file. All
    else in the file stays as it is, byte for byte.
    """
    files = SettingsFiles.read(settings)
    files.refuse(files.findings())
    rows = files.reading.rows
    residents = _user_names(deployed) if deployed is not None else frozenset()
    try:
        numbers = assign(rows, files.draft, deployed=residents)
    except NoSeat as error:
        raise CommandFailed(str(error)) from None
    given = {rows[row].cells["user_name"]: number for row, number in numbers.items()}
    if apply:
        cells = {rows[row].line or 0: str(number) for row, number in numbers.items()}
        edit(files.roster_path, lambda text: set_cells(text, "stack", cells))
    if as_json:
        print_json({"roster": str(files.roster_path), "written": apply and bool(given), "stacks": given})
    else:
        _say_assigned(files.roster_path, given, written=apply)
    if deployed is None and len(set(given.values())) > 1:
        print_errors([_WHO_WAS_FIRST])
    if given and not apply:
        raise typer.Exit(ExitCode.FINDING)


@app.command()
def check(
    settings: Annotated[Path, _SETTINGS],
    *,
    days: Annotated[int, typer.Option(min=0, help="How far to look ahead for people who leave.")] = 30,
    today: Annotated[
        dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Date to count from. Left out, today.")
    ] = None,
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """Say how full each stack is, who leaves soon, and whose access has ended."""
    checked = load_settings(settings)
    date = today.date() if today is not None else dt.datetime.now(tz=dt.UTC).date()
    until = date + dt.timedelta(days=days)
    rows = SettingsFiles.read(settings).reading.rows
    leaving = sorted(
        (person.expires, person.user_name)
        for person in checked.roster
        if person.expires is not None and person.expires <= until
    )
    report = {
        "people": len(checked.roster),
        "stacks": [vars(stack) for stack in free_places(rows, checked)],
        "without_number": [row.cells["user_name"] for row in rows if not row.cells.get("stack")],
        "ended": [_leaver(*one) for one in leaving if one[0] <= date],
        "ending": [_leaver(*one) for one in leaving if one[0] > date],
    }
    if as_json:
        print_json(report)
    else:
        _show(report, days)


def _user_names(roster: Path) -> frozenset[str]:
    """Everybody in a roster of former times, whatever else is wrong with it today."""
    rows = parse_roster(read_text(roster, most_bytes=ROSTER_BYTES_MAX)).rows
    return frozenset(row.cells.get("user_name", "") for row in rows)


def _leaver(expires: dt.date, user_name: str) -> dict[str, str]:
    return {"user_name": user_name, "expires": str(expires)}


def _say_assigned(path: Path, given: dict[str, int], *, written: bool) -> None:
    if not given:
        typer.echo(f"everybody in {path} has a stack")
        return
    for stack in sorted(set(given.values())):
        names = [name for name, number in given.items() if number == stack]
        typer.echo(f"stack {stack}: {', '.join(names)}")
    typer.echo(f"{path}: {len(given)} numbers {'written' if written else 'to be written'}")


def _show(report: dict[str, Any], days: int) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("stack", "people", "resources", "free places", box=None)
    for column in table.columns:
        column.justify = "right"
    for stack in report["stacks"]:
        table.add_row(*(str(stack[key]) for key in ("stack", "people", "resources", "free")))
    console = Console(highlight=False)
    console.print(f"{report['people']} people")
    console.print(table)
    if waiting := len(report["without_number"]):
        console.print(
            f"{waiting} without a number: they are in stack 1, 'studio-infra roster assign' writes it down"
        )
    for title, people in (
        ("access ended", report["ended"]),
        (f"leaving within {days} days", report["ending"]),
    ):
        for person in people:
            console.print(f"{title}: {person['user_name']}, {person['expires']}", markup=False)
