"""Where Studio runs: VPC, subnets, endpoints, security groups."""

from __future__ import annotations

from studio_infra.network.egress import GitEgress
from studio_infra.network.security_groups import person_group_json
from studio_infra.network.studio_network import ImportedStudioNetwork, StudioNetwork
from studio_infra.settings.facts.vpc_endpoints import Feature, required_endpoints

__all__ = [
    "Feature",
    "GitEgress",
    "ImportedStudioNetwork",
    "StudioNetwork",
    "person_group_json",
    "required_endpoints",
]
