"""Six compliance packs have nothing to say about what ships, except what is acknowledged with a reason."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3

from tests.compliance import PACKS
from tests.compliance_packs import apps
from tests.examples import EXAMPLES, ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

PAGE = ROOT / "docs" / "decisions" / "compliance.md"
PREFIXES = (
    "AwsSolutions-",
    "HIPAA.Security-",
    "NIST.800.53.R4-",
    "NIST.800.53.R5-",
    "PCI.DSS.321-",
    "Serverless-",
)


def findings(app: cdk.App) -> set[str]:
    """Every rule of every pack that something in the app breaks without saying why."""
    return {
        violation.rule_name
        for stack in apps.stacks(app)
        for pack in PACKS
        for violation in pack(app).validate_scope(stack).violations
    }


def bare(rule: str) -> str:
    """A rule without the pack and without the finding: packs know the same rule under names of their own."""
    name = rule.partition("[")[0]
    return next(name.removeprefix(prefix) for prefix in PREFIXES if name.startswith(prefix))


@pytest.fixture
def unsaid(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody acknowledges anything."""
    monkeypatch.setattr(cdk.Validations, "acknowledge", lambda *_: None)


@cache
def said(source: str) -> tuple[apps.Acknowledged, ...]:
    return tuple(apps.acknowledgements(apps.build(source)))


@pytest.mark.parametrize("source", apps.EVERYTHING)
def test_no_pack_has_a_finding_that_nobody_acknowledged(source: str) -> None:
    assert findings(apps.build(source)) == set()


@pytest.mark.parametrize("source", apps.EVERYTHING)
@pytest.mark.usefixtures("unsaid")
def test_without_its_acknowledgement_every_acknowledged_rule_is_a_finding(
    source: str, request: pytest.FixtureRequest
) -> None:
    app = apps.build(source)
    assert apps.acknowledgements(app) == []
    found = findings(app)
    request.getfixturevalue("monkeypatch").undo()
    given = said(source)
    # Each wildcard by itself; all else by rule, because `acknowledge` names a rule in every pack that might know it.
    wildcards = {one.rule for one in given if "[" in one.rule}
    assert wildcards - found == set()
    assert {bare(one.rule) for one in given} == {bare(rule) for rule in found}


def listed() -> dict[str, str]:
    """The acknowledged rules that the page of decisions has, with the reason it gives."""
    rows = re.findall(r"^\| `([A-Za-z0-9]+)` \| (.+?) \|", PAGE.read_text("utf-8"), re.MULTILINE)
    return dict(rows)


def test_the_acknowledged_rules_are_those_that_the_decisions_list_and_no_more() -> None:
    assert {bare(one.rule) for source in apps.SETTINGS for one in said(source)} == set(listed())


@pytest.mark.parametrize("source", apps.EVERYTHING)
def test_every_acknowledgement_has_a_reason_and_names_one_rule(source: str) -> None:
    for one in said(source):
        assert len(one.reason) > 15, one
        assert "*" not in one.rule.partition("[")[0], one


def test_the_app_that_leaves_every_choice_to_the_library_acknowledges_three_rules_at_most() -> None:
    assert len({bare(one.rule) for one in said("examples/minimal.py")}) <= 3


@pytest.mark.parametrize("source", ["examples/minimal.py", "settings/sandbox.toml"])
def test_the_page_says_how_many_rules_are_acknowledged(source: str) -> None:
    rules = {bare(one.rule) for one in said(source)}
    text = " ".join(PAGE.read_text("utf-8").split())
    assert re.search(rf"`{source}`[^.;]* {len(rules)} rules acknowledged", text)


def bad(stack: cdk.Stack) -> None:
    """One bad thing for each pack."""
    s3.Bucket(stack, "Bare")
    lambda_.Function(
        stack,
        "Old",
        runtime=lambda_.Runtime.PYTHON_3_9,
        handler="x.y",
        code=lambda_.Code.from_inline("def y(*_): pass"),
    )
    iam.Group(stack, "Group").add_to_policy(iam.PolicyStatement(actions=["*"], resources=["*"]))


@pytest.mark.parametrize(("pack", "prefix"), list(zip(PACKS, PREFIXES, strict=True)))
@pytest.mark.parametrize("source", ["settings/sandbox.toml"])
def test_a_pack_that_sleeps_would_be_noticed(pack: Any, prefix: str, source: str) -> None:
    """The canary: in the very app that has no finding, something bad is reported by each pack."""
    app = apps.build(source)
    stack = cdk.Stack(app, "Canary")
    bad(stack)
    found = [violation.rule_name for violation in pack(app).validate_scope(stack).violations]
    assert found
    assert all(name.startswith(prefix) for name in found)


def examples() -> Iterator[Path]:
    return (ROOT / "examples").rglob("*.py")


def test_no_example_is_left_out() -> None:
    # Whatever lies in the folder is an app, or is imported by one: an example under another name would go unjudged.
    apart = [file for file in examples() if str(file.relative_to(ROOT)) not in EXAMPLES]
    for file in apart:
        assert any(
            re.search(rf"\b{file.stem}\b", (ROOT / source).read_text("utf-8")) for source in EXAMPLES
        ), file
