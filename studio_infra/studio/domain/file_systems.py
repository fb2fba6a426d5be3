"""Files beside a person's home: directories of other file systems, and prefixes of buckets."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import aws_cdk as cdk

from studio_infra.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from studio_infra.studio.domain.apps import Json

_ID: Final = re.compile("fs-[0-9a-f]{8,18}", re.ASCII)
_PATH: Final = re.compile(r"/\S{0,255}", re.ASCII)
_S3_URI: Final = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?:/\S*)?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class EfsDirectory:
    """A directory of an EFS file system, mounted in people's spaces.

    Args:
        file_system_id: `fs-…`, mountable from the domain's subnets.
        path: A directory that exists. Defaults to the root.

    """

    file_system_id: str
    path: str = "/"

    def __post_init__(self) -> None:
        _check_directory(self.file_system_id, self.path)

    def for_people(self) -> Json:
        """One of `CustomFileSystemConfigs`: who may mount it."""
        return {"EFSFileSystemConfig": {"FileSystemId": self.file_system_id, "FileSystemPath": self.path}}

    def for_space(self) -> Json:
        """One of a space's `CustomFileSystems`: where it is mounted."""
        return {"EFSFileSystem": {"FileSystemId": self.file_system_id}}


@dataclass(frozen=True, slots=True, kw_only=True)
class LustreDirectory:
    """A directory of an FSx for Lustre file system, mounted in people's spaces.

    Args:
        file_system_id: `fs-…`, mountable from the domain's subnets.
        path: A directory that exists. Defaults to the root.

    """

    file_system_id: str
    path: str = "/"

    def __post_init__(self) -> None:
        _check_directory(self.file_system_id, self.path)

    def for_people(self) -> Json:
        """One of `CustomFileSystemConfigs`: who may mount it."""
        return {
            "FSxLustreFileSystemConfig": {"FileSystemId": self.file_system_id, "FileSystemPath": self.path}
        }

    def for_space(self) -> Json:
        """One of a space's `CustomFileSystems`: where it is mounted."""
        return {"FSxLustreFileSystem": {"FileSystemId": self.file_system_id}}


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Folder:
    """A prefix of a bucket, seen as a folder in people's spaces.

    Args:
        s3_uri: `s3://bucket/prefix/`.
        mount_path: Where people see it. Defaults to the service's choice.

    """

    s3_uri: str
    mount_path: str | None = None

    def __post_init__(self) -> None:
        if not cdk.Token.is_unresolved(self.s3_uri) and _S3_URI.fullmatch(self.s3_uri) is None:
            raise InvalidInput("S3Folder", f"s3_uri must be like s3://bucket/prefix/, got {self.s3_uri!r}")

    def for_people(self) -> Json:
        """One of `CustomFileSystemConfigs`: who may mount it."""
        path = {} if self.mount_path is None else {"MountPath": self.mount_path}
        return {"S3FileSystemConfig": {"S3Uri": self.s3_uri, **path}}

    def for_space(self) -> Json:
        """One of a space's `CustomFileSystems`: where it is mounted."""
        return {"S3FileSystem": {"S3Uri": self.s3_uri}}


CustomFileSystem = EfsDirectory | LustreDirectory | S3Folder


def check_file_systems(file_systems: Sequence[CustomFileSystem], *, most: int) -> None:
    """Refuse more file systems than SageMaker mounts, and one with two directories: a space names it by its id alone.

    Args:
        file_systems: The file systems.
        most: How many a domain, a person or a space has at most.

    Raises:
        InvalidInput: There are more, or one is there twice.

    """
    if len(file_systems) > most:
        systems = "file system" if most == 1 else "file systems"
        raise InvalidInput(
            "CustomFileSystems",
            f"Studio mounts at most {most} {systems} besides the home, got {len(file_systems)}",
        )

    names = [str(one.for_space()) for one in file_systems]
    if twice := next((one for place, one in enumerate(file_systems) if names[place] in names[:place]), None):
        name = twice.s3_uri if isinstance(twice, S3Folder) else twice.file_system_id
        raise InvalidInput(
            "CustomFileSystems", f"{name!r} is there twice, Studio mounts one directory of a file system"
        )


def _check_directory(file_system_id: str, path: str) -> None:
    if not cdk.Token.is_unresolved(file_system_id) and _ID.fullmatch(file_system_id) is None:
        raise InvalidInput("FileSystemId", f"file_system_id must be like fs-0123abcd, got {file_system_id!r}")
    if not cdk.Token.is_unresolved(path) and _PATH.fullmatch(path) is None:
        raise InvalidInput(
            "FileSystemPath",
            f"path must begin with a slash and have no spaces, at most 256 long, got {path!r}",
        )
