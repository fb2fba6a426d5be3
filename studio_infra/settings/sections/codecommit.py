"""Repositories in AWS CodeCommit, which people's roles open: no SSH and no keys."""

from __future__ import annotations

from typing import Annotated

from annotated_types import MaxLen

from studio_infra.settings.fields.aws_ids import Region
from studio_infra.settings.fields.base import Many, Section
from studio_infra.settings.fields.rules import Text

#: https://docs.aws.amazon.com/codecommit/latest/userguide/limits.html


RepositoryName = Annotated[
    str,
    Text.like(
        "^[A-Za-z0-9_.-]{1,100}$",
        "not a repository of CodeCommit",
        "use 1 to 100 letters, digits, dots, hyphens and underscores",
    ),
]


class CodeCommit(Section):
    """`[[git.codecommit]]`: AWS CodeCommit in a region. No keys: people's roles open it."""

    region: Region
    """Region of the repositories."""

    repositories: Annotated[Many[RepositoryName], MaxLen(100)] = ()
    """Repositories that people may pull from and push to. Left out, the permission comes from elsewhere."""
