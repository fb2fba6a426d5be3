"""What the site needs beyond its pages: MkDocs calls these functions while it builds.

The pages are written for GitHub and read there as well, so nothing in them is of a site generator. The order of the
pages is that of `docs/index.md`; README, changelog and contributing guide stand above `docs` and are pages of the site.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mkdocs.structure.files import File

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

ROOT: Final = Path(__file__).resolve().parents[1]
#: Pages that stand above `docs`, and where they are in the site. MkDocs would take a README for an index.
ABOVE: Final = {
    "README.md": "project/overview.md",
    "CONTRIBUTING.md": "project/contributing.md",
    "CHANGELOG.md": "project/changelog.md",
}
#: Where files of the repository are in the site, that pages lead to.
BESIDE: Final = "repository"
_PLACES: Final = {place: name for name, place in ABOVE.items()}
_LINK: Final = re.compile(r"(?<=\]\()(?P<path>[^)\s#:]+)(?=(?:#[^)\s]*)?\))")
_PICTURE: Final = re.compile(r"!\[(?P<text>[^\]]*)\]\((?P<path>[^)\s#]+)\)")
_ITEM: Final = re.compile(r"(?:-|\d+\.) +")
_HEADING: Final = re.compile(r"^## (?P<title>.+)$", re.MULTILINE)


def navigation(index: str) -> list[dict[str, Any]]:
    """The navigation: each heading of the index with the pages that are linked under it, in their order."""
    found: list[dict[str, Any]] = [{"Start": ["index.md", *ABOVE.values(), "upgrading.md"]}]
    seen = set(found[0]["Start"])
    parts = _HEADING.split(index)[1:]
    for title, text in zip(parts[::2], parts[1::2], strict=True):
        pages = [path for path in _LINK.findall(text) if path.endswith(".md") and not path.startswith("../")]
        new = [page for page in dict.fromkeys(pages) if page not in seen]
        seen.update(new)
        if new:
            found.append({title: new})
    return found


def target_of(path: str, page: str) -> str:
    """What a link leads to, as a path in the repository.

    Args:
        path: The link.
        page: The page that it is on: its path in `docs`, or its name if it stands above.

    """
    home = "" if page in ABOVE else f"docs/{posixpath.dirname(page)}"
    return posixpath.normpath(posixpath.join(home, path))


def moved(text: str, page: str) -> str:
    """A page's text with the links that lead out of `docs`, or into it from above, leading to the same in the site."""
    place = ABOVE.get(page)
    folder = posixpath.dirname(place or page) or "."

    def instead(link: re.Match[str]) -> str:
        target = target_of(link["path"], page)
        if target in ABOVE:
            return posixpath.relpath(ABOVE[target], folder)
        if not target.startswith("docs/") and (ROOT / target).is_file():
            return posixpath.relpath(f"{BESIDE}/{target}", folder)
        if place and target.startswith("docs/"):
            return posixpath.relpath(target.removeprefix("docs/"), folder)
        return link["path"]

    return _LINK.sub(instead, text)


def linked_beside(text: str, page: str) -> set[str]:
    """The files of the repository, neither pages nor in `docs`, that a page leads to: an example, a template."""
    found = {target_of(path, page) for path in _LINK.findall(text)}
    return {
        one for one in found if one not in ABOVE and not one.startswith("docs/") and (ROOT / one).is_file()
    }


def pictured(text: str, folder: Path) -> str:
    """A page's text with its pictures as the site shows them.

    A drawing becomes part of the page, so that its colours are the page's. A picture with a dark sister
    (`review-400.png`, `review-400-dark.png`) is shown in the colours of the page, too.
    """

    def instead(picture: re.Match[str]) -> str:
        file = folder / picture["path"]
        if file.suffix == ".svg" and file.is_file():
            return f"\n<figure>{file.read_text(encoding='utf-8').strip()}</figure>\n"
        dark = picture["path"].replace(".png", "-dark.png")
        if dark == picture["path"] or not (folder / dark).is_file():
            return picture[0]
        return f"![{picture['text']}]({picture['path']}#only-light)![{picture['text']}]({dark}#only-dark)"

    return _PICTURE.sub(instead, text)


def indented(text: str) -> str:
    """A page's text with what belongs to an item of a list indented as Python-Markdown wants it.

    That is by four for each level. GitHub takes the width of the item's mark: two after a dash, three after a number.
    """
    found, widths, fence = [], list[int](), ""
    for line in text.splitlines():
        bare = line.lstrip(" ")
        indent = len(line) - len(bare)
        if not fence and bare:
            while widths and indent < sum(widths):
                widths.pop()
        level, rest = len(widths), indent - sum(widths)
        found.append(" " * (4 * level + max(rest, 0)) + bare if bare else "")
        if bare.startswith("```"):
            fence = "" if fence else bare
        elif not fence and (mark := _ITEM.match(bare)):
            widths.append(len(mark[0]))
    return "\n".join(found) + "\n"


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Take the navigation from the index."""
    config.nav = navigation(Path(config.docs_dir, "index.md").read_text(encoding="utf-8"))
    return config


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add the pages that stand above `docs`, and the files of the repository that pages lead to."""
    texts = {file.src_uri: file.content_string for file in files.documentation_pages()}
    texts |= {name: (ROOT / name).read_text(encoding="utf-8") for name in ABOVE}
    for name, place in ABOVE.items():
        files.append(File.generated(config, place, content=texts[name]))
    for one in sorted({one for page, text in texts.items() for one in linked_beside(text, page)}):
        files.append(File.generated(config, f"{BESIDE}/{one}", abs_src_path=str(ROOT / one)))
    return files


def on_page_markdown(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:  # noqa: ARG001 - MkDocs passes all
    """Lead links and pictures to where they are in the site."""
    place = page.file.src_uri
    text = moved(indented(markdown), _PLACES.get(place, place))
    return pictured(text, Path(config.docs_dir, place).parent)
