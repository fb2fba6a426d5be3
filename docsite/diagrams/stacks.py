"""The stacks of the production settings and what is in them, from the golden templates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio_infra.review.replacement.resources import resources_of
from studio_infra.review.report.diagram import diagram
from studio_infra.review.sources import read_folder

if TYPE_CHECKING:
    from pathlib import Path


def stacks(golden: Path) -> str:
    """What `studio-infra review` draws of them, without the roles."""
    templates = read_folder(golden)
    return diagram(resources_of(templates), list(templates), roles=False)
