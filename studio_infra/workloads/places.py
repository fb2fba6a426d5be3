"""What an image or a place in S3 is called in a policy. CDK tokens inside them survive."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from studio_infra.workloads.pipelines.pipeline_definition.values import Text, known_start

if TYPE_CHECKING:
    import aws_cdk as cdk

#: Account, region and repository of an image in Amazon ECR; each, and the domain, may be a token.
_ECR_IMAGE: Final = re.compile(
    r"(?P<account>.+?)\.dkr\.ecr(?:-fips)?\.(?P<region>.+?)\.(?:amazonaws\.com(?:\.cn)?|\$\{Token\[[^]]+\]\})"
    r"/(?P<repository>[^:@]+)"
)
_S3_PLACE: Final = re.compile(r"s3://(?P<bucket>[^/]+)/?(?P<key>.*)")
_TOKEN: Final = "${Token["  # noqa: S105 - how CDK writes what it does not know yet


def repository_arn(stack: cdk.Stack, image: Text) -> str | None:
    """The repository of `image`; `None` for a registry outside AWS.

    An image that is one token as a whole says nothing about its repository: every repository of this account
    and region is meant then.
    """
    start = known_start(image) or _TOKEN
    match = _ECR_IMAGE.match(start)
    if match is not None:
        return (
            f"arn:{stack.partition}:ecr:{match['region']}:{match['account']}:repository/{match['repository']}"
        )
    if not start.startswith(_TOKEN):
        return None
    return f"arn:{stack.partition}:ecr:{stack.region}:{stack.account}:repository/*"


def object_arn(stack: cdk.Stack, place: Text) -> str | None:
    """The ARN of everything whose name starts like `place`; `None` if that is not known yet."""
    match = _S3_PLACE.fullmatch(known_start(place) or "")
    return None if match is None else f"arn:{stack.partition}:s3:::{match['bucket']}/{match['key']}*"
