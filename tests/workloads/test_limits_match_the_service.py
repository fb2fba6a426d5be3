"""Our numbers are the service's own, as botocore knows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from studio_infra.workloads import limits
from studio_infra.workloads.pipelines.pipeline_definition.data import InputMode
from studio_infra.workloads.pipelines.pipeline_definition.ranges import Scaling
from studio_infra.workloads.pipelines.pipeline_definition.steps.conditions import Compare
from studio_infra.workloads.pipelines.pipeline_definition.steps.models import Approval
from studio_infra.workloads.pipelines.pipeline_definition.steps.transform import Split
from studio_infra.workloads.pipelines.pipeline_definition.steps.tuning import Goal, Strategy
from tests.workloads.botocore_shapes import shapes

if TYPE_CHECKING:
    from datetime import timedelta


def seconds(value: timedelta) -> int:
    return int(value.total_seconds())


@pytest.mark.parametrize(
    ("shape", "ours"),
    [
        ("KeepAlivePeriodInSeconds", (0, seconds(limits.KEEP_WARM_LONGEST))),
        ("InputDataConfig", (1, limits.TRAINING_CHANNELS_MAX)),
        ("ProcessingMaxRuntimeInSeconds", (1, seconds(limits.PROCESSING_LONGEST))),
        ("ProcessingInputs", (0, limits.PROCESSING_INPUTS_MAX)),
        ("ProcessingOutputs", (0, limits.PROCESSING_OUTPUTS_MAX)),
        ("EnvironmentMap", (0, limits.ENVIRONMENT_MAX)),
        ("IntegerParameterRanges", (0, limits.TUNING_RANGES_MAX)),
        ("ContinuousParameterRanges", (0, limits.TUNING_RANGES_MAX)),
        ("CategoricalParameterRanges", (0, limits.TUNING_RANGES_MAX)),
        ("ParameterValues", (1, limits.TUNING_CHOICES_MAX)),
        ("HyperParameterTrainingJobEnvironmentMap", (0, limits.TUNING_ENVIRONMENT_MAX)),
        ("HyperParameterTuningMaxRuntimeInSeconds", tuple(map(seconds, limits.TUNING_RUNTIME))),
        ("TransformEnvironmentMap", (0, limits.TRANSFORM_ENVIRONMENT_MAX)),
        ("InvocationsTimeoutInSeconds", tuple(map(seconds, limits.TRANSFORM_TIMEOUT))),
        ("InvocationsMaxRetries", limits.TRANSFORM_RETRIES),
        ("VpcSecurityGroupIds", (1, limits.SECURITY_GROUPS_MAX)),
        ("Subnets", (1, limits.SUBNETS_MAX)),
        ("PipelineDefinition", (1, limits.PIPELINE_DEFINITION_MAX)),
        ("PipelineName", (1, limits.PIPELINE_NAME_MAX)),
        ("EntityDescription", (0, limits.DESCRIPTION_MAX)),
        ("ProductionVariantList", (1, limits.VARIANTS_MAX)),
        ("ContainerDefinitionList", (0, limits.CONTAINERS_MAX)),
        ("ProductionVariantVolumeSizeInGB", limits.ENDPOINT_VOLUME_GB),
        ("ServerlessMemorySizeInMB", limits.SERVERLESS_MEMORY_MB),
        ("ServerlessMaxConcurrency", limits.SERVERLESS_CONCURRENCY),
        ("ServerlessProvisionedConcurrency", limits.SERVERLESS_CONCURRENCY),
        ("ProductionVariantModelDataDownloadTimeoutInSeconds", tuple(map(seconds, limits.MODEL_TIMEOUT))),
        (
            "ProductionVariantContainerStartupHealthCheckTimeoutInSeconds",
            tuple(map(seconds, limits.MODEL_TIMEOUT)),
        ),
        ("AlarmList", (1, limits.ROLLBACK_ALARMS_MAX)),
        ("WaitIntervalInSeconds", (0, seconds(limits.UPDATE_WAIT_LONGEST))),
        ("TerminationWaitInSeconds", (0, seconds(limits.UPDATE_WAIT_LONGEST))),
        ("MaximumExecutionTimeoutInSeconds", tuple(map(seconds, limits.UPDATE_TIMEOUT))),
        ("MaxConcurrentInvocationsPerInstance", limits.ASYNC_CONCURRENCY),
        ("SamplingPercentage", limits.CAPTURE_PERCENT),
    ],
)
def test_a_limit_is_the_services_own(shape: str, ours: tuple[int, int]) -> None:
    known = shapes()[shape]
    assert (known.get("min", 0), known["max"]) == ours


def test_the_words_of_the_api_are_the_services_own() -> None:
    assert {mode.value for mode in InputMode} == set(shapes()["TrainingInputMode"]["enum"])
    assert {approval.value for approval in Approval} == set(shapes()["ModelApprovalStatus"]["enum"])
    assert {scaling.value for scaling in Scaling} == set(shapes()["HyperParameterScalingType"]["enum"])
    assert {goal.value for goal in Goal} == set(shapes()["HyperParameterTuningJobObjectiveType"]["enum"])
    assert {strategy.value for strategy in Strategy} == set(
        shapes()["HyperParameterTuningJobStrategyType"]["enum"]
    )
    assert {split.value for split in Split} == set(shapes()["SplitType"]["enum"])


def test_conditions_know_every_comparison_that_a_definition_can_hold() -> None:
    # From the published schema of definitions, 2020-12-01, and the SageMaker SDK: botocore has none.
    assert set(Compare.OPERATORS.values()) == {
        "Equals",
        "GreaterThan",
        "GreaterThanOrEqualTo",
        "LessThan",
        "LessThanOrEqualTo",
    }
