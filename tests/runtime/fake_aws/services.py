"""What the functions use besides SageMaker: tags of the account, objects, messages."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.runtime.fake_aws.aws import FakeAws


class FakeTagging:
    """The Resource Groups Tagging API: what has tags, by type and tag, of the whole account."""

    def __init__(self, aws: FakeAws) -> None:
        self.aws = aws

    def get_resources(
        self,
        *,
        ResourceTypeFilters: list[str],
        TagFilters: list[dict[str, Any]] | None = None,
        ResourcesPerPage: int = 50,
        PaginationToken: str = "",
    ) -> dict[str, Any]:
        wanted = {kind.partition(":")[2] for kind in ResourceTypeFilters}
        found = [
            {
                "ResourceARN": arn,
                "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
            }
            for arn, tags in self.aws.sagemaker.tagged()
            if arn.split(":")[5].partition("/")[0] in wanted
            and all(_matches(tags, one) for one in TagFilters or [])
        ]
        start = int(PaginationToken or 0)
        more = start + ResourcesPerPage < len(found)
        return {
            "ResourceTagMappingList": found[start : start + ResourcesPerPage],
            "PaginationToken": str(start + ResourcesPerPage) if more else "",
        }


class FakeS3:
    """Objects of buckets."""

    def __init__(self, aws: FakeAws) -> None:
        self.aws = aws
        self.objects: dict[tuple[str, str], bytes] = {}

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:
        from tests.runtime.fake_aws.aws import error_of

        if (Bucket, Key) not in self.objects:
            raise error_of("NoSuchKey", "The specified key does not exist.", 404, "GetObject")
        return {"Body": io.BytesIO(self.objects[Bucket, Key])}

    def list_objects_v2(self, *, Bucket: str, Prefix: str, MaxKeys: int = 1000) -> dict[str, Any]:
        keys = [key for bucket, key in sorted(self.objects) if bucket == Bucket and key.startswith(Prefix)]
        return {"Contents": [{"Key": key} for key in keys[:MaxKeys]]}

    def put_object(self, *, Bucket: str, Key: str, Body: bytes, **_: Any) -> dict[str, Any]:
        self.objects[Bucket, Key] = Body
        return {}


class FakeSns:
    """Messages to topics."""

    def __init__(self, aws: FakeAws) -> None:
        self.aws = aws
        self.messages: list[tuple[str, str]] = []

    def publish(self, *, TopicArn: str, Subject: str, Message: str) -> dict[str, Any]:
        assert TopicArn
        self.messages.append((Subject, Message))
        return {"MessageId": str(len(self.messages))}


def _matches(tags: dict[str, str], wanted: dict[str, Any]) -> bool:
    value = tags.get(wanted["Key"])
    return value is not None and (not wanted.get("Values") or value in wanted["Values"])
