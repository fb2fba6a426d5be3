"""An example is a whole app that fits on a page: of public names alone, with one idea and the way to deploy it."""

from __future__ import annotations

import ast
import re

import pytest

import studio_infra
from tests import examples

PROMISED = {
    "minimal",
    "complete",
    "vpc_only",
    "bring_your_own_role",
    "join_existing_domain",
    "endpoint_with_lifetime",
    "many_teams",
}
PAGE = examples.ROOT / "docs" / "examples.md"
every_example = pytest.mark.parametrize("source", examples.EXAMPLES)


def tree(source: str) -> ast.Module:
    return ast.parse((examples.ROOT / source).read_text("utf-8"))


def test_the_examples_that_were_promised_are_there_and_on_their_page() -> None:
    assert {examples.name_of(source) for source in examples.EXAMPLES} == PROMISED
    text = PAGE.read_text("utf-8")
    for source in examples.EXAMPLES:
        assert f"](../{source})" in text


@every_example
def test_it_fits_on_a_page(source: str) -> None:
    assert len((examples.ROOT / source).read_text("utf-8").splitlines()) <= 60


@every_example
def test_it_uses_public_names_alone(source: str) -> None:
    aliases = set()
    for node in ast.walk(tree(source)):
        if isinstance(node, ast.Import):
            for name in node.names:
                assert not name.name.startswith("studio_infra.")
                aliases |= {name.asname or name.name} if name.name == "studio_infra" else set()
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("studio_infra"):
            assert node.module == "studio_infra"
            assert {name.name for name in node.names} <= set(studio_infra.__all__)
    for node in ast.walk(tree(source)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in aliases:
            assert node.attr in studio_infra.__all__
        assert not (isinstance(node, ast.Attribute) and node.attr.startswith("_"))


@every_example
def test_it_says_who_it_is_for_its_one_idea_and_how_it_is_deployed(source: str) -> None:
    first, idea, *_ = examples.docstring(source).split("\n\n")
    assert re.search(r": for .+\.$", first.replace("\n", " "))
    assert idea.startswith("One idea: ")
    assert examples.command(source)
    # Whatever else the app asks for, the command gives.
    text = (examples.ROOT / source).read_text("utf-8")
    assert set(re.findall(r'get_context\("(\w+)"\)', text)) == set(examples.given(source))
