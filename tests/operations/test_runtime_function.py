"""What all our functions are: a role and a log of their own, failures told, nothing shipped that is another's."""

from __future__ import annotations

from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms
from aws_cdk.assertions import Match, Template

from studio_infra.errors import InvalidInput
from studio_infra.operations import AlertTopic
from studio_infra.operations import runtime_function as module
from studio_infra.operations.runtime_function import RuntimeFunction
from tests import compliance


@pytest.fixture
def functions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A runtime folder with two functions and what they share."""
    folder = tmp_path / "runtime" / "functions"
    for name, file in (("one", "handler.py"), ("two", "handler.py"), ("shared", "aws.py")):
        (folder / name).mkdir(parents=True)
        (folder / name / file).write_text(f"# {name}")
    monkeypatch.setattr(module, "_RUNTIME", folder.parent)
    monkeypatch.setattr(module, "_FUNCTIONS", folder)
    return folder


def function(stack: cdk.Stack, name: str = "one") -> RuntimeFunction:
    key = kms.Key(stack, "Key", enable_key_rotation=True)
    alerts = AlertTopic(stack, "Alerts", key=key).topic
    return RuntimeFunction(stack, "F", name=name, description="d", key=key, alerts=alerts)


def shipped(app: cdk.App) -> set[str]:
    folder = Path(app.synth().directory)
    return {str(file.relative_to(file.parents[2])) for file in folder.glob("asset.*/**/*") if file.is_file()}


@pytest.mark.usefixtures("functions")
def test_ships_its_own_folder_and_what_all_share(app: cdk.App, stack: cdk.Stack) -> None:
    function(stack)
    assert shipped(app) == {"functions/one/handler.py", "functions/shared/aws.py"}


def test_is_not_deployed_anew_when_another_function_changes(functions: Path) -> None:
    def key() -> str:
        app = cdk.App()
        stack = cdk.Stack(app, "S")
        function(stack)
        resources = Template.from_stack(stack).find_resources("AWS::Lambda::Function")
        (found,) = resources.values()
        return str(found["Properties"]["Code"])

    before = key()
    (functions / "two" / "handler.py").write_text("# changed")
    assert key() == before
    (functions / "shared" / "aws.py").write_text("# changed")
    assert key() != before


@pytest.mark.usefixtures("functions")
def test_runs_once_at_a_time_and_tells_people_what_it_could_not_do(stack: cdk.Stack) -> None:
    function(stack)
    Template.from_stack(stack).has_resource_properties(
        "AWS::Lambda::Function",
        {
            "ReservedConcurrentExecutions": 1,
            "Handler": "functions.one.handler.handle",
            "DeadLetterConfig": {"TargetArn": {"Ref": Match.string_like_regexp("^Alerts")}},
        },
    )


@pytest.mark.usefixtures("functions")
def test_its_role_has_no_policy_of_its_own(stack: cdk.Stack) -> None:
    function(stack)
    Template.from_stack(stack).resource_count_is("AWS::IAM::Policy", 0)


@pytest.mark.usefixtures("functions")
def test_no_pack_finds_anything() -> None:
    app = compliance.strict_app()
    stack = cdk.Stack(app, "S")
    function(stack)
    assert compliance.findings(stack) == set()


@pytest.mark.usefixtures("functions")
@pytest.mark.parametrize("name", ["three", "shared", "../functions/one/.."])
def test_refuses_what_is_no_function(stack: cdk.Stack, name: str) -> None:
    with pytest.raises(InvalidInput, match="there is no function"):
        function(stack, name)
