"""Whether the tests notice: cores that must never be wrong are changed in one place at a time, and tested each time.

`make mutants`, or `python -m benchmarks.mutants drain lifetime` for some of them. The cores, their tests and the
changes that change nothing are named in `benchmarks/mutants.toml`. mutmut lives in an environment of its own
(requirements-mutation.txt) and works on a copy. Ends with 1 if a score is below its bar or a named change is gone.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.environments import python_with

ROOT = Path(__file__).parents[1]
BAR = 90.0

#: What mutmut says of a mutant, by the exit code of the tests; the others are killed.
SURVIVED = {
    0: "survived",
    5: "no tests",
    33: "no tests",
    None: "not checked",
    2: "interrupted",
    34: "skipped",
}


@dataclass(frozen=True)
class Survivor:
    """A change that no test noticed.

    Args:
        name: Of mutmut.
        before: The lines that were there, without indentation.
        after: The lines that came instead.

    """

    name: str
    before: str
    after: str


@dataclass(frozen=True)
class Score:
    """What became of the mutants of a core."""

    core: str
    mutants: int
    survivors: tuple[Survivor, ...]
    equivalent: int
    stale: tuple[str, ...]

    @property
    def percent(self) -> float:
        """Killed, of those that can be."""
        able = self.mutants - self.equivalent
        return 100.0 * (able - len(self.survivors)) / able if able else 0.0

    @property
    def row(self) -> str:
        """A row of the table."""
        killed = self.mutants - self.equivalent - len(self.survivors)
        missed = "" if self.percent >= BAR else " **missed**"
        return (
            f"| {self.core} | {self.mutants} | {killed} | {len(self.survivors)} | {self.equivalent} "
            f"| {self.percent:.1f} %{missed} |"
        )


def main(chosen: list[str]) -> int:
    """Measure the chosen cores, or all, and print their table."""
    plan = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
    unknown = [name for name in chosen if name not in plan["cores"]]
    if unknown:
        print(f"no core is named {', '.join(unknown)}; there are {', '.join(plan['cores'])}")
        return 2
    mutmut = python_with(ROOT / "requirements-mutation.txt", name="mutation")
    rows, good = [], True
    for name in chosen or plan["cores"]:
        score = _measure(name, plan["cores"][name], plan.get("equivalent", []), mutmut)
        for one in score.survivors:
            print(f"\nsurvived: {one.name}\n- {one.before}\n+ {one.after}")
        for line in score.stale:
            print(f"\nno such change any more, or a test notices it: {line}")
        print(f"\n{score.row}", flush=True)
        rows.append(score.row)
        good &= score.percent >= BAR and not score.stale
    print("\n| core | mutants | killed | survived | equivalent | score |\n|---|---|---|---|---|---|")
    print("\n".join(rows))
    return 0 if good else 1


def _measure(name: str, core: dict[str, Any], equivalent: list[dict[str, str]], mutmut: Path) -> Score:
    with tempfile.TemporaryDirectory(prefix=f"mutants-{name}-") as folder:
        place = Path(folder)
        _copy(place, core)
        environment = {
            **os.environ,
            # The project's packages, but not the project: what is tested is the copy.
            "PYTHONPATH": sysconfig.get_path("purelib"),
            "CDK_VALIDATION": "false",
        }
        run = [str(mutmut), "-m", "mutmut", "run", "--max-children", str(core.get("processes", 1))]
        with (place / "mutmut.log").open("w+") as log:
            ended = subprocess.run(run, cwd=place, env=environment, stdout=log, stderr=log, check=False)
            if ended.returncode:
                log.seek(0)
                raise SystemExit(log.read()[-4000:])
        codes: dict[str, int | None] = {}
        for meta in sorted((place / "mutants").rglob("*.py.meta")):
            codes |= json.loads(meta.read_text())["exit_code_by_key"]
        living = [_shown(one, place, environment, mutmut) for one, code in codes.items() if code in SURVIVED]
    return _score(name, len(codes), living, [one for one in equivalent if one["core"] == name])


def _score(name: str, mutants: int, living: list[Survivor], equivalent: list[dict[str, str]]) -> Score:
    known = Counter({(one["before"], one["after"]): int(one.get("times", 1)) for one in equivalent})
    survivors, harmless = [], 0
    for one in living:
        change = (one.before, one.after)
        if known[change] > 0:
            known[change] -= 1
            harmless += 1
        else:
            survivors.append(one)
    stale = tuple(f"{before} -> {after}" for (before, after), left in known.items() if left > 0)
    return Score(name, mutants, tuple(survivors), harmless, stale)


def _shown(name: str, place: Path, environment: dict[str, str], mutmut: Path) -> Survivor:
    show = [str(mutmut), "-m", "mutmut", "show", name]
    said = subprocess.run(show, cwd=place, env=environment, capture_output=True, text=True, check=True).stdout
    lines = [line for line in said.splitlines() if not line.startswith(("---", "+++", "#"))]
    before, after = (
        " ".join(line[1:].strip() for line in lines if line.startswith(sign)) for sign in ("-", "+")
    )
    return Survivor(name, before, after)


def _copy(place: Path, core: dict[str, Any]) -> None:
    """The project as it is in the working tree, with mutmut told what to change and what to run."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    for name in subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split(
        "\0"
    ):
        if name and (ROOT / name).is_file():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, place / name)
    told = {
        "source_paths": core["files"],
        "pytest_add_cli_args_test_selection": core["tests"],
        # The quickest tests first: most mutants die in one of them.
        "pytest_add_cli_args": ["-p", "benchmarks.quick_first"],
        "also_copy": sorted(one.name for one in place.iterdir() if one.name != "mutmut.log"),
        # Times fifteen: a crowded machine is no reason to call a mutant killed, and some never end.
        "timeout_constant": 4.0,
        "use_git_change_detection": False,
        "track_dependencies": False,
    }
    with (place / "pyproject.toml").open("a") as file:
        file.write("\n[tool.mutmut]\n")
        # JSON's lists, strings, numbers and booleans are TOML's.
        file.writelines(f"{key} = {json.dumps(value)}\n" for key, value in told.items())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
