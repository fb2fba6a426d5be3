"""What a person finds in Studio, in CloudFormation's words: one source for domain, profile and roster."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from studio_infra.studio.domain.apps import PORTAL_APPS, AppSettings, Json, StudioApp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from studio_infra.studio.domain.connections import EmrAccess, RStudioAccess
    from studio_infra.studio.domain.file_systems import CustomFileSystem
    from studio_infra.studio.domain.portal import NotebookSharing, Portal

#: Shared spaces take their defaults from the domain's `DefaultSpaceSettings`, which has no Code Editor.
_SPACE_DEFAULT_APPS: Final = (StudioApp.JUPYTER_LAB, StudioApp.JUPYTER_SERVER, StudioApp.KERNEL_GATEWAY)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpaceStorage:
    """The EBS volume that is a space's home, in GB.

    Args:
        default_gb: What a new space gets.
        maximum_gb: The most a person may ask for.

    """

    default_gb: int
    maximum_gb: int

    def as_json(self) -> Json:
        """`SpaceStorageSettings` of CloudFormation."""
        return {
            "DefaultEbsStorageSettings": {
                "DefaultEbsVolumeSizeInGb": self.default_gb,
                "MaximumEbsVolumeSizeInGb": self.maximum_gb,
            }
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class UserSettings:
    """What a person finds in Studio.

    Everything left out is inherited: a profile inherits from its domain, a domain from the service.

    Args:
        execution_role_arn: What the person's code may do.
        apps: What each app starts with.
        security_group_ids: Networks of the person's apps.
        hidden_instance_types: Instance types that the launcher does not offer.
        space_storage: Sizes of a space's volume.
        posix_uid: Numeric owner of the person's files on custom file systems.
        posix_gid: Numeric group of those files: their team's, where a team shares a directory. Defaults to the number
            of `posix_uid`.
        portal: What Studio's own pages show, and where people land. Defaults to everything, and to Studio's home.
        sharing: Where notebooks that people share are kept with their output. Defaults to sharing without output.
        file_systems: File systems besides the home that people may mount. An empty list takes away what a profile has;
            left out, it keeps that.
        rstudio: What a person may do in RStudio. Defaults to what the domain says.
        emr: Roles with which a person's JupyterLab connects to EMR clusters. For profiles only.

    """

    execution_role_arn: str | None = None
    apps: Sequence[AppSettings] = ()
    security_group_ids: Sequence[str] = ()
    hidden_instance_types: Sequence[str] = ()
    space_storage: SpaceStorage | None = None
    posix_uid: int | None = None
    posix_gid: int | None = None
    portal: Portal | None = None
    sharing: NotebookSharing | None = None
    file_systems: Sequence[CustomFileSystem] | None = None
    rstudio: RStudioAccess | None = None
    emr: EmrAccess | None = None

    def for_domain(self) -> Json:
        """`DefaultUserSettings` of a domain: also says what a person's settings can only inherit."""
        offered: set[str] = {settings.app for settings in self.apps}
        if self.portal is not None and self.portal.canvas:
            offered.add("Canvas")
        portal = {"HiddenAppTypes": [app for app in PORTAL_APPS if app not in offered]}
        settings = self.for_user_profile()
        return {
            **settings,
            **{app.key: app.as_json() for app in self.apps if app.as_json()},
            "StudioWebPortal": "ENABLED",
            "StudioWebPortalSettings": {**settings.get("StudioWebPortalSettings", {}), **portal},
            "DefaultLandingUri": self.portal.landing_uri if self.portal is not None else "studio::",
            # The service no longer mounts the home file system by itself in every domain: ask for it.
            "AutoMountHomeEFS": "Enabled",
            # Shared notebook output leaves the person's storage, past the key of the domain.
            "SharingSettings": settings.get("SharingSettings", {"NotebookOutputOption": "Disabled"}),
        }

    def for_user_profile(self) -> Json:
        """`UserSettings` of a profile."""
        settings: Json = {}
        if self.execution_role_arn is not None:
            settings["ExecutionRole"] = self.execution_role_arn
        if self.security_group_ids:
            settings["SecurityGroups"] = list(self.security_group_ids)
        settings |= self._portal()
        if self.space_storage is not None:
            settings["SpaceStorageSettings"] = self.space_storage.as_json()
        if self.posix_uid is not None:
            gid = self.posix_gid if self.posix_gid is not None else self.posix_uid
            settings["CustomPosixUserConfig"] = {"Uid": self.posix_uid, "Gid": gid}
        if self.file_systems is not None:
            settings["CustomFileSystemConfigs"] = [one.for_people() for one in self.file_systems]
        if self.sharing is not None:
            settings["SharingSettings"] = self.sharing.as_json()
        # CloudFormation takes idle shutdown for domains and for spaces, not for profiles: its registry schema of
        # AWS::SageMaker::UserProfile lacks the property, although the API and the L1 have it.
        apps = [replace(app, idle_settings=None) for app in self.apps]
        settings |= {app.key: app.as_json() for app in apps if app.as_json()}
        if self.rstudio is not None:
            settings["RStudioServerProAppSettings"] = self.rstudio.as_json()
        if self.emr is not None:
            lab = settings.get("JupyterLabAppSettings", {})
            settings["JupyterLabAppSettings"] = {**lab, "EmrSettings": self.emr.as_json()}
        return settings

    def _portal(self) -> Json:
        shown = self.portal.as_json() if self.portal is not None else {}
        if self.hidden_instance_types:
            shown = {"HiddenInstanceTypes": list(self.hidden_instance_types), **shown}
        settings: Json = {"StudioWebPortalSettings": shown} if shown else {}
        if self.portal is not None:
            settings["DefaultLandingUri"] = self.portal.landing_uri
        return settings

    def for_spaces(self) -> Json:
        """`DefaultSpaceSettings` of a domain: what shared spaces start with."""
        settings: Json = {}
        if self.execution_role_arn is not None:
            settings["ExecutionRole"] = self.execution_role_arn
        if self.security_group_ids:
            settings["SecurityGroups"] = list(self.security_group_ids)
        if self.space_storage is not None:
            settings["SpaceStorageSettings"] = self.space_storage.as_json()
        if self.file_systems is not None:
            settings["CustomFileSystemConfigs"] = [one.for_people() for one in self.file_systems]
        settings |= {
            app.key: app.as_json() for app in self.apps if app.app in _SPACE_DEFAULT_APPS and app.as_json()
        }
        return settings
