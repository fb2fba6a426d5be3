"""The tuning step: many trainings with different hyperparameters, and the best of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar

from studio_infra.workloads import limits as jobs
from studio_infra.workloads.pipelines.pipeline_definition.retries import DEFAULT_RETRIES, Retry
from studio_infra.workloads.pipelines.pipeline_definition.step import Access, CachedStep, seconds
from studio_infra.workloads.pipelines.pipeline_definition.steps.training_checks import check_environment
from studio_infra.workloads.pipelines.pipeline_definition.values import (
    Join,
    Number,
    StepProperty,
    is_open,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

    from studio_infra.workloads.pipelines.pipeline_definition.ranges import Range
    from studio_infra.workloads.pipelines.pipeline_definition.steps.training import TrainingStep
    from studio_infra.workloads.pipelines.pipeline_definition.surroundings import JobSurroundings


class Goal(StrEnum):
    """Which way the figure gets better."""

    MAXIMIZE = "Maximize"
    MINIMIZE = "Minimize"


class Strategy(StrEnum):
    """How the next values are chosen."""

    #: Learns from the trainings before: the fewest trainings, but not many at once.
    BAYESIAN = "Bayesian"
    #: Any values, as many at once as one likes.
    RANDOM = "Random"
    #: Stops bad trainings early by itself.
    HYPERBAND = "Hyperband"
    #: Every combination of choices, and of nothing else.
    GRID = "Grid"


@dataclass(frozen=True, kw_only=True)
class TuningStep(CachedStep):
    """Finds good hyperparameters: trains again and again, and keeps the best model.

    Args:
        training: What each training does. Its name, retries and order are not used; the tuning has its own. It
            cannot have an entry point or arguments, and nothing is kept warm. Its trainings write no checkpoints,
            as one could go on from another's: with spot, an interrupted one begins again.
        ranges: Hyperparameter to the values it may have.
        metric: What is made better: a name of the training's `metrics`.
        goal: Whether more or less of it is better.
        max_jobs: How many trainings at most. `Strategy.GRID` counts them itself.
        max_parallel_jobs: How many of them at a time.
        strategy: How values are chosen.
        stop_early: Stop trainings that will not get good. Not for `HYPERBAND`, which does that by itself.
        max_runtime: The whole tuning is stopped after this time. Defaults to no limit of its own: every training has
            one.
        random_seed: Makes the choice of values repeatable.

    """

    TYPE: ClassVar[str] = "Tuning"

    name: str = "Tune"
    training: TrainingStep
    ranges: Mapping[str, Range]
    metric: str
    goal: Goal = Goal.MAXIMIZE
    max_jobs: Number | None = 10
    max_parallel_jobs: Number = 2
    strategy: Strategy = Strategy.BAYESIAN
    stop_early: bool = False
    max_runtime: timedelta | None = None
    random_seed: int | None = None
    retries: tuple[Retry, ...] = DEFAULT_RETRIES

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check_ranges()
        self._check_training()
        self._check_limits()

    @property
    def best_job(self) -> StepProperty:
        """The name of the best training job."""
        return StepProperty(self.name, "BestTrainingJob.TrainingJobName")

    @property
    def best_value(self) -> StepProperty:
        """The best figure: for conditions."""
        return StepProperty(self.name, "BestTrainingJob.FinalHyperParameterTuningJobObjectiveMetric.Value")

    @property
    def model(self) -> Join:
        """Where the best model is: an input for the steps after this one."""
        place = StepProperty(self.name, "TrainingJobDefinition.OutputDataConfig.S3OutputPath")
        return Join((place, self.best_job, "output/model.tar.gz"), on="/")

    def arguments(self, around: JobSurroundings) -> dict[str, Any]:
        """`CreateHyperParameterTuningJob` without a name: SageMaker gives it one."""
        training = self.training.arguments(around)
        in_json = self.training.script is not None
        ranges: dict[str, list[dict[str, Any]]] = {}
        for name, values in self.ranges.items():
            ranges.setdefault(values.KIND, []).append(values.to_json(name, in_json=in_json))
        algorithm = training["AlgorithmSpecification"]
        kept = (
            "RoleArn",
            "InputDataConfig",
            "VpcConfig",
            "OutputDataConfig",
            "StoppingCondition",
            "EnableNetworkIsolation",
            "EnableInterContainerTrafficEncryption",
            "EnableManagedSpotTraining",
            "Environment",
        )
        return {
            "HyperParameterTuningJobConfig": {
                "Strategy": self.strategy.value,
                "HyperParameterTuningJobObjective": {"Type": self.goal.value, "MetricName": self.metric},
                "ResourceLimits": {
                    "MaxNumberOfTrainingJobs": self.max_jobs,
                    "MaxParallelTrainingJobs": self.max_parallel_jobs,
                    "MaxRuntimeInSeconds": None if self.max_runtime is None else seconds(self.max_runtime),
                },
                "ParameterRanges": ranges,
                "TrainingJobEarlyStoppingType": "Auto" if self.stop_early else "Off",
                "RandomSeed": self.random_seed,
            },
            "TrainingJobDefinition": {
                "StaticHyperParameters": training["HyperParameters"],
                "AlgorithmSpecification": {
                    name: algorithm[name]
                    for name in ("TrainingImage", "TrainingInputMode", "MetricDefinitions")
                },
                "HyperParameterTuningResourceConfig": training["ResourceConfig"],
                **{name: training[name] for name in kept},
            },
            "Tags": around.tag_list,
        }

    def access(self, around: JobSurroundings) -> Access:
        """What its trainings need, except checkpoints."""
        training = self.training.access(around)
        return Access(
            creates=frozenset({"hyper-parameter-tuning-job"}),
            images=training.images,
            reads=tuple(data.place for data in self.training.data.values()),
            writes=(around.place("models") + "/",),
        )

    def _check_ranges(self) -> None:
        kinds = [values.KIND for values in self.ranges.values()]
        if not kinds or any(kinds.count(kind) > jobs.TUNING_RANGES_MAX for kind in kinds):
            raise self.refuse(
                "TuningRange",
                f"1-{jobs.TUNING_RANGES_MAX} ranges of each kind are possible, got {len(kinds)}",
            )
        if self.strategy is Strategy.GRID and set(kinds) != {"CategoricalParameterRanges"}:
            raise self.refuse("TuningRange", "GRID tries choices: use Choice for every range")
        both = sorted(self.ranges.keys() & self.training.told.keys())
        if both:
            raise self.refuse(
                "TuningRange", f"{', '.join(both)} is a hyperparameter of the training: leave it out there"
            )

    def _check_training(self) -> None:
        training = self.training
        if self.metric not in training.metrics:
            known = ", ".join(sorted(training.metrics)) or "none"
            raise self.refuse(
                "TuningMetric",
                f"no metric {self.metric!r} is read from the training's log, known are: {known}",
            )
        for option, given in (
            ("entrypoint", training.entrypoint),
            ("container_arguments", training.container_arguments),
            ("private_registry", training.private_registry),
            ("keep_warm", training.keep_warm),
            ("depends_on", training.depends_on),
            ("cache", training.cache),
        ):
            if given:
                raise self.refuse(
                    "TuningTraining", f"a training that is tuned cannot have {option}: leave it out"
                )
        check_environment(self, training.environment, most=jobs.TUNING_ENVIRONMENT_MAX)

    def _check_limits(self) -> None:
        if (self.max_jobs is None) != (self.strategy is Strategy.GRID):
            raise self.refuse(
                "TuningJobs", f"max_jobs is None for GRID and a number otherwise, got {self.max_jobs}"
            )
        for what, value in (("max_jobs", self.max_jobs), ("max_parallel_jobs", self.max_parallel_jobs)):
            if value is not None and not is_open(value) and isinstance(value, int) and value < 1:
                raise self.refuse("TuningJobs", f"{what} must be at least 1, got {value}")
        if self.stop_early and self.strategy is Strategy.HYPERBAND:
            raise self.refuse("TuningJobs", "HYPERBAND stops trainings by itself: leave out stop_early")
        shortest, longest = jobs.TUNING_RUNTIME
        if self.max_runtime is not None and not shortest <= self.max_runtime <= longest:
            raise self.refuse(
                "TuningMaxRuntime",
                f"max_runtime is {shortest.seconds // 60} minutes to {longest.days} days, got {self.max_runtime}",
            )
