"""What runs beside Studio: training pipelines, the model registry, endpoints."""

from __future__ import annotations

from studio_infra.workloads.endpoints.autoscaling import InstanceScaling, ScheduledScaling
from studio_infra.workloads.endpoints.data_capture import DataCapture
from studio_infra.workloads.endpoints.endpoint_grants import EndpointGrants
from studio_infra.workloads.endpoints.endpoint_lifetime import EndpointLifetime, OfficeHours
from studio_infra.workloads.endpoints.endpoint_metrics import EndpointMetrics
from studio_infra.workloads.endpoints.endpoint_update import Capacity, EndpointUpdate
from studio_infra.workloads.endpoints.kinds.asynchronous import AsyncInference, BacklogScaling
from studio_infra.workloads.endpoints.kinds.component_update import ComponentUpdate
from studio_infra.workloads.endpoints.kinds.inference_component import CopyScaling, InferenceComponent
from studio_infra.workloads.endpoints.kinds.shared_instances import SharedInstances
from studio_infra.workloads.endpoints.model import Model, ModelContainer
from studio_infra.workloads.endpoints.model_endpoint import ModelEndpoint
from studio_infra.workloads.endpoints.monitors.kinds import (
    DataQuality,
    ModelBias,
    ModelExplainability,
    ModelQuality,
)
from studio_infra.workloads.endpoints.monitors.model_monitor import ModelMonitor
from studio_infra.workloads.endpoints.variants import InstanceVariant, ServerlessVariant
from studio_infra.workloads.environment.training_environment import TrainingEnvironment
from studio_infra.workloads.pipelines.new_data import PipelineOnNewData
from studio_infra.workloads.pipelines.pipeline_definition import (
    Cache,
    CallbackStep,
    Choice,
    ClarifyCheck,
    ClarifyCheckStep,
    Compare,
    ConditionStep,
    CreateModelStep,
    DataParallel,
    DataQualityCheckStep,
    EmrStep,
    EvaluationStep,
    FailStep,
    FloatRange,
    IntegerRange,
    LambdaStep,
    ModelQualityCheckStep,
    Mpi,
    OtherStep,
    OutputType,
    Parameter,
    ProcessingInput,
    ProcessingOutput,
    ProcessingStep,
    RegisterModelStep,
    Torchrun,
    TrainingInput,
    TrainingScript,
    TrainingStep,
    TransformStep,
    TuningStep,
)
from studio_infra.workloads.pipelines.pipeline_events import PipelineNotice, PipelineSchedule
from studio_infra.workloads.pipelines.pipeline_grants import PipelineGrants
from studio_infra.workloads.pipelines.training_pipeline import TrainingPipeline
from studio_infra.workloads.registry.model_approval import APPROVED_MODEL_ARN, ModelApproval
from studio_infra.workloads.registry.model_registry import ModelRegistry
from studio_infra.workloads.registry.model_registry_grants import ModelRegistryGrants
from studio_infra.workloads.tracking.tracking_app import TrackingApp
from studio_infra.workloads.tracking.tracking_grants import TrackingGrants, TrackingServerGrants
from studio_infra.workloads.tracking.tracking_server import TrackingServer, TrackingServerSize

__all__ = [
    "APPROVED_MODEL_ARN",
    "AsyncInference",
    "BacklogScaling",
    "Cache",
    "CallbackStep",
    "Capacity",
    "Choice",
    "ClarifyCheck",
    "ClarifyCheckStep",
    "Compare",
    "ComponentUpdate",
    "ConditionStep",
    "CopyScaling",
    "CreateModelStep",
    "DataCapture",
    "DataParallel",
    "DataQuality",
    "DataQualityCheckStep",
    "EmrStep",
    "EndpointGrants",
    "EndpointLifetime",
    "EndpointMetrics",
    "EndpointUpdate",
    "EvaluationStep",
    "FailStep",
    "FloatRange",
    "InferenceComponent",
    "InstanceScaling",
    "InstanceVariant",
    "IntegerRange",
    "LambdaStep",
    "Model",
    "ModelApproval",
    "ModelBias",
    "ModelContainer",
    "ModelEndpoint",
    "ModelExplainability",
    "ModelMonitor",
    "ModelQuality",
    "ModelQualityCheckStep",
    "ModelRegistry",
    "ModelRegistryGrants",
    "Mpi",
    "OfficeHours",
    "OtherStep",
    "OutputType",
    "Parameter",
    "PipelineGrants",
    "PipelineNotice",
    "PipelineOnNewData",
    "PipelineSchedule",
    "ProcessingInput",
    "ProcessingOutput",
    "ProcessingStep",
    "RegisterModelStep",
    "ScheduledScaling",
    "ServerlessVariant",
    "SharedInstances",
    "Torchrun",
    "TrackingApp",
    "TrackingGrants",
    "TrackingServer",
    "TrackingServerGrants",
    "TrackingServerSize",
    "TrainingEnvironment",
    "TrainingInput",
    "TrainingPipeline",
    "TrainingScript",
    "TrainingStep",
    "TransformStep",
    "TuningStep",
]
