"""How a container of one's own starts, and what it tells Studio of itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from studio_infra.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping

Json = dict[str, Any]

#: What `ContainerConfig` of an `AppImageConfig` takes, by the CloudFormation registry.
_ENTRYPOINT_MAX: Final = 256
_ARGUMENTS: Final = (50, 64)
_VARIABLES: Final = (25, 256)
#: The two owners that a Classic kernel's files can have: root, or SageMaker's user.
_OWNERS: Final = ((0, 0), (1000, 100))


@dataclass(frozen=True, slots=True, kw_only=True)
class AppContainer:
    """How Studio starts the container of JupyterLab or Code Editor.

    Args:
        entrypoint: Program to start, in place of the image's own. Defaults to the image's.
        arguments: What it is started with: at most 50, each at most 64 characters. Defaults to the image's.
        environment: Variables besides Studio's: at most 25. Never secrets: who may describe the configuration reads
            them.

    Raises:
        InvalidInput: More, or longer, than SageMaker takes.

    """

    entrypoint: str | None = None
    arguments: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        many, long = _ARGUMENTS
        if self.entrypoint is not None and not 0 < len(self.entrypoint.strip()) <= _ENTRYPOINT_MAX:
            raise InvalidInput(
                "ContainerEntrypoint",
                f"entrypoint must be 1-{_ENTRYPOINT_MAX} characters, got {len(self.entrypoint)}",
            )
        if len(self.arguments) > many or not all(0 < len(one.strip()) <= long for one in self.arguments):
            raise InvalidInput(
                "ContainerArguments",
                f"a container takes at most {many} arguments of 1-{long} characters each",
            )
        many, long = _VARIABLES
        texts = [*self.environment, *self.environment.values()]
        if len(self.environment) > many or not all(0 < len(text.strip()) <= long for text in texts):
            raise InvalidInput(
                "ContainerEnvironment",
                f"a container takes at most {many} variables, names and values of 1-{long} characters each",
            )

    def as_json(self) -> Json:
        """`ContainerConfig` of CloudFormation."""
        settings: Json = {}
        if self.entrypoint is not None:
            settings["ContainerEntrypoint"] = [self.entrypoint]
        if self.arguments:
            settings["ContainerArguments"] = list(self.arguments)
        if self.environment:
            settings["ContainerEnvironmentVariables"] = [
                {"Key": key, "Value": value} for key, value in sorted(self.environment.items())
            ]
        return settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Kernel:
    """The kernel of an image for Studio Classic: a `KernelGateway` app.

    Args:
        name: Name of the kernel spec inside the image: `"python3"`, or `"ir"` for R.
        display_name: What people read in the launcher. Defaults to the name.
        mount_path: Where the image expects the person's files. Defaults to SageMaker's `/home/sagemaker-user`.
        uid: Owner of the files: 1000, with group 100, or 0 with group 0. Defaults to 1000.
        gid: Group of the files. Defaults to 100.

    Raises:
        InvalidInput: Owner and group are none of the two pairs that SageMaker takes, or a path that is not absolute.

    """

    name: str
    display_name: str | None = None
    mount_path: str | None = None
    uid: int = 1000
    gid: int = 100

    def __post_init__(self) -> None:
        if (self.uid, self.gid) not in _OWNERS:
            raise InvalidInput(
                "KernelOwner", f"uid and gid must be 1000 and 100, or 0 and 0, got {self.uid} and {self.gid}"
            )
        if self.mount_path is not None and not self.mount_path.startswith("/"):
            raise InvalidInput(
                "KernelMountPath", f"mount_path must begin with a slash, got {self.mount_path!r}"
            )
        if not self.name:
            raise InvalidInput("KernelName", "a kernel needs the name of its kernel spec, got none")

    def as_json(self) -> Json:
        """`KernelGatewayImageConfig` of CloudFormation."""
        files: Json = {"DefaultUid": self.uid, "DefaultGid": self.gid}
        if self.mount_path is not None:
            files["MountPath"] = self.mount_path
        shown = self.display_name if self.display_name is not None else self.name
        return {"KernelSpecs": [{"Name": self.name, "DisplayName": shown}], "FileSystemConfig": files}
