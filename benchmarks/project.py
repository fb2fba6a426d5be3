"""How long the project's own promises take: a validation, a rehearsal, and the test suite."""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.figures import Figure

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).parents[1]
COMMAND: Final = Path(sys.executable).with_name("studio-infra")
#: Where a run of the tests may leave what it found: `pytest --junitxml=junit.xml`.
JUNIT: Final = ROOT / "junit.xml"
VALIDATION_MAX: Final = 1
REHEARSAL_MAX: Final = 180
SUITE_MAX: Final = 1200


def validation() -> Iterator[Figure]:
    """What people do after every edit, from the start of the command to its end."""
    command = [str(COMMAND), "validate", "settings/production.toml"]

    def seconds() -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    took = statistics.median(seconds() for _ in range(5))
    yield Figure("`studio-infra validate` of the production settings: processor", took, VALIDATION_MAX)


def rehearsals(settings: str, runs: int) -> Iterator[Figure]:
    """Bootstrap to destroy, through the real CDK CLI."""
    took, steps = [], 0
    for _ in range(runs):
        command = [str(COMMAND), "rehearse", "--settings", settings, "--json"]
        done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
        told = json.loads(done.stdout)
        took.append(told["seconds"])
        steps = len(told["steps"])
    yield Figure(f"rehearsal of `{settings}`, {steps} steps", statistics.median(took), REHEARSAL_MAX)


def suite(junit: Path | None, *, measure: bool) -> Iterator[Figure]:
    """The whole test suite: of a run that is over, or of one that is made now."""
    if measure:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "junit.xml")
            command = ["make", "test", f"PYTEST_ADDOPTS=-q --junitxml={file}"]
            subprocess.run(command, cwd=ROOT, check=True, stdout=sys.stderr)
            yield from _of(file)
        return
    file = JUNIT if junit is None else junit
    if file.exists():
        yield from _of(file)
    elif junit is not None:
        raise SystemExit(f"{junit} is not there: a run of pytest with --junitxml writes it")


def _of(file: Path) -> Iterator[Figure]:
    (whole,) = ET.parse(file).getroot().iter("testsuite")  # noqa: S314 - pytest wrote it
    passed = int(whole.attrib["tests"]) - int(whole.attrib["skipped"])
    bad = int(whole.attrib["failures"]) + int(whole.attrib["errors"])
    cores = os.cpu_count() or 1
    what = f"test suite: {passed - bad:,} tests passed, {bad} failed"
    yield Figure(f"{what}; {cores} cores", float(whole.attrib["time"]), SUITE_MAX)
