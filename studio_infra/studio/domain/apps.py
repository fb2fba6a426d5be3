"""Which apps Studio offers, and what each of them starts with."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

Json = dict[str, Any]
"""A piece of CloudFormation: its words, with CDK tokens where a value is not known yet."""


class StudioApp(StrEnum):
    """An app that a person can run in Studio."""

    JUPYTER_LAB = "JupyterLab"
    CODE_EDITOR = "CodeEditor"
    JUPYTER_SERVER = "JupyterServer"
    """Studio Classic's server. AWS makes no new ones: only for domains that still run it."""
    KERNEL_GATEWAY = "KernelGateway"
    """Studio Classic's notebook instance. AWS makes no new ones: only for domains that still run it."""

    @property
    def is_classic(self) -> bool:
        """Whether the app belongs to Studio Classic."""
        return self in CLASSIC_APPS


CURRENT_APPS: Final = (StudioApp.JUPYTER_LAB, StudioApp.CODE_EDITOR)
CLASSIC_APPS: Final = (StudioApp.JUPYTER_SERVER, StudioApp.KERNEL_GATEWAY)

#: Every app type Studio's launcher can show; those a domain does not offer are hidden in its web portal.
PORTAL_APPS: Final = (
    "JupyterServer",
    "TensorBoard",
    "RStudioServerPro",
    "Canvas",
    "CodeEditor",
    "JupyterLab",
)

#: The Studio Classic server always runs on this type, which costs nothing extra.
_CLASSIC_SERVER_INSTANCE: Final = "system"


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomImage:
    """How a domain names an image of one's own: `CustomImage` of an app's settings.

    Args:
        image_name: Name of the image.
        app_image_config_name: Name of its configuration for the app.
        version: Number of the version that apps start from. Defaults to the newest.

    """

    image_name: str
    app_image_config_name: str
    version: int | None = None

    def as_json(self) -> Json:
        """The image in CloudFormation's words."""
        named: Json = {"AppImageConfigName": self.app_image_config_name, "ImageName": self.image_name}
        return named if self.version is None else {**named, "ImageVersionNumber": self.version}


@dataclass(frozen=True, slots=True, kw_only=True)
class DefaultImage:
    """What an app starts from unless the person chooses.

    Args:
        image_arn: ARN of an image: one of AWS's, or `StudioImage.image_ref.image_arn`.
        version_arn: ARN of one of its versions. Defaults to the newest.

    """

    image_arn: str
    version_arn: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AppSettings:
    """What one kind of app starts with.

    Args:
        app: The app.
        default_instance_type: What it runs on unless the person chooses. Defaults to the service's own default.
        lifecycle_config_arn: The script that runs at start unless the person picks another or none.
        built_in_lifecycle_config_arn: The script that always runs first; nobody can deselect it. JupyterLab and Code
            Editor only.
        idle_settings: The service's own idle shutdown, in CloudFormation's words. JupyterLab and Code Editor only.
        code_repositories: https URLs that JupyterLab suggests for cloning.
        default_image: What the app starts from unless the person chooses. Defaults to the service's own.
        custom_images: Images of one's own that the app can start from. An empty tuple takes away those that were there;
            left out, SageMaker leaves what it has.

    """

    app: StudioApp
    default_instance_type: str | None = None
    lifecycle_config_arn: str | None = None
    built_in_lifecycle_config_arn: str | None = None
    idle_settings: Json | None = None
    code_repositories: tuple[str, ...] = ()
    default_image: DefaultImage | None = None
    custom_images: tuple[CustomImage, ...] | None = None

    @property
    def key(self) -> str:
        """The property of `UserSettings` these settings go to, for example `JupyterLabAppSettings`."""
        return f"{self.app}AppSettings"

    def on(self, instance_type: str | None) -> AppSettings:
        """The same settings with another default instance type; `None` changes nothing."""
        return self if instance_type is None else replace(self, default_instance_type=instance_type)

    def as_json(self) -> Json:
        """The settings in CloudFormation's words; empty when everything is the service's default."""
        settings: Json = {}
        if spec := self._resource_spec():
            settings["DefaultResourceSpec"] = spec
        if self.lifecycle_config_arn is not None:
            # Listed as well as the default: a config that stands only in DefaultResourceSpec breaks the app's start.
            settings["LifecycleConfigArns"] = [self.lifecycle_config_arn]
        if self.built_in_lifecycle_config_arn is not None:
            settings["BuiltInLifecycleConfigArn"] = self.built_in_lifecycle_config_arn
        if self.idle_settings is not None:
            settings["AppLifecycleManagement"] = {"IdleSettings": self.idle_settings}
        if self.code_repositories:
            settings["CodeRepositories"] = [{"RepositoryUrl": url} for url in self.code_repositories]
        if self.custom_images is not None:
            settings["CustomImages"] = [image.as_json() for image in self.custom_images]
        return settings

    def _resource_spec(self) -> Json:
        wanted = {
            "InstanceType": self.default_instance_type,
            "LifecycleConfigArn": self.lifecycle_config_arn,
            "SageMakerImageArn": self.default_image.image_arn if self.default_image is not None else None,
            "SageMakerImageVersionArn": self.default_image.version_arn
            if self.default_image is not None
            else None,
        }
        spec: Json = {key: value for key, value in wanted.items() if value is not None}
        if spec and self.app is StudioApp.JUPYTER_SERVER:
            spec["InstanceType"] = _CLASSIC_SERVER_INSTANCE
        return spec
