"""A person of the roster."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Literal

from annotated_types import Ge, Le, MaxLen, MinLen
from pydantic import AfterValidator, BeforeValidator, Field

from studio_infra.settings.facts import limits
from studio_infra.settings.fields.aws_ids import InstanceType, PolicyArn
from studio_infra.settings.fields.base import Many, Section
from studio_infra.settings.fields.rules import refuse
from studio_infra.settings.fields.texts import Email, SsoUserName, TeamName, UserName
from studio_infra.settings.sections.idle import Minutes

FULL_NAME_MAX = 100
STACK_MAX = 999
POLICIES_MAX = 9
#: Managed policies that would undo what personas keep apart.
_TOO_MUCH = ("FullAccess", "/AdministratorAccess", "/PowerUserAccess")
_DIGITS = re.compile("0|[1-9][0-9]{0,8}", re.ASCII)
_DATE = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
#: Joiners that Persian and Indic scripts need inside words.
_JOINERS = "\u200c\u200d"


def _whole_number(value: object) -> object:
    """A cell as a number: digits only, as a spreadsheet would never write otherwise."""
    if not isinstance(value, str):
        return value
    if not _DIGITS.fullmatch(value):
        raise refuse("not a whole number", "use the digits 0 to 9 without a leading zero")
    return int(value)


def _yes_or_no(value: object) -> object:
    """A cell as a truth value."""
    if not isinstance(value, str):
        return value
    if value not in {"yes", "no"}:
        raise refuse("neither yes nor no", "use yes or no")
    return value == "yes"


def _list(value: object) -> object:
    """A cell as a list, its entries apart by semicolons."""
    return [part.strip(" ") for part in value.split(";")] if isinstance(value, str) else value


def _no_full_access(arn: str) -> str:
    if arn.endswith(_TOO_MUCH):
        raise refuse("lets its holder do far more than one person's work needs", "write a policy of your own")
    return arn


def _date(value: object) -> object:
    """A cell as a date."""
    if not isinstance(value, str):
        return value
    try:
        return dt.date.fromisoformat(value if _DATE.fullmatch(value) else "")
    except ValueError:
        raise refuse("not a date", "write it as year-month-day: 2027-03-31") from None


def _readable(text: str) -> str:
    if not text.isprintable() and any(not (char.isprintable() or char in _JOINERS) for char in text):
        raise refuse("it has invisible characters in it", "use letters, spaces and punctuation")
    if "<" in text or ">" in text:
        raise refuse("git cannot keep < and > in a name", "leave them out")
    return text


class Person(Section):
    """One line of the roster: one person, one user profile, one home directory."""

    user_name: UserName
    """Name of the user profile. Renaming it makes a new profile with an empty home."""

    team: TeamName
    """Team of the settings file that the person belongs to. A move to another team keeps profile and home."""

    full_name: Annotated[str, MinLen(1), MaxLen(FULL_NAME_MAX), AfterValidator(_readable)]
    """Name for git commits and lists."""

    email: Email
    """Address for git commits and messages."""

    sso_user_name: SsoUserName | None = None
    """User name in IAM Identity Center; needed when the domain's `auth_mode` is "SSO"."""

    stack: Annotated[int, BeforeValidator(_whole_number), Ge(1), Le(STACK_MAX)] = 1
    """Number of the stack that holds the person.
    Changing it moves the profile, which loses the home directory."""

    posix_uid: (
        Annotated[int, BeforeValidator(_whole_number), Ge(limits.POSIX_UID[0]), Le(limits.POSIX_UID[1])]
        | None
    ) = None
    """Owner of the person's files on custom file systems. Left out, SageMaker chooses. SageMaker takes it with a new
    profile and never changes it."""

    posix_gid: (
        Annotated[int, BeforeValidator(_whole_number), Ge(limits.POSIX_GID[0]), Le(limits.POSIX_GID[1])]
        | None
    ) = None
    """Group of those files, with `posix_uid` only: 1001, or the team's `posix_gid`. Left out, the number of
    `posix_uid`. SageMaker takes it with a new profile and never changes it."""

    expires: Annotated[dt.date, BeforeValidator(_date), Field()] | None = None
    """First day without access; profile and files stay.
    The first deploy on that day or later takes the access away."""

    status: Literal["active", "suspended"] = "active"
    """"suspended" takes the access away with the next deploy; profile and files stay, and "active" brings it back."""

    instance_type: InstanceType | None = None
    """Instance type of the person's apps when they choose none, one of the team's. Left out, the team's default."""

    ebs_gb: (
        Annotated[int, BeforeValidator(_whole_number), Ge(limits.EBS_GB[0]), Le(limits.EBS_GB[1])] | None
    ) = None
    """Size in GB of the person's private space and of their new ones; it may be more than the team's most.
    Left out, the team's. A volume can grow and never shrink."""

    idle_after_minutes: Annotated[Minutes, BeforeValidator(_whole_number)] | None = None
    """Minutes without activity after which the person's apps stop: at least the domain's with "native_with_guard", any
    with "watcher". Left out, the team's."""

    private_space: Annotated[bool, BeforeValidator(_yes_or_no), Field()] | None = None
    """Whether the person gets a private space, "yes" or "no". Left out, as `[people]` says for everybody."""

    policies: Annotated[
        Many[Annotated[PolicyArn, AfterValidator(_no_full_access)]],
        BeforeValidator(_list),
        MaxLen(POLICIES_MAX),
    ] = ()
    """ARNs of managed policies that this one person gets besides the team's, apart by semicolons."""

    def has_access(self, today: dt.date | None = None) -> bool:
        """Whether the person may work.

        Args:
            today: The day it is asked for. Left out, `expires` does not count.

        """
        ended = today is not None and self.expires is not None and self.expires <= today
        return self.status == "active" and not ended
