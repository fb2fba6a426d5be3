"""Everything in the account that a Studio can leave behind, by kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from studio_infra.rehearsal.life.stage import Inventory, Stage


def take_inventory(stage: Stage) -> Inventory:
    """Look at everything that is there now."""
    return {kind: set(look(stage)) for kind, look in _KINDS.items()}


def _names(operation: str, key: str) -> Callable[[Stage], Iterator[str]]:
    return lambda stage: (item[key] for item in stage.pages(operation))


def _of(service: str, operation: str, items: str, key: str) -> Callable[[Stage], Iterator[str]]:
    def look(stage: Stage) -> Iterator[str]:
        answer: dict[str, Any] = getattr(stage.client(service), operation)()
        return (item[key] for item in answer.get(items, []))

    return look


def _roles(stage: Stage) -> Iterator[str]:
    for page in stage.client("iam").get_paginator("list_roles").paginate():
        yield from (role["RoleName"] for role in page["Roles"])


def _keys(stage: Stage) -> Iterator[str]:
    """Keys that are in use: AWS's own and those waiting for their deletion cost nothing."""
    kms = stage.client("kms")
    for key in kms.list_keys()["Keys"]:
        metadata = kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]
        if metadata.get("KeyManager", "CUSTOMER") == "CUSTOMER" and metadata["KeyState"] == "Enabled":
            yield key["KeyId"]


def _nat_gateways(stage: Stage) -> Iterator[str]:
    """NAT gateways that are there: EC2 shows deleted ones for another hour."""
    for gateway in stage.client("ec2").describe_nat_gateways()["NatGateways"]:
        if gateway["State"] not in ("deleted", "deleting"):
            yield gateway["NatGatewayId"]


_KINDS: Final[dict[str, Callable[[Stage], Iterator[str]]]] = {
    "domains": _names("list_domains", "DomainId"),
    "profiles": _names("list_user_profiles", "UserProfileName"),
    "spaces": _names("list_spaces", "SpaceName"),
    "lifecycle configurations": _names("list_studio_lifecycle_configs", "StudioLifecycleConfigName"),
    "endpoints": _names("list_endpoints", "EndpointName"),
    "endpoint configurations": _names("list_endpoint_configs", "EndpointConfigName"),
    "models": _names("list_models", "ModelName"),
    "model package groups": _names("list_model_package_groups", "ModelPackageGroupName"),
    "pipelines": _names("list_pipelines", "PipelineName"),
    "file systems": _of("efs", "describe_file_systems", "FileSystems", "FileSystemId"),
    "backup vaults": _of("backup", "list_backup_vaults", "BackupVaultList", "BackupVaultName"),
    "VPCs": _of("ec2", "describe_vpcs", "Vpcs", "VpcId"),
    "subnets": _of("ec2", "describe_subnets", "Subnets", "SubnetId"),
    "security groups": _of("ec2", "describe_security_groups", "SecurityGroups", "GroupId"),
    "VPC endpoints": _of("ec2", "describe_vpc_endpoints", "VpcEndpoints", "VpcEndpointId"),
    "NAT gateways": _nat_gateways,
    "buckets": _of("s3", "list_buckets", "Buckets", "Name"),
    "keys": _keys,
    "roles": _roles,
    "log groups": _of("logs", "describe_log_groups", "logGroups", "logGroupName"),
    "functions": _of("lambda", "list_functions", "Functions", "FunctionName"),
}
