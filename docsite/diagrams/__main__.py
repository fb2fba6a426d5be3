"""Draws the diagrams of the documentation from the code: `python -m docsite.diagrams docs/diagrams`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from docsite.diagrams.drain import drain
from docsite.diagrams.drawing import drawing
from docsite.diagrams.floors import floors
from docsite.diagrams.idle import life
from docsite.diagrams.stacks import stacks

ROOT: Final = Path(__file__).parents[2]


def diagrams() -> dict[str, str]:
    """Every diagram: file and text."""
    found = {
        "drain": drain(),
        "floors": floors(ROOT / "pyproject.toml"),
        "life-of-an-app": life(),
        "stacks": stacks(ROOT / "tests/golden/production"),
    }
    return {f"{name}.svg": drawing(name, svg) for name, svg in found.items()}


if __name__ == "__main__":
    for file, text in diagrams().items():
        Path(sys.argv[1], file).write_text(text, encoding="utf-8")
