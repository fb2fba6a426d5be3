"""The pages of the documentation, and what is on them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
DOCS: Final = ROOT / "docs"
PAGES: Final = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])

#: Above a block that cannot run here: `<!-- not run: why -->`.
NOT_RUN: Final = re.compile(r"<!-- not run: .+ -->\s*\Z")
FENCE: Final = re.compile(
    r"^(?P<indent> *)```(?P<language>\w*)\n(?P<text>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL
)
#: What a page's prose is without, and what must be as many as twice the blocks: a fence that is none is never run.
MARK: Final = re.compile(r"^ *(?:```|~~~)", re.MULTILINE)
LINK: Final = re.compile(r"\[[^\]]*\]\((?P<target>[^)\s]+)\)")
SPAN: Final = re.compile(r"`([^`\n]+)`")


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


@dataclass(frozen=True)
class Block:
    """A fenced block of a page."""

    page: str
    line: int
    language: str
    text: str
    runs: bool

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


@cache
def blocks(page: Path) -> list[Block]:
    text = page.read_text(encoding="utf-8")
    name = name_of(page) if page.is_relative_to(ROOT) else page.name
    return [
        Block(
            page=name,
            line=text.count("\n", 0, found.start()) + 1,
            language=found["language"],
            text=re.sub(rf"^{found['indent']}", "", found["text"], flags=re.MULTILINE),
            runs=NOT_RUN.search(text[: found.start()]) is None,
        )
        for found in FENCE.finditer(text)
    ]


@cache
def prose(page: Path) -> str:
    """A page without its blocks."""
    return FENCE.sub("", page.read_text(encoding="utf-8"))


ALL_BLOCKS: Final = [block for page in PAGES for block in blocks(page)]
