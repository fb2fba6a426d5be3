"""The skeleton of the command line: each command is one module, loaded when it is called."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from typing import Any, Final

import typer
from typer.core import TyperCommand, TyperGroup

from studio_infra.cli.terminal.outcome import ExitCode, one_line, outcome_of, print_errors

#: Command, its module (which has a ``typer.Typer`` named ``app``), and its line in the list.
COMMANDS: Final = {
    "costs": ("studio_infra.cli.costs", "Say what teams have spent in a month."),
    "deployer-policy": ("studio_infra.cli.deployer_policy", "Print what a deployment must be allowed."),
    "diff": ("studio_infra.cli.diff", "Say what a change replaces, and what would be lost."),
    "drain": ("studio_infra.cli.teardown.drain", "Empty a domain and delete it: a plan, unless --apply."),
    "extend": ("studio_infra.cli.endpoints.extend", "Give a running endpoint a later end."),
    "keys": ("studio_infra.cli.people.keys", "List and register the public SSH keys of people's spaces."),
    "open": ("studio_infra.cli.people.open", "Open Studio as one person of an IAM domain."),
    "probe": ("studio_infra.cli.probe.command", "Check what could not be proven without AWS."),
    "rehearse": (
        "studio_infra.cli.rehearse",
        "Deploy, use, change and destroy the settings on this machine.",
    ),
    "review": ("studio_infra.cli.review", "Report what an assembly allows, keeps, changes and costs."),
    "roster": ("studio_infra.cli.people.roster", "Bring people in, give them a stack, see who leaves."),
    "start": ("studio_infra.cli.endpoints.start", "Bring a stopped endpoint back."),
    "status": ("studio_infra.cli.running.status", "Show what runs: whose it is, on what, since when."),
    "stop": ("studio_infra.cli.running.stop", "Stop the apps of a person or a space, or an endpoint."),
    "validate": ("studio_infra.cli.validate", "Check settings and roster, without CDK and without AWS."),
}


class _Commands(TyperGroup):
    """The commands, each a stand-in with its help until it is called: nobody waits for boto3 in vain."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name, (_, summary) in COMMANDS.items():
            self.add_command(TyperCommand(name, help=summary))

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        name, _, rest = super().resolve_command(ctx, args)
        command = typer.main.get_command(importlib.import_module(COMMANDS[str(name)][0]).app)
        command.name = name
        return name, command, rest


app = typer.Typer(
    cls=_Commands,
    name="studio-infra",
    add_completion=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def _studio_infra() -> None:
    """Amazon SageMaker Studio as a product."""


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command and say how it ended."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        # A name that the terminal cannot show is no reason to fail.
        getattr(stream, "reconfigure", lambda **_: None)(errors="backslashreplace")
    try:
        command = typer.main.get_command(app)
        result = command.main(given or ["--help"], prog_name="studio-infra", standalone_mode=False)
        # Now, while somebody can be told: at Python's own end it would be an exit code of 120.
        sys.stdout.flush()
    except Exception as error:  # noqa: BLE001 - the last one to know: nobody gets a traceback
        return _failed(error)
    if not given:
        return ExitCode.USAGE
    return result if isinstance(result, int) else ExitCode.GOOD


def _failed(error: Exception) -> int:
    if os.environ.get("STUDIO_INFRA_TRACEBACK"):
        raise error
    if isinstance(error, BrokenPipeError):
        # Whoever read our output has seen enough; Python must not try again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.FINDING
    if isinstance(error, typer.Abort):
        return ExitCode.INTERRUPTED
    if hasattr(error, "format_message"):  # what typer raises about the command line
        command = getattr(getattr(error, "ctx", None), "command_path", "studio-infra")
        print_errors([f"{command}: {one_line(error.format_message())} Try '{command} --help'."])
        return ExitCode.USAGE
    lines, code = outcome_of(error)
    print_errors(lines)
    return code
