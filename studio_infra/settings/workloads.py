"""Training: in the stack beside Studio."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated

from annotated_types import Ge, Le, MaxLen, MinLen

from studio_infra.settings import limits
from studio_infra.settings.base import Section
from studio_infra.settings.findings import Problem
from studio_infra.settings.texts import Image, InstanceType, S3Prefix, TeamName

#: A training job may run for 28 days.
TRAINING_MINUTES = (1, 28 * 24 * 60)

HyperparameterName = Annotated[str, MinLen(1), MaxLen(limits.HYPERPARAMETER_KEY_MAX)]
HyperparameterValue = str | int | float | bool
Count = Annotated[int, Ge(1), Le(100)]
TrainingMinutes = Annotated[int, Ge(TRAINING_MINUTES[0]), Le(TRAINING_MINUTES[1])]


class TrainingSettings(Section):
    """`[training.NAME]`: a pipeline that trains a model and registers it. The machines stop by themselves."""

    team: TeamName
    """Team that owns it: whose role it runs with, whose bucket prefix it reads, whose budget it uses."""

    image: Image
    """Image in Amazon ECR with the training code."""

    instance_type: InstanceType
    """Instance type of the training machines."""

    instance_count: Count = 1
    """Number of training machines."""

    volume_gb: Annotated[int, Ge(1), Le(limits.EBS_GB[1])] = 50
    """Size of each machine's volume in GB."""

    input_prefix: S3Prefix
    """Folder with the training data in the team's part of the artifact bucket."""

    hyperparameters: Annotated[
        Mapping[HyperparameterName, HyperparameterValue], MaxLen(limits.HYPERPARAMETERS_MAX)
    ] = {}
    """Values for the training code; handed over as text."""

    max_runtime_minutes: TrainingMinutes = 60
    """Minutes after which a job is stopped, whatever it does."""

    max_wait_minutes: TrainingMinutes | None = None
    """Minutes for waiting for spot machines and running, together. Left out, twice `max_runtime_minutes`."""

    spot: bool = True
    """Train on spot machines: cheaper, may be interrupted, goes on from its checkpoint."""

    def checks(self) -> tuple[Iterator[Problem], ...]:
        """Waiting that contradicts running, and values that SageMaker cannot hand over."""
        return self._waiting(), self._long_values()

    def _waiting(self) -> Iterator[Problem]:
        wait = self.max_wait_minutes
        if wait is not None and not self.spot:
            yield Problem(
                ("max_wait_minutes",), "is for spot machines", "leave it out, or say spot = true", wait
            )
        elif wait is not None and wait < self.max_runtime_minutes:
            allowed = f"use at least max_runtime_minutes, {self.max_runtime_minutes}"
            yield Problem(("max_wait_minutes",), "ends before the job may end", allowed, wait)

    def _long_values(self) -> Iterator[Problem]:
        for name, value in self.hyperparameters.items():
            if len(str(value)) > limits.HYPERPARAMETER_VALUE_MAX:
                allowed = f"use at most {limits.HYPERPARAMETER_VALUE_MAX} characters"
                yield Problem(("hyperparameters", name), "too long for SageMaker", allowed, value)

    @property
    def effective_max_wait_minutes(self) -> int | None:
        """Minutes for waiting and running; nothing without spot."""
        if not self.spot:
            return None
        return self.max_wait_minutes if self.max_wait_minutes is not None else 2 * self.max_runtime_minutes
