"""The way to AWS: every call recorded, delayed, refused, lost, or the last one of a process that dies."""

from __future__ import annotations

import functools
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import botocore.session
from botocore.exceptions import ClientError, ReadTimeoutError
from botocore.validate import ParamValidator

from tests.runtime.fake_aws.home import FakeBackup, FakeCloudFormation, FakeEc2, FakeEfs, FakeLambda
from tests.runtime.fake_aws.sagemaker import FakeSageMaker
from tests.runtime.fake_aws.services import FakeS3, FakeSns, FakeTagging

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.model import ServiceModel

    from tests.runtime.shared.fake_clock import FakeClock

REGION, ACCOUNT = "eu-central-1", "123456789012"
_READS = ("describe", "list", "get", "head", "search")

#: Calls by their form, which botocore's model takes: a form is held against it once.
_VALID: set[tuple[str, ...]] = set()


class Crash(BaseException):
    """The process died."""


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """What goes wrong, as parts of all calls from 0 to 1.

    Args:
        throttled: Refused without effect.
        unavailable: HTTP 500; every second one had its effect.
        lost: The effect is there, the answer is not.
        lag: Reads see what was up to so many seconds ago.
        latency: Seconds that a call takes.

    """

    throttled: float = 0
    unavailable: float = 0
    lost: float = 0
    lag: float = 0
    latency: float = 0.02


@dataclass(frozen=True)
class Call:
    """A call that reached AWS, and when it began."""

    at: float
    service: str
    operation: str
    arguments: dict[str, Any]
    #: `""` for an answer, else what the caller got.
    error: str = ""

    @property
    def changes(self) -> bool:
        return not self.operation.startswith(_READS)


class FakeAws:
    """An account in one region."""

    def __init__(self, clock: FakeClock, *, seed: int = 0, trouble: Trouble | None = None) -> None:
        self.clock = clock
        self.random = random.Random(seed)  # noqa: S311 - a test that can be run again
        self.trouble = trouble if trouble is not None else Trouble()
        self.calls: list[Call] = []
        #: Called before each call: what other people do meanwhile.
        self.meanwhile: Callable[[], None] = lambda: None
        self._crash: tuple[int, str] | None = None
        #: Whether the process is dead: it makes no call any more, not even to clean up. A new one begins with `revive`.
        self.dead = False
        self.sagemaker = FakeSageMaker(self)
        self.s3 = FakeS3(self)
        self.sns = FakeSns(self)
        self.tagging = FakeTagging(self)
        self.efs, self.ec2, self.backup = FakeEfs(self), FakeEc2(self), FakeBackup(self)
        self.cloudformation, self.functions = FakeCloudFormation(), FakeLambda()
        #: By the names that boto3 has for them.
        self.services: dict[str, Any] = {
            "sagemaker": self.sagemaker,
            "s3": self.s3,
            "sns": self.sns,
            "resourcegroupstaggingapi": self.tagging,
            "efs": self.efs,
            "ec2": self.ec2,
            "backup": self.backup,
            "cloudformation": self.cloudformation,
            "lambda": self.functions,
        }

    def client(self, service: str) -> Any:
        return _Client(self, service)

    def crash_before(self, number: int) -> None:
        """Die instead of the call with this number; the next one to come has number `len(calls)`."""
        self._crash = (number, "before")

    def crash_after(self, number: int) -> None:
        """Die after the effect of the call with this number."""
        self._crash = (number, "after")

    def revive(self) -> None:
        """A new process begins, which does not die."""
        self._crash, self.dead = None, False

    def read_at(self) -> float:
        """The moment that a read sees."""
        return self.clock.passed - self.random.random() * self.trouble.lag

    def arn(self, kind: str, *names: str) -> str:
        return f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:{kind}/{'/'.join(names)}"

    def error(self, code: str, message: str = "", *, status: int = 400) -> ClientError:
        """A refusal."""
        return error_of(code, message, status, "")

    def do(self, service: str, operation: str, arguments: dict[str, Any]) -> Any:
        """One call."""
        number = len(self.calls)
        self.dead = self.dead or self._crash == (number, "before")
        if self.dead:
            raise Crash
        self.meanwhile()
        begun = self.clock.passed
        try:
            answer = self._troubled(service, operation, arguments)
        except Exception as error:
            name = error.response["Error"]["Code"] if isinstance(error, ClientError) else type(error).__name__
            self.calls.append(Call(begun, service, operation, arguments, name))
            raise
        else:
            self.calls.append(Call(begun, service, operation, arguments))
        finally:
            if self._crash == (number, "after"):
                self.dead = True
                raise Crash
        return answer

    def _troubled(self, service: str, operation: str, arguments: dict[str, Any]) -> Any:
        shapes = shapes_of(service, operation)
        form = (service, operation, *arguments)
        if form not in _VALID:
            report = ParamValidator().validate(arguments, shapes.input_shape)
            if report.has_errors():
                raise AssertionError(f"{service}.{operation}: {report.generate_report()}")
            _VALID.add(form)
        self.clock.passed += self.trouble.latency
        dice = self.random.random()
        if dice < self.trouble.throttled:
            raise error_of("ThrottlingException", "Rate exceeded", 400, shapes.name)
        dice -= self.trouble.throttled
        if dice < self.trouble.unavailable / 2:
            raise error_of("InternalFailure", "", 500, shapes.name)
        answer = getattr(self.services[service], operation)(**arguments)
        unknown = answer.keys() - shapes.output_shape.members.keys() if shapes.output_shape else answer
        assert not unknown, f"{service}.{operation} answers no {unknown}"
        if dice < self.trouble.unavailable:
            raise error_of("InternalFailure", "", 500, shapes.name)
        if dice < self.trouble.unavailable + self.trouble.lost:
            self.clock.passed += 10
            raise ReadTimeoutError(endpoint_url="https://fake")
        return answer


class _Client:
    """What `boto3.client` gives."""

    def __init__(self, aws: FakeAws, service: str) -> None:
        self._aws, self._service = aws, service

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        return lambda **arguments: self._aws.do(self._service, operation, arguments)


def error_of(code: str, message: str, status: int, operation: str) -> ClientError:
    return ClientError(
        {
            "Error": {"Code": code, "Message": message},
            "ResponseMetadata": {
                "HTTPStatusCode": status,
                "RequestId": "r",
                "HostId": "",
                "HTTPHeaders": {},
                "RetryAttempts": 0,
            },
        },
        operation,
    )


@functools.cache
def _model(service: str) -> ServiceModel:
    return botocore.session.get_session().get_service_model(service)


@functools.cache
def shapes_of(service: str, operation: str) -> Any:
    """botocore's model of an operation that boto3 names `operation`."""
    name = "".join(part.capitalize() for part in operation.split("_"))
    return _model(service).operation_model(name)
