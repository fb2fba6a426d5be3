"""Where data sets, checkpoints, models and logs of jobs are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from studio_infra.errors import InvalidInput
from studio_infra.settings.facts.limits import TEAM_MAX, is_team_name
from studio_infra.storage.access_log_bucket import AccessLogBucket, finish
from studio_infra.storage.removal import effective_removal_policy
from studio_infra.storage.studio_key import StudioKeyGrants

if TYPE_CHECKING:
    from aws_cdk import aws_kms as kms
    from aws_cdk.interfaces import aws_kms as key_refs
    from aws_cdk.interfaces import aws_s3 as refs


def team_prefix(team: str) -> str:
    """Name the part of a bucket that belongs to ``team``.

    Raises:
        InvalidInput: ``team`` is no team's name: one path segment in which nothing can climb out of it, or
            match more than itself in a policy.

    """
    if not cdk.Token.is_unresolved(team) and not is_team_name(team):
        raise InvalidInput(
            "TeamName",
            f"team must be 1-{TEAM_MAX} lower-case letters, digits or inner hyphens, the first a letter, "
            f"got {team!r}",
        )
    return f"teams/{team}/"


class ArtifactBucketGrants:
    """Permissions on the team prefixes of a bucket, given to somebody else's identity policy.

    Works on any bucket: ours, an L1 ``CfnBucket``, or an imported one.
    """

    @classmethod
    def from_bucket(
        cls, bucket: refs.IBucketRef, *, key: key_refs.IKeyRef | None = None
    ) -> ArtifactBucketGrants:
        """Start granting on ``bucket``, and on the ``key`` that it is encrypted with, if it is."""
        return cls(bucket, key)

    def __init__(self, bucket: refs.IBucketRef, key: key_refs.IKeyRef | None) -> None:
        self._bucket_arn = bucket.bucket_ref.bucket_arn
        self._key = StudioKeyGrants.from_key(key) if key is not None else None

    def read_team(self, grantee: iam.IGrantable, team: str) -> iam.Grant:
        """Let ``grantee`` list and read what ``team`` keeps, and nothing of other teams."""
        return self._grant(grantee, team, ["s3:GetObject", "s3:GetObjectTagging"], writes=False)

    def read_write_team(self, grantee: iam.IGrantable, team: str) -> iam.Grant:
        """Let ``grantee`` list, read, write and delete what ``team`` keeps, but not older versions."""
        actions = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:GetObjectTagging"]
        actions += ["s3:ListMultipartUploadParts", "s3:PutObject", "s3:PutObjectTagging"]
        return self._grant(grantee, team, actions, writes=True)

    def _grant(self, grantee: iam.IGrantable, team: str, actions: list[str], *, writes: bool) -> iam.Grant:
        prefix = team_prefix(team)
        listing = iam.Grant.add_to_principal(
            grantee=grantee,
            actions=["s3:ListBucket"],
            resource_arns=[self._bucket_arn],
            # Both spellings: `aws s3 ls` sends the slash, the console and boto3 prefixes below it.
            conditions={"StringLike": {"s3:prefix": [prefix, f"{prefix}*"]}},
        )
        # SageMaker looks up the bucket's region before it reads or writes.
        location = iam.Grant.add_to_principal(
            grantee=grantee, actions=["s3:GetBucketLocation"], resource_arns=[self._bucket_arn]
        )
        objects = iam.Grant.add_to_principal(
            grantee=grantee, actions=actions, resource_arns=[f"{self._bucket_arn}/{prefix}*"]
        )
        grant = listing.combine(location).combine(objects)
        if self._key is None:
            return grant
        return grant.combine(self._key.use(grantee) if writes else self._key.decrypt(grantee))


class ArtifactBucket(Construct):
    """A private, versioned, KMS-encrypted bucket with one prefix per team.

    Args:
        scope: The construct this one belongs to.
        construct_id: Unique among the children of ``scope``. Renaming it makes a new, empty bucket; the old
            one is retained with its content.
        key: Encrypts the objects. Changing it encrypts new objects only; old ones stay under the old key.
        bucket_name: Leaving it out lets CloudFormation choose. A fixed name collides with the retained bucket
            when the stack is made anew, and changing it replaces the bucket.
        access_logs: Where S3 writes who read what. Defaults to a bucket of its own, kept one year.
        event_bridge: Whether EventBridge hears of new objects: for what starts when data arrives. Defaults to no.
        old_versions: How long overwritten and deleted objects can be brought back. Defaults to 90 days.
        removal_policy: What happens to the bucket when it leaves the template. Defaults to ``RETAIN``.
            ``DESTROY`` counts only with the app's consent (``studio_infra.storage.removal``), and
            CloudFormation then still refuses to delete a bucket that is not empty: emptying it takes a
            person, not a Lambda function.

    Raises:
        InvalidInput: ``old_versions`` is shorter than a day.

    """

    @classmethod
    def from_bucket_name(cls, scope: Construct, construct_id: str, bucket_name: str) -> s3.IBucket:
        """Refer to somebody else's bucket; ``ArtifactBucketGrants.from_bucket`` grants on it."""
        return s3.Bucket.from_bucket_name(scope, construct_id, bucket_name)

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        key: kms.IKey,
        bucket_name: str | None = None,
        access_logs: s3.IBucket | None = None,
        event_bridge: bool = False,
        old_versions: cdk.Duration | None = None,
        removal_policy: cdk.RemovalPolicy | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        old_versions = old_versions if old_versions is not None else cdk.Duration.days(90)
        if old_versions.to_days(integral=False) < 1:
            raise InvalidInput(
                "OldVersions", f"old_versions must be at least 1 day, got {old_versions}", scope=self
            )
        removal = effective_removal_policy(self, removal_policy)

        self._bucket = s3.Bucket(
            self,
            "Resource",
            bucket_name=bucket_name,
            encryption=s3.BucketEncryption.KMS,
            encryption_key=key,
            bucket_key_enabled=True,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            versioned=True,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            lifecycle_rules=[
                s3.LifecycleRule(id="OldVersions", noncurrent_version_expiration=old_versions),
                s3.LifecycleRule(id="DeleteMarkers", expired_object_delete_marker=True),
                s3.LifecycleRule(
                    id="IncompleteUploads", abort_incomplete_multipart_upload_after=cdk.Duration.days(7)
                ),
            ],
            removal_policy=removal,
        )
        finish(self._bucket, removal)
        if access_logs is None:
            logs = AccessLogBucket(self, "AccessLogs", removal_policy=removal)
            logs.receive_from(self._bucket)
            access_logs = logs.bucket
        # On the L1: the L2 would choose between an ACL and a bucket policy by a feature flag of the app.
        resource = self._bucket.node.default_child
        assert isinstance(resource, s3.CfnBucket)  # noqa: S101 - narrows the type
        resource.logging_configuration = s3.CfnBucket.LoggingConfigurationProperty(
            destination_bucket_name=access_logs.bucket_name, log_file_prefix=f"{self.node.id}/"
        )
        if event_bridge:
            # Here too: the L2 would bring a Lambda function to say it.
            resource.notification_configuration = s3.CfnBucket.NotificationConfigurationProperty(
                event_bridge_configuration=s3.CfnBucket.EventBridgeConfigurationProperty(
                    event_bridge_enabled=True
                )
            )
        self._key = key

    @property
    def bucket(self) -> s3.IBucket:
        """What other constructs take as ``s3.IBucket``."""
        return self._bucket

    @property
    def bucket_ref(self) -> refs.BucketReference:
        """What other constructs take as ``IBucketRef``."""
        return self._bucket.bucket_ref

    @property
    def grants(self) -> ArtifactBucketGrants:
        """Permissions on the team prefixes of this bucket."""
        return ArtifactBucketGrants.from_bucket(self._bucket, key=self._key)

    def team_url(self, team: str) -> str:
        """Name the place of ``team`` as SageMaker wants it: ``s3://bucket/teams/<team>/``."""
        return self._bucket.s3_url_for_object(team_prefix(team))
