"""What the documentation says is so: links lead somewhere, code runs, commands and files exist."""

from __future__ import annotations

import ast
import importlib
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer

import studio_infra
from studio_infra.cli.app import COMMANDS
from tests.docs.pages import DOCS, LINK, PAGES, ROOT, SPAN, blocks, name_of, prose

DECISIONS = sorted(DOCS.glob("decisions/[0-9]*.md"))

HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
COMMAND = re.compile(r"\bstudio-infra (?P<name>[a-z][a-z-]*)(?P<rest>[^;|&\n`]*)")
TARGET = re.compile(r"\bmake (?P<name>[a-z]+)\b")
IN_THE_REPOSITORY = re.compile(r"(?:settings|docs|tests|examples|studio_infra)/[\w./*-]+\Z", re.ASCII)


every_page = pytest.mark.parametrize("page", PAGES, ids=name_of)


def code(page: Path) -> list[str]:
    """Everything on a page that is set as code: spans in the prose, and lines of blocks that are no Python."""
    lines = [line for block in blocks(page) if block.language != "python" for line in block.text.splitlines()]
    return [*SPAN.findall(prose(page)), *lines]


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub gives the headings of a page."""
    headings = HEADING.findall(prose(page))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


# -- links ---------------------------------------------------------------------------------------


@every_page
def test_every_link_leads_to_a_file_and_a_heading_that_are_there(page: Path) -> None:
    for target in LINK.findall(prose(page)):
        if target.startswith(("https://", "mailto:")):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.is_file(), f"{target} leads nowhere"
        assert not anchor or anchor in anchors(file), f"{target}: there is no such heading"


def test_every_page_is_linked_from_the_index() -> None:
    index = DOCS / "index.md"
    linked = {(DOCS / target.partition("#")[0]).resolve() for target in LINK.findall(prose(index))}
    forgotten = [name_of(page) for page in DOCS.rglob("*.md") if page != index and page not in linked]
    assert forgotten == []


@every_page
def test_every_file_that_is_named_exists(page: Path) -> None:
    copied = {name for line in code(page) for name in re.findall(r"^\$ cp \S+ (\S+)$", line)}
    for span in SPAN.findall(prose(page)):
        if IN_THE_REPOSITORY.match(span) and span not in copied:
            assert any(ROOT.glob(span.rstrip("/"))), f"`{span}` is not in the repository"


# -- commands ------------------------------------------------------------------------------------


@cache
def options(command: str) -> set[str]:
    parsed: Any = typer.main.get_command(importlib.import_module(COMMANDS[command][0]).app)
    commands = [parsed, *getattr(parsed, "commands", {}).values()]
    return {option for one in commands for parameter in one.params for option in parameter.opts} | {"--help"}


@every_page
def test_every_command_and_each_of_its_options_exists(page: Path) -> None:
    for text in code(page):
        for found in COMMAND.finditer(text):
            assert found["name"] in COMMANDS, f"there is no command studio-infra {found['name']}"
            unknown = set(re.findall(r"(?<!\S)--[a-z-]+", found["rest"])) - options(found["name"])
            assert not unknown, f"studio-infra {found['name']} has no {', '.join(unknown)}"


@every_page
def test_every_make_target_exists(page: Path) -> None:
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    for text in code(page):
        for found in TARGET.finditer(text):
            assert found["name"] in targets, f"make {found['name']}"


# -- code ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "page", [page for page in PAGES if any(b.language == "python" for b in blocks(page))], ids=name_of
)
def test_every_block_of_python_runs_and_synthesizes(page: Path) -> None:
    names = house_of_names()
    for block in blocks(page):
        if block.language == "python" and block.runs:
            exec(compile(block.text, name_of(page), "exec"), names)  # noqa: S102 - our own pages
    names["app"].synth()


def house_of_names() -> dict[str, Any]:
    """What pages take for granted: a stack with a network, a key, a bucket and a domain in it."""
    import aws_cdk as cdk
    from aws_cdk import aws_ec2 as ec2
    from aws_cdk import aws_iam as iam

    public = {name: getattr(studio_infra, name) for name in studio_infra.__all__}
    app = cdk.App()
    stack = cdk.Stack(app, "Docs")
    network = studio_infra.StudioNetwork(stack, "Network")
    key = studio_infra.StudioKey(stack, "Key")
    return {
        **public,
        "app": app,
        "bucket": studio_infra.ArtifactBucket(stack, "Artifacts", key=key.key),
        "cdk": cdk,
        "domain": studio_infra.StudioDomain(
            stack,
            "Domain",
            domain_name="docs",
            vpc=network.vpc,
            subnets=network.subnets,
            security_groups=[network.studio_security_group],
            key=key.key,
        ),
        "Duration": cdk.Duration,
        "ec2": ec2,
        "iam": iam,
        "key": key,
        "network": network,
        "Path": Path,
        "self": stack,
        "stack": stack,
    }


@every_page
def test_what_is_imported_from_the_package_is_public(page: Path) -> None:
    for block in blocks(page):
        if block.language == "python":
            for node in ast.walk(ast.parse(block.text)):
                if isinstance(node, ast.ImportFrom) and node.module == "studio_infra":
                    assert {alias.name for alias in node.names} <= set(studio_infra.__all__)


# -- decisions -----------------------------------------------------------------------------------


@pytest.mark.parametrize("page", DECISIONS, ids=name_of)
def test_a_decision_says_why_what_what_else_and_what_follows(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert text.startswith(f"# {int(page.name[:4])}. ")
    places = [text.index(f"**{part}") for part in ("Context.", "Decision.", "Instead of", "Consequences.")]
    assert places == sorted(places)


def test_decisions_are_numbered_without_a_gap() -> None:
    assert [int(page.name[:4]) for page in DECISIONS] == list(range(1, len(DECISIONS) + 1))


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt"])
def test_every_dependency_is_explained_with_its_version(file: str) -> None:
    rows = (DOCS / "decisions/dependencies.md").read_text(encoding="utf-8").splitlines()
    for name, version in re.findall(
        r"^([\w-]+)==([\w.]+)$", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE
    ):
        assert any(f"`{name}`" in row and version in row for row in rows), f"{name}=={version}"


# -- the checks themselves see what is wrong --------------------------------------------------------


def test_what_is_wrong_is_noticed(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# One `two`: three\n[a](#one-two-three) [b](gone.md) `settings/gone.toml`\n\n"
        "`studio-infra fly` and `studio-infra validate F --fast`, `make gold`\n\n"
        "```python\nraise ValueError\n```\n\n<!-- not run: needs an account -->\n```python\nx\n```\n",
        encoding="utf-8",
    )
    assert anchors(page) == {"one-two-three"}
    assert [block.runs for block in blocks(page)] == [True, False]
    for check in (
        test_every_link_leads_to_a_file_and_a_heading_that_are_there,
        test_every_file_that_is_named_exists,
        test_every_command_and_each_of_its_options_exists,
        test_every_make_target_exists,
    ):
        with pytest.raises(AssertionError):
            check(page)
