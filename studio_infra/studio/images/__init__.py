"""Images of one's own: what apps start from when Studio's own image lacks something."""

from __future__ import annotations

from studio_infra.studio.images.container import AppContainer, Kernel
from studio_infra.studio.images.image_build import ImageBuild
from studio_infra.studio.images.studio_image import StudioImage

__all__ = ["AppContainer", "ImageBuild", "Kernel", "StudioImage"]
