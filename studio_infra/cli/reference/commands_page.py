"""`docs/reference/commands.md`: every command of `studio-infra`, from the commands themselves."""

from __future__ import annotations

import importlib
import textwrap
from collections.abc import Iterator
from typing import Any, Final

import typer

from studio_infra.cli.app import COMMANDS
from studio_infra.cli.terminal.outcome import ExitCode

_INTRODUCTION: Final = """\
<!-- Made by `make docs` from the commands in studio_infra/cli. -->

# Commands

`studio-infra COMMAND --help` says the same on the terminal. An error is one line; `STUDIO_INFRA_TRACEBACK=1` shows
where it came from.
"""
_EXITS: Final = {
    ExitCode.GOOD: "good",
    ExitCode.FINDING: "bad input, a finding, or something that failed",
    ExitCode.USAGE: "the command line is wrong",
    ExitCode.DATA_LOSS: "refused: it would lose data",
    ExitCode.INTERRUPTED: "interrupted with Ctrl-C",
}


def commands_page() -> str:
    """The page in Markdown."""
    exits = ["| exit code | means |", "|---|---|", *(f"| {code} | {text} |" for code, text in _EXITS.items())]
    parts = [_INTRODUCTION, "\n".join(exits) + "\n"]
    for name, (module, _) in sorted(COMMANDS.items()):
        command = typer.main.get_command(importlib.import_module(module).app)
        parts += _command(name, command)
    return "\n".join(parts)


def _command(name: str, command: Any) -> Iterator[str]:
    """One command, or each command of a group."""
    inner = getattr(command, "commands", None)
    if inner is not None:
        for each, subcommand in sorted(inner.items()):
            yield from _command(f"{name} {each}", subcommand)
        return
    parameters = [one for one in command.params if not one.hidden]
    arguments = [one for one in parameters if one.param_type_name == "argument"]
    options = [one for one in parameters if one.param_type_name == "option"]
    words = [_in_usage(one) for one in arguments] + (["[OPTIONS]"] if options else [])
    yield f"## `studio-infra {name}`\n"
    yield (
        "\n\n".join(
            textwrap.fill(paragraph, 120, break_on_hyphens=False) for paragraph in command.help.split("\n\n")
        )
        + "\n"
    )
    yield f"```text\nstudio-infra {' '.join([name, *words])}\n```\n"
    if parameters:
        rows = ["| argument or option | meaning | default |", "|---|---|---|"]
        rows += [_row(one) for one in (*arguments, *options)]
        yield "\n".join(rows) + "\n"


def _in_usage(argument: Any) -> str:
    word = argument.name.upper()
    return word if argument.required else f"[{word}]"


def _row(parameter: Any) -> str:
    is_argument = parameter.param_type_name == "argument"
    flag = not is_argument and parameter.is_flag
    names = [parameter.name.upper()] if is_argument else [*parameter.opts, *parameter.secondary_opts]
    value = (
        "" if is_argument or flag else " " + max(parameter.opts, key=len).strip("-").upper().replace("-", "_")
    )
    shown = ", ".join(f"`{name}{value}`" for name in names)
    if parameter.required:
        default = "required"
    else:
        default = "" if flag or parameter.default is None else f"`{parameter.default}`"
    return f"| {shown} | {(parameter.help or '').replace('|', chr(92) + '|')} | {default} |"
