"""What has to fit together between the sections of the settings and the roster.

The checks look at a draft, in which a field that is wrong by itself counts as not there. So a mistake in one
field does not hide the contradictions between the others, and one run finds everything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio_infra.settings.checks.access import access_contradictions
from studio_infra.settings.checks.files import file_contradictions
from studio_infra.settings.checks.idle import idle_contradictions
from studio_infra.settings.checks.images import images_that_do_not_fit
from studio_infra.settings.checks.instance_types import instance_type_contradictions
from studio_infra.settings.checks.names import name_contradictions
from studio_infra.settings.checks.network import network_contradictions
from studio_infra.settings.checks.operations import operations_contradictions
from studio_infra.settings.checks.posix import posix_contradictions
from studio_infra.settings.checks.regions import types_the_region_lacks
from studio_infra.settings.checks.shared_spaces import shared_space_contradictions
from studio_infra.settings.checks.sweeper import sweeper_contradictions
from studio_infra.settings.roster.collisions import collisions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from studio_infra.settings.checks.draft import Draft
    from studio_infra.settings.findings import Problem


def contradictions(draft: Draft) -> Iterator[Problem]:
    """Everything that does not fit together."""
    yield from name_contradictions(draft)
    yield from instance_type_contradictions(draft)
    yield from idle_contradictions(draft)
    yield from access_contradictions(draft)
    yield from network_contradictions(draft)
    yield from images_that_do_not_fit(draft)
    yield from file_contradictions(draft)
    yield from posix_contradictions(draft)
    yield from types_the_region_lacks(draft)
    yield from operations_contradictions(draft)
    yield from shared_space_contradictions(draft)
    yield from sweeper_contradictions(draft)
    yield from collisions(draft.roster)
