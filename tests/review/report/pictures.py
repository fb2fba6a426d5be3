"""Draws the pictures of the documentation: `python -m tests.review.report.pictures docs/images`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Final

from studio_infra.review.report.page import page
from studio_infra.review.report.report import report_of
from tests.review.report.browser import browser

PRODUCTION = Path(__file__).parents[2] / "golden" / "production"
#: File, width of the window, what the system prefers.
PICTURES: Final = (
    ("review-1280.png", 1280, "light"),
    ("review-1280-dark.png", 1280, "dark"),
    ("review-400.png", 400, "light"),
    ("review-400-dark.png", 400, "dark"),
)


def main(folder: Path) -> None:
    """The top of the page of the production settings, on a desk and on a telephone, in light and in dark."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch, "review.html")
        file.write_text(page(report_of(PRODUCTION, baseline=PRODUCTION)), encoding="utf-8")
        with browser(Path(scratch)) as window:
            for name, width, scheme in PICTURES:
                window.open(file, width, scheme)
                (folder / name).write_bytes(window.screenshot())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
