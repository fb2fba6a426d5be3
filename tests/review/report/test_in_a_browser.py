"""The page of the production settings in a real browser: readable, reachable, quiet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from studio_infra.review.report.page import page
from studio_infra.review.report.report import report_of
from tests.review.report.browser import CHROMIUM, DRIVER, Browser, browser

if TYPE_CHECKING:
    from collections.abc import Iterator

PRODUCTION: Final = Path(__file__).parents[2] / "golden" / "production"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        CHROMIUM is None or DRIVER is None,
        reason="no Chromium with its driver here: apt-get install chromium chromium-driver",
    ),
]
#: Every text with the colours that it and its background really have.
_COLOURS: Final = """
const seen = [];
for (const one of document.querySelectorAll("body *")) {
  const text = [...one.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
  if (!text || !one.getClientRects().length) continue;
  let behind = one;
  const see = e => getComputedStyle(e).backgroundColor;
  while (behind && /, 0\\)$|transparent/.test(see(behind))) behind = behind.parentElement;
  const style = getComputedStyle(one);
  const ink = one instanceof SVGElement ? style.fill : style.color;
  let paper = behind ? see(behind) : "rgb(255, 255, 255)";
  if (one instanceof SVGElement) {
    const box = document.querySelector("svg .box");
    for (const back of [paper, getComputedStyle(box).fill]) seen.push([ink, back, one.textContent.slice(0, 40)]);
  } else seen.push([ink, paper, one.textContent.slice(0, 40)]);
}
return seen;
"""


@pytest.fixture(scope="module")
def window(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("browser")) as opened:
        yield opened


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("page") / "review.html"
    file.write_text(page(report_of(PRODUCTION)), encoding="utf-8")
    return file


def _luminance(colour: str) -> float:
    parts = [float(part) / 255 for part in colour[colour.index("(") + 1 : -1].split(",")[:3]]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_what_wcag_computes() -> None:
    assert contrast("rgb(0, 0, 0)", "rgb(255, 255, 255)") == pytest.approx(21)
    assert contrast("rgb(118, 118, 118)", "rgb(255, 255, 255)") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("width", [1280, 400])
def test_the_page_is_no_wider_than_the_window_and_says_nothing_on_the_console(
    window: Browser, production: Path, width: int
) -> None:
    window.open(production, width)
    window.run("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert window.run("return window.innerWidth") == width
    assert window.run("return document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert window.run("return document.querySelector('svg').getBoundingClientRect().width") > 300
    assert window.messages() == []


def test_the_page_is_light_or_dark_as_the_system_is(window: Browser, production: Path) -> None:
    papers = []
    for scheme in ("light", "dark"):
        window.open(production, 1280, scheme)
        papers.append(_luminance(window.run("return getComputedStyle(document.body).backgroundColor")))
        assert window.run("return getComputedStyle(document.documentElement).colorScheme") == "light dark"
    assert papers[0] > 0.9
    assert papers[1] < 0.05


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 400])
def test_every_text_has_the_contrast_of_wcag_aa(
    window: Browser, production: Path, width: int, scheme: str
) -> None:
    window.open(production, width, scheme)
    window.run("document.querySelectorAll('details').forEach(one => one.open = true)")
    found: list[list[Any]] = window.run(_COLOURS)
    assert len(found) > 500
    weak = {(ink, paper, text) for ink, paper, text in found if contrast(ink, paper) < 4.5}
    assert not weak


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_arrows_boxes_and_focus_have_the_contrast_that_wcag_wants_of_graphics(
    window: Browser, production: Path, scheme: str
) -> None:
    window.open(production, 1280, scheme)
    paper = window.run("return getComputedStyle(document.body).backgroundColor")
    script = (
        "return [...document.querySelectorAll('svg .box, svg .arrow')].map(e => getComputedStyle(e).stroke)"
    )
    drawn = window.run(script)
    window.press_tab()
    focus = window.run("return getComputedStyle(document.activeElement).outlineColor")
    assert len(drawn) > 4
    assert [one for one in {*drawn, focus} if contrast(one, paper) < 3] == []


def test_text_is_large_enough_to_read_on_a_telephone(window: Browser, production: Path) -> None:
    window.open(production, 400)
    script = "return [...document.querySelectorAll('body p, body td, body li, body a')]"
    sizes = window.run(f"{script}.map(one => parseFloat(getComputedStyle(one).fontSize))")
    assert min(sizes) >= 12
    scale = window.run(
        "const s = document.querySelector('svg'); return s.getBoundingClientRect().width / s.viewBox.baseVal.width"
    )
    assert 12 * scale >= 10


def test_everything_that_does_something_is_reached_with_the_tab_key(
    window: Browser, production: Path
) -> None:
    window.open(production, 1280)
    wanted = window.run(
        "let n = 0; for (const one of document.querySelectorAll('a[href], summary, .scroll'))"
        " if (one.checkVisibility() && !one.closest('details:not([open]) > :not(summary)')) one.dataset.n = n++;"
        " return n"
    )
    reached = set()
    for _ in range(wanted):
        window.press_tab()
        reached.add(window.run("return document.activeElement.dataset.n"))
    assert reached == {str(number) for number in range(wanted)}
    assert window.run("return getComputedStyle(document.activeElement).outlineStyle") != "none"


def test_a_hostile_template_runs_nothing_and_breaks_nothing(window: Browser, tmp_path: Path) -> None:
    from tests.review.report.hostile import write_hostile

    file = tmp_path / "review.html"
    file.write_text(page(report_of(write_hostile(tmp_path / "assembly"))), encoding="utf-8")
    window.open(file, 400)
    window.run("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert window.run(
        "return window.stolen === undefined && document.querySelectorAll('script, img').length === 0"
    )
    assert window.run("return document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert window.run("return document.querySelectorAll('section').length") == 9
    assert window.messages() == []
