"""The network that settings describe: made, or in a VPC brought along."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2

from studio_infra.network import StudioNetwork
from studio_infra.settings.derived.network_features import features_in_use
from studio_infra.stacks.values import git_egress

if TYPE_CHECKING:
    from aws_cdk import aws_kms as kms
    from constructs import Construct

    from studio_infra.settings import StudioSettings


def studio_network(
    scope: Construct,
    construct_id: str,
    settings: StudioSettings,
    *,
    key: kms.IKey,
    removal: cdk.RemovalPolicy,
) -> StudioNetwork:
    """Make the network of a domain, or use the one that the settings name.

    Args:
        scope: The stack.
        construct_id: Unique among the children of `scope`.
        settings: What the platform team decided.
        key: Encrypts the flow logs.
        removal: What happens, when the stack goes, to what the domain stands in.

    """
    network, domain = settings.network, settings.domain
    return StudioNetwork(
        scope,
        construct_id,
        mode=domain.network,
        features=features_in_use(settings),
        people=len(settings.roster) if domain.vpc_id is None or network.subnet_cidrs else None,
        trusted_accounts=network.trusted_accounts,
        git=git_egress(settings),
        s3_prefix_list=network.s3_prefix_list,
        people_apart=settings.access.security_group_per_person,
        removal_policy=removal,
        **(_new(settings, key) if domain.vpc_id is None else _brought_along(scope, settings)),
    )


def _new(settings: StudioSettings, key: kms.IKey) -> dict[str, Any]:
    network, domain = settings.network, settings.domain
    return {
        "availability_zones": domain.availability_zones,
        "nat_gateways": domain.nat_gateways if domain.network == "VpcOnly" else 0,
        "cidr": network.cidr,
        "dual_stack": network.dual_stack,
        "flow_logs": network.flow_logs,
        "flow_log_key": key,
    }


def _brought_along(scope: Construct, settings: StudioSettings) -> dict[str, Any]:
    network, domain = settings.network, settings.domain
    ids, job_ids = domain.subnet_ids, network.job_subnet_ids
    cidrs = network.subnet_cidrs or (None,) * len(ids)
    tables = network.route_table_ids or (None,) * (len(ids) + len(job_ids))
    subnets = [
        ec2.Subnet.from_subnet_attributes(
            scope, f"Subnet{number}", subnet_id=subnet_id, ipv4_cidr_block=cidr, route_table_id=table
        )
        for number, (subnet_id, cidr, table) in enumerate(zip(ids, cidrs, tables, strict=False), start=1)
    ]
    jobs = [
        ec2.Subnet.from_subnet_attributes(
            scope, f"JobSubnet{number}", subnet_id=subnet_id, route_table_id=table
        )
        for number, (subnet_id, table) in enumerate(zip(job_ids, tables[len(ids) :], strict=True), start=1)
    ]
    vpc = ec2.Vpc.from_vpc_attributes(
        scope,
        "Vpc",
        vpc_id=str(domain.vpc_id),
        vpc_cidr_block=network.vpc_cidr,
        availability_zones=[cdk.Fn.select(number, cdk.Fn.get_azs()) for number in range(len(subnets))],
        private_subnet_ids=list(ids),
    )
    return {
        "vpc": vpc,
        "subnets": subnets,
        "job_subnets": jobs or None,
        "existing_endpoints": network.existing_endpoints,
        "create_endpoints": network.create_endpoints,
    }
