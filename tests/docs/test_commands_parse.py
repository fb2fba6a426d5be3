"""Every command of a page is one that `studio-infra` itself takes: words, options, values and their number."""

from __future__ import annotations

import importlib
import re
import shlex
from typing import TYPE_CHECKING, Any

import pytest
import typer

from studio_infra.cli.app import COMMANDS
from tests.docs.pages import DOCS, PAGES, blocks, name_of

if TYPE_CHECKING:
    from pathlib import Path

LINE = re.compile(r"^ *(?:\$ )?studio-infra (?P<words>[^|&;>\n]*)", re.MULTILINE)


def commands(page: Path) -> list[str]:
    """What stands behind `studio-infra` on the lines of a page's blocks, continued lines joined."""
    return [
        found["words"].split("  #")[0]
        for block in blocks(page)
        if block.language in ("console", "bash")
        for found in LINE.finditer(block.text.replace("\\\n", " "))
    ]


def parse(words: list[str]) -> None:
    """Let the command take the words as it does on a terminal, and stop before it runs."""
    name, *rest = words
    parsed: Any = typer.main.get_command(importlib.import_module(COMMANDS[name][0]).app)
    while hasattr(parsed, "commands"):
        word, *rest = rest
        parsed = parsed.commands[word]
    with parsed.make_context(name, rest):
        return


@pytest.mark.parametrize("page", [page for page in PAGES if commands(page)], ids=name_of)
def test_every_command_of_a_page_is_taken(page: Path) -> None:
    for line in commands(page):
        parse(shlex.split(line))


@pytest.mark.parametrize(
    "line",
    ["fly", "drain", "drain a b", "drain a --aply", "drain a --wait soon", "probe account", "probe moon"],
)
def test_a_command_that_would_not_be_taken_is_noticed(line: str) -> None:
    with pytest.raises(Exception, match=r"."):
        parse(line.split())


def test_the_first_hour_goes_from_credentials_to_nothing_left() -> None:
    page = DOCS / "how-to" / "first-hour.md"
    text = "\n".join(block.text for block in blocks(page))
    order = (
        "aws sts get-caller-identity",
        "aws service-quotas",
        "studio-infra validate settings/sandbox.toml --explain",
        "cdk bootstrap",
        "cdk deploy",
        "studio-infra open ana",
        "studio-infra keys ana",
        "studio-infra probe space",
        "studio-infra probe account",
        "studio-infra status --settings settings/sandbox.toml --only app",
        "studio-infra review cdk.out --baseline",
        "studio-infra drain sandbox --settings settings/sandbox.toml --apply",
        "cdk destroy",
    )
    assert [text.index(step) for step in order] == sorted(text.index(step) for step in order)
