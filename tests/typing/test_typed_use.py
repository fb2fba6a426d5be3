"""The types of the public names help: mypy passes right uses, and refuses each wrong one where it stands."""

from __future__ import annotations

import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
RIGHT, WRONG = HERE / "right.py", HERE / "wrong.py"
ERROR = re.compile(
    r"(?P<file>\w+)\.py:(?P<line>\d+)(?::\d+)?: error: (?P<message>.*?)(?:  \[(?P<code>[\w-]+)\])?$"
)
REFUSED = re.compile(r"# refused: (.+?)(?:  #|$)")
#: By line of `wrong.py`: what the message names.
EXPECTED = {
    number: found[1].strip()
    for number, line in enumerate(WRONG.read_text("utf-8").splitlines(), start=1)
    if (found := REFUSED.search(line))
}


@cache
def errors() -> tuple[tuple[str, int, str], ...]:
    """Everything that mypy says in one run about both files: file, line and message."""
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "mypy",
            "--strict",
            "--no-error-summary",
            "--hide-error-context",
            RIGHT,
            WRONG,
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    found = [ERROR.search(line) for line in done.stdout.splitlines()]
    return tuple((one["file"], int(one["line"]), one["message"]) for one in found if one is not None)


def test_right_uses_pass() -> None:
    assert [error for error in errors() if error[0] == "right"] == []


@pytest.mark.parametrize("line", EXPECTED)
def test_a_wrong_use_is_refused_where_it_stands_by_the_name_of_what_is_wrong(line: int) -> None:
    messages = [message for file, at, message in errors() if (file, at) == ("wrong", line)]
    assert len(messages) == 1
    assert EXPECTED[line].strip('"') in messages[0]


def test_nothing_else_is_refused() -> None:
    assert {line for file, line, _ in errors() if file == "wrong"} == set(EXPECTED)
    assert len(EXPECTED) > 20
