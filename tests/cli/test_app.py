"""The skeleton of the command line: commands load when called; every error is one line and a code."""

from __future__ import annotations

import importlib
import subprocess
import sys
from types import ModuleType

import pytest
import typer
from botocore import exceptions

from studio_infra.cli import app, main
from studio_infra.cli.terminal import outcome
from studio_infra.cli.terminal.outcome import CommandFailed, ExitCode, WouldLoseData, one_line
from studio_infra.errors import InvalidInput

ERRORS: dict[str, tuple[BaseException, int, str]] = {
    "bad input": (InvalidInput("Code", "too few\nlegs", path="a:1"), 1, "[a:1] too few legs (Code)"),
    "failed": (CommandFailed("no such person, see the roster"), 1, "no such person, see the roster"),
    "usage": (CommandFailed("say one of them", code=ExitCode.USAGE), 2, "say one of them"),
    "data loss": (WouldLoseData("ana's home would be lost"), 3, "ana's home would be lost"),
    "a bug": (
        RuntimeError("oh\nno"),
        1,
        "RuntimeError: oh no (a bug of ours: STUDIO_INFRA_TRACEBACK=1 shows where)",
    ),
}


@pytest.fixture
def raising(monkeypatch: pytest.MonkeyPatch) -> list[BaseException]:
    """A command named `fail` that raises what is in the list."""
    errors: list[BaseException] = []
    commands = typer.Typer()

    @commands.command()
    def fail() -> None:
        raise errors[0]

    module = ModuleType("failing_command")
    vars(module)["app"] = commands
    monkeypatch.setitem(sys.modules, "failing_command", module)
    monkeypatch.setitem(app.COMMANDS, "fail", ("failing_command", "Fails."))
    return errors


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_is_one_line_and_a_code(
    name: str, raising: list[BaseException], capsys: pytest.CaptureFixture[str]
) -> None:
    error, code, line = ERRORS[name]
    raising.append(error)
    assert main(["fail"]) == code
    assert capsys.readouterr() == ("", f"{line}\n")


def test_an_interrupt_ends_with_the_shells_code(raising: list[BaseException]) -> None:
    raising.append(KeyboardInterrupt())
    assert main(["fail"]) == 130


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            exceptions.NoCredentialsError(),
            "AWS: Unable to locate credentials; sign in, or name a profile in AWS_PROFILE",
        ),
        (
            exceptions.NoRegionError(),
            "AWS: You must specify a region; name one in AWS_REGION, in your AWS configuration, or in [aws] of",
        ),
        (
            exceptions.ProfileNotFound(profile="nope\x1b"),
            "AWS: The config profile (nope\\u{1b}) could not be found; name one of your AWS",
        ),
        (
            exceptions.UnknownServiceError(service_name="x", known_service_names=[]),
            "AWS: Unknown service: 'x'",
        ),
    ],
)
def test_what_aws_refuses_is_one_line_and_says_what_to_do(
    raising: list[BaseException], capsys: pytest.CaptureFixture[str], error: Exception, said: str
) -> None:
    raising.append(error)
    assert main(["fail"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(said)


def test_every_remedy_is_for_an_error_of_the_sdk() -> None:
    assert [name for name in outcome.REMEDIES if not hasattr(exceptions, name)] == []


def test_who_asks_for_the_traceback_gets_it(
    raising: list[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STUDIO_INFRA_TRACEBACK", "1")
    raising.append(RuntimeError("oh no"))
    with pytest.raises(RuntimeError, match="oh no"):
        main(["fail"])


def test_a_long_message_is_cut() -> None:
    assert len(one_line("x" * 100_000)) < 3000


@pytest.mark.parametrize("name", app.COMMANDS)
def test_every_command_has_its_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    module, summary = app.COMMANDS[name]
    assert isinstance(importlib.import_module(module).app, typer.Typer)
    assert summary.endswith(".")
    assert main([name, "--help"]) == 0
    assert f"studio-infra {name}" in capsys.readouterr().out


HEAVY = ("aws_cdk", "jsii", "boto3", "botocore", "ministack", "cfnlint", "rich")


@pytest.mark.parametrize("arguments", [["validate", "nothing.toml"], ["nothing"]])
def test_a_command_loads_nothing_that_it_does_not_use(arguments: list[str]) -> None:
    script = (
        "import sys; from studio_infra.cli import main; main(sys.argv[1:]); "
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=True, timeout=60
    )
    assert result.stdout == "[]\n"
