"""What a domain can have and CloudFormation cannot say: `DomainUpdate` brings it there."""

from __future__ import annotations

from studio_infra.studio.domain.features.canvas import Canvas, CanvasDataSource
from studio_infra.studio.domain.features.features import AmazonQ, DomainFeatures

__all__ = ["AmazonQ", "Canvas", "CanvasDataSource", "DomainFeatures"]
