"""The command itself: which teams, which month, and how it is shown."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from studio_infra.cli.costs import spending
from studio_infra.cli.terminal.outcome import CommandFailed, ExitCode, print_json
from studio_infra.runtime.functions.shared import aws
from studio_infra.settings import load_settings
from studio_infra.settings.findings import did_you_mean, escape

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from decimal import Decimal

    from studio_infra.cli.costs.spending import Spending
    from studio_infra.settings import StudioSettings

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command(name="costs")
def costs(
    team: Annotated[str | None, typer.Argument(help="The team, by usage type. Left out, all teams.")] = None,
    *,
    settings: Annotated[Path, typer.Option("--settings", help="Settings file of the domain.")] = Path(
        "settings/production.toml"
    ),
    month: Annotated[
        str | None, typer.Option("--month", help="The month, like 2026-11. Left out, this month.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """Say what teams have spent, as Cost Explorer knows it: a day late, and by the tag `studio:team`.

    The tag must be activated once as a cost allocation tag by the account that pays. AWS charges for each request to
    Cost Explorer.
    """
    try:
        first = spending.month_of(month, today=_today())
    except ValueError as error:
        raise CommandFailed(f"--month: {error}", code=ExitCode.USAGE) from error
    checked = load_settings(settings)
    if team is not None and team not in checked.teams:
        hint = did_you_mean(team, checked.teams) or f", there are: {', '.join(checked.teams)}"
        raise CommandFailed(f"there is no team {team!r} in {settings}{hint}")
    found = spending.read(_client(checked.aws.region), month=first, team=team)
    if as_json:
        print_json(_data(first, found, checked, team))
    else:
        _show(first, found, checked, team)


def _data(month: dt.date, found: Spending, settings: StudioSettings, team: str | None) -> dict[str, Any]:
    about = {"month": f"{month:%Y-%m}", "currency": found.currency, "estimated": found.estimated}
    if team is not None:
        return {**about, "teams": [_team(team, found, settings)]}
    untagged = None if not found.of("") else _amount(found.total(""))
    teams = [_team(name, found, settings) for name in _names(found, settings)]
    return {**about, "teams": teams, "without_tag": untagged}


def _team(name: str, found: Spending, settings: StudioSettings) -> dict[str, Any]:
    usage = {kind: _amount(amount) for kind, amount in _largest(found.of(name))}
    return {
        "team": name,
        "spent": _amount(found.total(name)),
        "monthly_budget_usd": _budget(name, settings),
        "by_usage_type": usage,
    }


def _show(month: dt.date, found: Spending, settings: StudioSettings, team: str | None) -> None:
    from rich.console import Console
    from rich.table import Table

    late = ", estimated" if found.estimated else ""
    title = f"{month:%Y-%m}, {found.currency}{late}"
    if team is None:
        table = Table("team", "spent", "budget", "of it", title=title)
        for column in table.columns[1:]:
            column.justify = "right"
        for name in _names(found, settings):
            budget = _budget(name, settings)
            spent = float(found.total(name))
            share = f"{100 * spent / budget:.0f} %" if budget else ""
            table.add_row(escape(name), f"{spent:,.2f}", f"{budget:,.2f}" if budget else "", share)
        if found.of(""):
            table.add_row("everything without the tag", f"{found.total(''):,.2f}", "", "")
    else:
        table = Table(title=f"{team}, {title}", show_footer=True)
        table.add_column("usage type", footer="all")
        table.add_column("spent", justify="right", footer=f"{found.total(team):,.2f}")
        for kind, amount in _largest(found.of(team)):
            table.add_row(escape(kind), f"{amount:,.2f}")
    Console(highlight=False, markup=False).print(table)


def _names(found: Spending, settings: StudioSettings) -> list[str]:
    """Every team of the settings, and every other one that the tag names: its things cost money, too."""
    return [*settings.teams, *sorted(name for name in found.by_team if name and name not in settings.teams)]


def _largest(amounts: Mapping[str, Decimal]) -> Iterable[tuple[str, Decimal]]:
    return sorted(amounts.items(), key=lambda item: (-item[1], item[0]))


def _budget(name: str, settings: StudioSettings) -> float | None:
    team = settings.teams.get(name)
    return team.monthly_budget_usd if team is not None else None


def _amount(amount: Decimal) -> float:
    return round(float(amount), 2)


def _today() -> dt.date:
    return dt.datetime.now(dt.UTC).date()


def _client(region: str | None) -> Any:
    return aws.session(region).client("ce")
