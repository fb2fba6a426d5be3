"""How long a roster takes to synthesize, against the same app in JavaScript, and in plain Python: `make bench`.

JavaScript is what an app in TypeScript is when it runs. Each run is a process of its own with CDK's own validation on.
The templates of all three must be the same, or no figure is printed. What is compared is processor time: it depends
least on what else the machine does.
"""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import aws_cdk

from benchmarks.figures import Figure, main_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

HERE: Final = Path(__file__).parent
SIZES: Final = (1, 40, 1000, 10_000)
RESOURCES_MAX: Final = 450
BYTES_MAX: Final = 900_000
#: What the library may cost at the largest size, in times of JavaScript's.
RATIO_MAX: Final = 1.3
#: What it may cost in times of one constructor a resource: it is there to cost less.
PLAIN_MAX: Final = 1
MANY: Final = 1000
#: Rounds, of which the one in the middle counts; the largest size runs once.
RUNS: Final = 3
#: Seconds after which plain constructors are given up.
PATIENCE: Final = 900


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


def figures(sizes: Sequence[int] = SIZES, runs: int = RUNS) -> Iterator[Figure]:
    """Each size with this library, in JavaScript, and with plain constructors in Python."""
    largest, growth = max(sizes), dict[int, float]()
    with tempfile.TemporaryDirectory() as folder:
        modules = install_cdk(Path(folder, "node_modules"))
        for size in sizes:
            times = runs if size < max(SIZES) else 1
            rounds = [one_round(size, modules) for _ in range(times)]
            ours, script, plain = middle(rounds)
            growth[size] = ours.seconds
            bar = RATIO_MAX if size == max(SIZES) else None
            what = f"synthesis of {size:,} {'person' if size == 1 else 'people'}"
            yield Figure(
                f"{what}: processor", ours.seconds, versus="JavaScript", other=script.seconds, ratio_bar=bar
            )
            if plain is None:
                given_up = "plain Python constructors, given up"
                yield Figure(f"{what}: by the clock", ours.elapsed, versus=given_up, other=PATIENCE)
            else:
                yield Figure(
                    f"{what}: processor",
                    ours.seconds,
                    versus="plain Python constructors",
                    other=plain.seconds,
                    # One constructor less for each resource: more than this is no library.
                    ratio_bar=PLAIN_MAX if size >= MANY else None,
                )
            yield Figure(f"{what}: by the clock", ours.elapsed, versus="JavaScript", other=script.elapsed)
            yield Figure(
                f"{what}: memory", ours.mebibytes, unit="MiB", versus="JavaScript", other=script.mebibytes
            )
        most = max(len(template["Resources"]) for template in ours.templates.values())
        yield Figure(f"{largest:,} people: resources of the fullest stack", most, RESOURCES_MAX, unit="")
        yield Figure(
            f"{largest:,} people: largest template", ours.largest_file / 1000, BYTES_MAX / 1000, unit="KB"
        )
    for small, large in itertools.pairwise(growth):
        what = f"from {small:,} to {large:,} people: time of a synthesis"
        yield Figure(what, growth[large] / growth[small], large / small, unit="times")


def one_round(size: int, modules: Path) -> tuple[Run, Run, Run | None]:
    """The three apps one after the other, so that all meet about the same machine.

    The third one is None if it had not ended after `PATIENCE`.

    """
    ours = run([sys.executable, str(HERE / "roster_app.py")], size, {})
    script = run(["node", str(HERE / "roster_app.js")], size, {"NODE_PATH": str(modules)})
    try:
        plain = run([sys.executable, str(HERE / "roster_plain.py")], size, {}, patience=PATIENCE)
    except TimeoutError:
        plain = None
    if any(other is not None and other.templates != ours.templates for other in (script, plain)):
        raise SystemExit(f"{size} people: the apps do not make the same templates")
    return ours, script, plain


def middle(rounds: Sequence[tuple[Run, Run, Run | None]]) -> tuple[Run, Run, Run | None]:
    """The round in the middle, by how this library and JavaScript compare."""
    return sorted(rounds, key=lambda one: one[0].seconds / one[1].seconds)[len(rounds) // 2]


def run(
    command: list[str], people: int, environment: dict[str, str], *, patience: float = float("inf")
) -> Run:
    """One synthesis in a process of its own.

    Raises:
        TimeoutError: It was ended, because it took longer than somebody is patient.

    """
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
            if time.perf_counter() - before > patience:
                process.terminate()
                process.wait()
                raise TimeoutError
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
            # Debian's Python 3.11.2 cannot be asked for a filter yet; the archive is one of our own packages.
            safely: Any = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
            files.extractall(target, **safely)  # noqa: S202 - see above
    return modules


if __name__ == "__main__":
    given = tuple(int(word) for word in sys.argv[1:] if word.isdigit())
    sys.exit(main_of("Large rosters", figures(given or SIZES)))
