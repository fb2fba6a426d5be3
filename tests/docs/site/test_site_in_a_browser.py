"""The site in a real browser: quiet, asking nobody outside, readable on a telephone, in light and in dark."""

from __future__ import annotations

import functools
import http.server
import threading
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.review.report.browser import CHROMIUM, DRIVER, Browser, browser
from tests.review.report.test_in_a_browser import contrast

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        CHROMIUM is None or DRIVER is None,
        reason="no Chromium with its driver here: apt-get install chromium chromium-driver",
    ),
]
#: One of each kind: the start, drawings, pictures, shell, long tables, a list with blocks, Python, TOML.
PAGES: Final = (
    *("index", "explanation/stacks", "explanation/idle-shutdown", "how-to/review-report"),
    *(
        "reference/settings",
        "tutorial/index",
        "project/contributing",
        "how-to/guardrails",
        "how-to/endpoints",
    ),
)
#: Every text of a page's own with its colour and the one behind it.
_COLOURS: Final = """
const found = [];
const clear = c => /, 0\\)$|transparent/.test(c);
const parts = "article *, .md-tabs *, .md-header__title *, .md-nav__link *, .md-footer *";
for (const one of document.querySelectorAll(parts)) {
  if (![...one.childNodes].some(n => n.nodeType === 3 && n.textContent.trim())) continue;
  if (!one.checkVisibility({opacityProperty: true, visibilityProperty: true}) || one.closest(".headerlink")) continue;
  const style = getComputedStyle(one);
  let behind = one;
  if (one instanceof SVGElement) behind = one.previousElementSibling ? one.closest("svg").querySelector(".box") : one;
  const see = e => e.matches("svg .box") ? getComputedStyle(e).fill : getComputedStyle(e).backgroundColor;
  while (behind && clear(see(behind))) behind = behind.parentElement;
  const ink = one instanceof SVGElement ? style.fill : style.color;
  found.push([ink, behind ? see(behind) : "rgb(255, 255, 255)", one.textContent.trim().slice(0, 40)]);
}
return found;
"""


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Say nothing."""

    handler = functools.partial(Quiet, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def window(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("browser")) as opened:
        yield opened


def solid(colour: str, paper: str) -> str:
    """A colour with some of what is behind it in it, as one that has none."""
    parts, behind = (
        [float(part) for part in one[one.index("(") + 1 : -1].split(",")] for one in (colour, paper)
    )
    share = parts[3] if len(parts) > 3 else 1.0
    mixed = (share * one + (1 - share) * other for one, other in zip(parts[:3], behind[:3], strict=True))
    return f"rgb({', '.join(str(one) for one in mixed)})"


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_quiet_keeps_to_itself_and_fits_a_telephone(
    window: Browser, address: str, page: str
) -> None:
    for width in (1280, 400):
        window.open(f"{address}/{page}.html", width)
        fetched = window.run("return performance.getEntriesByType('resource').map(one => one.name)")
        assert [one for one in fetched if not one.startswith((address, "data:", "blob:"))] == []
        assert any(one.endswith(".js") for one in fetched)
        assert window.run(
            "return document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        )
    sizes = window.run(
        "return [...document.querySelectorAll('article p, article li, article td, article code')]"
        ".filter(one => one.checkVisibility()).map(one => parseFloat(getComputedStyle(one).fontSize))"
    )
    assert min(sizes) >= 12
    assert window.messages() == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_has_the_contrast_of_wcag_aa(window: Browser, address: str, scheme: str) -> None:
    weak: set[tuple[str, str, str, str]] = set()
    for page in PAGES:
        window.open(f"{address}/{page}.html", 1280, scheme)
        found: list[list[Any]] = window.run(_COLOURS)
        assert len(found) > 40
        for ink, paper, text in found:
            if contrast(solid(ink, paper), paper) < 4.5:
                weak.add((page, ink, paper, text))
    assert weak == set()


def test_pictures_and_drawings_follow_the_scheme_that_a_reader_chooses(window: Browser, address: str) -> None:
    shown = (
        "return [...document.querySelectorAll('article img')]"
        ".filter(one => one.checkVisibility()).map(one => one.src)"
    )
    inks = set()
    for scheme, picture in (
        ("light", "review-1280.png#only-light"),
        ("dark", "review-1280-dark.png#only-dark"),
    ):
        window.open(f"{address}/how-to/review-report.html", 1280, scheme)
        seen = window.run(shown)
        assert len(seen) == 2
        assert seen[0].endswith(picture)
        window.open(f"{address}/explanation/stacks.html", 1280, scheme)
        inks.add(window.run("return getComputedStyle(document.querySelector('.drawing text')).fill"))
    assert len(inks) == 2


def test_the_search_finds_a_page_without_a_network(window: Browser, address: str) -> None:
    window.open(f"{address}/index.html?q=lifecycle+configurations", 1280)
    script = "return [...document.querySelectorAll('.md-search-result__item a')].map(one => one.pathname)"
    found: list[str] = []
    for _ in range(600):
        if found := window.run(script):
            break
        window.wait()
    assert "/decisions/0006-lifecycle-names-with-a-hash.html" in found
    assert window.messages() == []
