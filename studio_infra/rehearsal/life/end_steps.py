"""Steps about the end: what `cdk destroy` removes, and what is left over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from studio_infra.rehearsal.life.inventory import take_inventory
from studio_infra.rehearsal.life.stage import Inventory, Stage, StepFailed, Thing, expect_same
from studio_infra.runtime.functions.domain_drain.drain import Drain, Stuck
from studio_infra.runtime.functions.domain_drain.observe import Clients
from studio_infra.runtime.functions.domain_drain.world import Homes, Wish
from studio_infra.runtime.functions.shared.calls import Calls, Deadline, OutOfTime
from studio_infra.runtime.functions.shared.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOOLKIT: Final = "CDKToolkit"
#: Seconds. On the embedded AWS nothing takes long.
_DRAIN_SECONDS: Final = 120.0
_RETAINED: Final = ("Retain", "RetainExceptOnCreate")
#: What goes with a domain that is drained.
_OF_THE_DOMAIN: Final = ("domains", "profiles", "spaces")
#: The policy of a bucket is part of the bucket: nothing lists it.
_PARTS: Final = ("AWS::S3::BucketPolicy",)
#: Types that stacks keep: the inventory's word for them, and the property with their name, if any.
_KINDS: Final = {
    "AWS::Backup::BackupVault": ("backup vaults", "BackupVaultName"),
    "AWS::EC2::SecurityGroup": ("security groups", ""),
    "AWS::EC2::Subnet": ("subnets", ""),
    "AWS::EC2::VPC": ("VPCs", ""),
    "AWS::EFS::FileSystem": ("file systems", ""),
    "AWS::KMS::Key": ("keys", ""),
    "AWS::Logs::LogGroup": ("log groups", "LogGroupName"),
    "AWS::S3::Bucket": ("buckets", "BucketName"),
    "AWS::SageMaker::Domain": ("domains", ""),
    "AWS::SageMaker::ModelPackageGroup": ("model package groups", "ModelPackageGroupName"),
    "AWS::SageMaker::Space": ("spaces", "SpaceName"),
    "AWS::SageMaker::StudioLifecycleConfig": ("lifecycle configurations", "StudioLifecycleConfigName"),
    "AWS::SageMaker::UserProfile": ("profiles", "UserProfileName"),
}


def drain(stage: Stage) -> str:
    """Where the settings consent, everything of the domain goes: what `studio-infra drain --apply` does, homes too."""
    if not stage.consents:
        return "the settings keep it"
    if stage.settings.domain.drain_on_delete:
        return f"the stack does it when it is deleted; {_clear_models_and_buckets(stage)}"
    clients = Clients(*(stage.client(name) for name in ("sagemaker", "efs", "ec2", "backup")))
    calls = Calls(SystemClock(), deadline=Deadline(SystemClock(), _DRAIN_SECONDS))
    done: list[str] = []
    wish = Wish(Homes.DELETE)
    draining = Drain(stage.domain["DomainId"], wish, calls=calls, clients=clients, say=done.append)
    try:
        for _ in draining.run():
            pass
    except (Stuck, OutOfTime) as error:
        left = "; ".join(str(thing) for thing in draining.world.things())
        raise StepFailed(f"{str(error) or 'it took too long'}; left: {left}") from error
    cleared = _clear_models_and_buckets(stage)
    return f"nothing is left of it after {len(done)} calls, no copy of the homes; {cleared}"


def _clear_models_and_buckets(stage: Stage) -> str:
    """What CloudFormation never deletes with its container: people clear it before they destroy a stack."""
    packages = objects = 0
    new = _new(take_inventory(stage), stage.before)
    for group in new["model package groups"]:
        for package in list(stage.pages("list_model_packages", ModelPackageGroupName=group)):
            stage.sagemaker.delete_model_package(ModelPackageName=package["ModelPackageArn"])
            packages += 1
    s3 = stage.client("s3")
    for bucket in new["buckets"]:
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
            for version in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
                s3.delete_object(Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"])
                objects += 1
    return f"{packages} model packages and {objects} objects cleared"


def destroy(stage: Stage) -> str:
    """`cdk destroy` ends well and leaves no stack. What the stacks promise to keep is written down before."""
    names = [name for name in stage.stack_events() if name != _TOOLKIT]
    for name in names:
        stage.promised |= set(_retained(stage, name))
    if stage.consents:
        # The stacks of the people keep them; they consented to go with their domain.
        stage.promised = {thing for thing in stage.promised if thing[0] not in _OF_THE_DOMAIN}
    stage.cli.destroy()
    still = [name for name in stage.stack_events() if name != _TOOLKIT]
    expect_same("stacks that are still there", sorted(still), [])
    return f"{len(names)} stacks are gone"


def what_is_left(stage: Stage) -> str:
    """Everything that the stacks promised to keep is there, and nothing else but the homes SageMaker made.

    Where the settings consent to destroy, the homes are not there either: nothing is left, or a last copy of them.
    """
    left = _new(take_inventory(stage), stage.before)
    homes = _homes(stage, left) if not stage.consents else set()
    unexpected, lost = compare(left, stage.promised, made_by_sagemaker=homes)
    expect_same("left over although nothing says so", unexpected, [])
    expect_same("lost although the stacks promised to keep it", lost, [])
    stage.left_over = {kind: sorted(names) for kind, names in left.items() if names}
    kept = ", ".join(f"{len(names)} {kind}" for kind, names in stage.left_over.items())
    return f"kept as promised: {kept}" if kept else "nothing"


def compare(
    left: Inventory, promised: set[Thing], *, made_by_sagemaker: set[str]
) -> tuple[list[Thing], list[Thing]]:
    """What is there although nobody promised it, and what was promised but is not there."""
    there = {(kind, name) for kind, names in left.items() for name in names}
    unexpected = {thing for thing in there - promised if thing[1] not in made_by_sagemaker}
    return sorted(unexpected), sorted(promised - there)


def _retained(stage: Stage, stack: str) -> Iterator[Thing]:
    """What `stack` keeps when it goes."""
    cloudformation = stage.client("cloudformation")
    resources: dict[str, Any] = cloudformation.get_template(StackName=stack)["TemplateBody"]["Resources"]
    for page in cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack):
        for made in page["StackResourceSummaries"]:
            resource = resources[made["LogicalResourceId"]]
            if resource.get("DeletionPolicy") in _RETAINED and resource["Type"] not in _PARTS:
                yield thing_of(resource, made["PhysicalResourceId"])


def thing_of(resource: dict[str, Any], physical_id: str) -> Thing:
    """Kind and name of a resource, as the inventory says them.

    Raises:
        StepFailed: The inventory does not look at this type, so nothing could be said about it.

    """
    if resource["Type"] not in _KINDS:
        raise StepFailed(f"a stack keeps a resource of type {resource['Type']}, which no inventory looks at")
    kind, name_property = _KINDS[resource["Type"]]
    name = resource.get("Properties", {}).get(name_property)
    # What `Ref` gives for compound types is not documented; a name that the template says is.
    if not isinstance(name, str):
        name = physical_id.rpartition("/")[2] if physical_id.startswith("arn:") else physical_id
    return kind, name


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
        # For NFS in every domain, and at the boundary of one that people enter through Identity Center.
        if any(group["GroupName"].endswith(f"-{domain}") for domain in left["domains"]):
            homes.add(group["GroupId"])
        # Every VPC brings a default group along, which cannot be deleted.
        if group["GroupName"] == "default" and group["VpcId"] in left["VPCs"]:
            homes.add(group["GroupId"])
    return homes
