"""The shared files that settings describe: made, or brought along, and what each team gets of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aws_cdk import aws_ec2 as ec2

from studio_infra.access import EfsAccess, FileAccess, FolderAccess
from studio_infra.stacks.values import pascal, removal_policy
from studio_infra.storage import LustreDeployment, LustreFileSystem, SharedDirectory, TeamFileSystem
from studio_infra.studio.domain.file_systems import CustomFileSystem, EfsDirectory, LustreDirectory, S3Folder
from studio_infra.studio.people.person import OwnDirectory

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import aws_kms as kms
    from constructs import Construct

    from studio_infra.network import StudioNetwork
    from studio_infra.settings import FilesSettings, StudioSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedFiles:
    """One of `[files]`.

    Args:
        name: Its name.
        settings: What the settings say of it.
        file_system_id: The file system; nothing for a folder in S3.
        directories: What is made for each team, by its name.

    """

    name: str
    settings: FilesSettings
    file_system_id: str = ""
    directories: Mapping[str, SharedDirectory] = field(default_factory=dict)

    def for_people(self, team: str) -> CustomFileSystem | None:
        """What the profiles of a team name; a directory for each person is not among it."""
        settings = self.settings
        if not settings.is_offered or settings.has_own_directories:
            return None
        if settings.kind == "s3":
            return S3Folder(s3_uri=str(settings.s3_uri), mount_path=settings.mount_path)
        if settings.kind == "lustre":
            return LustreDirectory(file_system_id=self.file_system_id, path=settings.path)
        made = self.directories.get(team)
        return EfsDirectory(
            file_system_id=self.file_system_id, path=made.path if made is not None else settings.path
        )

    def for_each_person(self) -> OwnDirectory | None:
        """The directory that every member has, if it is of that kind."""
        if not self.settings.has_own_directories:
            return None
        name = f"Files{pascal(self.name)}"
        return OwnDirectory(name=name, file_system_id=self.file_system_id, mounted=self.settings.is_mounted)

    def for_roles(self, team: str) -> FileAccess | None:
        """What the roles of a team may do; Lustre asks no role."""
        if self.settings.kind == "s3":
            return FolderAccess(
                name=self.name, s3_uri=str(self.settings.s3_uri), read_only=self.settings.read_only
            )
        if self.settings.kind == "lustre":
            return None
        made = self.directories.get(team)
        point = made.access_point.access_point_ref.access_point_arn if made is not None else None
        return EfsAccess(name=self.name, file_system_id=self.file_system_id, access_point_arn=point)


class StudioFiles:
    """Everything in `[files]`, in the stack of the domain."""

    def __init__(
        self, stack: Construct, settings: StudioSettings, *, network: StudioNetwork, key: kms.IKey
    ) -> None:
        self._stack, self._settings, self._network, self._key = stack, settings, network, key
        group = settings.network.studio_nfs_group
        self._group = (
            # SageMaker writes its rules itself.
            ec2.SecurityGroup.from_security_group_id(stack, "StudioNfsGroup", group, mutable=False)
            if group is not None
            else None
        )
        self._all = [self._of(name, one) for name, one in settings.files.items()]

    def of_team(self, team: str) -> list[SharedFiles]:
        """What a team gets."""
        return [one for one in self._all if one.settings.is_for(team)]

    def for_people(self, team: str) -> Sequence[CustomFileSystem]:
        """What the profiles of a team name."""
        return [said for one in self.of_team(team) if (said := one.for_people(team)) is not None]

    def for_each_person(self, team: str) -> Sequence[OwnDirectory]:
        """The directories that every member of a team has."""
        return [said for one in self.of_team(team) if (said := one.for_each_person()) is not None]

    def mounted(self, team: str) -> CustomFileSystem | None:
        """What the private spaces of a team mount; the settings allow one."""
        found = [one.for_people(team) for one in self.of_team(team) if one.settings.is_mounted]
        return next((one for one in found if one is not None), None)

    def for_roles(self, team: str) -> Sequence[FileAccess]:
        """What the roles of a team may do."""
        return [said for one in self.of_team(team) if (said := one.for_roles(team)) is not None]

    def _of(self, name: str, files: FilesSettings) -> SharedFiles:
        if not files.is_made:
            return SharedFiles(name=name, settings=files, file_system_id=files.file_system_id or "")
        if files.kind == "lustre":
            return SharedFiles(name=name, settings=files, file_system_id=self._lustre(name, files))
        made = self._efs(name, files)
        return SharedFiles(
            name=name,
            settings=files,
            file_system_id=made.file_system_id,
            directories=self._directories(made, files),
        )

    def _efs(self, name: str, files: FilesSettings) -> TeamFileSystem:
        return TeamFileSystem(
            self._stack,
            f"Files{pascal(name)}",
            vpc=self._network.vpc,
            subnets=self._network.subnets,
            studio_nfs_group=self._group,
            clients=self._clients(name, files),
            key=self._key,
            infrequent_after_days=files.infrequent_after_days,
            archive_after_days=files.archive_after_days,
            backup=files.backup,
            removal_policy=removal_policy(self._settings),
        )

    def _directories(self, made: TeamFileSystem, files: FilesSettings) -> dict[str, SharedDirectory]:
        teams = [team for team in self._settings.teams if files.is_for(team)]
        if files.directories == "person":
            return {}
        if files.directories == "shared":
            return dict.fromkeys(teams, made.add_shared_directory("Shared"))
        return {
            team: made.add_team_directory(
                f"Team{pascal(team)}", team=team, gid=self._settings.teams[team].posix_gid
            )
            for team in teams
        }

    def _lustre(self, name: str, files: FilesSettings) -> str:
        assert self._group is not None  # noqa: S101 - the settings are checked for it
        return LustreFileSystem(
            self._stack,
            f"Files{pascal(name)}",
            vpc=self._network.vpc,
            subnet=self._network.subnets[0],
            studio_nfs_group=self._group,
            clients=self._clients(name, files),
            key=self._key,
            deployment=LustreDeployment(files.deployment),
            capacity_gib=files.capacity_gb,
            throughput_per_tib=files.throughput,
            s3_uri=files.s3_uri,
            removal_policy=removal_policy(self._settings),
        ).file_system_id

    def _clients(self, name: str, files: FilesSettings) -> list[ec2.ISecurityGroup]:
        """Groups of others, whose own rules stay as they are."""
        return [
            ec2.SecurityGroup.from_security_group_id(
                self._stack, f"Files{pascal(name)}Client{number}", group, mutable=False
            )
            for number, group in enumerate(files.clients, start=1)
        ]
