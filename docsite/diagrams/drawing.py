"""Boxes and arrows, in the manner of the picture on the page of `studio-infra review`: no browser draws them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from markupsafe import Markup, escape

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

WIDTH: Final = 400
#: The width of a box with lines, beside which arrows have room.
BOX: Final = 330
LINE: Final = 18
GAP: Final = 26
#: A drawing alone in a file follows the system. The site overrides its colours, see `docs/assets/site.css`.
STYLE: Final = """
.drawing { --paper: #fff; --ink: #1b1f24; --soft: #4a5460; --edge: #7d8792; --tint: #f3f6f9;
  font: 13px system-ui, sans-serif; width: 100%; max-width: 34rem; height: auto; }
@media (prefers-color-scheme: dark) {
  .drawing { --paper: #14181d; --ink: #e8ecf0; --soft: #b3bdc8; --edge: #6f7b87; --tint: #1e242b; }
}
.drawing text { fill: var(--ink); }
.drawing .head { font-weight: 700; }
.drawing .small { font-size: 12px; paint-order: stroke; stroke: var(--paper); stroke-width: 3px; }
.drawing .box { fill: var(--tint); stroke: var(--edge); }
.drawing .arrow { fill: none; stroke: var(--soft); }
.drawing .tip { fill: var(--soft); }
"""
_HEAD: Final = Markup(' class="head"')
_TIP: Final = Markup(
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7"'
    ' orient="auto-start-reverse"><path class="tip" d="M0 0L8 4L0 8z"/></marker></defs>'
)


def drawing(name: str, svg: str) -> str:
    """A file: the picture with its colours, and names of its own, because a page may have several."""
    opened = svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" class="drawing" ', 1)
    head, _, rest = opened.partition(">")
    text = f"{head}><style>{STYLE}</style>{rest}"
    return text.replace('id="tip"', f'id="tip-{name}"').replace("url(#tip)", f"url(#tip-{name})") + "\n"


def svg(label: str, height: int, parts: Iterable[Markup]) -> str:
    """The picture as SVG."""
    opened = Markup('<svg viewBox="0 0 {} {}" role="img" aria-label="{}">').format(WIDTH, height, label)
    return str(opened + _TIP + Markup("\n").join(parts) + Markup("</svg>"))


def box(place: tuple[int, int], size: tuple[int, int], lines: Sequence[str], *, head: bool = True) -> Markup:
    """A box with lines of text in it; the first one stands out."""
    (left, top), (width, height) = place, size
    texts = Markup("").join(
        Markup('<text x="{}" y="{}"{}>{}</text>').format(
            left + 10, top + 20 + number * LINE, _HEAD if head and not number else "", line
        )
        for number, line in enumerate(lines)
    )
    return (
        Markup('<rect class="box" x="{}" y="{}" width="{}" height="{}" rx="8"/>').format(
            left, top, width, height
        )
        + texts
    )


def heading(top: int, text: str) -> Markup:
    """A line of text by itself."""
    return Markup('<text x="4" y="{}" class="head">{}</text>').format(top, escape(text))


def down(x: int, top: int, bottom: int) -> Markup:
    """An arrow from a box to the one below."""
    return Markup('<path class="arrow" d="M{} {} L{} {}" marker-end="url(#tip)"/>').format(x, top, x, bottom)


def column(boxes: Mapping[str, Sequence[str]]) -> tuple[list[Markup], dict[str, tuple[int, int]], int]:
    """Boxes below each other: how they are drawn, from where to where each goes, and where the next would begin."""
    parts, places, top = [], {}, 4
    for title, lines in boxes.items():
        height = LINE * (len(lines) + 1) + 10
        parts.append(box((4, top), (BOX, height), [title, *lines]))
        places[title] = (top, top + height)
        top += height + GAP
    return parts, places, top


def beside(start: int, end: int, number: int) -> Markup:
    """An arrow that goes out of a box on the right and into another, or the same height again."""
    out = BOX + 24 + 12 * (number % 4)
    return Markup('<path class="arrow" d="M{} {} C{} {} {} {} {} {}" marker-end="url(#tip)"/>').format(
        BOX + 4, start, out, start, out, end, BOX + 6, end
    )
