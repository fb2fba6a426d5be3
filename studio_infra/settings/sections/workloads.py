"""Training: in the stack beside Studio."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from annotated_types import Ge, Le, MaxLen, MinLen
from pydantic import BeforeValidator

from studio_infra.settings.facts import limits
from studio_infra.settings.fields.aws_ids import Image, InstanceType
from studio_infra.settings.fields.base import Section
from studio_infra.settings.fields.rules import Text, refuse
from studio_infra.settings.fields.schedules import is_schedule, is_time_zone
from studio_infra.settings.fields.texts import S3Prefix, S3Uri, TeamName
from studio_infra.settings.findings import Problem

#: A training job may run for 28 days.
TRAINING_MINUTES = (1, 28 * 24 * 60)

HyperparameterName = Annotated[str, MinLen(1), MaxLen(limits.HYPERPARAMETER_KEY_MAX)]
HyperparameterValue = str | int | float | bool
Count = Annotated[int, Ge(1), Le(100)]
ChannelName = Annotated[
    str,
    Text.like(
        "^[A-Za-z0-9._-]{1,64}$",
        "not a name for a channel",
        "use 1 to 64 letters, digits, dots, hyphens and underscores",
    ),
]
VariableName = Annotated[
    str,
    Text.like(
        "^[a-zA-Z_][a-zA-Z0-9_]{0,511}$", "not a name of an environment variable", 'write it like "LOG_LEVEL"'
    ),
]
VariableText = Annotated[str, MaxLen(512)]
MetricName = Annotated[str, MinLen(1), MaxLen(255)]
MetricPattern = Annotated[str, MinLen(1), MaxLen(500)]
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

    channels: Annotated[Mapping[ChannelName, S3Prefix], MaxLen(19)] = {}
    """More folders with data: { validation = "churn/validation" }. `input_prefix` is the channel "train"."""

    input_mode: Literal["File", "FastFile", "Pipe"] = "File"
    """How data gets to the machines: "File" copies it before the job starts, "FastFile" and "Pipe" stream it."""

    content_type: Annotated[str, MaxLen(256)] | None = None
    """What the algorithm is told about the data: "text/csv". Left out, nothing."""

    environment: Annotated[Mapping[VariableName, VariableText], MaxLen(100)] = {}
    """Environment variables of the container."""

    metrics: Annotated[Mapping[MetricName, MetricPattern], MaxLen(40)] = {}
    """Figures that are read from the job's log: { auc = "validation-auc:([0-9.]+)" }."""

    code: S3Uri | None = None
    """Code that one of AWS's framework images runs: a sourcedir.tar.gz in S3. Left out, the code in the image."""

    entry_point: Annotated[str, MinLen(1), MaxLen(255)] | None = None
    """Of `code`: the file in it that is run. Left out, "train.py"."""

    private_registry: bool = False
    """Pull the image through the VPC, from a registry that only it can reach. `false` where it is in Amazon ECR."""

    network_isolation: bool = True
    """No network for the container itself; data still comes and goes through SageMaker."""

    approval: Literal["pending", "approved"] = "pending"
    """Whether a version may be deployed at once, or only when somebody has looked: "pending"."""

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
        return self._waiting(), self._long_values(), self._starts(), self._code(), self._patterns()

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

    def _code(self) -> Iterator[Problem]:
        if self.entry_point is not None and self.code is None:
            allowed = "leave it out, or give code"
            yield Problem(("entry_point",), "there is no code of its own", allowed, self.entry_point)
        if self.code is not None and not self.code.endswith("/sourcedir.tar.gz"):
            allowed = "AWS's images look for a file called sourcedir.tar.gz"
            yield Problem(("code",), "not a sourcedir.tar.gz", allowed, self.code)
        entry = self.entry_point
        if entry is not None and (not entry.endswith((".py", ".sh")) or entry.startswith("/")):
            allowed = 'name one like "train.py"'
            yield Problem(("entry_point",), "not a .py or .sh file inside the code", allowed, entry)
        for channel, whose in (("train", "input_prefix"), ("code", "code")):
            if channel in self.channels and getattr(self, whose) is not None:
                yield Problem(("channels", channel), f"is the channel of {whose}", "use another name")

    def _patterns(self) -> Iterator[Problem]:
        for name, pattern in self.metrics.items():
            try:
                groups = re.compile(pattern).groups
            except re.error:
                groups = 0
            if groups != 1:
                allowed = 'put one pair of brackets around the number: "auc:([0-9.]+)"'
                yield Problem(("metrics", name), "reads no number", allowed, pattern)

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
