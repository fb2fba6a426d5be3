"""Permissions on a pipeline, given to somebody else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker

if TYPE_CHECKING:
    from aws_cdk.interfaces import aws_sagemaker as refs


class PipelineGrants:
    """Permissions on a pipeline.

    Works on any pipeline: a `TrainingPipeline`, an L1 `CfnPipeline`, or an imported one.
    """

    @classmethod
    def from_pipeline(cls, pipeline: refs.IPipelineRef) -> PipelineGrants:
        """Start granting on `pipeline`."""
        return cls(pipeline)

    def __init__(self, pipeline: refs.IPipelineRef) -> None:
        self._arn = sagemaker.CfnPipeline.arn_for_pipeline(pipeline)

    def start(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let `grantee` start executions, with any parameters."""
        return self._grant(grantee, [self._arn], "StartPipelineExecution")

    def stop(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let `grantee` stop executions."""
        return self._grant(grantee, [self._executions], "StopPipelineExecution")

    def read(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let `grantee` see the pipeline, its executions and how they went."""
        return self._grant(
            grantee,
            [self._arn, self._executions],
            "DescribePipeline",
            "DescribePipelineDefinitionForExecution",
            "DescribePipelineExecution",
            "ListPipelineExecutionSteps",
            "ListPipelineExecutions",
            "ListPipelineParametersForExecution",
        )

    @property
    def _executions(self) -> str:
        return f"{self._arn}/execution/*"

    def _grant(self, grantee: iam.IGrantable, arns: list[str], *actions: str) -> iam.Grant:
        return iam.Grant.add_to_principal(
            grantee=grantee, actions=[f"sagemaker:{action}" for action in actions], resource_arns=arns
        )
