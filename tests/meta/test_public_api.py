"""What `from studio_infra import …` promises."""

from __future__ import annotations

import inspect
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import studio_infra

ROOT = Path(__file__).parents[2]
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


@pytest.mark.slow
def test_the_wheel_holds_what_ships_and_no_tests(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", tmp_path, ROOT],
        capture_output=True,
        text=True,
        check=False,
    )
    if "hatchling" in done.stderr and done.returncode != 0:
        pytest.skip("the build backend could not be fetched: no package index is in reach")
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    shipped = {
        str(file.relative_to(ROOT))
        for file in (ROOT / "studio_infra").rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    assert shipped <= names
    assert not {name for name in names if name.startswith(("tests/", "docs/", "settings/"))}
    assert {"studio_infra/py.typed", "studio_infra/runtime/lifecycle/git_ssh.sh"} <= names
