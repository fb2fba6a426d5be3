"""A directory that a team or a person has on a file system, and who may own which."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import aws_cdk as cdk
from aws_cdk import aws_sagemaker as sagemaker

from studio_infra.errors import InvalidInput
from studio_infra.settings.facts.limits import POSIX_GID, POSIX_UID, TEAM_MAX, is_name, is_team_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk.interfaces import aws_efs as refs
#: Owner and group, nobody else: a directory of one team says nothing to another.
TEAM_MODE: Final = "0770"
PERSON_MODE: Final = "0700"


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedDirectory:
    """A directory of a file system, as Studio and jobs name it.

    Attributes:
        file_system_id: The file system.
        path: Where it is in the file system.
        gid: The group that may read and write.
        access_point: Makes the directory, with its owner and mode, when it is first mounted through it.

    """

    file_system_id: str
    path: str
    gid: int
    access_point: refs.IAccessPointRef

    def for_user_profile(self) -> sagemaker.CfnUserProfile.CustomFileSystemConfigProperty:
        """Say it to a user profile: ``UserSettings.CustomFileSystemConfigs``."""
        return sagemaker.CfnUserProfile.CustomFileSystemConfigProperty(
            efs_file_system_config=sagemaker.CfnUserProfile.EFSFileSystemConfigProperty(
                file_system_id=self.file_system_id, file_system_path=self.path
            )
        )

    def for_domain(self) -> sagemaker.CfnDomain.CustomFileSystemConfigProperty:
        """Say it to a domain: ``DefaultUserSettings.CustomFileSystemConfigs``, or those of spaces."""
        return sagemaker.CfnDomain.CustomFileSystemConfigProperty(
            efs_file_system_config=sagemaker.CfnDomain.EFSFileSystemConfigProperty(
                file_system_id=self.file_system_id, file_system_path=self.path
            )
        )


def person_directory_json(
    logical_id: str,
    *,
    file_system_id: Any,
    user_name: str,
    uid: int | None,
    gid: int | None,
    tags: Sequence[Mapping[str, str]] = (),
) -> dict[str, dict[str, Any]]:
    """The access point of ``TeamFileSystem.add_person_directory`` in CloudFormation's words: for rosters.

    Args:
        logical_id: Its logical id.
        file_system_id: The file system, also a token.
        user_name: The person's user profile.
        uid: The person's number.
        gid: Their group. Defaults to the number of ``uid``, as in their profile.
        tags: Whose it is.

    Raises:
        InvalidInput: There is no number, or one that SageMaker refuses.

    """
    if uid is None:
        raise InvalidInput(
            "PosixNumber", f"{user_name!r} has no posix_uid, so nobody could own the directory; give one"
        )
    path = Claims().person(user_name, uid, gid if gid is not None else uid)
    owner, group = str(uid), str(gid if gid is not None else uid)
    return {
        logical_id: {
            "Type": "AWS::EFS::AccessPoint",
            "Properties": {
                "FileSystemId": file_system_id,
                "PosixUser": {"Uid": owner, "Gid": group},
                "RootDirectory": {
                    "Path": path,
                    "CreationInfo": {"OwnerUid": owner, "OwnerGid": group, "Permissions": PERSON_MODE},
                },
                "AccessPointTags": [*tags, {"Key": "Name", "Value": path}],
            },
        }
    }


class Claims:
    """Which directories and numbers of a file system are taken.

    Raises:
        InvalidInput: From every method: a name or a number that is not allowed, or that another directory
            has.

    """

    def __init__(self) -> None:
        self._numbers: dict[str, dict[str, int | None]] = {"/teams": {}, "/people": {}}

    def team(self, team: str, gid: int | None) -> str:
        """Take a team's directory; its path comes back. Without a group of its own it has everybody's."""
        if not cdk.Token.is_unresolved(team) and not is_team_name(team):
            raise InvalidInput(
                "TeamName",
                f"team must be 1-{TEAM_MAX} lower-case letters, digits or inner hyphens, the first a letter, "
                f"got {team!r}",
            )
        if gid is not None:
            check_number("gid", gid, POSIX_GID)
        return self._take("/teams", team, gid)

    def person(self, user_name: str, uid: int, gid: int) -> str:
        """Take a person's directory; its path comes back."""
        if not cdk.Token.is_unresolved(user_name) and not is_name(user_name):
            raise InvalidInput(
                "UserProfileName",
                f"user_name must be 1-63 letters, digits or inner hyphens, got {user_name!r}",
            )
        check_number("uid", uid, POSIX_UID)
        check_number("gid", gid, POSIX_GID)
        return self._take("/people", user_name, uid)

    def _take(self, parent: str, name: str, number: int | None) -> str:
        taken = self._numbers[parent]
        for other, its_number in taken.items():
            if name == other or (number is not None and number == its_number):
                raise InvalidInput(
                    "PosixCollision",
                    f"{parent}/{name} with number {number} collides with {parent}/{other}, "
                    f"which has {its_number}: every directory needs a name and a number of its own",
                )
        taken[name] = number
        return f"{parent}/{name}"


def check_number(kind: str, number: int, allowed: tuple[int, int]) -> None:
    """Refuse a POSIX number that SageMaker refuses."""
    lowest, highest = allowed
    if not cdk.Token.is_unresolved(number) and not lowest <= number <= highest:
        raise InvalidInput("PosixNumber", f"{kind} must be between {lowest} and {highest}, got {number}")
