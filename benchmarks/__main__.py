"""The project's own figures in one table: `make bench`. Ends with 1 if a bar is missed.

`--quick` takes less of each. The table names the machine, and `--write` puts it where the documentation shows it.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks import drain, git_ssh, hostile_input, idle, project, review, roster
from benchmarks.figures import HEAD, in_a_process_of_its_own
from benchmarks.machine import machine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from benchmarks.figures import Figure

PAGE: Final = Path(__file__).parents[1] / "docs/explanation/figures.md"
_PRODUCTION: Final = "settings/production.toml"
_SANDBOX: Final = "settings/sandbox.toml"
_QUICK_APPS: Final = 1000
_INTRODUCTION: Final = """\
<!-- Made by `make bench BENCH=--write`. -->

# Figures

What `make bench` measured. Of several runs the one in the middle counts; "times" is how many times the other it is.
Processor time depends least on what else a machine does, and still on that. A bar that is missed says so, and makes
`make bench` fail. JavaScript is what an app in TypeScript is when it runs; plain constructors are an app in Python with
one constructor for each resource. [How large a roster can grow](scale.md) explains those figures,
[idle shutdown](idle-shutdown.md) those of the guard and the watcher.

"""


def parts(given: argparse.Namespace) -> dict[str, Callable[[], Iterable[Figure]]]:
    """Everything that is measured, by the name that `--only` takes; what is short comes first."""
    quick = given.quick
    apps = _QUICK_APPS if quick else drain.APPS
    return {
        "idle": idle.figures,
        "git": git_ssh.figures,
        "validate": project.validation,
        "hostile": hostile_input.figures,
        "review": review.figures,
        "sweep": lambda: in_a_process_of_its_own("benchmarks.sweep"),
        "drain": lambda: in_a_process_of_its_own("benchmarks.drain", str(apps)),
        "rehearsal": lambda: project.rehearsals(_SANDBOX if quick else _PRODUCTION, 1 if quick else 3),
        "roster": lambda: roster.figures(roster.SIZES[:2], 1) if quick else roster.figures(),
        "suite": lambda: project.suite(given.junit, measure=given.suite),
    }


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(prog="make bench BENCH=…", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="fewer runs, smaller sizes; bars are not told of"
    )
    parser.add_argument("--only", action="append", metavar="PART", help="of the parts; may be repeated")
    parser.add_argument("--suite", action="store_true", help="run the whole test suite, too")
    parser.add_argument(
        "--junit", type=Path, help="what a run of the tests left; default junit.xml, if there"
    )
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.relative_to(PAGE.parents[2])}")
    given = parser.parse_args()
    unknown = set(given.only or ()) - set(parts(given))
    if unknown:
        parser.error(f"no part {', '.join(sorted(unknown))}; there are {', '.join(parts(given))}")
    return given


def main() -> int:
    """Measure everything, also after a bar was missed."""
    given = arguments()
    began, good = time.perf_counter(), True
    lines = [*(f"- {line}" for line in machine()), "", HEAD]
    if given.quick:
        lines[-2:-2] = ["- a quick run: single measurements, smaller sizes, no verdict"]
    print("\n".join(lines), flush=True)
    for name, part in parts(given).items():
        if given.only and name not in given.only:
            continue
        for figure in part():
            good &= figure.holds
            lines.append(figure.row(told=not given.quick))
            print(lines[-1], flush=True)
    print(f"\n{(time.perf_counter() - began) / 60:.0f} minutes", flush=True)
    if given.write:
        PAGE.write_text(_INTRODUCTION + "\n".join(lines) + "\n", encoding="utf-8")
    return 0 if good or given.quick else 1


if __name__ == "__main__":
    sys.exit(main())
