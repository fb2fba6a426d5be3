"""Images of one's own in Studio's launcher."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Final, Literal

from annotated_types import MaxLen, MinLen

from studio_infra.settings.fields.aws_ids import Image
from studio_infra.settings.fields.base import Many, Section
from studio_infra.settings.findings import Problem, repeated

ImageApp = Literal["JupyterLab", "CodeEditor", "KernelGateway"]
#: A configuration's name is the prefix, the image's name and three characters for the app.
NAME_MAX: Final = 63

Argument = Annotated[str, MinLen(1), MaxLen(64)]
Variable = Annotated[str, MinLen(1), MaxLen(256)]


class ImageSettings(Section):
    """`[images.NAME]`: an image in the launcher. The name, behind the prefix, is the image's in SageMaker."""

    image: Image
    """Container image in Amazon ECR. A tag that is used again is no new version: name a new tag, or a digest."""

    apps: Annotated[Many[ImageApp], MinLen(1)] = ("JupyterLab",)
    """Apps that can run it."""

    display_name: Annotated[str, MinLen(1), MaxLen(128)] | None = None
    """What people read in the launcher. Left out, the name."""

    description: Annotated[str, MinLen(1), MaxLen(512)] | None = None
    """What the image is for. Left out, nothing is said."""

    idle_extension: bool = False
    """Whether the image has jupyter-activity-monitor-extension 0.3.1 or newer, or is built on SageMaker Distribution 2
    or newer. Without it only the watcher stops its apps."""

    kernel: Annotated[str, MinLen(1), MaxLen(1024)] | None = None
    """Kernel that it offers to "KernelGateway", such as "python3" or "ir": needed there, and only there."""

    entrypoint: Annotated[str, MinLen(1), MaxLen(256)] | None = None
    """Program that starts in the container. Left out, the image's own."""

    arguments: Annotated[Many[Argument], MaxLen(50)] = ()
    """What that program is started with. Left out, the image's own."""

    environment: Annotated[Mapping[Variable, Variable], MaxLen(25)] = {}
    """Variables of the container. Never secrets: whoever may describe it reads them."""

    def checks(self) -> tuple[Iterator[Problem], ...]:
        """A kernel where none belongs or none is, and apps named twice."""
        return self._kernel(), self._repeated()

    def _kernel(self) -> Iterator[Problem]:
        classic = "KernelGateway" in self.apps
        if classic and self.kernel is None:
            yield Problem(("apps",), '"KernelGateway" needs a kernel', "name it in kernel", self.apps)
        if self.kernel is not None and not classic:
            yield Problem(("kernel",), 'is for "KernelGateway"', "leave it out, or add that app", self.kernel)

    def _repeated(self) -> Iterator[Problem]:
        yield from repeated(self.apps, ("apps",))
