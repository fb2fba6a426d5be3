"""Spaces that a team shares, and how their names and their owner stay apart from people's."""

from __future__ import annotations

from typing import Annotated

from annotated_types import Ge, Le

from studio_infra.settings.facts import limits
from studio_infra.settings.fields.aws_ids import InstanceType
from studio_infra.settings.fields.base import Section

#: More would be another team.
SHARED_SPACES_MAX = 20


class SharedSpaceSettings(Section):
    """`[teams.NAME.shared_spaces.NAME]`: a JupyterLab space of a whole team. A new name is a new, empty space."""

    instance_type: InstanceType | None = None
    """Instance type of its app when nobody chooses one, one of the team's. Left out, the domain's."""

    ebs_gb: Annotated[int, Ge(limits.EBS_GB[0]), Le(limits.EBS_GB[1])] | None = None
    """Size of its volume in GB, at most `space_ebs_max_gb`. Left out, the domain's. A volume can grow, never shrink."""


def owner_of(team: str) -> str:
    """Name of the profile that owns the spaces of a team: nobody's, so that no space goes with a person."""
    return f"team-{team}"
