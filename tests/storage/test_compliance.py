"""CDK's own rules and six compliance packs have nothing to say about what is kept."""

from __future__ import annotations

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3

from studio_infra.storage import ArtifactBucket, StudioKey
from tests.compliance import findings, strict_app


def storage(stack: cdk.Stack) -> None:
    key = StudioKey(stack, "Key", alias="research")
    ArtifactBucket(stack, "Artifacts", key=key.key)


@pytest.mark.slow
def test_no_compliance_pack_has_a_finding(stack: cdk.Stack) -> None:
    storage(stack)
    assert findings(stack) == set()


@pytest.mark.slow
def test_a_bare_bucket_beside_ours_is_still_found(stack: cdk.Stack) -> None:
    storage(stack)
    s3.Bucket(stack, "Bare")
    found = findings(stack)
    assert {"AwsSolutions-S1", "AwsSolutions-S10", "HIPAA.Security-S3BucketReplicationEnabled"} <= found
    assert {"NIST.800.53.R4-S3BucketDefaultLockEnabled", "PCI.DSS.321-S3DefaultEncryptionKMS"} <= found


@pytest.mark.slow
def test_cdks_own_validator_finds_nothing() -> None:
    app = strict_app()
    storage(cdk.Stack(app, "S"))
    app.synth()
