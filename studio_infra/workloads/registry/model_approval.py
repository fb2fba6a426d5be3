"""What happens when somebody approves a model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import aws_cdk as cdk
from aws_cdk import aws_events as events
from constructs import Construct

from studio_infra.errors import InvalidInput
from studio_infra.workloads.names import checked_name
from studio_infra.workloads.pipelines.start_target import start_rule

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk.interfaces import aws_sagemaker as refs

#: Parts of the event: `parameters={"ModelPackage": APPROVED_MODEL_ARN}`.
APPROVED_MODEL_ARN: Final = "$.detail.ModelPackageArn"
APPROVED_MODEL_GROUP: Final = "$.detail.ModelPackageGroupName"


class ModelApproval(Construct):
    """Hears of versions of a model whose approval changes, in this account and region.

    Either a pipeline is started, or a target of one's own is told: a function, a queue, a topic, the pipeline of a
    deployment.

    Args:
        scope: The construct this one belongs to.
        construct_id: Unique among the children of `scope`.
        group_name: The model package group, also one that somebody else made.
        pipeline: Started for every version: a `TrainingPipeline`, an L1 `CfnPipeline`, or an imported one.
        parameters: Values for the pipeline's parameters. `APPROVED_MODEL_ARN` becomes the version's. Defaults to their
            own defaults.
        target: Told of every version, instead of `pipeline`.
        statuses: Which changes. Defaults to approvals.

    Raises:
        InvalidInput: Neither a pipeline nor a target, or both; a status that no version has.

    """

    STATUSES: Final = ("Approved", "Rejected", "PendingManualApproval")

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        group_name: str,
        pipeline: refs.IPipelineRef | None = None,
        parameters: Mapping[str, str] | None = None,
        target: events.IRuleTarget | None = None,
        statuses: Sequence[str] = ("Approved",),
    ) -> None:
        super().__init__(scope, construct_id)
        name = checked_name(self, "group_name", group_name)
        self._check(pipeline, parameters, target, statuses)
        detail = {"ModelPackageGroupName": [name], "ModelApprovalStatus": list(statuses)}
        source, kind = ["aws.sagemaker"], ["SageMaker Model Package State Change"]
        if target is not None:
            pattern = events.EventPattern(source=source, detail_type=kind, detail=detail)
            events.Rule(self, "Rule", event_pattern=pattern, targets=[target])
        elif pipeline is not None:
            raw = {"source": source, "detail-type": kind, "detail": detail}
            start_rule(self, raw, pipeline, {} if parameters is None else parameters)

    def _check(
        self,
        pipeline: refs.IPipelineRef | None,
        parameters: Mapping[str, str] | None,
        target: events.IRuleTarget | None,
        statuses: Sequence[str],
    ) -> None:
        if (pipeline is None) == (target is None):
            got = "neither" if pipeline is None else "both"
            raise InvalidInput("ModelApproval", f"give a pipeline or a target, got {got}", scope=self)
        if target is not None and parameters is not None:
            raise InvalidInput(
                "ModelApproval", "parameters are a pipeline's: a target has its own input", scope=self
            )
        unknown = sorted(
            status for status in set(statuses) - set(self.STATUSES) if not cdk.Token.is_unresolved(status)
        )
        if unknown or not statuses:
            raise InvalidInput(
                "ModelApprovalStatus",
                f"statuses must be some of {', '.join(self.STATUSES)}, got {', '.join(unknown) or 'none'}",
                scope=self,
            )
