"""Operations that are not regular: by name, what answers them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from studio_infra.rehearsal.emulator.behaviour import endpoint, inference_component, people
from studio_infra.rehearsal.emulator.jobs import calls
from studio_infra.rehearsal.emulator.jobs import executions as pipelines
from studio_infra.rehearsal.emulator.service import tags

if TYPE_CHECKING:
    from collections.abc import Callable

    Params = dict[str, Any]

BY_HAND: Final[dict[str, Callable[[Params], Params]]] = {
    "AddTags": tags.add,
    "CreatePresignedDomainUrl": people.presigned_domain_url,
    "CreatePresignedMlflowTrackingServerUrl": people.presigned_url_for(
        "MlflowTrackingServer", "TrackingServerName"
    ),
    "CreatePresignedNotebookInstanceUrl": people.presigned_url_for(
        "NotebookInstance", "NotebookInstanceName"
    ),
    "DeleteTags": tags.remove,
    "DescribePipelineDefinitionForExecution": pipelines.definition_of,
    "ListPipelineExecutionSteps": pipelines.list_steps,
    "ListPipelineExecutions": pipelines.list_executions,
    "ListPipelineParametersForExecution": pipelines.list_parameters,
    "ListTags": tags.show,
    "SendPipelineExecutionStepFailure": calls.refuse,
    "SendPipelineExecutionStepSuccess": calls.answer,
    "StartPipelineExecution": pipelines.start,
    "StopPipelineExecution": pipelines.stop,
    "UpdateEndpointWeightsAndCapacities": endpoint.scale,
    "UpdateInferenceComponentRuntimeConfig": inference_component.scale,
}
