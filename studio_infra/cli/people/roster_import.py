"""`studio-infra roster import`: people of an identity provider's export into the roster."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from studio_infra.cli.terminal.edit import edit
from studio_infra.cli.terminal.outcome import CommandFailed, print_json
from studio_infra.settings.findings import did_you_mean, show
from studio_infra.settings.importing.candidates import candidates
from studio_infra.settings.importing.export import read_export
from studio_infra.settings.importing.mapping import FIELDS, map_columns
from studio_infra.settings.importing.plan import Plan, plan_import
from studio_infra.settings.importing.writing import plain, write_plan
from studio_infra.settings.reading.loader import SettingsFiles
from studio_infra.settings.reading.roster_file import RosterReading, parse_roster
from studio_infra.settings.roster.seats import NoSeat

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from studio_infra.settings.sections.identity_provider import IdentityProvider

_SETTINGS = typer.Argument(help="Settings file, for example settings/production.toml.")
_EXPORT = typer.Argument(help="CSV file that the identity provider exported.", metavar="CSV")
#: What a report says in full. Of texts about the person it says only that they change.
_SAID: Final = frozenset({"team", "status", "expires", "posix_uid"})


def import_people(
    settings: Annotated[Path, _SETTINGS],
    export: Annotated[Path, _EXPORT],
    *,
    columns: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            metavar="FIELD=HEADER",
            help="Column of a field, for example email=Mail; the same field again adds a second column to it.",
        ),
    ] = None,
    groups: Annotated[
        list[str] | None,
        typer.Option("--group", metavar="GROUP=TEAM", help="Team of a group's members; may be repeated."),
    ] = None,
    default_team: Annotated[
        str | None, typer.Option(help="Team of new people whom no group puts into one.")
    ] = None,
    suspend_missing: Annotated[
        bool, typer.Option("--suspend-missing", help="Suspend people whom the export does not have.")
    ] = False,
    suspend_at_most: Annotated[
        int, typer.Option(min=0, help="How many --suspend-missing may suspend: an export may be incomplete.")
    ] = 10,
    write: Annotated[
        bool, typer.Option("--write", help="Write the roster. Left out, the report says what would change.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Bring the people of an identity provider's export into the roster.

    People are known again by `sso_user_name`, or else by `email`, and keep user name and stack. Nobody is taken out.
    New people get names that nobody else has. A mistake in the export is a finding, and then nothing is written.
    """
    files = SettingsFiles.read(settings)
    if files.reading.is_empty:  # the first import: nobody has to be in a roster before
        files = replace(files, reading=RosterReading(goes_on=True))
    files.refuse(files.findings())
    provider = _provider(files, columns or (), groups or (), default_team)
    exported = read_export(export)
    wanted = {field: getattr(provider.columns, field) for field in FIELDS}
    mapped = map_columns(exported, {field: headers for field, headers in wanted.items() if headers})
    teams = list(files.sections.parts["teams"])
    plan = plan_import(
        exported,
        candidates(exported, mapped, teams=provider.teams or {team: team for team in teams}),
        files.reading.rows,
        teams=teams,
        default_team=provider.default_team,
        suspend_missing=suspend_missing,
    )
    missing = len(set(plan.left) & set(plan.suspended))
    if missing > suspend_at_most:
        raise CommandFailed(
            f"{missing} of {len(files.reading.rows)} people are not in {export} and would be suspended: is it "
            f"complete? if it is, allow them with --suspend-at-most {missing}"
        )
    before = files.roster_path.read_bytes().decode("utf-8")
    after, stacks = _written(files, plan, before)
    if write:
        edit(files.roster_path, lambda text: _unless_changed(files.roster_path, before, text, after))
    used = {field: [exported.headers[place] for place in places] for field, places in mapped.places.items()}
    report = _report(files.roster_path, plan, stacks, used, written=write and after != before)
    if as_json:
        print_json(report)
    else:
        _say(report, write=write)


def _provider(
    files: SettingsFiles, columns: Iterable[str], groups: Iterable[str], default_team: str | None
) -> IdentityProvider:
    """What the settings say about exports, and over it what the command line says."""
    provider: IdentityProvider = files.sections.parts["people"].identity_provider
    teams = files.sections.parts["teams"]
    mapped: dict[str, list[str]] = {}
    for field, header in _pairs("--map", columns):
        if field not in FIELDS:
            hint = did_you_mean(field, FIELDS)
            raise CommandFailed(f"--map {show(field)}: no field of an import, use {', '.join(FIELDS)}{hint}")
        mapped.setdefault(field, []).append(header)
    named = dict(_pairs("--group", groups))
    for option, team in (*(("--group", team) for team in named.values()), ("--default-team", default_team)):
        if team is not None and team not in teams:
            hint = did_you_mean(team, teams)
            raise CommandFailed(f"{option} {show(team)}: no such team, use {', '.join(teams)}{hint}")
    return provider.model_copy(
        update={
            "columns": provider.columns.model_copy(update={name: tuple(one) for name, one in mapped.items()}),
            "teams": {**provider.teams, **named},
            "default_team": default_team if default_team is not None else provider.default_team,
        }
    )


def _pairs(option: str, values: Iterable[str]) -> Iterable[tuple[str, str]]:
    for value in values:
        name, sign, meaning = (part.strip() for part in value.partition("="))
        if not (name and sign and meaning):
            raise CommandFailed(
                f"{option} {show(value)}: no equals sign between two texts, write it like a=b"
            )
        yield name, meaning


def _written(files: SettingsFiles, plan: Plan, before: str) -> tuple[str, Mapping[str, int]]:
    """The roster as it will be, without a mistake or it is refused, and the stacks of everybody new."""
    try:
        after, stacks = write_plan(before, plan, files.draft)
    except NoSeat as error:
        raise CommandFailed(str(error)) from None
    would_be = Path(f"{files.roster_path} (as it would be)")
    later = replace(files, roster_path=would_be, reading=parse_roster(plain(after)))
    later.refuse(later.findings())
    return after, stacks


def _unless_changed(path: Path, before: str, now: str, after: str) -> str:
    if now != before:
        raise CommandFailed(f"{path} was changed by somebody else in the meantime; run the import again")
    return after


def _report(
    path: Path, plan: Plan, stacks: Mapping[str, int], columns: Mapping[str, list[str]], *, written: bool
) -> dict[str, Any]:
    return {
        "roster": str(path),
        "written": written,
        "columns": dict(sorted(columns.items())),
        "added": [
            {
                "user_name": one.user_name,
                "team": one.cells["team"],
                "stack": stacks[one.user_name],
                "line": one.line,
            }
            for one in plan.added
        ],
        "changed": [
            {
                "user_name": one.user_name,
                "fields": {name: _change(name, *cell) for name, cell in one.cells.items()},
            }
            for one in plan.changed
        ],
        "unchanged": list(plan.unchanged),
        "left": list(plan.left),
        "suspended": list(plan.suspended),
        "still_suspended": list(plan.still_suspended),
        "names": [
            {"user_name": one.user_name, "line": one.line, "why": one.why} for one in plan.added if one.why
        ],
    }


def _change(name: str, before: str, after: str) -> dict[str, str] | None:
    return {"from": before, "to": after} if name in _SAID else None


def _say(report: dict[str, Any], *, write: bool) -> None:
    for field, headers in report["columns"].items():
        typer.echo(f"{field}: from {' and '.join(map(show, headers))}")
    reasons = {one["user_name"]: one["why"] for one in report["names"]}
    for one in report["added"]:
        why = f" ({reasons[one['user_name']]})" if one["user_name"] in reasons else ""
        typer.echo(
            f"new: {one['user_name']}, team {one['team']}, stack {one['stack']}, line {one['line']}{why}"
        )
    for one in report["changed"]:
        typer.echo(
            f"changed: {one['user_name']}, {', '.join(_words(*field) for field in one['fields'].items())}"
        )
    for name in report["left"]:
        end = "suspended" if name in report["suspended"] else "left as they are"
        typer.echo(f"not in the export: {name}, {end}")
    for name in report["still_suspended"]:
        typer.echo(f"in the export, but suspended in the roster: {name}, left as they are")
    counts = ", ".join(f"{len(report[name])} {name}" for name in ("added", "changed", "unchanged", "left"))
    end = "written" if report["written"] else "nothing to write" if write else "nothing written, add --write"
    typer.echo(f"{report['roster']}: {counts}; {end}")


def _words(name: str, change: dict[str, str] | None) -> str:
    return name if change is None else f"{name} from {show(change['from'])} to {show(change['to'])}"
