"""`studio-infra diff`: what is replaced, what loses data."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from studio_infra.cli.terminal.outcome import WouldLoseData, print_errors, print_json
from studio_infra.review.assembly import templates
from studio_infra.review.replacement.changes import Level
from studio_infra.review.replacement.guard import Verdict, guard
from studio_infra.review.sources import deployed, read_pair
from studio_infra.runtime.functions.shared import aws

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def diff(
    old: Annotated[
        Path,
        typer.Argument(help="Template or assembly folder as it is deployed. With --deployed, the new one."),
    ],
    new: Annotated[Path | None, typer.Argument(help="Template or assembly folder to deploy.")] = None,
    *,
    acknowledge: Annotated[
        Path | None,
        typer.Option(
            help="Losses that somebody has accepted. Left out, acknowledged-changes.toml if there is one."
        ),
    ] = None,
    from_aws: Annotated[
        bool,
        typer.Option("--deployed", help="Compare one assembly with what AWS has deployed of its stacks."),
    ] = False,
    region: Annotated[
        str | None, typer.Option(help="Region of the stacks. Left out, the one of your AWS configuration.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print every change as JSON.")] = False,
) -> None:
    """Say what a change replaces and what would be lost: homes, volumes, keys, versions.

    Every resource that holds data is judged by the CloudFormation registry's own list of properties that cannot
    change, through every reference and across stacks. What would be lost or left without a stack ends with exit code
    3, unless a reviewed file acknowledges it.
    """
    if from_aws is (new is not None):
        raise typer.BadParameter("name OLD and NEW, or --deployed and one assembly")
    before, after = _from_aws(old, region) if new is None else read_pair(old, new)
    verdict = guard(before, after, acknowledged=acknowledge)
    if as_json:
        print_json(_data(verdict))
    else:
        _show(verdict)
    if verdict.blocked:
        count = len(verdict.blocked)
        raise WouldLoseData(
            f"{count} {'change' if count == 1 else 'changes'} would lose data and nobody has acknowledged "
            f"{'it' if count == 1 else 'them'}"
        )


def _from_aws(assembly: Path, region: str | None) -> tuple[dict[str, Any], dict[str, Any]]:
    found = templates(assembly)
    return deployed(found, aws.session(region).client("cloudformation")), found


def _data(verdict: Verdict) -> dict[str, Any]:
    return {
        "blocked": len(verdict.blocked),
        "changes": [
            {**asdict(change), "kind": change.kind.value, "level": change.level.value}
            for change in verdict.changes
        ],
        "warnings": verdict.warnings,
    }


def _show(verdict: Verdict) -> None:
    for level, label in ((Level.BLOCKED, "BLOCKED"), (Level.WARNING, "WARNING")):
        for line in verdict.lines(level):
            typer.echo(f"{label} {line}")
    print_errors(f"warning: {line}" for line in verdict.warnings)
    safe = Counter(change.kind for change in verdict.changes if change.level is Level.SAFE)
    counted = ", ".join(f"{count} {kind}" for kind, count in sorted(safe.items()))
    if counted:
        typer.echo(f"Nothing is lost by: {counted}")
    elif not verdict.changes:
        typer.echo("Nothing that holds data changes")
