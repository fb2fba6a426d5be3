"""Where S3 writes who read and wrote what in another bucket."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from studio_infra.guardrails.acknowledge import acknowledge


def finish(bucket: s3.Bucket, removal_policy: cdk.RemovalPolicy) -> None:
    """Do what every bucket of Studio needs besides its properties."""
    if bucket.policy is not None:
        # What stays behind a deleted stack must not become reachable without TLS.
        bucket.policy.apply_removal_policy(removal_policy)
    acknowledge(
        bucket,
        "S3BucketReplicationEnabled",
        "versions protect against mistakes; a copy in a second region is the company's decision",
    )
    acknowledge(
        bucket,
        "S3BucketDefaultLockEnabled",
        "people may delete what they made; versions bring it back for a while",
    )


class AccessLogBucket(Construct):
    """A bucket that only S3's log delivery writes to.

    Args:
        scope: The construct this one belongs to.
        construct_id: Unique among the children of ``scope``. Renaming it makes a new, empty bucket.
        keep: How long a log line is kept. Defaults to one year.
        removal_policy: Already decided by the caller's double lock.

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        keep: cdk.Duration | None = None,
        removal_policy: cdk.RemovalPolicy,
    ) -> None:
        super().__init__(scope, construct_id)
        self.bucket = s3.Bucket(
            self,
            "Resource",
            # Log delivery cannot write to a bucket whose default key is a customer's.
            # https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            versioned=True,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            lifecycle_rules=[
                s3.LifecycleRule(
                    id="Expiry",
                    expiration=keep if keep is not None else cdk.Duration.days(365),
                    noncurrent_version_expiration=cdk.Duration.days(1),
                )
            ],
            removal_policy=removal_policy,
        )
        finish(self.bucket, removal_policy)
        acknowledge(
            self.bucket,
            "S3DefaultEncryptionKMS",
            "S3 delivers access logs only to buckets with SSE-S3 encryption",
        )

    def receive_from(self, source: s3.IBucket) -> None:
        """Let S3 write the access logs of ``source`` here, and of no other bucket."""
        self.bucket.add_to_resource_policy(
            iam.PolicyStatement(
                sid="LogDelivery",
                principals=[iam.ServicePrincipal("logging.s3.amazonaws.com")],
                actions=["s3:PutObject"],
                resources=[self.bucket.arn_for_objects("*")],
                conditions={
                    "ArnLike": {"aws:SourceArn": source.bucket_arn},
                    "StringEquals": {"aws:SourceAccount": cdk.Stack.of(self).account},
                },
            )
        )
