"""Requests and answers of an endpoint, kept for whoever looks at how well its model does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_sagemaker as sagemaker

from studio_infra.errors import InvalidInput
from studio_infra.workloads import limits
from studio_infra.workloads.pipelines.pipeline_definition.data import check_place

if TYPE_CHECKING:
    import jsii
    from aws_cdk import aws_kms as kms


@dataclass(frozen=True, kw_only=True)
class DataCapture:
    """What an endpoint keeps of its requests.

    Args:
        place: Folder in S3: `s3://bucket/folder/`.
        key: Encrypts what is kept. Give it a key of its own where not everybody who may use the endpoint's key may read
            what people asked.
        percent: How many of the requests: 0-100.
        requests: Keep what was asked.
        answers: Keep what was answered.

    """

    place: str
    key: kms.IKey
    percent: jsii.Number = 100
    requests: bool = True
    answers: bool = True

    def __post_init__(self) -> None:
        check_place(self.place, "place")
        least, most = limits.CAPTURE_PERCENT
        if not cdk.Token.is_unresolved(self.percent) and not least <= self.percent <= most:
            raise InvalidInput("DataCapture", f"percent must be {least}-{most}, got {self.percent}")
        if not self.requests and not self.answers:
            raise InvalidInput("DataCapture", "neither requests nor answers are kept: leave the capture out")

    def to_property(self) -> sagemaker.CfnEndpointConfig.DataCaptureConfigProperty:
        """The same in CloudFormation's words."""
        kept = {"Input": self.requests, "Output": self.answers}
        return sagemaker.CfnEndpointConfig.DataCaptureConfigProperty(
            enable_capture=True,
            initial_sampling_percentage=self.percent,
            destination_s3_uri=self.place,
            kms_key_id=self.key.key_arn,
            capture_options=[
                sagemaker.CfnEndpointConfig.CaptureOptionProperty(capture_mode=mode)
                for mode, wanted in kept.items()
                if wanted
            ],
        )
