"""The report as one page of HTML: everything is in it, and it asks the network for nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

if TYPE_CHECKING:
    from studio_infra.review.report.section import Report

_HERE: Final = Path(__file__).parent


def page(report: Report) -> str:
    """The page. Values are escaped by the template; only the picture and our own style are markup already."""
    environment = Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style = (_HERE / "page.css").read_text(encoding="utf-8")
    # The picture escapes every text itself, see diagram.py; the style is a file of ours.
    return environment.get_template("page.html.j2").render(
        report=report,
        diagram=Markup(report.diagram),  # noqa: S704 - made here, escaped
        style=Markup(style),  # noqa: S704 - made here, escaped
    )
