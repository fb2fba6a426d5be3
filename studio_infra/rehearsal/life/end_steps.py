"""Steps about the end: what `cdk destroy` removes, and what is left over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from studio_infra.rehearsal.life.inventory import take_inventory
from studio_infra.rehearsal.life.stage import Inventory, Stage, expect_same

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOOLKIT: Final = "CDKToolkit"
_RETAINED: Final = ("Retain", "RetainExceptOnCreate")


def destroy(stage: Stage) -> str:
    """`cdk destroy` ends well and leaves no stack. What the stacks promise to keep is written down before."""
    names = [name for name in stage.stack_events() if name != _TOOLKIT]
    for name in names:
        stage.promised |= set(_retained(stage, name))
    stage.cli.destroy()
    still = [name for name in stage.stack_events() if name != _TOOLKIT]
    expect_same("stacks that are still there", sorted(still), [])
    return f"{len(names)} stacks are gone"


def what_is_left(stage: Stage) -> str:
    """Everything that the stacks promised to keep is there, and nothing else but the homes SageMaker made."""
    left = _new(take_inventory(stage), stage.before)
    homes = _homes(stage, left)
    unexpected = {
        kind: sorted(name for name in names if name not in homes and not _is_promised(name, stage.promised))
        for kind, names in left.items()
    }
    unexpected = {kind: names for kind, names in unexpected.items() if names}
    expect_same("left over although nothing says so", unexpected, {})
    everything = set().union(*left.values())
    lost = sorted(one for one in stage.promised if not any(_is_promised(name, {one}) for name in everything))
    expect_same("lost although the stacks promised to keep it", lost, [])
    stage.left_over = {kind: sorted(names) for kind, names in left.items() if names}
    kept = ", ".join(f"{len(names)} {kind}" for kind, names in stage.left_over.items())
    return f"kept as promised: {kept}" if kept else "nothing"


def _retained(stage: Stage, stack: str) -> Iterator[str]:
    """Physical ids of what `stack` keeps when it goes."""
    cloudformation = stage.client("cloudformation")
    template: dict[str, Any] = cloudformation.get_template(StackName=stack)["TemplateBody"]
    kept = {
        logical_id
        for logical_id, resource in template["Resources"].items()
        # The policy of a bucket is part of the bucket: nothing lists it.
        if resource.get("DeletionPolicy") in _RETAINED and resource["Type"] != "AWS::S3::BucketPolicy"
    }
    for page in cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack):
        for resource in page["StackResourceSummaries"]:
            if resource["LogicalResourceId"] in kept:
                yield resource["PhysicalResourceId"]


def _new(now: Inventory, before: Inventory) -> Inventory:
    return {kind: names - before.get(kind, set()) for kind, names in now.items()}


def _homes(stage: Stage, left: Inventory) -> set[str]:
    """What SageMaker made for a domain and keeps with it: the home file system and its two security groups."""
    homes = set()
    for file_system in stage.client("efs").describe_file_systems()["FileSystems"]:
        tags = {tag["Key"]: tag["Value"] for tag in file_system.get("Tags", [])}
        owner = tags.get("ManagedByAmazonSageMakerResource", "")
        if owner.rpartition("/")[2] in left["domains"]:
            homes.add(file_system["FileSystemId"])
    for group in stage.client("ec2").describe_security_groups()["SecurityGroups"]:
        if any(group["GroupName"].endswith(f"-nfs-{domain}") for domain in left["domains"]):
            homes.add(group["GroupId"])
        # Every VPC brings a default group along, which cannot be deleted.
        if group["GroupName"] == "default" and group["VpcId"] in left["VPCs"]:
            homes.add(group["GroupId"])
    return homes


def _is_promised(name: str, promised: set[str]) -> bool:
    """Whether a physical id is `name`: as it stands, as part of a joined id, or as the end of an ARN."""
    return any(name == one or name in one.split("|") or one.endswith(f"/{name}") for one in promised)
