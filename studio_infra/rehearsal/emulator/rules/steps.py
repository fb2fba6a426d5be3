"""Which API call a pipeline step makes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Step:
    """A type of pipeline step.

    Args:
        operation: The call it makes with its arguments.
        arn_member: Where the call's answer has the ARN.
        metadata: The step's name in ``ListPipelineExecutionSteps``.
        name_member: The argument that the service makes up if the definition does not give it.

    """

    operation: str
    arn_member: str
    metadata: str
    name_member: str = ""


#: Names of tuning jobs are the shortest, and the trainings of one add to it.
NAME_MAX: Final = {"HyperParameterTuningJobName": 32}

STEPS: Final = {
    "Training": Step("CreateTrainingJob", "TrainingJobArn", "TrainingJob", "TrainingJobName"),
    "Processing": Step("CreateProcessingJob", "ProcessingJobArn", "ProcessingJob", "ProcessingJobName"),
    "Transform": Step("CreateTransformJob", "TransformJobArn", "TransformJob", "TransformJobName"),
    "Tuning": Step(
        "CreateHyperParameterTuningJob",
        "HyperParameterTuningJobArn",
        "TuningJob",
        "HyperParameterTuningJobName",
    ),
    "Model": Step("CreateModel", "ModelArn", "Model", "ModelName"),
    "RegisterModel": Step("CreateModelPackage", "ModelPackageArn", "RegisterModel"),
}
