"""From what settings say to what constructs take."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk

from studio_infra.workloads import EndpointLifetime

if TYPE_CHECKING:
    from studio_infra.settings import EndpointSettings, StudioSettings


def removal_policy(settings: StudioSettings) -> cdk.RemovalPolicy:
    """What the settings want to happen to data when a stack goes."""
    return cdk.RemovalPolicy.DESTROY if settings.domain.removal == "destroy" else cdk.RemovalPolicy.RETAIN


def endpoint_lifetime(endpoint: EndpointSettings) -> EndpointLifetime:
    """How long an endpoint is wanted."""
    if endpoint.lifetime_days is not None:
        return EndpointLifetime.for_days(endpoint.lifetime_days)
    if endpoint.expires is None or isinstance(endpoint.expires, str):
        return EndpointLifetime.forever()
    return EndpointLifetime.until(endpoint.expires)


def git_ssh(settings: StudioSettings):
    return None


def idle_shutdown(settings: StudioSettings, team: str | None = None):
    return None


def pascal(name: str) -> str:
    """`data-science` as `DataScience`, for construct ids: names are lower case, so no two become the same."""
    return "".join(part.capitalize() for part in name.split("-"))
