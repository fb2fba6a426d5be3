"""SageMaker pipeline definitions as typed values, written without the SageMaker SDK and without CDK.

A definition is a tree of frozen values. It becomes the JSON that SageMaker documents (schema version
2020-12-01) when it meets the surroundings its jobs run in:
`PipelineDefinition(steps=...).render(JobSurroundings(...))`.
"""

from __future__ import annotations

from studio_infra.workloads.pipelines.pipeline_definition.conditions import (
    AnyOf,
    Compare,
    Condition,
    ConditionStep,
    FailStep,
    Not,
    OneOf,
)
from studio_infra.workloads.pipelines.pipeline_definition.data import InputMode, TrainingInput
from studio_infra.workloads.pipelines.pipeline_definition.definition import PipelineDefinition
from studio_infra.workloads.pipelines.pipeline_definition.models import (
    Approval,
    CreateModelStep,
    RegisterModelStep,
)
from studio_infra.workloads.pipelines.pipeline_definition.processing import (
    ProcessingInput,
    ProcessingOutput,
    ProcessingStep,
)
from studio_infra.workloads.pipelines.pipeline_definition.retries import (
    DEFAULT_RETRIES,
    Cache,
    Retry,
    RetryOn,
)
from studio_infra.workloads.pipelines.pipeline_definition.step import Access, Step
from studio_infra.workloads.pipelines.pipeline_definition.surroundings import JobSurroundings
from studio_infra.workloads.pipelines.pipeline_definition.training import TrainingStep
from studio_infra.workloads.pipelines.pipeline_definition.values import (
    EXECUTION_ID,
    ExecutionVariable,
    Join,
    JsonGet,
    Parameter,
    Reference,
    StepProperty,
)

__all__ = [
    "DEFAULT_RETRIES",
    "EXECUTION_ID",
    "Access",
    "AnyOf",
    "Approval",
    "Cache",
    "Compare",
    "Condition",
    "ConditionStep",
    "CreateModelStep",
    "ExecutionVariable",
    "FailStep",
    "InputMode",
    "JobSurroundings",
    "Join",
    "JsonGet",
    "Not",
    "OneOf",
    "Parameter",
    "PipelineDefinition",
    "ProcessingInput",
    "ProcessingOutput",
    "ProcessingStep",
    "Reference",
    "RegisterModelStep",
    "Retry",
    "RetryOn",
    "Step",
    "StepProperty",
    "TrainingInput",
    "TrainingStep",
]
