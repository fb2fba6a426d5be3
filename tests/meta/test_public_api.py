"""What `from studio_infra import …` promises."""

from __future__ import annotations

import inspect
import subprocess
import sys

import pytest

import studio_infra

PROMISED = {
    "StudioDomain",
    "UserProfile",
    "Space",
    "StudioExecutionRole",
    "Persona",
    "StudioLifecycleConfig",
    "LifecycleScript",
    "GitSsh",
    "GitHost",
    "IdleShutdown",
    "StudioNetwork",
    "StudioPeople",
    "TrainingPipeline",
    "ModelEndpoint",
    "EndpointLifetime",
    "IdleSweeper",
    "StudioGuardrails",
    "StudioStack",
    "UsersStack",
    "WorkloadStack",
    "OperationsStack",
    "InvalidInput",
}


def test_the_public_names_are_sorted_and_each_has_a_home() -> None:
    assert studio_infra.__all__ == sorted(studio_infra.__all__)
    assert sorted(studio_infra._HOMES) == studio_infra.__all__


@pytest.mark.parametrize("name", studio_infra.__all__)
def test_a_public_name_loads_and_says_what_it_is(name: str) -> None:
    documented = inspect.getdoc(getattr(studio_infra, name))
    assert documented
    assert documented.splitlines()[0].endswith((".", "…"))


@pytest.mark.parametrize(
    "name",
    sorted(PROMISED),
)
def test_the_names_that_were_promised_are_there(name: str) -> None:
    assert name in studio_infra.__all__


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Nothing'"):
        studio_infra.Nothing  # type: ignore[attr-defined] # noqa: B018 - the look-up is the test


def test_settings_and_command_line_start_without_cdk() -> None:
    code = "import sys, studio_infra.settings, studio_infra.cli.validate; sys.exit('aws_cdk' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
