"""What the reviewer's report costs: `python -m benchmarks.review`. Nothing is synthesized."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.figures import Figure, elapsed_seconds, main_of

if TYPE_CHECKING:
    from collections.abc import Iterator

PRODUCTION: Final = Path(__file__).parents[1] / "tests/golden/production"
COMMAND: Final = Path(sys.executable).with_name("studio-infra")
SECONDS_MAX: Final = 5
MEGABYTES_MAX: Final = 1


def figures() -> Iterator[Figure]:
    """The whole command with its start."""
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
        yield Figure("review page of the production settings: made, with a baseline", seconds, SECONDS_MAX)
        yield Figure(
            "review page of the production settings: size", file.stat().st_size / 1e6, MEGABYTES_MAX, "MB"
        )


if __name__ == "__main__":
    sys.exit(main_of("The reviewer's page of the production settings", figures()))
