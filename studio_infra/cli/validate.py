"""`studio-infra validate`: is everything right in the settings and in the roster?"""

from __future__ import annotations

import dataclasses
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from studio_infra.cli.terminal.outcome import ExitCode, print_errors, print_json
from studio_infra.settings import InvalidSettings, StudioSettings, load_settings
from studio_infra.settings.derived.network_cost import network_cost

if TYPE_CHECKING:
    from rich.console import Console

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def validate(
    settings: Annotated[Path, typer.Argument(help="Settings file, for example settings/production.toml.")],
    *,
    explain: Annotated[
        bool, typer.Option("--explain", help="Say what the network is made of, and what it costs an hour.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print findings and summary as JSON.")] = False,
) -> None:
    """Check settings and roster, without CDK and without AWS.

    Prints every mistake as `file:line: field: what is wrong, what is allowed`, all of them in one run.
    """
    try:
        checked = load_settings(settings)
    except InvalidSettings as error:
        if as_json:
            print_json({"valid": False, "findings": [vars(finding) for finding in error.findings]})
        else:
            print_errors(str(finding) for finding in error.findings)
        raise typer.Exit(ExitCode.FINDING) from None
    summary = summarize(checked)
    if explain:
        summary["network_cost"] = dataclasses.asdict(network_cost(checked))
    if as_json:
        print_json({"valid": True, "findings": [], **summary})
    else:
        _show(settings, summary)


def summarize(settings: StudioSettings) -> dict[str, Any]:
    """What the settings ask for, in numbers."""
    people = Counter(person.team for person in settings.roster)
    stacks = Counter(person.stack for person in settings.roster)
    return {
        "name": settings.name,
        "region": settings.aws.region,
        "auth_mode": settings.domain.auth_mode,
        "network": settings.domain.network,
        "people": len(settings.roster),
        "teams": {
            name: {
                "persona": team.persona,
                "people": people[name],
                "default_instance_type": settings.default_instance_type(name),
                "idle_after_minutes": settings.idle_after_minutes(name),
                "monthly_budget_usd": team.monthly_budget_usd,
            }
            for name, team in settings.teams.items()
        },
        "people_in_stack": {str(stack): stacks[stack] for stack in sorted(stacks)},
        "training": {name: job.team for name, job in settings.training.items()},
        "endpoints": {
            name: {"owner": end.owner, "until": _until(end)} for name, end in settings.endpoints.items()
        },
    }


def _until(endpoint: Any) -> str:
    return (
        str(endpoint.expires)
        if endpoint.expires is not None
        else f"{endpoint.lifetime_days} days after creation"
    )


def _show(path: Path, summary: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False)
    table = Table("team", "persona", "people", "default instance", "idle after", "budget a month", box=None)
    for column in (2, 4, 5):
        table.columns[column].justify = "right"
    for name, team in summary["teams"].items():
        budget = team["monthly_budget_usd"]
        table.add_row(
            name,
            team["persona"],
            str(team["people"]),
            team["default_instance_type"],
            f"{team['idle_after_minutes']} min",
            "-" if budget is None else f"{budget:,.0f} USD",
        )
    region = summary["region"] or "any region"
    console.print(f"[bold]{summary['name']}[/]: {summary['auth_mode']}, {summary['network']}, {region}")
    console.print(table)
    stacks = ", ".join(f"{count} in stack {stack}" for stack, count in summary["people_in_stack"].items())
    console.print(f"{summary['people']} people: {stacks}")
    for name, team in summary["training"].items():
        console.print(f"training {name}: team {team}")
    for name, endpoint in summary["endpoints"].items():
        console.print(f"endpoint {name}: owner {endpoint['owner']}, until {endpoint['until']}")
    if "network_cost" in summary:
        _explain(console, summary["network_cost"])
    console.print(f"{path} is good", style="green", markup=False)


def _explain(console: Console, cost: dict[str, Any]) -> None:
    """What the network is made of, service by service, and the sum."""
    console.print("[bold]network[/]")
    for name in cost["interfaces"]:
        console.print(f"  {name}: interface endpoint in {cost['zones']} subnets")
    for name in cost["gateways"]:
        console.print(f"  {name}: gateway endpoint, free")
    for name in cost["elsewhere"]:
        console.print(f"  {name}: must be there")
    console.print(
        f"  {len(cost['interfaces'])} interface endpoints, {cost['nat_gateways']} NAT gateways: about "
        f"{cost['usd_per_hour']:.3f} USD an hour by the list prices of us-east-1, before traffic"
    )
