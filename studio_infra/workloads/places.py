"""What an image or a place in S3 is called in a policy. CDK tokens inside them survive."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from studio_infra.workloads.pipeline_definition.values import Text, known_start
from studio_infra.workloads.policy_files import statements

if TYPE_CHECKING:
    from collections.abc import Iterable

    import aws_cdk as cdk
    from aws_cdk import aws_iam as iam

#: Account, region and repository of an image in Amazon ECR; each, and the domain, may be a token.
_ECR_IMAGE: Final = re.compile(
    r"(?P<account>.+?)\.dkr\.ecr(?:-fips)?\.(?P<region>.+?)\.(?:amazonaws\.com(?:\.cn)?|\$\{Token\[[^]]+\]\})"
    r"/(?P<repository>[^:@]+)"
)
_S3_PLACE: Final = re.compile(r"s3://(?P<bucket>[^/]+)/?(?P<key>.*)")


def image_statements(stack: cdk.Stack, images: Iterable[Text]) -> list[iam.PolicyStatement]:
    """Permission to pull `images`; none for registries outside AWS.

    An image that is one token as a whole says nothing about its repository: every repository of this account
    and region is meant then.
    """
    repositories = _once(arn for image in images for arn in _repository(stack, image))
    return statements("images", {"Repositories": repositories}) if repositories else []


def data_statements(
    stack: cdk.Stack, *, read: Iterable[Text] = (), written: Iterable[Text] = ()
) -> list[iam.PolicyStatement]:
    """Permission to read and write places in S3, and to list what is below them.

    Places that are only known when the pipeline runs are left out: whoever lets callers choose them grants
    them.
    """
    reads = _once(object_arn(stack, place) for place in read)
    writes = _once(object_arn(stack, place) for place in written)
    folders: dict[str, list[str]] = {}
    for arn in _once(reads + writes):
        bucket, _, key = arn.partition("/")
        folders.setdefault(bucket, []).append(key)
    return statements("data", {"Read": reads, "Written": writes}) + [
        statement
        for bucket, keys in folders.items()
        for statement in statements("folders", {"Bucket": bucket, "Folders": keys})
    ]


def _once(arns: Iterable[str | None]) -> list[str]:
    """Each of `arns` once, in the order of the steps.

    Sorted, they would change places with the numbers of the tokens in them, and templates with them.
    """
    return list(dict.fromkeys(arn for arn in arns if arn is not None))


def object_arn(stack: cdk.Stack, place: Text) -> str | None:
    """The ARN of everything whose name starts like `place`; `None` if that is not known yet."""
    match = _S3_PLACE.fullmatch(known_start(place) or "")
    return None if match is None else f"arn:{stack.partition}:s3:::{match['bucket']}/{match['key']}*"


def _repository(stack: cdk.Stack, image: Text) -> list[str]:
    start = known_start(image)
    match = None if start is None else _ECR_IMAGE.match(start)
    if match is not None:
        return [
            f"arn:{stack.partition}:ecr:{match['region']}:{match['account']}:repository/{match['repository']}"
        ]
    if start is not None and not start.startswith("${Token["):
        return []
    return [f"arn:{stack.partition}:ecr:{stack.region}:{stack.account}:repository/*"]
