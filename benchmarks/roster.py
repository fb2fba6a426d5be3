"""How long a roster takes to synthesize, against the same app in JavaScript: `make bench`.

Each run is a process of its own with CDK's own validation on. The templates of both must be the same, or no figure
is printed. What is compared is processor time: it does not depend on what else the machine does.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import aws_cdk

HERE: Final = Path(__file__).parent
SIZES: Final = (40, 1000, 10_000)
RESOURCES_MAX: Final = 450
BYTES_MAX: Final = 900_000
#: What the library may cost at the largest size, in times of JavaScript's.
RATIO_MAX: Final = 1.3
#: Pairs of runs, of which the one in the middle counts; the largest size runs once.
RUNS: Final = 3


@dataclass(frozen=True)
class Run:
    """One synthesis, its processes taken together.

    Args:
        elapsed: Seconds by the clock.
        seconds: Seconds of processor time.
        mebibytes: Peak memory.
        templates: What was made, by file.
        largest_file: Bytes of the largest template.

    """

    elapsed: float
    seconds: float
    mebibytes: float
    templates: dict[str, Any]
    largest_file: int


def main() -> int:
    """Measure, print a table, and say whether the bars hold."""
    sizes = tuple(map(int, sys.argv[1:])) or SIZES
    failures = []
    print("| people | stacks | Python | JavaScript | ratio | memory of each | largest template |")
    print("|---|---|---|---|---|---|---|")
    growth = {}
    with tempfile.TemporaryDirectory() as folder:
        modules = install_cdk(Path(folder, "node_modules"))
        for size in sizes:
            pairs = [
                (
                    run([sys.executable, str(HERE / "roster_app.py")], size, {}),
                    run(["node", str(HERE / "roster_app.js")], size, {"NODE_PATH": str(modules)}),
                )
                for _ in range(RUNS if size < max(SIZES) else 1)
            ]
            if any(python.templates != script.templates for python, script in pairs):
                failures.append(f"{size} people: the two apps do not make the same templates")
                continue
            # The pair in the middle: each pair ran one after the other, so both met about the same machine.
            python, script = sorted(pairs, key=ratio_of)[len(pairs) // 2]
            ratio = ratio_of((python, script))
            growth[size] = python.seconds
            print(
                f"| {size:,} | {len(python.templates)} | {python.seconds:.1f} s ({python.elapsed:.1f} s) "
                f"| {script.seconds:.1f} s ({script.elapsed:.1f} s) | {ratio:.2f} "
                f"| {python.mebibytes:,.0f} and {script.mebibytes:,.0f} MiB | {python.largest_file / 1000:,.0f} KB |",
                flush=True,
            )
            most = max(len(template["Resources"]) for template in python.templates.values())
            if most > RESOURCES_MAX or python.largest_file > BYTES_MAX:
                failures.append(
                    f"{size} people: a stack has {most} resources, a file {python.largest_file} bytes"
                )
            if size == max(SIZES) and ratio > RATIO_MAX:
                failures.append(
                    f"{size} people: {ratio:.2f} times JavaScript's time, at most {RATIO_MAX} is wanted"
                )
    for small, large in zip(growth, list(growth)[1:], strict=False):
        factor = growth[large] / growth[small]
        print(
            f"\nfrom {small:,} to {large:,} people: {large / small:.0f} times the people, {factor:.1f} times the time"
        )
        if factor > large / small:
            failures.append(f"from {small} to {large} people the time grows faster than their number")
    for failure in failures:
        print(failure, file=sys.stderr)
    return 1 if failures else 0


def ratio_of(pair: tuple[Run, Run]) -> float:
    """How many times JavaScript's time Python took."""
    python, script = pair
    return python.seconds / script.seconds


def run(command: list[str], people: int, environment: dict[str, str]) -> Run:
    """One synthesis in a process of its own."""
    with tempfile.TemporaryDirectory() as out:
        before = time.perf_counter()
        process = subprocess.Popen(
            [*command, str(people), out],
            env={
                **os.environ,
                **environment,
                "CDK_VALIDATION": "true",
                "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "1",
            },
        )
        peak = spent = 0.0
        while process.poll() is None:
            used = usage(process.pid)
            spent, peak = max(spent, used[0]), max(peak, used[1])
            # Rarely: to look is work too, which a run of minutes would feel.
            time.sleep(0.2)
        elapsed = time.perf_counter() - before
        if process.returncode:
            raise SystemExit(f"{' '.join(command)} failed with {process.returncode}")
        files = sorted(Path(out).glob("*.template.json"))
        templates = {file.name: json.loads(file.read_text(encoding="utf-8")) for file in files}
        return Run(elapsed, spent, peak, templates, max(file.stat().st_size for file in files))


def usage(pid: int) -> tuple[float, float]:
    """Processor seconds and MiB of memory of a process and its children; nothing once it has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    except OSError:
        return 0.0, 0.0
    user, system, pages = int(fields[11]), int(fields[12]), int(fields[21])
    own = (user + system) / os.sysconf("SC_CLK_TCK"), pages * os.sysconf("SC_PAGE_SIZE") / 2**20
    below = [usage(int(child)) for child in children]
    return own[0] + sum(one[0] for one in below), own[1] + sum(one[1] for one in below)


def install_cdk(modules: Path) -> Path:
    """The very JavaScript that Python's CDK brings along, where Node finds it."""
    packages = Path(aws_cdk.__file__).parents[1]
    for archive in sorted(packages.rglob("_jsii/*.jsii.tgz")):
        with tarfile.open(archive) as files:
            manifest = files.extractfile("package/package.json")
            if manifest is None:
                raise SystemExit(f"{archive.name} has no package.json")
            target = modules / json.load(manifest)["name"]
            for member in files.getmembers():
                member.name = member.name.removeprefix("package/")
            files.extractall(target, filter="data")
    return modules


if __name__ == "__main__":
    raise SystemExit(main())
