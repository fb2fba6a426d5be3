"""What all steps of a pipeline have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from studio_infra.errors import InvalidInput
from studio_infra.settings.facts import limits
from studio_infra.workloads.pipelines.pipeline_definition.values import (
    Number,
    Text,
    check_name,
    is_open,
    references,
    render,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import timedelta

    from studio_infra.workloads.pipelines.pipeline_definition.retries import Cache, Retry
    from studio_infra.workloads.pipelines.pipeline_definition.surroundings import JobSurroundings


@dataclass(frozen=True, kw_only=True)
class Access:
    """What a step needs beyond logs and network, so that its roles get that and nothing else.

    Args:
        creates: Resource types in ARNs that the pipeline makes for it: `"training-job"`.
        model_groups: Names of the model package groups that it registers in.
        images: Container images that its job pulls.
        reads: Places in S3 that its job reads.
        writes: Places in S3 that its job writes.
        functions: ARNs of the functions that the pipeline calls.
        queues: ARNs of the queues that the pipeline sends to.
        queue_keys: ARNs of the keys that encrypt those queues.
        baseline_groups: Names of the model package groups whose approved versions have a baseline.
        baselines: Files in S3 that the pipeline itself compares with.
        endpoint_prefixes: How the names of endpoints begin that its job makes for itself, and deletes.
        clusters: Ids of the EMR clusters that the pipeline runs programs on.
        cluster_roles: ARNs of the roles that it hands to those programs.

    """

    creates: frozenset[str] = frozenset()
    model_groups: frozenset[str] = frozenset()
    images: tuple[Text, ...] = ()
    reads: tuple[Text, ...] = ()
    writes: tuple[Text, ...] = ()
    functions: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()
    queue_keys: tuple[str, ...] = ()
    baseline_groups: frozenset[str] = frozenset()
    baselines: tuple[Text, ...] = ()
    endpoint_prefixes: tuple[str, ...] = ()
    clusters: tuple[str, ...] = ()
    cluster_roles: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Step(ABC):
    """One step of a pipeline.

    Args:
        name: Unique in the pipeline. Other steps refer to its results by it.
        depends_on: Names of steps that must be finished first. Steps whose results are used need not be
            named.
        description: For people who look at the pipeline in Studio.

    """

    TYPE: ClassVar[str]

    name: str
    depends_on: tuple[str, ...] = ()
    description: str | None = None

    def __post_init__(self) -> None:
        check_name(self.name, "a step's name")

    @abstractmethod
    def arguments(self, around: JobSurroundings) -> dict[str, Any]:
        """What the service is asked to do, in the words of its API."""

    def access(self, around: JobSurroundings) -> Access:  # noqa: ARG002 - steps that need something look at it
        """What it needs."""
        return Access()

    def extras(self) -> dict[str, Any]:
        """What stands beside the arguments."""
        return {}

    def render(self, around: JobSurroundings) -> dict[str, Any]:
        """The step as the pipeline definition writes it."""
        step = {
            "Name": self.name,
            "Type": self.TYPE,
            "Arguments": self.arguments(around),
            "DependsOn": list(self.depends_on) or None,
            "Description": self.description,
        }
        rendered: dict[str, Any] = render(step | self.extras())
        return rendered

    @property
    def inner(self) -> tuple[Step, ...]:
        """Steps inside this one."""
        return ()

    @property
    def waits_for(self) -> frozenset[str]:
        """Names of the steps that must be finished first: named, or because their results are used."""
        return frozenset(self.depends_on).union(*(reference.steps for reference in references(self)))

    def refuse(self, code: str, message: str) -> InvalidInput:
        """An error that says which step it is about."""
        return InvalidInput(code, message, path=f"step {self.name}")


@dataclass(frozen=True, kw_only=True)
class RetriedStep(Step):
    """A step that can be tried again.

    Args:
        retries: After which errors. Defaults to none; steps that run jobs have `DEFAULT_RETRIES`.

    """

    retries: tuple[Retry, ...] = ()

    def extras(self) -> dict[str, Any]:
        """Its retries."""
        return {"RetryPolicies": [retry.to_json() for retry in self.retries] or None}


@dataclass(frozen=True, kw_only=True)
class CachedStep(RetriedStep):
    """A step whose last result can be used again.

    Args:
        cache: For how long. Defaults to never.

    """

    cache: Cache | None = None

    def extras(self) -> dict[str, Any]:
        """Its retries and its cache."""
        return super().extras() | {"CacheConfig": None if self.cache is None else self.cache.to_json()}


def seconds(value: timedelta) -> int:
    """Whole seconds, as the API wants them."""
    return int(value.total_seconds())


def check_texts(step: Step, code: str, what: str, texts: Iterable[Text], longest: int) -> None:
    """Refuse texts that are longer than the service takes."""
    for text in texts:
        if isinstance(text, str) and not is_open(text) and len(text) > longest:
            raise step.refuse(
                code, f"{what} can be {longest} characters long, got {len(text)}: {text[:40]!r}…"
            )


def check_machines(step: Step, code: str, instance_type: Text, **counts: Number) -> None:
    """Refuse machines that cannot exist.

    Args:
        step: The step that names them.
        code: The refusal's, for a count.
        instance_type: What kind of machines.
        counts: Name to number: at least one each.

    """
    if (
        isinstance(instance_type, str)
        and not is_open(instance_type)
        and not limits.is_instance_type(instance_type)
    ):
        raise step.refuse(
            "InstanceType", f'instance_type must be written like "ml.m5.xlarge", got {instance_type!r}'
        )
    for what, value in counts.items():
        if not is_open(value) and isinstance(value, int) and value < 1:
            raise step.refuse(code, f"{what} must be at least 1, got {value}")
