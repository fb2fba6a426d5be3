"""What a program would say about the words that it is called with, asked without doing anything."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import typer

from studio_infra.cli.app import app
from tests.docs.pages import ROOT
from tests.docs.test_aws_commands import ABOVE_THE_API, wrong

if TYPE_CHECKING:
    from collections.abc import Callable

#: What the CDK CLI's own parser is made of.
REGISTRY: Final = ROOT / "node_modules/aws-cdk/lib/cli/cli-type-registry.json"
MAKE: Final = shutil.which("make") or "make"


def studio_infra(words: list[str]) -> list[str]:
    """Parsed by the command line itself, down to the types of values."""
    arguments = [re.sub("…", "x", word) for word in words]
    command: Any = typer.main.get_command(app)
    try:
        context = command.make_context("studio-infra", list(arguments))
        while hasattr(command, "resolve_command"):
            _, command, rest = command.resolve_command(context, [*context._protected_args, *context.args])
            context = command.make_context(command.name, rest, parent=context)
    except Exception as error:  # noqa: BLE001 - typer has classes of its own for what it refuses
        return [f"{type(error).__name__}: {error}"]
    return []


@cache
def _cdk() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(REGISTRY.read_text(encoding="utf-8"))
    return found


def cdk(words: list[str]) -> list[str]:
    """Looked up in the data that the CDK CLI's parser is generated from."""
    name, *rest = words
    command = _cdk()["commands"].get(name)
    if command is None:
        return [f"no command cdk {name}"]
    known = {**_cdk()["globalOptions"], **command["options"]}
    found, values = [], 0
    remaining = iter(rest)
    for word in remaining:
        if not word.startswith("--"):
            values += 1
            continue
        option, _, value = word[2:].partition("=")
        if option not in known:
            found.append(f"no option --{option}")
        elif known[option]["type"] != "boolean" and not value and next(remaining, None) is None:
            found.append(f"--{option} lacks its value")
    if values and "arg" not in command:
        found.append(f"cdk {name} takes no value")
    return found


def make(words: list[str]) -> list[str]:
    """Planned by make, without a set-up; and each variable is one that the Makefile reads."""
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    found = [
        f"no variable {word.partition('=')[0]}"
        for word in words
        if "=" in word and f"$({word.partition('=')[0]})" not in text
    ]
    command = [MAKE, "--dry-run", "--assume-old=.venv/.setup-done", *words]
    done = subprocess.run(command, cwd=ROOT, text=True, capture_output=True, check=False)
    return [*found, *([done.stderr.strip()] if done.returncode else [])]


def aws(words: list[str]) -> list[str]:
    """Held against botocore's model of the service."""
    service, operation, *rest = words
    return [] if service in ABOVE_THE_API else wrong(service, operation, " ".join(rest))


JUDGES: Final[dict[str, Callable[[list[str]], list[str]]]] = {
    "aws": aws,
    "cdk": cdk,
    "make": make,
    "studio-infra": studio_infra,
}
