"""What a network costs while nobody uses it, by the list prices that `vpc_endpoints` names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from studio_infra.settings.derived.network_features import features_in_use
from studio_infra.settings.facts.vpc_endpoints import (
    missing_endpoints,
    network_usd_per_hour,
    required_endpoints,
)

if TYPE_CHECKING:
    from studio_infra.settings.studio_settings import StudioSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkCost:
    """What the stacks make and pay for by the hour.

    Args:
        interfaces: Full names of the interface endpoints that are made.
        gateways: Full names of the gateway endpoints that are made: these are free.
        elsewhere: Full names of what the VPC must offer already.
        zones: In how many subnets each interface stands.
        nat_gateways: Ways out.
        usd_per_hour: By the list prices of us-east-1, before traffic.

    """

    interfaces: tuple[str, ...]
    gateways: tuple[str, ...]
    elsewhere: tuple[str, ...]
    zones: int
    nat_gateways: int
    usd_per_hour: float


def network_cost(settings: StudioSettings) -> NetworkCost:
    """What the network of these settings is made of, and costs an hour."""
    network, domain = settings.network, settings.domain
    made_here = domain.vpc_id is None
    required = required_endpoints(features_in_use(settings), domain.network)
    existing = network.existing_endpoints if network.existing_endpoints is not None else ()
    lacking = missing_endpoints(required, existing)
    made = lacking if made_here or network.create_endpoints else ()
    region = settings.aws.region if settings.aws.region is not None else "<region>"
    zones = domain.availability_zones if made_here else len(network.job_subnet_ids or domain.subnet_ids)
    nat_gateways = domain.nat_gateways if made_here and domain.network == "VpcOnly" else 0
    return NetworkCost(
        interfaces=tuple(one.service_name(region) for one in made if not one.gateway),
        gateways=tuple(one.service_name(region) for one in made if one.gateway),
        elsewhere=tuple(one.service_name(region) for one in required if one not in made),
        zones=zones,
        nat_gateways=nat_gateways,
        usd_per_hour=network_usd_per_hour(made, zones=zones, nat_gateways=nat_gateways),
    )
