"""Training: in the stack beside Studio."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from annotated_types import Ge, Le, MaxLen, MinLen
from pydantic import BeforeValidator

from studio_infra.settings.facts import limits
from studio_infra.settings.fields.base import Section
from studio_infra.settings.fields.schedules import is_schedule, is_time_zone
from studio_infra.settings.fields.texts import Image, InstanceType, S3Prefix, TeamName, refuse
from studio_infra.settings.findings import Problem

#: A training job may run for 28 days.
TRAINING_MINUTES = (1, 28 * 24 * 60)

HyperparameterName = Annotated[str, MinLen(1), MaxLen(limits.HYPERPARAMETER_KEY_MAX)]
HyperparameterValue = str | int | float | bool
Count = Annotated[int, Ge(1), Le(100)]
TrainingMinutes = Annotated[int, Ge(TRAINING_MINUTES[0]), Le(TRAINING_MINUTES[1])]


Distribution = Literal["torchrun", "data_parallel", "mpi", "parameter_server"]


def _schedule(value: object) -> object:
    if isinstance(value, str) and not is_schedule(value):
        raise refuse("no schedule", "write it like cron(0 6 ? * MON *) or rate(7 days)")
    return value


def _time_zone(value: object) -> object:
    if isinstance(value, str) and not is_time_zone(value):
        raise refuse("no time zone", "use a name like Europe/Zurich")
    return value


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

    keep_warm_minutes: Annotated[int, Ge(1), Le(6 * 60)] | None = None
    """Minutes for which the machines are kept for the next job of the same kind, at full price. Not with spot."""

    distribution: Distribution | None = None
    """How several machines work together, in AWS's framework images. Left out, as the image does of its own accord."""

    cache_days: Annotated[int, Ge(1), Le(365)] | None = None
    """Days for which a training with the same image, data and values is not repeated. Left out, it always is."""

    schedule: Annotated[str, BeforeValidator(_schedule)] | None = None
    """When it starts by itself, as EventBridge Scheduler has it: "cron(0 6 ? * MON *)" or "rate(7 days)"."""

    time_zone: Annotated[str, BeforeValidator(_time_zone)] = "UTC"
    """Whose clocks `schedule` means, like "Europe/Zurich". Daylight saving is followed."""

    start_on_new_data: bool = False
    """Whether it starts when an object is written into its input folder."""

    new_data_suffix: Annotated[str, MaxLen(100)] = ""
    """How the name of the object ends that starts it, like "_SUCCESS". Left out, every object does."""

    notify_failures: bool = True
    """Whether the topic for alerts hears of executions that fail."""

    def checks(self) -> tuple[Iterator[Problem], ...]:
        """Waiting that contradicts running, values that SageMaker cannot hand over, starts that contradict."""
        return self._waiting(), self._long_values(), self._starts()

    def _waiting(self) -> Iterator[Problem]:
        wait = self.max_wait_minutes
        if wait is not None and not self.spot:
            yield Problem(
                ("max_wait_minutes",), "is for spot machines", "leave it out, or say spot = true", wait
            )
        elif wait is not None and wait < self.max_runtime_minutes:
            allowed = f"use at least max_runtime_minutes, {self.max_runtime_minutes}"
            yield Problem(("max_wait_minutes",), "ends before the job may end", allowed, wait)

    def _starts(self) -> Iterator[Problem]:
        if self.keep_warm_minutes is not None and self.spot:
            yield Problem(
                ("keep_warm_minutes",),
                "spot machines cannot be kept",
                "leave it out, or say spot = false",
                self.keep_warm_minutes,
            )
        if self.schedule is None and "time_zone" in self.model_fields_set:
            yield Problem(("time_zone",), "there is no schedule", "leave it out, or give one", self.time_zone)
        if self.new_data_suffix and not self.start_on_new_data:
            yield Problem(
                ("new_data_suffix",),
                "new data does not start it",
                "leave it out, or say start_on_new_data = true",
                self.new_data_suffix,
            )

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
