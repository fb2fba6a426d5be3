"""The table of figures: ratios, bars and verdicts, whose file is read, and which machine it was."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import pytest

from benchmarks import __main__ as bench
from benchmarks import drain, figures, project
from benchmarks.figures import HEAD, Figure
from benchmarks.machine import machine

if TYPE_CHECKING:
    from pathlib import Path

JUNIT = """<?xml version="1.0"?><testsuites name="pytest tests"><testsuite name="pytest" errors="1" failures="2"
skipped="3" tests="1210" time="712.345" timestamp="2026-11-25T10:00:00"/></testsuites>"""


@pytest.mark.parametrize(
    ("figure", "row", "holds"),
    [
        (Figure("a", 1.23456, 2), "| a | 1.235 s |  |  | 2 s |  |", True),
        (Figure("a", 3, 2, "MB"), "| a | 3 MB |  |  | 2 MB | **missed** |", False),
        (Figure("a", 12345, unit=""), "| a | 12,345 |  |  |  |  |", True),
        (Figure("a", 3, versus="b", other=2), "| a | 3 s | 2 s, b | 1.50 |  |  |", True),
        (
            Figure("a", 3, versus="b", other=2, ratio_bar=1.3),
            "| a | 3 s | 2 s, b | 1.50 | 1.3 times | **missed** |",
            False,
        ),
        (
            Figure("a", 3, 4, versus="b", other=2, ratio_bar=2),
            "| a | 3 s | 2 s, b | 1.50 | 4 s, 2 times |  |",
            True,
        ),
    ],
)
def test_a_figure_is_a_row_with_what_it_is_held_to(figure: Figure, row: str, *, holds: bool) -> None:
    assert (figure.row(), figure.holds) == (row, holds)
    assert "missed" not in figure.row(told=False)
    assert figure.row().count("|") == HEAD.splitlines()[0].count("|")


def test_of_several_runs_the_one_in_the_middle_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([0, 9, 10, 11, 20, 25])
    monkeypatch.setattr("benchmarks.figures.time.perf_counter", lambda: next(times))
    assert figures.elapsed_seconds(lambda: None, runs=3) == 5


def test_a_part_in_a_process_of_its_own_hands_its_figures_over(monkeypatch: pytest.MonkeyPatch) -> None:
    found = list(figures.in_a_process_of_its_own("benchmarks.drain", "40"))
    assert [one.what.partition(": ")[0] for one in found] == ["drain of 40 apps"] * 4
    assert all(one.value > 0 for one in found)
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(SystemExit, match="failed with 1"):
        list(figures.in_a_process_of_its_own("benchmarks.drain"))


def test_the_calls_of_a_drain_grow_with_the_apps_and_no_faster() -> None:
    small, large = drain.a_domain(10), drain.a_domain(100)
    drain.emptied(small)
    drain.emptied(large)
    assert len(large.calls) < len(small.calls) * 100 / 10
    assert sum(call.operation == "delete_app" and not call.error for call in large.calls) == 101


def test_the_suites_time_is_read_from_what_a_run_has_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "junit.xml"
    monkeypatch.setattr(project, "JUNIT", file)
    assert list(project.suite(None, measure=False)) == []
    with pytest.raises(SystemExit, match="--junitxml"):
        list(project.suite(file, measure=False))
    file.write_text(JUNIT)
    (figure,) = project.suite(None, measure=False)
    assert figure.value == 712.345
    assert figure.what.startswith("test suite: 1,204 tests passed, 3 failed")


def test_the_machine_is_named_with_what_runs_on_it() -> None:
    hardware, software, when = machine()
    assert re.search(r"\d+ cores, \d+ GiB of memory$", hardware)
    assert re.search(r"Python 3\.\d+\.\d+, Node \d+\.\d+\.\d+, aws-cdk-lib 2\.\d+\.\d+$", software)
    assert re.match(r"\d{4}-\d\d-\d\d; load", when)


def test_every_part_has_a_name_and_a_wrong_one_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["bench", "--quick", "--only", "drain", "--only", "flight"])
    with pytest.raises(SystemExit):
        bench.arguments()
    parts = "idle, git, validate, hostile, review, sweep, drain, rehearsal, roster, suite"
    assert f"no part flight; there are {parts}" in capsys.readouterr().err


def test_a_missed_bar_is_an_exit_code_and_a_quick_run_has_no_verdict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "docs" / "explanation" / "figures.md"
    page.parent.mkdir(parents=True)
    monkeypatch.setattr(bench, "PAGE", page)
    monkeypatch.setattr(bench, "parts", lambda _: {"one": lambda: [Figure("slow", 3, 2)]})
    monkeypatch.setattr(sys, "argv", ["bench", "--write"])
    assert bench.main() == 1
    assert "| slow | 3 s |  |  | 2 s | **missed** |" in page.read_text()
    monkeypatch.setattr(sys, "argv", ["bench", "--write", "--quick"])
    assert bench.main() == 0
    assert "missed" not in page.read_text().partition(HEAD)[2]
    assert "a quick run" in capsys.readouterr().out
