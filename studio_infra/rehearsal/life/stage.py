"""What the steps of a rehearsal share, and the steps themselves as values."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from studio_infra.errors import InvalidInput
from studio_infra.rehearsal.errors import RehearsalError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from studio_infra.rehearsal.life.cdk_cli import CdkCli
    from studio_infra.rehearsal.server import EmbeddedAws
    from studio_infra.settings import StudioSettings


#: What is in the account, by kind: ids and names.
Inventory = dict[str, set[str]]
#: One of them: its kind, and its id or name.
Thing = tuple[str, str]


#: What a step says that has nothing to look at.
NOTHING: Final = "the settings have none"
#: On the embedded AWS nothing takes long.
_LONGEST: Final = 60.0


class StepFailed(RehearsalError):  # noqa: N818 - named for what happened
    """What a step found is not what the settings ask for."""


class Outcome(StrEnum):
    """How a step ended."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_RUN = "not run"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a rehearsal: a sentence, and the function that makes it true or raises."""

    title: str
    play: Callable[[Stage], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepResult:
    """How a step ended, how long it took, and what it saw."""

    title: str
    outcome: Outcome
    seconds: float = 0.0
    detail: str = ""
    log: str = ""


@dataclass(kw_only=True)
class Stage:
    """The embedded AWS, the CLI and the settings of one rehearsal."""

    aws: EmbeddedAws
    cli: CdkCli
    settings: StudioSettings
    settings_file: Path
    work: Path
    #: What was in the account before the first deployment.
    before: Inventory = field(default_factory=dict)
    #: What the stacks promise to keep when they, or parts of them, go.
    promised: set[Thing] = field(default_factory=set)
    #: What was there at the end, by kind.
    left_over: dict[str, list[str]] = field(default_factory=dict)
    _clients: dict[str, Any] = field(default_factory=dict)

    @property
    def consents(self) -> bool:
        """Whether everything shall go at the end: the settings ask for it, and in a rehearsal the app agrees."""
        return self.settings.domain.removal == "destroy"

    @property
    def sagemaker(self) -> Any:
        """SageMaker's API."""
        return self.client("sagemaker")

    def client(self, service: str) -> Any:
        """A boto3 client; the same for every step, because making one reads megabytes of JSON."""
        if service not in self._clients:
            self._clients[service] = self.aws.client(service)
        return self._clients[service]

    @cached_property
    def domain(self) -> dict[str, Any]:
        """The domain that the settings describe, as SageMaker tells it.

        Raises:
            StepFailed: There is none, or more than one.

        """
        mine = [one for one in self.pages("list_domains") if one["DomainName"] == self.settings.name]
        if len(mine) != 1:
            raise StepFailed(f"expected one domain named {self.settings.name!r}, found {len(mine)}")
        return dict(self.sagemaker.describe_domain(DomainId=mine[0]["DomainId"]))

    def pages(self, operation: str, **arguments: Any) -> Iterator[dict[str, Any]]:
        """Every item of a List operation of SageMaker, over all pages."""
        for page in self.sagemaker.get_paginator(operation).paginate(**arguments):
            for value in page.values():
                if isinstance(value, list):
                    yield from value

    def stack_events(self) -> dict[str, int]:
        """How many events each stack has had: what a deployment touched shows here."""
        cloudformation = self.client("cloudformation")
        names = [stack["StackName"] for stack in cloudformation.describe_stacks()["Stacks"]]
        return {
            name: sum(
                len(page["StackEvents"])
                for page in cloudformation.get_paginator("describe_stack_events").paginate(StackName=name)
            )
            for name in names
        }


def expect(condition: bool, message: str) -> None:  # noqa: FBT001 - reads like the sentence it is
    """Fail the step with `message` unless `condition` holds."""
    if not condition:
        raise StepFailed(message)


def expect_same(what: str, found: object, wanted: object) -> None:
    """Fail the step unless `found` is what the settings want."""
    if found != wanted:
        raise StepFailed(f"{what}: expected {wanted!r}, found {found!r}")


def wait_until(done: Callable[[], bool], otherwise: str) -> None:
    """Fail the step with `otherwise` unless `done` comes true."""
    give_up = time.monotonic() + _LONGEST
    while not done():
        if time.monotonic() > give_up:
            raise StepFailed(f"{otherwise} within {_LONGEST:.0f} s")
        time.sleep(0.2)


def play(steps: Iterable[Step], stage: Stage) -> Iterator[StepResult]:
    """Play the steps in order. After a failure the rest is not run: it could only fail for the same reason."""
    failed = False
    for step in steps:
        if failed:
            yield StepResult(title=step.title, outcome=Outcome.NOT_RUN)
            continue
        start = time.monotonic()
        try:
            detail = step.play(stage)
        except (RehearsalError, InvalidInput, BotoCoreError, ClientError, KeyError) as error:
            failed = True
            said = f"AWS said nothing about {error}" if isinstance(error, KeyError) else str(error)
            yield StepResult(
                title=step.title,
                outcome=Outcome.FAILED,
                seconds=time.monotonic() - start,
                detail=said,
                log=getattr(error, "log", ""),
            )
        else:
            yield StepResult(
                title=step.title, outcome=Outcome.PASSED, seconds=time.monotonic() - start, detail=detail
            )
