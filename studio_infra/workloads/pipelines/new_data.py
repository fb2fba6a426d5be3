"""A pipeline that starts when new data arrives."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import aws_cdk as cdk
from constructs import Construct

from studio_infra.errors import InvalidInput
from studio_infra.workloads.pipelines.start_target import start_rule

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk.interfaces import aws_s3 as s3_refs
    from aws_cdk.interfaces import aws_sagemaker as refs

#: Part of the event: `PipelineOnNewData(parameters={"Data": NEW_OBJECT_KEY})`.
NEW_OBJECT_KEY: Final = "$.detail.object.key"
NEW_OBJECT_BUCKET: Final = "$.detail.bucket.name"
#: What EventBridge reads as part of a wildcard.
_SPECIAL: Final = re.compile(r"[*\\]")


class PipelineOnNewData(Construct):
    """Starts a pipeline when an object is written to S3.

    Every object that fits starts an execution of its own. Data that comes as many objects wants a last one that says
    that the others are there: `suffix="_SUCCESS"`.

    The bucket must send its events to EventBridge: `ArtifactBucket(event_bridge=True)`, or
    `notification_configuration` on an L1 bucket.

    Args:
        scope: The construct this one belongs to.
        construct_id: Unique among the children of `scope`.
        pipeline: What is started: a `TrainingPipeline`, an L1 `CfnPipeline`, or an imported one.
        bucket: Where the data arrives: a bucket, an L1 bucket or an imported one.
        prefix: The folder of the data: `"teams/vision/new/"`.
        suffix: How the objects end that start it. Defaults to any.
        parameters: Values for the pipeline's parameters. `NEW_OBJECT_KEY` and `NEW_OBJECT_BUCKET` become those of the
            object. Defaults to their own defaults.

    Raises:
        InvalidInput: The prefix is empty, so that what the pipeline writes would start it again, or has a wildcard.

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        pipeline: refs.IPipelineRef,
        bucket: s3_refs.IBucketRef,
        prefix: str,
        suffix: str = "",
        parameters: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        self._check(prefix, suffix)
        key: object = {"wildcard": f"{prefix}*{suffix}"} if suffix else {"prefix": prefix}
        pattern = {
            "source": ["aws.s3"],
            "detail-type": ["Object Created"],
            "detail": {
                "bucket": {"name": [bucket.bucket_ref.bucket_name]},
                "object": {"key": [key]},
            },
        }
        start_rule(self, pattern, pipeline, {} if parameters is None else parameters)

    def _check(self, prefix: str, suffix: str) -> None:
        if not prefix.strip("/"):
            raise InvalidInput(
                "NewDataPrefix",
                "prefix must be a folder like teams/vision/new/, got "
                f"{prefix!r}: what the pipeline writes would start it again",
                scope=self,
            )
        for option, value in (("prefix", prefix), ("suffix", suffix)):
            if not cdk.Token.is_unresolved(value) and _SPECIAL.search(value) is not None:
                raise InvalidInput(
                    "NewDataPrefix", f"{option} must have no * and no backslash, got {value!r}", scope=self
                )
