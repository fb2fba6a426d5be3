"""Where the people of a domain are listed, and what all of them get."""

from __future__ import annotations

from typing import Annotated

from annotated_types import Ge, Le, MinLen

from studio_infra.settings.facts.limits import STACK_RESOURCES
from studio_infra.settings.fields.base import Section
from studio_infra.settings.roster.waves import WAVE_WIDTH
from studio_infra.settings.sections.identity_provider import IdentityProvider


class PeopleSettings(Section):
    """`[people]`: where the roster is, and what everybody in it gets."""

    roster: Annotated[str, MinLen(1)]
    """CSV file with one person a line, relative to the settings file."""

    remote_access: bool = False
    """Whether an IDE on a person's own machine may connect to their private space. The space's instance needs at least
    8 GiB of memory."""

    private_spaces: bool = True
    """Whether each person gets a private JupyterLab space of their own name, ready to start."""

    wave_width: Annotated[int, Ge(1), Le(STACK_RESOURCES)] = WAVE_WIDTH
    """How many people of a stack are made at a time, profile and space: a new roster must not hammer the service."""

    identity_provider: IdentityProvider = IdentityProvider()
    """How `studio-infra roster import` reads what an identity provider exports."""
