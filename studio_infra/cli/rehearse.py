"""`studio-infra rehearse`: the whole life of a domain, on an AWS that runs on this machine."""

from __future__ import annotations

import dataclasses
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from studio_infra.cli.terminal.outcome import CommandFailed, ExitCode, print_errors, print_json
from studio_infra.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from studio_infra.rehearsal.life.stage import Stage, StepResult

_LOG_WIDTH: Final = 160

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def rehearse(
    *,
    settings: Annotated[Path, typer.Option("--settings", help="Settings file to rehearse.")] = Path(
        "settings/production.toml"
    ),
    strict: Annotated[bool, typer.Option("--strict", help="Enforce IAM, over TLS.")] = False,
    keep: Annotated[
        bool, typer.Option("--keep", help="Stop before the end and leave the embedded AWS up until Ctrl-C.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result of each step as JSON.")] = False,
) -> None:
    """Deploy, use, change and destroy the settings on an AWS that runs on this machine. No account is needed."""
    checked = load_settings(settings)
    try:
        from studio_infra.rehearsal.errors import RehearsalError
        from studio_infra.rehearsal.life.life import LIFE, beginning, set_the_stage
        from studio_infra.rehearsal.life.stage import play
    except ModuleNotFoundError as error:
        raise CommandFailed(
            f"a rehearsal needs the package {error.name}; install it: pip install 'studio-infra[rehearsal]'"
        ) from error
    start = time.monotonic()
    try:
        with set_the_stage(settings, checked, project=_project(), strict=strict) as stage:
            results = _watch(play(beginning() if keep else LIFE, stage), quiet=as_json)
            state_only = _state_only(stage)
            if as_json:
                print_json(_as_json(results, stage, state_only, time.monotonic() - start))
            else:
                _show(results, state_only, time.monotonic() - start)
            if keep and _good(results):
                _stay(stage)
    except RehearsalError as error:
        raise CommandFailed(str(error)) from error
    if not _good(results):
        raise typer.Exit(ExitCode.FINDING)


def _project() -> Path:
    """The folder with `cdk.json`: the CDK CLI looks for it where it is run."""
    here = Path.cwd()
    if not (here / "cdk.json").exists():
        raise CommandFailed(f"there is no cdk.json in {here}; run this where your CDK app is")
    return here


def _good(results: list[StepResult]) -> bool:
    return all(result.outcome == "passed" for result in results)


def _watch(results: Iterator[StepResult], *, quiet: bool) -> list[StepResult]:
    """Collect the results, and say each of them as soon as it is there."""
    if quiet:
        return list(results)
    from rich.console import Console

    marks = {"passed": "[green]✓[/]", "failed": "[red]✗[/]", "not run": "[dim]-[/]"}
    console, seen = Console(highlight=False), []
    with console.status("rehearsing…") as status:
        for result in results:
            seen.append(result)
            console.print(f"{marks[result.outcome]} {result.title} [dim]({result.seconds:.1f} s)[/]")
            status.update(f"after: {result.title}…")
    return seen


def _state_only(stage: Stage) -> list[str]:
    """Resource types that the embedded AWS only remembered: nothing about their behaviour was rehearsed."""
    return sorted({str(one["type"]) for one in stage.aws.control.state_only()})


def _as_json(
    results: list[StepResult], stage: Stage, state_only: list[str], seconds: float
) -> dict[str, Any]:
    return {
        "passed": _good(results),
        "seconds": round(seconds, 1),
        "steps": [dataclasses.asdict(result) for result in results],
        "left_over": stage.left_over,
        "state_only": state_only,
    }


def _show(results: list[StepResult], state_only: list[str], seconds: float) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    # A log file has no width of its own, and 80 columns would cut every line of the table in pieces.
    console = Console(highlight=False, width=None if sys.stdout.isatty() else _LOG_WIDTH)
    table = Table("step", "result", "seconds", "what was seen", box=None)
    table.columns[2].justify = "right"
    for result in results:
        colour = {"passed": "green", "failed": "red"}.get(result.outcome, "dim")
        table.add_row(
            result.title, f"[{colour}]{result.outcome}[/]", f"{result.seconds:.1f}", escape(result.detail)
        )
    console.print(table)
    if state_only:
        console.print(f"[dim]only remembered, not rehearsed: {', '.join(state_only)}[/]")
    passed = sum(result.outcome == "passed" for result in results)
    console.print(f"{passed} of {len(results)} steps passed in {seconds:.0f} s")
    print_errors(line for result in results if result.log for line in result.log.splitlines())


def _stay(stage: Stage) -> None:
    """Print what other programs need to reach the embedded AWS, and wait."""
    lines = [f"export {name}={value}" for name, value in sorted(stage.aws.environment().items())]
    typer.echo("\n".join(["", "# the embedded AWS stays up; Ctrl-C ends it", *lines]))
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        typer.echo("")
