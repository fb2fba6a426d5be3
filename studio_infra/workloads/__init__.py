"""What runs beside Studio: training pipelines, the model registry, endpoints."""

from __future__ import annotations

from studio_infra.workloads.autoscaling import InstanceScaling
from studio_infra.workloads.endpoint_grants import EndpointGrants
from studio_infra.workloads.endpoint_lifetime import EndpointLifetime, OfficeHours
from studio_infra.workloads.endpoint_metrics import EndpointMetrics
from studio_infra.workloads.endpoint_update import Capacity, EndpointUpdate
from studio_infra.workloads.model import Model, ModelContainer
from studio_infra.workloads.model_endpoint import ModelEndpoint
from studio_infra.workloads.model_registry import ModelRegistry
from studio_infra.workloads.model_registry_grants import ModelRegistryGrants
from studio_infra.workloads.pipeline_definition import (
    ProcessingInput,
    ProcessingOutput,
    ProcessingStep,
    RegisterModelStep,
    TrainingInput,
    TrainingStep,
)
from studio_infra.workloads.pipeline_events import PipelineNotice, PipelineSchedule
from studio_infra.workloads.pipeline_grants import PipelineGrants
from studio_infra.workloads.training_pipeline import TrainingPipeline
from studio_infra.workloads.variants import InstanceVariant, ServerlessVariant

__all__ = [
    "Capacity",
    "EndpointGrants",
    "EndpointLifetime",
    "EndpointMetrics",
    "EndpointUpdate",
    "InstanceScaling",
    "InstanceVariant",
    "Model",
    "ModelContainer",
    "ModelEndpoint",
    "ModelRegistry",
    "ModelRegistryGrants",
    "OfficeHours",
    "PipelineGrants",
    "PipelineNotice",
    "PipelineSchedule",
    "ProcessingInput",
    "ProcessingOutput",
    "ProcessingStep",
    "RegisterModelStep",
    "ServerlessVariant",
    "TrainingInput",
    "TrainingPipeline",
    "TrainingStep",
]
