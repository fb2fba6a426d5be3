"""Whatever is sent to whatever operation: the answer is one of AWS's, or a clear refusal, never a crash."""

from __future__ import annotations

import http.client
import json
import random
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from studio_infra.rehearsal.emulator.service import model
from tests.rehearsal.conftest import Studio, make_studio

if TYPE_CHECKING:
    from botocore.model import Shape

    from studio_infra.rehearsal.server import EmbeddedAws

pytestmark = pytest.mark.slow

_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def _call(aws: EmbeddedAws, operation: str, body: bytes) -> tuple[int, dict[str, Any]]:
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(aws.endpoint).port, timeout=30)
    headers = {
        "X-Amz-Target": f"SageMaker.{operation}",
        "Content-Type": "application/x-amz-json-1.1",
        "Authorization": "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/sagemaker/aws4_request, "
        "SignedHeaders=host, Signature=0",
    }
    connection.request("POST", "/", body=body, headers=headers)
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    return answer.status, json.loads(text)


class _Maker:
    """Makes requests that fit a shape, with names that meet those of other requests."""

    def __init__(self, seed: int, known: dict[str, str]) -> None:
        self._dice = random.Random(seed)  # noqa: S311 - repeatable on purpose
        self._known = known

    def make(self, shape: Shape, name: str = "", depth: int = 0) -> Any:
        kind = shape.type_name
        if kind == "structure":
            required = set(shape.required_members)
            chosen = {
                n: s
                for n, s in shape.members.items()  # type: ignore[attr-defined]
                if n in required or (depth < 3 and self._dice.random() < 0.25)
            }
            return {n: self.make(s, n, depth + 1) for n, s in chosen.items()}
        if kind == "list":
            count = max(shape.metadata.get("min", 0), 1 if depth < 4 else 0)
            return [self.make(shape.member, name, depth + 1) for _ in range(min(count, 2))]  # type: ignore[attr-defined]
        if kind == "map":
            return {}
        return self._scalar(shape, name)

    def _scalar(self, shape: Shape, name: str) -> Any:
        numbers = {
            "boolean": self._dice.random() < 0.5,
            "integer": max(shape.metadata.get("min", 1), 1),
            "long": max(shape.metadata.get("min", 1), 1),
            "float": 1.0,
            "double": 1.0,
            "timestamp": 1_700_000_000,
        }
        if shape.type_name in numbers:
            return numbers[shape.type_name]
        if getattr(shape, "enum", None):
            return self._dice.choice(shape.enum)  # type: ignore[attr-defined]
        for ending, value in self._known.items():
            if name.endswith(ending):
                return value
        return self._dice.choice(("name", "other", self._dice.choice(_LETTERS) * 12))


@pytest.fixture
def full(aws: EmbeddedAws, sm: Any) -> Studio:
    """A domain with one person, a space and an app, so that requests can hit something."""
    studio = make_studio(aws, sm)
    studio.space("name", "ana")
    studio.app("name")
    return studio


def test_no_request_that_fits_the_model_crashes_the_server(full: Studio) -> None:
    known = {
        "DomainId": full.domain_id,
        "UserProfileName": "ana",
        "SubnetIds": full.subnets[0],
        "VpcId": full.vpc,
        "RoleArn": full.role,
        "ExecutionRole": full.role,
        "Arn": "arn:aws:sagemaker:us-east-1:123456789012:model/name",
        "Uri": "s3://bucket/key",
        "S3OutputPath": "s3://bucket/key",
        "Image": "image:1",
        "NextToken": "",
        "Definition": '{"Version": "2020-12-01", "Steps": [{"Name": "a", "Type": "Fail"}]}',
    }
    crashed, succeeded = {}, set()
    for seed in range(3):
        for operation in sorted(model.service().operation_names):
            shape = model.input_shape(operation)
            body = _Maker(seed * 1000 + len(operation), known).make(shape) if shape is not None else {}
            status, answer = _call(full.aws, operation, json.dumps(body).encode())
            if status >= 500 and answer.get("__type") != "NotRehearsed":
                crashed[operation] = (answer, body)
            if status == 200:
                succeeded.add(operation)
    assert crashed == {}, full.aws.log()
    assert len(succeeded) >= 90  # else this test sends nothing that gets far


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"7", b'"x"', b"\xff\xfe", b'{"DomainId": {"a": []}}'])
def test_bodies_that_are_no_request_are_refused(aws: EmbeddedAws, body: bytes) -> None:
    for operation in ("CreateDomain", "DescribeApp", "ListTags", "CreateTrainingJob"):
        status, answer = _call(aws, operation, body)
        assert status == 400
        assert answer["__type"] in ("ValidationException", "SerializationException")


def test_an_operation_that_does_not_exist_is_refused(aws: EmbeddedAws) -> None:
    status, answer = _call(aws, "CreateEverything", b"{}")
    assert (status, answer["__type"]) == (501, "NotRehearsed")
