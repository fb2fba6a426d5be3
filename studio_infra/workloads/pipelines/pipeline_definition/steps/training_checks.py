"""What no training job can be asked for."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from studio_infra.errors import InvalidInput
from studio_infra.settings.facts import limits
from studio_infra.workloads import limits as jobs
from studio_infra.workloads.pipelines.pipeline_definition.distribution import TrainingScript
from studio_infra.workloads.pipelines.pipeline_definition.step import check_texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from studio_infra.workloads.pipelines.pipeline_definition.step import Step
    from studio_infra.workloads.pipelines.pipeline_definition.steps.training import TrainingStep
    from studio_infra.workloads.pipelines.pipeline_definition.values import Text

_CHANNEL: Final = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
_ENVIRONMENT_NAME: Final = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]{0,511}", re.ASCII)
_ENVIRONMENT_VALUE_MAX: Final = 512


def check_time(step: TrainingStep) -> None:
    """Refuse a job that could not stop in time, or waits for what it did not ask for."""
    longest = jobs.TRAINING_LONGEST
    if not timedelta(seconds=1) <= step.max_runtime <= longest:
        raise step.refuse(
            "TrainingMaxRuntime",
            f"max_runtime must be between 1 second and {longest.days} days, got {step.max_runtime}",
        )
    if step.max_wait is not None and not step.spot:
        raise step.refuse(
            "TrainingMaxWait", "max_wait is the wait for spot capacity: leave it out, or set spot=True"
        )
    if not step.max_runtime <= step.longest_wait <= longest:
        raise step.refuse(
            "TrainingMaxWait",
            f"max_wait includes the run itself: it must be between max_runtime ({step.max_runtime}) and "
            f"{longest.days} days, got {step.max_wait}",
        )
    if step.keep_warm is None:
        return
    if not timedelta(seconds=1) <= step.keep_warm <= jobs.KEEP_WARM_LONGEST:
        raise step.refuse("TrainingKeepWarm", f"keep_warm must be at most 6 hours, got {step.keep_warm}")
    if step.spot:
        raise step.refuse(
            "TrainingKeepWarm",
            "spot capacity cannot be kept warm: leave out keep_warm, or set spot=False",
        )


def check_told(step: TrainingStep) -> None:
    """Refuse hyperparameters that the service or the framework image could not take."""
    reserved = sorted(name for name in step.hyperparameters if name.startswith("sagemaker_"))
    if reserved and (step.script is not None or step.distribution is not None):
        raise step.refuse(
            "Hyperparameters",
            f"{reserved[0]} is set by script and distribution: leave it out, or both of them",
        )
    try:
        told = step.told
    except InvalidInput as refusal:
        raise step.refuse(refusal.code, refusal.message) from None
    if len(told) > limits.HYPERPARAMETERS_MAX:
        raise step.refuse(
            "Hyperparameters",
            f"at most {limits.HYPERPARAMETERS_MAX} hyperparameters are possible, got {len(told)}",
        )
    check_texts(step, "Hyperparameters", "a hyperparameter's name", told, limits.HYPERPARAMETER_KEY_MAX)
    check_texts(
        step, "Hyperparameters", "a hyperparameter's value", told.values(), limits.HYPERPARAMETER_VALUE_MAX
    )


def check_channels(step: TrainingStep) -> None:
    """Refuse channels that the service could not name, or that are too many."""
    if step.script is not None and TrainingScript.CHANNEL in step.inputs:
        raise step.refuse(
            "TrainingChannel",
            f"the channel {TrainingScript.CHANNEL!r} belongs to script: name yours otherwise",
        )
    for channel in step.data:
        if _CHANNEL.fullmatch(channel) is None:
            raise step.refuse(
                "TrainingChannel",
                f"a channel is named by 1-64 letters, digits or one of .-_, got {channel!r}",
            )
    if len(step.data) > jobs.TRAINING_CHANNELS_MAX:
        raise step.refuse(
            "TrainingChannel",
            f"at most {jobs.TRAINING_CHANNELS_MAX} inputs are possible, got {len(step.data)}",
        )


def check_environment(
    step: Step, environment: Mapping[str, Text], *, most: int = jobs.ENVIRONMENT_MAX
) -> None:
    """Refuse environment variables that a container cannot have."""
    if len(environment) > most:
        raise step.refuse(
            "TrainingEnvironment",
            f"at most {most} environment variables are possible, got {len(environment)}",
        )
    for name in environment:
        if _ENVIRONMENT_NAME.fullmatch(name) is None:
            raise step.refuse("TrainingEnvironment", f"{name!r} is no name of an environment variable")
    check_texts(
        step, "TrainingEnvironment", "a variable's value", environment.values(), _ENVIRONMENT_VALUE_MAX
    )
