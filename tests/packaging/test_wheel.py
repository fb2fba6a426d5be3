"""The wheel: what is in it, and that it works where nothing else is installed."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

#: What pip says when it cannot find or fetch a package.
OUT_OF_REACH = re.compile(
    r"No matching distribution found|Could not find a version|ConnectionError|Max retries"
)


def pip(python: Path | str, *arguments: str | Path) -> None:
    """Run pip; where it reaches no package index, the test cannot be made and says so."""
    done = subprocess.run(
        [python, "-m", "pip", *arguments, "--quiet"],
        capture_output=True,
        text=True,
        check=False,
        timeout=800,
        env=clean(),
    )
    if done.returncode != 0 and OUT_OF_REACH.search(done.stderr):
        pytest.skip(f"no package index is in reach: {done.stderr.strip().splitlines()[-1]}")
    assert done.returncode == 0, done.stderr


def clean(**more: str) -> dict[str, str]:
    """The environment of a process that must not find this repository."""
    return {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")} | more


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    pip(sys.executable, "wheel", "--no-deps", "--wheel-dir", folder, ROOT)
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_holds_what_ships_and_no_tests(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    shipped = {
        str(file.relative_to(ROOT))
        for file in (ROOT / "studio_infra").rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    assert shipped <= names
    outside = ("tests/", "docs/", "settings/", "examples/", "benchmarks/")
    assert not {name for name in names if name.startswith(outside)}
    kinds = {Path(name).suffix for name in names}
    assert {".sh", ".guard", ".json", ".j2", ".typed"} <= kinds


@pytest.fixture(scope="module")
def empty(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment with the wheel, what it asks for, and nothing else."""
    folder = tmp_path_factory.mktemp("empty") / "venv"
    venv.create(folder, with_pip=True)
    pip(folder / "bin" / "python", "install", "--no-compile", wheel)
    return folder / "bin"


def run(
    program: Path, *arguments: str | Path, cwd: Path | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    # jsii needs Node, which every machine with CDK has: here it is the suite's own.
    node = shutil.which("node")
    assert node is not None
    path = os.pathsep.join((str(program.parent), str(Path(node).parent), "/usr/bin", "/bin"))
    return subprocess.run(
        [program, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        cwd=program.parent if cwd is None else cwd,
        env=clean(PATH=path, **environment),
    )


def test_the_lines_of_the_readme_work_in_an_empty_environment(empty: Path, tmp_path: Path) -> None:
    block = re.search(r"```python\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    assert block is not None
    program = tmp_path / "app.py"
    program.write_text(f"{block[1]}\nimport studio_infra\nprint(studio_infra.__file__)\n", encoding="utf-8")
    done = run(empty / "python", program, CDK_OUTDIR=str(tmp_path / "cdk.out"))
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().startswith(str(empty.parent))
    template = json.loads((tmp_path / "cdk.out" / "Studio.template.json").read_text("utf-8"))
    kinds = {resource["Type"] for resource in template["Resources"].values()}
    assert {"AWS::SageMaker::Domain", "AWS::SageMaker::UserProfile"} <= kinds


def test_the_command_says_in_one_line_what_it_lacks_and_works_with_its_extra(
    empty: Path, wheel: Path
) -> None:
    bare = run(empty / "studio-infra", "--help")
    assert bare.returncode == 1
    assert (
        bare.stderr == "studio-infra needs the package typer; install it: pip install 'studio-infra[cli]'\n"
    )
    pip(empty / "python", "install", "--no-compile", f"studio-infra[cli] @ {wheel.as_uri()}")
    helped = run(empty / "studio-infra", "--help")
    assert helped.returncode == 0, helped.stderr
    assert "validate" in helped.stdout
    settings = ROOT / "settings" / "production.toml"
    checked = run(empty / "studio-infra", "validate", settings)
    assert checked.returncode == 0, checked.stderr
    lacking = run(empty / "studio-infra", "rehearse", "--settings", settings, cwd=ROOT)
    assert lacking.returncode == 1
    assert len(lacking.stderr.splitlines()) == 1
    assert "pip install 'studio-infra[rehearsal]'" in lacking.stderr
