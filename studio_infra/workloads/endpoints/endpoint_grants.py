"""Permissions on an endpoint, given to somebody else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import aws_iam as iam

if TYPE_CHECKING:
    from aws_cdk.interfaces import aws_sagemaker as refs


class EndpointGrants:
    """Permissions on an endpoint.

    Works on any endpoint: a `ModelEndpoint`, an L1 `CfnEndpoint`, or an imported one.
    """

    @classmethod
    def from_endpoint(cls, endpoint: refs.IEndpointRef) -> EndpointGrants:
        """Start granting on `endpoint`."""
        return cls(endpoint)

    def __init__(self, endpoint: refs.IEndpointRef) -> None:
        self._arn = endpoint.endpoint_ref.endpoint_arn

    def invoke(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let `grantee` ask the model, and read the answer at once or as a stream."""
        return self._grant(grantee, "InvokeEndpoint", "InvokeEndpointWithResponseStream")

    def invoke_async(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let `grantee` ask the model and fetch the answer from S3 later."""
        return self._grant(grantee, "InvokeEndpointAsync")

    def read(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let `grantee` see the endpoint's state and tags."""
        return self._grant(grantee, "DescribeEndpoint", "ListTags")

    def delete(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let `grantee` switch the endpoint off. Its model and configuration stay."""
        return self._grant(grantee, "DescribeEndpoint", "DeleteEndpoint")

    def _grant(self, grantee: iam.IGrantable, *actions: str) -> iam.Grant:
        return iam.Grant.add_to_principal(
            grantee=grantee, actions=[f"sagemaker:{action}" for action in actions], resource_arns=[self._arn]
        )
