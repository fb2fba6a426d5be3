"""The floors of the house, from the contracts that import-linter holds the imports to."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any, Final

from docsite.diagrams.drawing import GAP, LINE, WIDTH, box, down, heading, svg

if TYPE_CHECKING:
    from pathlib import Path

    from markupsafe import Markup

_HEIGHT: Final = LINE + 12


def contracts(pyproject: Path) -> dict[str, list[list[str]]]:
    """The contracts about layers: name, and its layers from the highest to the lowest, each with its rooms."""
    linter: Any = tomllib.loads(pyproject.read_text(encoding="utf-8"))["tool"]["importlinter"]
    return {
        contract["name"].partition(":")[0]: [
            [room.strip().rpartition(".")[2] for room in re.split(r"[|:]", layer)]
            for layer in contract["layers"]
        ]
        for contract in linter["contracts"]
        if contract["type"] == "layers"
    }


def floors(pyproject: Path) -> str:
    """Who may import whom: each row the rows below it, and rooms of one row nobody of that row."""
    parts: list[Markup] = []
    top = 4
    found = contracts(pyproject)
    for name, layers in found.items():
        parts.append(heading(top + 14, name))
        top += 24
        for number, rooms in enumerate(layers):
            width = (WIDTH - 8 - 8 * (len(rooms) - 1)) // len(rooms)
            parts += [
                box((4 + place * (width + 8), top), (width, _HEIGHT), [room], head=False)
                for place, room in enumerate(rooms)
            ]
            top += _HEIGHT
            if number + 1 < len(layers):
                parts.append(down(WIDTH // 2, top, top + GAP - 10))
                top += GAP - 10
        top += GAP
    return svg(f"Who may import whom: {', '.join(found)}", top - GAP + 8, parts)
