"""When a pipeline starts by itself, and who hears how it went."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import aws_cdk as cdk
from aws_cdk import aws_events as events
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk import aws_scheduler as scheduler
from constructs import Construct

from studio_infra.errors import InvalidInput
from studio_infra.settings.fields.schedules import is_schedule, is_time_zone
from studio_infra.workloads.pipelines.start_target import starting_role

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk.interfaces import aws_sagemaker as refs


class PipelineSchedule(Construct):
    """Starts a pipeline again and again.

    Works on any pipeline: a `TrainingPipeline`, an L1 `CfnPipeline`, or an imported one.

    Args:
        scope: The construct this one belongs to.
        construct_id: Unique among the children of `scope`.
        pipeline: What is started.
        expression: `"cron(0 6 ? * MON *)"` or `"rate(7 days)"`, as EventBridge Scheduler has them.
        time_zone: Whose clocks a cron expression means: `"Europe/Zurich"`. Daylight saving is followed.
        parameters: Values for the pipeline's parameters. Defaults to their own defaults.

    Raises:
        InvalidInput: The expression or the time zone does not exist.

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        pipeline: refs.IPipelineRef,
        expression: str,
        time_zone: str = "UTC",
        parameters: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        self._check(expression, time_zone)
        role = starting_role(self, pipeline, "scheduler.amazonaws.com")
        values = [
            scheduler.CfnSchedule.SageMakerPipelineParameterProperty(name=name, value=value)
            for name, value in ({} if parameters is None else parameters).items()
        ]
        scheduler.CfnSchedule(
            self,
            "Resource",
            schedule_expression=expression,
            schedule_expression_timezone=time_zone,
            flexible_time_window=scheduler.CfnSchedule.FlexibleTimeWindowProperty(mode="OFF"),
            target=scheduler.CfnSchedule.TargetProperty(
                arn=sagemaker.CfnPipeline.arn_for_pipeline(pipeline),
                role_arn=role.role_arn,
                sage_maker_pipeline_parameters=(
                    scheduler.CfnSchedule.SageMakerPipelineParametersProperty(pipeline_parameter_list=values)
                    if values
                    else None
                ),
            ),
        )

    def _check(self, expression: str, time_zone: str) -> None:
        if not cdk.Token.is_unresolved(expression) and not is_schedule(expression):
            raise InvalidInput(
                "ScheduleExpression",
                f"expression must be like cron(0 6 ? * MON *) or rate(7 days), got {expression!r}",
                scope=self,
            )
        if not cdk.Token.is_unresolved(time_zone) and not is_time_zone(time_zone):
            raise InvalidInput(
                "ScheduleTimeZone",
                f"time_zone must be a name like Europe/Zurich, got {time_zone!r}",
                scope=self,
            )


class PipelineNotice(Construct):
    """Tells somebody that an execution of a pipeline has ended in a certain way.

    Args:
        scope: The construct this one belongs to.
        construct_id: Unique among the children of `scope`.
        pipeline: Whose executions.
        target: Who is told: `aws_events_targets.SnsTopic(topic)`, a function, a queue, ….
        statuses: Which ends. Defaults to failures.

    Raises:
        InvalidInput: A status that no execution has.

    """

    STATUSES: Final = ("Executing", "Stopping", "Stopped", "Failed", "Succeeded")

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        pipeline: refs.IPipelineRef,
        target: events.IRuleTarget,
        statuses: Sequence[str] = ("Failed",),
    ) -> None:
        super().__init__(scope, construct_id)
        unknown = sorted(set(statuses) - set(self.STATUSES))
        if unknown or not statuses:
            raise InvalidInput(
                "PipelineStatus",
                f"statuses must be some of {', '.join(self.STATUSES)}, got {', '.join(unknown) or 'none'}",
                scope=self,
            )
        rule = events.Rule(
            self,
            "Rule",
            description="Runs of a pipeline that somebody wants to hear of",
            event_pattern=events.EventPattern(
                source=["aws.sagemaker"],
                detail_type=["SageMaker Model Building Pipeline Execution Status Change"],
                detail={
                    "pipelineArn": [sagemaker.CfnPipeline.arn_for_pipeline(pipeline)],
                    "currentPipelineExecutionStatus": list(statuses),
                },
            ),
            targets=[target],
        )
        cdk.Validations.of(rule).acknowledge(
            cdk.Acknowledgment(
                id="Serverless-EventBusDLQ",
                reason="EventBridge tries for a day to tell the target, and the execution says itself how it ended",
            )
        )
