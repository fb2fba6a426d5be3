"""What the reviewer's report costs: `python -m benchmarks.review`. Nothing is synthesized."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.figures import Figure, elapsed_seconds, report

if TYPE_CHECKING:
    from collections.abc import Iterator

PRODUCTION: Final = Path(__file__).parents[1] / "tests/golden/production"
COMMAND: Final = Path(sys.executable).with_name("studio-infra")
SECONDS_MAX: Final = 5
MEGABYTES_MAX: Final = 1


def main() -> bool:
    """Print the figures of the production settings, the whole command with its start."""
    return report("The reviewer's page of the production settings", _figures())


def _figures() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "review.html")
        command = [
            str(COMMAND),
            "review",
            str(PRODUCTION),
            "--baseline",
            str(PRODUCTION),
            "--html",
            str(file),
        ]
        seconds = elapsed_seconds(lambda: subprocess.run(command, check=True, capture_output=True), runs=3)
        yield Figure("made, with a baseline", seconds, SECONDS_MAX)
        yield Figure("size of the page", file.stat().st_size / 1e6, MEGABYTES_MAX, "MB")


if __name__ == "__main__":
    sys.exit(not main())
