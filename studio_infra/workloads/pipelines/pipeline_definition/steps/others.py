"""Steps on a cluster of Amazon EMR, and whatever else SageMaker has a step for."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Final

from studio_infra.workloads.pipelines.pipeline_definition.step import Access, CachedStep
from studio_infra.workloads.pipelines.pipeline_definition.values import StepProperty, Text, is_open

if TYPE_CHECKING:
    from collections.abc import Mapping

    from studio_infra.workloads.pipelines.pipeline_definition.surroundings import JobSurroundings

_CLUSTER: Final = re.compile(r"j-[A-Z0-9]{1,60}", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class EmrStep(CachedStep):
    """Runs a program on an EMR cluster that is there already.

    Args:
        cluster_id: The cluster: `"j-2AXXXXXXGAPLF"`.
        jar: What runs: a JAR file in S3, or `"command-runner.jar"`.
        program_arguments: What it is given.
        main_class: Defaults to the one that the JAR names.
        properties: Java properties: key to value.
        runtime_role_arn: The role of the program alone, on a cluster that has such roles. Defaults to the cluster's.

    """

    TYPE: ClassVar[str] = "EMR"

    cluster_id: str
    jar: Text
    program_arguments: tuple[Text, ...] = ()
    main_class: str | None = None
    properties: Mapping[str, Text] = field(default_factory=dict)
    runtime_role_arn: str | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if not is_open(self.cluster_id) and _CLUSTER.fullmatch(self.cluster_id) is None:
            raise self.refuse(
                "EmrCluster", f'cluster_id must be like "j-2AXXXXXXGAPLF", got {self.cluster_id!r}'
            )

    @property
    def state(self) -> StepProperty:
        """How it ended: `"COMPLETED"`."""
        return StepProperty(self.name, "Status.State")

    def arguments(self, around: JobSurroundings) -> dict[str, Any]:  # noqa: ARG002 - it runs on a cluster of its own
        """`AddJobFlowSteps`, for one step without a name: SageMaker gives it one."""
        jar = {
            "Jar": self.jar,
            "Args": self.program_arguments or None,
            "MainClass": self.main_class,
            "Properties": [{"Key": key, "Value": value} for key, value in self.properties.items()] or None,
        }
        return {
            "StepConfig": {"HadoopJarStep": jar},
            "ClusterId": self.cluster_id,
            "ExecutionRoleArn": self.runtime_role_arn,
        }

    def access(self, around: JobSurroundings) -> Access:  # noqa: ARG002 - it runs on a cluster of its own
        """The cluster, and the program's role."""
        return Access(
            clusters=(self.cluster_id,),
            cluster_roles=() if self.runtime_role_arn is None else (self.runtime_role_arn,),
        )


@dataclass(frozen=True, kw_only=True)
class OtherStep(CachedStep):
    """Any step that SageMaker documents and this library has no class for, in the words of its definition.

    Nothing in it is checked, and neither role is allowed anything for it: grant what it needs to
    `TrainingPipeline.role` and `TrainingPipeline.job_role`.
    https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps-types.html

    Args:
        type: In SageMaker's word: `"AutoML"`.
        request: Its `Arguments`. References of other steps may stand in it.
        members: What stands beside them.

    """

    TYPE: ClassVar[str] = ""

    type: str
    request: Mapping[str, Any] = field(default_factory=dict)
    members: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.type:
            raise self.refuse("OtherStep", 'type must be a step type of SageMaker like "AutoML", got ""')

    def result(self, path: str) -> StepProperty:
        """A part of what it answers: `result("BestCandidate.CandidateName")`."""
        return StepProperty(self.name, path)

    def arguments(self, around: JobSurroundings) -> dict[str, Any]:  # noqa: ARG002 - it is written out already
        """As they were given."""
        return dict(self.request)

    def extras(self) -> dict[str, Any]:
        """What was given beside them, and the type."""
        return super().extras() | dict(self.members) | {"Type": self.type}
