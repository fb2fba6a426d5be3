"""Steps that ask others: a Lambda function that answers at once, or somebody behind a queue who takes time."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from studio_infra.workloads.pipelines.pipeline_definition.step import Access, Step
from studio_infra.workloads.pipelines.pipeline_definition.values import (
    Reference,
    Scalar,
    StepProperty,
    check_name,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from studio_infra.workloads.pipelines.pipeline_definition.retries import Cache
    from studio_infra.workloads.pipelines.pipeline_definition.surroundings import JobSurroundings


class Key(Protocol):
    """A key: `aws_kms.IKey` is one."""

    @property
    def key_arn(self) -> str:
        """Its ARN."""


class Queue(Protocol):
    """A queue: `aws_sqs.IQueue` is one."""

    @property
    def queue_url(self) -> str:
        """Where messages go."""

    @property
    def queue_arn(self) -> str:
        """Its ARN."""

    @property
    def encryption_master_key(self) -> Key | None:
        """The key that encrypts its messages, if it has one of its own."""


class Function(Protocol):
    """A function, its version or alias: `aws_lambda.IFunction` is one."""

    @property
    def function_arn(self) -> str:
        """Its ARN."""


class OutputType(StrEnum):
    """The type of an answer."""

    STRING = "String"
    INTEGER = "Integer"
    BOOLEAN = "Boolean"
    FLOAT = "Float"


@dataclass(frozen=True, kw_only=True)
class CallStep(Step):
    """A step that asks somebody else and gets answers by name.

    Args:
        inputs: What is asked: name to value.
        outputs: Name of an answer to its type.
        cache: Use the last answers again, for how long. Defaults to never.

    """

    inputs: Mapping[str, Scalar | Reference] = field(default_factory=dict)
    outputs: Mapping[str, OutputType] = field(default_factory=dict)
    cache: Cache | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in self.outputs:
            check_name(name, "an output's name")

    def output(self, name: str) -> StepProperty:
        """One of the answers: for conditions, and for the steps after this one."""
        if name not in self.outputs:
            known = ", ".join(sorted(self.outputs)) or "none"
            raise self.refuse("CallOutput", f"there is no output {name!r}, known are: {known}")
        return StepProperty(self.name, f"OutputParameters['{name}']")

    def arguments(self, around: JobSurroundings) -> dict[str, Any]:  # noqa: ARG002 - what is asked runs elsewhere
        """What is asked."""
        return dict(self.inputs)

    def extras(self) -> dict[str, Any]:
        """The answers, and the cache."""
        answers = [{"OutputName": name, "OutputType": kind.value} for name, kind in self.outputs.items()]
        return {
            "OutputParameters": answers,
            "CacheConfig": None if self.cache is None else self.cache.to_json(),
        }


@dataclass(frozen=True, kw_only=True)
class LambdaStep(CallStep):
    """Calls a Lambda function and waits for its answer, at most ten minutes.

    Args:
        function: The function, or a version or an alias of it. It answers with an object that has a member for each
            of `outputs`.

    """

    TYPE: ClassVar[str] = "Lambda"

    function: Function

    def extras(self) -> dict[str, Any]:
        """The function, and what it answers."""
        return super().extras() | {"FunctionArn": self.function.function_arn}

    def access(self, around: JobSurroundings) -> Access:  # noqa: ARG002 - it runs elsewhere
        """The function."""
        return Access(functions=(self.function.function_arn,))


@dataclass(frozen=True, kw_only=True)
class CallbackStep(CallStep):
    """Puts a message into a queue and waits until somebody answers with its token.

    Whoever reads the queue finds `token`, `arguments`, `pipelineExecutionArn` and `status` in the message, and answers
    with `SendPipelineExecutionStepSuccess` or `…Failure`. Without an answer the execution goes on waiting: nothing runs
    and nothing is charged meanwhile.

    Args:
        queue: The queue. Its key must let the pipeline encrypt, if it has one of its own.

    """

    TYPE: ClassVar[str] = "Callback"

    queue: Queue

    def extras(self) -> dict[str, Any]:
        """The queue, and what is answered."""
        return super().extras() | {"SqsQueueUrl": self.queue.queue_url}

    def access(self, around: JobSurroundings) -> Access:  # noqa: ARG002 - it runs elsewhere
        """The queue and its key."""
        key = self.queue.encryption_master_key
        return Access(queues=(self.queue.queue_arn,), queue_keys=() if key is None else (key.key_arn,))
