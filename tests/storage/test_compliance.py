"""CDK's own rules and six compliance packs have nothing to say about what is kept."""

from __future__ import annotations

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_efs as efs
from aws_cdk import aws_s3 as s3

from studio_infra.storage import ArtifactBucket, LustreFileSystem, StudioBackup, StudioKey, TeamFileSystem
from tests.compliance import findings, strict_app


def storage(stack: cdk.Stack) -> None:
    key = StudioKey(stack, "Key", alias="research")
    ArtifactBucket(stack, "Artifacts", key=key.key)
    vpc = ec2.Vpc.from_vpc_attributes(
        stack,
        "Vpc",
        vpc_id="vpc-0123456789abcdef0",
        availability_zones=["eu-west-1a"],
        private_subnet_ids=["subnet-0123456789abcdef0"],
    )
    apps = ec2.SecurityGroup(stack, "Apps", vpc=vpc, description="Studio apps", allow_all_outbound=False)
    files = TeamFileSystem(stack, "Files", vpc=vpc, subnets=vpc.private_subnets, clients=[apps], key=key.key)
    files.add_team_directory("Vision", team="vision", gid=2001)
    files.add_person_directory("Ana", user_name="ana", uid=10001, gid=2001)
    nfs = ec2.SecurityGroup.from_security_group_id(stack, "Nfs", "sg-0123456789abcdef0", mutable=False)
    LustreFileSystem(stack, "Fast", vpc=vpc, subnet=vpc.private_subnets[0], studio_nfs_group=nfs, key=key.key)
    StudioBackup(stack, "Backup", key=key.key).add_home("Homes", "fs-0123456789abcdef0")


@pytest.mark.slow
def test_no_compliance_pack_has_a_finding(stack: cdk.Stack) -> None:
    storage(stack)
    assert findings(stack) == set()


@pytest.mark.slow
def test_a_bare_bucket_beside_ours_is_still_found(stack: cdk.Stack) -> None:
    storage(stack)
    s3.Bucket(stack, "Bare")
    efs.CfnFileSystem(stack, "BareFiles", encrypted=False)
    found = findings(stack)
    assert {"AwsSolutions-S1", "AwsSolutions-S10", "HIPAA.Security-S3BucketReplicationEnabled"} <= found
    assert {"AwsSolutions-EFS1", "HIPAA.Security-EFSInBackupPlan"} <= found
    assert {"NIST.800.53.R4-S3BucketDefaultLockEnabled", "PCI.DSS.321-S3DefaultEncryptionKMS"} <= found


@pytest.mark.slow
def test_cdks_own_validator_finds_nothing() -> None:
    app = strict_app()
    storage(cdk.Stack(app, "S"))
    app.synth()
