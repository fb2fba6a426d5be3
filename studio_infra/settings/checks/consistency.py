"""What has to fit together between the sections of the settings and the roster.

The checks look at a draft, in which a field that is wrong by itself counts as not there. So a mistake in one
field does not hide the contradictions between the others, and one run finds everything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from studio_infra.settings.checks.access import access_checks
from studio_infra.settings.checks.files import file_checks
from studio_infra.settings.checks.idle import idle_checks
from studio_infra.settings.checks.images import image_checks
from studio_infra.settings.checks.instance_types import instance_type_checks
from studio_infra.settings.checks.names import name_checks
from studio_infra.settings.checks.network import network_checks
from studio_infra.settings.checks.operations import operations_checks
from studio_infra.settings.checks.posix import posix_checks
from studio_infra.settings.checks.regions import region_checks
from studio_infra.settings.checks.shared_spaces import shared_space_checks
from studio_infra.settings.checks.sweeper import sweeper_checks
from studio_infra.settings.fields.partial import problems_of
from studio_infra.settings.roster.collisions import collisions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from studio_infra.settings.checks.draft import Checks, Draft
    from studio_infra.settings.findings import Problem

#: What is asked, room by room; findings on the same line stand in this order.
_ROOMS: Final[tuple[Callable[[Draft], Checks], ...]] = (
    name_checks,
    instance_type_checks,
    idle_checks,
    access_checks,
    network_checks,
    image_checks,
    file_checks,
    posix_checks,
    region_checks,
    operations_checks,
    shared_space_checks,
    sweeper_checks,
)


def contradictions(draft: Draft) -> Iterator[Problem]:
    """Everything that does not fit together."""
    for checks in _ROOMS:
        yield from problems_of(checks(draft))
    yield from collisions(draft.roster)
