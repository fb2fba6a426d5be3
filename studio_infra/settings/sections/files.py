"""File systems besides people's homes: who gets them, and what one that is made here is like."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final, Literal

from annotated_types import Ge, Le, MinLen
from pydantic import AfterValidator, Field

from studio_infra.settings.facts.limits import EFS_DAYS, LUSTRE_SMALLEST, LUSTRE_STEP, LUSTRE_THROUGHPUTS
from studio_infra.settings.fields.aws_ids import FileSystemId, SecurityGroupId
from studio_infra.settings.fields.base import Many, Section
from studio_infra.settings.fields.rules import refuse
from studio_infra.settings.fields.texts import Directory, S3Uri, TeamName
from studio_infra.settings.findings import Problem, repeated

if TYPE_CHECKING:
    from collections.abc import Iterator

FileKind = Literal["efs", "lustre", "s3"]
Directories = Literal["team", "shared", "person"]
LustreDeployment = Literal["SCRATCH_2", "PERSISTENT_1", "PERSISTENT_2"]
_CAPACITY_MAX: Final = 10_000 * LUSTRE_STEP

_MADE_EFS: Final = 'kind = "efs" that is made here'
_MADE_LUSTRE: Final = 'kind = "lustre" that is made here'
#: What each field is about, where it is not about all.
_ONLY_FOR: Final = {
    "file_system_id": 'kind = "efs" and "lustre"',
    "path": 'kind = "lustre", and for an EFS file system brought along',
    "directories": _MADE_EFS,
    "infrequent_after_days": _MADE_EFS,
    "archive_after_days": _MADE_EFS,
    "backup": _MADE_EFS,
    "deployment": _MADE_LUSTRE,
    "capacity_gb": _MADE_LUSTRE,
    "throughput": _MADE_LUSTRE,
    "s3_uri": 'kind = "s3", and for kind = "lustre" that is made here',
    "clients": 'kind = "efs" and "lustre" that are made here',
    "read_only": 'kind = "s3"',
    "mount_path": 'kind = "s3"',
}


def _known_days(days: int) -> int:
    if days not in EFS_DAYS:
        raise refuse("no number of days that EFS knows", f"use one of {', '.join(map(str, EFS_DAYS))}")
    return days


Days = Annotated[int, AfterValidator(_known_days), Field(json_schema_extra={"enum": [*EFS_DAYS]})]


class FilesSettings(Section):
    """`[files.NAME]`: files that people share, beside their homes. The name is part of what is made."""

    kind: FileKind
    """"efs": an NFS file system. "lustre": FSx for Lustre, fast and for many machines. "s3": a folder in a bucket."""

    teams: Annotated[Many[TeamName], MinLen(1)] | None = None
    """Teams that get it. Left out, every team."""

    mount: bool | None = None
    """Whether members' private spaces mount it; a space mounts one, and members may mount others in spaces that they
    make. Left out, yes, but no for "s3": AWS documents folders of S3 in spaces for SageMaker Unified Studio only."""

    file_system_id: FileSystemId | None = None
    """A file system brought along, mountable from the domain's subnets. Left out, one is made."""

    path: Directory = "/"
    """Directory that people see, which must exist. For Lustre, and for an EFS file system brought along."""

    directories: Directories = "team"
    """"team": each team has a directory of its own. "shared": one for all the teams. "person": each person has one of
    their own, and needs a `posix_uid`."""

    infrequent_after_days: Days = 30
    """Days without a reader after which a file moves to cheaper storage, and back with the next."""

    archive_after_days: Days | None = None
    """The same for the cheapest storage: more days than `infrequent_after_days`. Left out, never."""

    backup: bool = True
    """Whether AWS Backup copies it every day, by the account's own plan."""

    deployment: LustreDeployment = "PERSISTENT_2"
    """"SCRATCH_2": not replicated, not encrypted with your key, for data that is elsewhere, too. "PERSISTENT_2" is not
    in every region. Changing it replaces the file system."""

    capacity_gb: Annotated[int, Ge(LUSTRE_SMALLEST), Le(_CAPACITY_MAX)] = LUSTRE_SMALLEST
    """Size in GiB: 1200, 2400 and multiples of 2400. It can grow, never shrink."""

    throughput: int | None = None
    """MB/s for each TiB: 50, 100 or 200 for "PERSISTENT_1"; 125, 250, 500 or 1000 for "PERSISTENT_2".
    Left out, the least."""

    s3_uri: S3Uri | None = None
    """Folder in S3. For Lustre, what it shows and follows, with nothing written back; left out, it starts empty."""

    clients: Many[SecurityGroupId] = ()
    """Security groups of machines outside of Studio that may mount it, too: those that fill it, for example."""

    read_only: bool = False
    """Whether people may only read the folder."""

    mount_path: Directory | None = None
    """Where a mounted folder of S3 appears. Left out, where SageMaker puts it."""

    @property
    def is_made(self) -> bool:
        """Whether the file system is made here."""
        return self.kind != "s3" and self.file_system_id is None

    @property
    def is_mounted(self) -> bool:
        """Whether private spaces mount it."""
        return self.mount if self.mount is not None else self.kind != "s3"

    @property
    def is_offered(self) -> bool:
        """Whether profiles name it, so that spaces can mount it."""
        return self.kind != "s3" or self.is_mounted

    @property
    def has_own_directories(self) -> bool:
        """Whether every person has a directory that is made here."""
        return self.kind == "efs" and self.is_made and self.directories == "person"

    def is_for(self, team: str) -> bool:
        """Whether a team gets it."""
        return self.teams is None or team in self.teams

    def checks(self) -> tuple[Iterator[Problem], ...]:
        """Fields of another kind, numbers that do not fit together, and teams named twice."""
        return self._of_another_kind(), self._folder(), self._ages(), self._lustre(), self._repeated()

    def _of_another_kind(self) -> Iterator[Problem]:
        kind, made = self.kind, self.file_system_id is None
        fits = {
            "file_system_id": kind != "s3",
            "path": kind == "lustre" or (kind == "efs" and not made),
            **dict.fromkeys(
                ("directories", "infrequent_after_days", "archive_after_days", "backup"),
                kind == "efs" and made,
            ),
            **dict.fromkeys(("deployment", "capacity_gb", "throughput"), kind == "lustre" and made),
            "clients": kind != "s3" and made,
            "s3_uri": kind == "s3" or (kind == "lustre" and made),
            "read_only": kind == "s3",
            "mount_path": kind == "s3",
        }
        for name, fit in fits.items():
            if name in self.model_fields_set and not fit:
                yield Problem((name,), f"is for {_ONLY_FOR[name]}", "leave it out", getattr(self, name))

    def _folder(self) -> Iterator[Problem]:
        if self.kind == "s3" and self.s3_uri is None:
            yield Problem(
                ("s3_uri",), 'missing, although kind is "s3"', 'write it like "s3://bucket/folder/"'
            )
        if self.kind == "s3" and self.s3_uri is not None and "*" in self.s3_uri:
            # In the roles' policies it would stand for other folders, too.
            yield Problem(("s3_uri",), "a folder cannot have * in its name", "name one folder", self.s3_uri)
        if self.kind == "s3" and self.mount_path is not None and not self.is_mounted:
            yield Problem(
                ("mount_path",), "nothing is mounted", "leave it out, or let mount be true", self.mount_path
            )

    def _ages(self) -> Iterator[Problem]:
        if self.kind != "efs" or not self.is_made:
            return
        least = self.infrequent_after_days
        if self.archive_after_days is not None and self.archive_after_days <= least:
            allowed = f"use more than infrequent_after_days, which is {least}"
            yield Problem(("archive_after_days",), "too soon", allowed, self.archive_after_days)

    def _lustre(self) -> Iterator[Problem]:
        if self.kind != "lustre" or not self.is_made:
            return
        size = self.capacity_gb
        if size != LUSTRE_SMALLEST and size % LUSTRE_STEP:
            allowed = f"use {LUSTRE_SMALLEST}, or a multiple of {LUSTRE_STEP}"
            yield Problem(("capacity_gb",), "not a size that FSx for Lustre has", allowed, size)
        known = LUSTRE_THROUGHPUTS[self.deployment]
        if self.throughput is not None and self.throughput not in known:
            allowed = f"use one of {', '.join(map(str, known))}" if known else "leave it out"
            yield Problem(
                ("throughput",), f'none that deployment = "{self.deployment}" has', allowed, self.throughput
            )

    def _repeated(self) -> Iterator[Problem]:
        yield from repeated(self.teams or (), ("teams",))
        yield from repeated(self.clients, ("clients",))
