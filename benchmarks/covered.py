"""How much of each room the tests reach, from the report of `coverage json`: lines and branches, and their bars."""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

LINES, BRANCHES = 95.0, 90.0


def main(report: str) -> int:
    """Print a table, the rooms below a bar marked; 1 if the whole is below one."""
    found: dict[str, Any] = json.loads(Path(report).read_text("utf-8"))
    rooms: defaultdict[str, list[dict[str, int]]] = defaultdict(list)
    for name, one in found["files"].items():
        parts = Path(name).parent.parts[1:3]
        rooms["/".join(parts) or "."].append(one["summary"])
    print("| room | lines | branches | |\n|---|---|---|---|")
    for room, those in sorted(rooms.items()):
        _row(room, those)
    return 0 if _row("**all**", [found["totals"]]) else 1


def _row(name: str, those: list[dict[str, int]]) -> bool:
    lines, branches = (
        _percent(sum(one[f"covered_{what}"] for one in those), sum(one[f"num_{total}"] for one in those))
        for what, total in (("lines", "statements"), ("branches", "branches"))
    )
    good = lines >= LINES and branches >= BRANCHES
    print(f"| {name} | {lines:.1f} % | {branches:.1f} % | {'' if good else 'below'} |")
    return good


def _percent(part: int, whole: int) -> float:
    return 100.0 * part / whole if whole else 100.0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
