"""The site of the documentation builds strictly, has every page, and shows what GitHub shows."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING, Final

import pytest
from markdown_it import MarkdownIt

from docsite.hooks import ABOVE, indented, linked_beside, moved, navigation, pictured
from tests.docs.pages import PAGES, name_of
from tests.docs.site.conftest import ROOT, build
from tests.review.report.pictures import PICTURES

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

#: What makes the shape of a page. Python-Markdown and GitHub disagree about lists more than about anything else.
SHAPE: Final = ("h1", "h2", "h3", "ol", "ul", "li", "table", "tr", "pre")
#: What a page makes a browser fetch.
FETCHED: Final = re.compile(
    r"""<(?:script|img|iframe|source|video)\b[^>]*?\bsrc=["']?([^"'\s>]+)"""
    r"""|<link\b(?![^>]*rel=["']?(?:canonical|next|prev))[^>]*?\bhref=["']?([^"'\s>]+)"""
    r"""|url\(["']?([^"')]+)|@import\s+["']([^"']+)"""
)


def html(site: Path, page: str) -> str:
    place = ABOVE.get(page, page.removeprefix("docs/"))
    return (site / place).with_suffix(".html").read_text(encoding="utf-8")


def shape(text: str) -> dict[str, int]:
    return {tag: len(re.findall(rf"<{tag}[ >]", text)) for tag in SHAPE}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_page_is_there_in_the_shape_that_github_gives_it(site: Path, page: Path) -> None:
    text = html(site, name_of(page))
    article = text[text.index("<article") : text.index("</article")]
    github = MarkdownIt("commonmark").enable("table").render(page.read_text(encoding="utf-8"))
    assert shape(article) == shape(github), (
        "a blank line before a list, or after what stands in one, may help"
    )


def test_nothing_that_a_page_needs_is_elsewhere(site: Path) -> None:
    files = [file for file in site.rglob("*") if file.suffix in {".html", ".css"}]
    fetched = {one for file in files for found in FETCHED.findall(file.read_text("utf-8")) for one in found}
    outside = {one for one in fetched if re.match(r"(?:[a-z]+:)?//", one)}
    assert outside == set()
    assert {"../assets/site.css", "../images/review-1280.png#only-light"} <= fetched


def test_an_orphan_a_link_to_nowhere_and_a_missing_heading_are_errors(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    (tmp_path / "docs/orphan.md").write_text("# Orphan\n\n[a](gone.md) [b](index.md#gone)\n", "utf-8")
    (tmp_path / "mkdocs.yml").write_text(
        f"INHERIT: {ROOT / 'mkdocs.yml'}\ndocs_dir: docs\nhooks: [{ROOT / 'docsite/hooks.py'}]\n", "utf-8"
    )
    done = build(tmp_path / "site", "--config-file", str(tmp_path / "mkdocs.yml"))
    assert done.returncode == 1
    for part in ("- orphan.md", "link 'gone.md'", "anchor '#gone'", "Aborted with 3 warnings"):
        assert part in done.stdout + done.stderr


def test_the_navigation_is_that_of_the_index_with_no_page_twice() -> None:
    tree = navigation(
        "# I\n\n[up](../README.md)\n\n## A\n\n[x](a/x.md#h) [y](y.md) [s](s.json)\n\n## B\n\n[x](a/x.md)\n"
    )
    assert [list(part) for part in tree] == [["Start"], ["A"]]
    assert tree[1]["A"] == ["a/x.md", "y.md"]
    whole = navigation((ROOT / "docs/index.md").read_text(encoding="utf-8"))
    pages = [page for part in whole for listed in part.values() for page in listed]
    assert sorted(pages) == sorted(
        [*ABOVE.values(), *(name_of(page).removeprefix("docs/") for page in PAGES if page.parent != ROOT)]
    )


def test_links_out_of_the_documentation_and_into_it_lead_to_the_same_in_the_site() -> None:
    assert moved("[r](../../README.md#x) [i](../index.md)", "how-to/a.md") == (
        "[r](../project/overview.md#x) [i](../index.md)"
    )
    assert (
        moved("[a](docs/how-to/a.md) [c](CHANGELOG.md)", "README.md")
        == "[a](../how-to/a.md) [c](changelog.md)"
    )
    assert moved("[a](../../app.py)", "how-to/a.md") == "[a](../repository/app.py)"
    assert linked_beside("[a](../../app.py) [b](b.md) [c](../../CHANGELOG.md)", "how-to/a.md") == {"app.py"}
    assert moved("[w](https://example.com/README.md)", "index.md") == "[w](https://example.com/README.md)"


def test_what_belongs_to_an_item_is_indented_by_four_for_each_level() -> None:
    assert indented("1. a\n\n   ```text\n     - x\n   ```\n\n   - b\n     c\n\nd\n") == (
        "1. a\n\n    ```text\n      - x\n    ```\n\n    - b\n        c\n\nd\n"
    )
    assert indented("- a\n  b\n- c\n") == "- a\n    b\n- c\n"
    assert indented("```text\n- a\n  b\n```\n") == "```text\n- a\n  b\n```\n"


def test_a_picture_is_shown_in_the_colours_of_the_page_and_a_drawing_becomes_part_of_it(
    tmp_path: Path,
) -> None:
    for name in ("a.png", "a-dark.png", "b.png"):
        (tmp_path / name).touch()
    (tmp_path / "c.svg").write_text("<svg/>\n", "utf-8")
    assert pictured("![t](a.png)", tmp_path) == "![t](a.png#only-light)![t](a-dark.png#only-dark)"
    assert pictured("![t](b.png)", tmp_path) == "![t](b.png)"
    assert pictured("![t](c.svg)", tmp_path) == "\n<figure><svg/></figure>\n"


def test_every_release_of_the_changelog_says_how_to_move_to_it() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    releases = re.findall(r"^## \[?([\w.]+)", changelog, re.MULTILINE)
    upgrading = (ROOT / "docs/upgrading.md").read_text(encoding="utf-8")
    assert releases
    assert [one for one in re.findall(r"^## (\S+)$", upgrading, re.MULTILINE) if one in releases] == releases


def test_every_picture_is_one_that_the_command_takes_in_its_width(site: Path) -> None:
    assert {file.name for file in (ROOT / "docs/images").glob("*")} == {name for name, _, _ in PICTURES}
    for name, width, _ in PICTURES:
        head = (ROOT / "docs/images" / name).read_bytes()[:24]
        assert head.startswith(b"\x89PNG")
        assert int.from_bytes(head[16:20]) == width
    assert {name for name, _, _ in PICTURES} <= {file.name for file in (site / "images").iterdir()}


def test_the_pictures_of_the_review_page_are_shown_in_light_and_in_dark(site: Path) -> None:
    text = html(site, "docs/how-to/review-report.md")
    shown = re.findall(r'<img alt="([^"]+)" src="\.\./images/(review-[\w-]+\.png)#only-(light|dark)"', text)
    assert [(name, scheme) for _, name, scheme in shown] == [(name, scheme) for name, _, scheme in PICTURES]
    assert len({alt for alt, _, _ in shown}) == 2
