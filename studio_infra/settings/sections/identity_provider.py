"""`[people.identity_provider]`: how the export of an identity provider becomes people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from annotated_types import MaxLen, MinLen
from pydantic import BeforeValidator, WithJsonSchema

from studio_infra.settings.fields.base import Many, Section
from studio_infra.settings.fields.texts import TeamName

_HEADER_MAX = 200
_TOGETHER_MAX = 4
_GROUPS_MAX = 1000


def _one_or_more(value: object) -> object:
    """One column may be written without brackets."""
    return [value] if isinstance(value, str) else value


Columns = Annotated[
    Many[Annotated[str, MinLen(1), MaxLen(_HEADER_MAX)]],
    BeforeValidator(_one_or_more),
    MaxLen(_TOGETHER_MAX),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string"},
                {"type": "array", "items": {"type": "string"}, "maxItems": _TOGETHER_MAX},
            ]
        }
    ),
]


class ExportColumns(Section):
    """`[people.identity_provider.columns]`: the export's column for a field, by its header; several make one text."""

    user_name: Columns = ()
    """What names of user profiles are made from. Left out, the column of `sso_user_name`, or else of `email`."""

    full_name: Columns = ()
    """Name for git commits and lists."""

    email: Columns = ()
    """Address for git commits and messages."""

    sso_user_name: Columns = ()
    """User name in IAM Identity Center. By it, or else by the address, people of the roster are known again."""

    team: Columns = ()
    """Groups of the person, apart by semicolons, commas or bars; `teams` says which of them is which team."""

    status: Columns = ()
    """Whether the account is in use. One that is not is suspended; a suspension is never taken back."""

    expires: Columns = ()
    """First day without access, as 2027-03-31; a time of day behind it does not count."""

    posix_uid: Columns = ()
    """Owner of the person's files on custom file systems."""


class IdentityProvider(Section):
    """`[people.identity_provider]`: how `studio-infra roster import` reads the export of an identity provider."""

    default_team: TeamName | None = None
    """Team of new people whom no group puts into one. Left out, such people are a mistake."""

    columns: ExportColumns = ExportColumns()
    """Columns of the export. Those that are called as Okta, Entra ID and Identity Center call them need no line."""

    teams: Annotated[
        Mapping[Annotated[str, MinLen(1), MaxLen(_HEADER_MAX)], TeamName], MaxLen(_GROUPS_MAX)
    ] = {}
    """Team by name of a group. Left out, groups are called like the teams."""
