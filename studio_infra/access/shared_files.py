"""What a team may do with files that the settings share with it: one mount, one folder, and nothing beside."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import aws_cdk as cdk

from studio_infra.access.policy_file import PolicyFile
from studio_infra.errors import InvalidInput
from studio_infra.settings.facts.limits import is_file_system_id, is_s3_uri
from studio_infra.settings.fields.construct_id import construct_id

if TYPE_CHECKING:
    from studio_infra.access.policy_file import Json, Values

_PARTS: Final = re.compile("s3://(?P<bucket>[^/]+)/(?P<folder>.+?)/*", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class EfsAccess:
    """A file system of EFS, and what of it a team may mount with its own identity.

    Studio mounts without one; this is for what else runs as a member: there, nothing but the team's access point opens.

    Args:
        name: What tells its statements from others' in a policy: lower-case letters, digits and hyphens.
        file_system_id: `fs-…`.
        access_point_arn: The team's own. Defaults to none: it can be found, and not mounted.

    Raises:
        InvalidInput: An id that is none.

    """

    name: str
    file_system_id: str
    access_point_arn: str | None = None

    def __post_init__(self) -> None:
        if not cdk.Token.is_unresolved(self.file_system_id) and not is_file_system_id(self.file_system_id):
            raise InvalidInput(
                "FileSystemId", f"file_system_id must be like fs-0123abcd, got {self.file_system_id!r}"
            )

    @property
    def files(self) -> tuple[PolicyFile, ...]:
        """The policy files that say it."""
        return (PolicyFile.shipped("files_efs"),)

    @property
    def values(self) -> Values:
        """What the placeholders of the files stand for."""
        points = [] if self.access_point_arn is None else [self.access_point_arn]
        return {"FileSystem": self.file_system_id, "AccessPoints": points}


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderAccess:
    """A folder of a bucket that a team may read and write, and its jobs too.

    Args:
        name: What tells its statements from others' in a policy: lower-case letters, digits and hyphens.
        s3_uri: `s3://bucket/folder/`. The bucket, its policy and its key are its owner's concern.
        read_only: Whether it may only be read. Defaults to no.

    Raises:
        InvalidInput: No folder of a bucket.

    """

    name: str
    s3_uri: str
    read_only: bool = False

    def __post_init__(self) -> None:
        if not is_s3_uri(self.s3_uri) or "*" in self.s3_uri:
            raise InvalidInput(
                "SharedFolder", f"s3_uri must be like s3://bucket/folder/, got {self.s3_uri!r}"
            )

    @property
    def files(self) -> tuple[PolicyFile, ...]:
        """The policy files that say it."""
        read = PolicyFile.shipped("files_folder_read")
        return (read,) if self.read_only else (read, PolicyFile.shipped("files_folder_write"))

    @property
    def values(self) -> Values:
        """What the placeholders of the files stand for."""
        found = _PARTS.fullmatch(self.s3_uri)
        assert found is not None  # noqa: S101 - checked while it was made
        return {"FolderBucket": f"arn:{cdk.Aws.PARTITION}:s3:::{found['bucket']}", "Folder": found["folder"]}


FileAccess = EfsAccess | FolderAccess


def file_statements(access: FileAccess, values: Values) -> list[Json]:
    """The statements about one of the shared files, their Sids with its name.

    Args:
        access: What may be done.
        values: What every policy knows: partition, region and account.

    """
    suffix = construct_id(access.name)
    return [
        {**statement, "Sid": f"{statement['Sid']}{suffix}"}
        for file in access.files
        for statement in file.filled({**values, **access.values})
    ]


def file_reasons(access: FileAccess) -> dict[str, str]:
    """Why one of those statements may use a wildcard, by Sid."""
    suffix = construct_id(access.name)
    return {f"{sid}{suffix}": why for file in access.files for sid, why in file.reasons.items()}
