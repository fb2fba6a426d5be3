"""The network section against the kind of VPC: one that is made here, or one brought along."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from studio_infra.settings.derived.network_features import features_in_use
from studio_infra.settings.facts.vpc_endpoints import missing_endpoints, required_endpoints
from studio_infra.settings.findings import Problem
from studio_infra.settings.sections.network import NetworkSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from studio_infra.settings.checks.draft import Draft

#: What says something about a VPC that is made, and what about one that is brought along.
_OF_A_NEW_VPC: Final = ("cidr", "dual_stack", "flow_logs")
_OF_AN_OLD_VPC: Final = (
    "existing_endpoints",
    "create_endpoints",
    "route_table_ids",
    "vpc_cidr",
    "subnet_cidrs",
    "job_subnet_ids",
)


def network_contradictions(draft: Draft) -> Iterator[Problem]:
    """What `[network]` says of the wrong kind of VPC, and endpoints that one brought along lacks."""
    network, domain = draft.network, draft.domain
    if not isinstance(network, NetworkSettings) or domain is None or not hasattr(domain, "vpc_id"):
        return
    wrong = _OF_A_NEW_VPC if domain.vpc_id is not None else _OF_AN_OLD_VPC
    kind = "is for a VPC that is made here" if domain.vpc_id is not None else "is for a VPC brought along"
    way = (
        "leave it out, or leave out domain.vpc_id"
        if domain.vpc_id is not None
        else "name it in domain.vpc_id"
    )
    for name in wrong:
        if name in network.model_fields_set and hasattr(network, name):
            yield Problem(("network", name), kind, way, getattr(network, name))
    if domain.vpc_id is not None:
        yield from _sizes(network, getattr(domain, "subnet_ids", ()))
        yield from _lacking(draft, network, getattr(domain, "network", None))
        yield from _routes(network, getattr(domain, "subnet_ids", ()))


def _sizes(network: NetworkSettings, subnet_ids: tuple[str, ...]) -> Iterator[Problem]:
    cidrs = getattr(network, "subnet_cidrs", ())
    if cidrs and len(cidrs) != len(subnet_ids):
        yield Problem(
            ("network", "subnet_cidrs"),
            f"{len(cidrs)} for {len(subnet_ids)} subnets",
            "give one for each of domain.subnet_ids, in the same order",
        )
    if getattr(network, "s3_prefix_list", None) is not None and getattr(network, "vpc_cidr", None) is None:
        yield Problem(
            ("network", "s3_prefix_list"),
            "HTTPS would not lead to the endpoints that the VPC has",
            "give the VPC's addresses in vpc_cidr",
        )


def _routes(network: NetworkSettings, subnet_ids: tuple[str, ...]) -> Iterator[Problem]:
    tables, jobs = getattr(network, "route_table_ids", None), getattr(network, "job_subnet_ids", None)
    if tables is None or jobs is None:
        return
    subnets = len(subnet_ids) + len(jobs)
    existing = getattr(network, "existing_endpoints", None) or ()
    makes_gateway = getattr(network, "create_endpoints", False) and "s3" not in existing
    if makes_gateway and not tables:
        yield Problem(
            ("network", "create_endpoints"),
            "the gateway endpoint of S3 needs route tables that lead to it",
            'name them in route_table_ids, or name "s3" in existing_endpoints if the VPC has it',
        )
    elif tables and len(tables) != subnets:
        yield Problem(
            ("network", "route_table_ids"),
            f"{len(tables)} for {subnets} subnets",
            "give one for each of domain.subnet_ids, then one for each of job_subnet_ids",
        )


def _lacking(draft: Draft, network: NetworkSettings, mode: object) -> Iterator[Problem]:
    existing = getattr(network, "existing_endpoints", None)
    if existing is None or mode != "VpcOnly" or getattr(network, "create_endpoints", True):
        return
    features = features_in_use(draft)
    missing = missing_endpoints(required_endpoints(features, mode), existing)
    if missing:
        region = getattr(draft.aws, "region", None)
        names = ", ".join(one.service_name(region) if region else one.service_name() for one in missing)
        yield Problem(
            ("network", "existing_endpoints"),
            f"the VPC lacks {names}",
            "make them there and name them here, or let create_endpoints be true",
        )
