"""What runs beside Studio: training pipelines, the model registry, endpoints."""

from __future__ import annotations

from studio_infra.workloads.endpoints.autoscaling import InstanceScaling
from studio_infra.workloads.endpoints.endpoint_grants import EndpointGrants
from studio_infra.workloads.endpoints.endpoint_lifetime import EndpointLifetime, OfficeHours
from studio_infra.workloads.endpoints.endpoint_metrics import EndpointMetrics
from studio_infra.workloads.endpoints.endpoint_update import Capacity, EndpointUpdate
from studio_infra.workloads.endpoints.model import Model, ModelContainer
from studio_infra.workloads.endpoints.model_endpoint import ModelEndpoint
from studio_infra.workloads.endpoints.variants import InstanceVariant, ServerlessVariant
from studio_infra.workloads.pipelines.pipeline_definition import (
    ProcessingInput,
    ProcessingOutput,
    ProcessingStep,
    RegisterModelStep,
    TrainingInput,
    TrainingStep,
)
from studio_infra.workloads.pipelines.pipeline_events import PipelineNotice, PipelineSchedule
from studio_infra.workloads.pipelines.pipeline_grants import PipelineGrants
from studio_infra.workloads.pipelines.training_pipeline import TrainingPipeline
from studio_infra.workloads.registry.model_registry import ModelRegistry
from studio_infra.workloads.registry.model_registry_grants import ModelRegistryGrants

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
