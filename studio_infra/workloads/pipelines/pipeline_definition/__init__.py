"""SageMaker pipeline definitions as typed values, written without the SageMaker SDK and without CDK.

A definition is a tree of frozen values. It becomes the JSON that SageMaker documents (schema version
2020-12-01) when it meets the surroundings its jobs run in:
`PipelineDefinition(steps=...).render(JobSurroundings(...))`.
"""

from __future__ import annotations

from studio_infra.workloads.pipelines.pipeline_definition.data import InputMode, TrainingInput
from studio_infra.workloads.pipelines.pipeline_definition.definition import PipelineDefinition
from studio_infra.workloads.pipelines.pipeline_definition.distribution import (
    DataParallel,
    Distribution,
    Mpi,
    ParameterServer,
    Torchrun,
    TrainingScript,
)
from studio_infra.workloads.pipelines.pipeline_definition.ranges import (
    Choice,
    FloatRange,
    IntegerRange,
    Range,
    Scaling,
)
from studio_infra.workloads.pipelines.pipeline_definition.retries import (
    DEFAULT_RETRIES,
    Cache,
    Retry,
    RetryOn,
)
from studio_infra.workloads.pipelines.pipeline_definition.step import Access, Step
from studio_infra.workloads.pipelines.pipeline_definition.steps.calls import (
    CallbackStep,
    LambdaStep,
    OutputType,
)
from studio_infra.workloads.pipelines.pipeline_definition.steps.checks.clarify import (
    ClarifyCheck,
    ClarifyCheckStep,
)
from studio_infra.workloads.pipelines.pipeline_definition.steps.checks.quality import (
    DataQualityCheckStep,
    ModelQualityCheckStep,
)
from studio_infra.workloads.pipelines.pipeline_definition.steps.conditions import (
    AnyOf,
    Compare,
    Condition,
    ConditionStep,
    FailStep,
    Not,
    OneOf,
)
from studio_infra.workloads.pipelines.pipeline_definition.steps.evaluation import EvaluationStep
from studio_infra.workloads.pipelines.pipeline_definition.steps.models import (
    Approval,
    CreateModelStep,
    RegisterModelStep,
)
from studio_infra.workloads.pipelines.pipeline_definition.steps.others import EmrStep, OtherStep
from studio_infra.workloads.pipelines.pipeline_definition.steps.processing import (
    ProcessingInput,
    ProcessingOutput,
    ProcessingStep,
)
from studio_infra.workloads.pipelines.pipeline_definition.steps.training import TrainingStep
from studio_infra.workloads.pipelines.pipeline_definition.steps.transform import Split, TransformStep
from studio_infra.workloads.pipelines.pipeline_definition.steps.tuning import Goal, Strategy, TuningStep
from studio_infra.workloads.pipelines.pipeline_definition.surroundings import JobSurroundings
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
    "CallbackStep",
    "Choice",
    "ClarifyCheck",
    "ClarifyCheckStep",
    "Compare",
    "Condition",
    "ConditionStep",
    "CreateModelStep",
    "DataParallel",
    "DataQualityCheckStep",
    "Distribution",
    "EmrStep",
    "EvaluationStep",
    "ExecutionVariable",
    "FailStep",
    "FloatRange",
    "Goal",
    "InputMode",
    "IntegerRange",
    "JobSurroundings",
    "Join",
    "JsonGet",
    "LambdaStep",
    "ModelQualityCheckStep",
    "Mpi",
    "Not",
    "OneOf",
    "OtherStep",
    "OutputType",
    "Parameter",
    "ParameterServer",
    "PipelineDefinition",
    "ProcessingInput",
    "ProcessingOutput",
    "ProcessingStep",
    "Range",
    "Reference",
    "RegisterModelStep",
    "Retry",
    "RetryOn",
    "Scaling",
    "Split",
    "Step",
    "StepProperty",
    "Strategy",
    "Torchrun",
    "TrainingInput",
    "TrainingScript",
    "TrainingStep",
    "TransformStep",
    "TuningStep",
]
