"""The network section against the kind of VPC: one that is made here, or one brought along."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from studio_infra.settings.derived.network_features import features_in_use
from studio_infra.settings.facts.vpc_endpoints import missing_endpoints, required_endpoints
from studio_infra.settings.fields.partial import known
from studio_infra.settings.findings import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from studio_infra.settings.checks.draft import Checks, Draft

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


def network_checks(draft: Draft) -> Checks:
    """What `[network]` says of the wrong kind of VPC, and what one brought along lacks."""
    yield _of_the_other_kind(draft)
    yield _sizes(draft)
    yield _addresses(draft)
    yield _lacking(draft)
    yield _gateway_that_nothing_leads_to(draft)
    yield _routes(draft)


def _of_the_other_kind(draft: Draft) -> Iterator[Problem]:
    kind, way = "is for a VPC brought along", "name it in domain.vpc_id"
    others: tuple[str, ...] = _OF_AN_OLD_VPC
    if draft.domain.vpc_id is not None:
        kind, way = "is for a VPC that is made here", "leave it out, or leave out domain.vpc_id"
        others = _OF_A_NEW_VPC
    for name in others:
        if name in draft.network.model_fields_set:
            yield Problem(("network", name), kind, way, getattr(draft.network, name))


def _sizes(draft: Draft) -> Iterator[Problem]:
    cidrs, subnets = draft.network.subnet_cidrs, draft.domain.subnet_ids
    if draft.domain.vpc_id is not None and cidrs and len(cidrs) != len(subnets):
        yield Problem(
            ("network", "subnet_cidrs"),
            f"{len(cidrs)} for {len(subnets)} subnets",
            "give one for each of domain.subnet_ids, in the same order",
        )


def _addresses(draft: Draft) -> Iterator[Problem]:
    network = draft.network
    if draft.domain.vpc_id is not None and network.s3_prefix_list is not None and network.vpc_cidr is None:
        yield Problem(
            ("network", "s3_prefix_list"),
            "HTTPS would not lead to the endpoints that the VPC has",
            "give the VPC's addresses in vpc_cidr",
        )


def _lacking(draft: Draft) -> Iterator[Problem]:
    existing, mode = draft.network.existing_endpoints, draft.domain.network
    if draft.domain.vpc_id is None or existing is None or mode != "VpcOnly" or draft.network.create_endpoints:
        return
    missing = missing_endpoints(required_endpoints(features_in_use(draft), mode), existing)
    if missing:
        region = known(lambda: draft.aws.region)
        names = (one.service_name(region) if region is not None else one.service_name() for one in missing)
        yield Problem(
            ("network", "existing_endpoints"),
            f"the VPC lacks {', '.join(names)}",
            "make them there and name them here, or let create_endpoints be true",
        )


def _gateway_that_nothing_leads_to(draft: Draft) -> Iterator[Problem]:
    network = draft.network
    makes_gateway = network.create_endpoints and "s3" not in (network.existing_endpoints or ())
    if draft.domain.vpc_id is not None and makes_gateway and not network.route_table_ids:
        yield Problem(
            ("network", "create_endpoints"),
            "the gateway endpoint of S3 needs route tables that lead to it",
            'name them in route_table_ids, or name "s3" in existing_endpoints if the VPC has it',
        )


def _routes(draft: Draft) -> Iterator[Problem]:
    tables = draft.network.route_table_ids
    subnets = len(draft.domain.subnet_ids) + len(draft.network.job_subnet_ids)
    if draft.domain.vpc_id is not None and tables and len(tables) != subnets:
        yield Problem(
            ("network", "route_table_ids"),
            f"{len(tables)} for {subnets} subnets",
            "give one for each of domain.subnet_ids, then one for each of job_subnet_ids",
        )
