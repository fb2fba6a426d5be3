"""Endpoints that queue their requests, answer into S3, and cost nothing while there is nothing to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import aws_cdk as cdk
from aws_cdk import aws_applicationautoscaling as scaling
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sagemaker as sagemaker

from studio_infra.errors import InvalidInput
from studio_infra.workloads import limits
from studio_infra.workloads.pipelines.pipeline_definition.data import check_place
from studio_infra.workloads.policy_files import Permissions

if TYPE_CHECKING:
    import jsii
    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_sns as sns
    from constructs import Construct

_NAMESPACE: Final = "AWS/SageMaker"


@dataclass(frozen=True, kw_only=True)
class AsyncInference:
    """Where the answers of an asynchronous endpoint go, and who hears of them.

    Args:
        results: Folder in S3 for answers: `s3://bucket/folder/`.
        failures: Folder in S3 for what failed. Defaults to `results`.
        key: Encrypts the answers.
        success_topic: Hears of every answer. Defaults to nobody.
        error_topic: Hears of every failure. Defaults to nobody.
        max_concurrent: Requests that one instance works on at the same time: 1-1000. Defaults to what SageMaker finds
            best.

    """

    results: str
    key: kms.IKey
    failures: str | None = None
    success_topic: sns.ITopic | None = None
    error_topic: sns.ITopic | None = None
    max_concurrent: jsii.Number | None = None

    def __post_init__(self) -> None:
        check_place(self.results, "results")
        if self.failures is not None:
            check_place(self.failures, "failures")
        least, most = limits.ASYNC_CONCURRENCY
        wanted = self.max_concurrent
        if wanted is not None and not cdk.Token.is_unresolved(wanted) and not least <= wanted <= most:
            raise InvalidInput("AsyncConcurrency", f"max_concurrent must be {least}-{most}, got {wanted}")

    @property
    def written(self) -> tuple[str, ...]:
        """The places that the containers' role writes to."""
        return (self.results,) if self.failures is None else (self.results, self.failures)

    def permissions(self) -> Permissions:
        """What the containers' role needs to tell the topics."""
        topics = [topic.topic_arn for topic in (self.success_topic, self.error_topic) if topic is not None]
        return Permissions.own("async_topics", {"Topics": topics})

    def to_property(self) -> sagemaker.CfnEndpointConfig.AsyncInferenceConfigProperty:
        """The same in CloudFormation's words."""
        told = {"success_topic": self.success_topic, "error_topic": self.error_topic}
        topics = {name: topic.topic_arn for name, topic in told.items() if topic is not None}
        return sagemaker.CfnEndpointConfig.AsyncInferenceConfigProperty(
            output_config=sagemaker.CfnEndpointConfig.AsyncInferenceOutputConfigProperty(
                s3_output_path=self.results,
                s3_failure_path=self.failures,
                kms_key_id=self.key.key_arn,
                notification_config=(
                    sagemaker.CfnEndpointConfig.AsyncInferenceNotificationConfigProperty(**topics)
                    if topics
                    else None
                ),
            ),
            client_config=(
                sagemaker.CfnEndpointConfig.AsyncInferenceClientConfigProperty(
                    max_concurrent_invocations_per_instance=self.max_concurrent
                )
                if self.max_concurrent is not None
                else None
            ),
        )


@dataclass(frozen=True, kw_only=True)
class BacklogScaling:
    """Between how many instances a variant of an asynchronous endpoint moves, with what waits in its queue.

    Args:
        max_instances: At most.
        min_instances: At least. None, the default, costs nothing while nothing waits; the first request then waits
            until an instance has started.
        backlog_per_instance: How many requests may wait for each instance.
        scale_out_seconds: How long to wait before still more instances are added.
        scale_in_seconds: How long to wait before still more are taken away.

    """

    max_instances: jsii.Number
    min_instances: jsii.Number = 0
    backlog_per_instance: jsii.Number = 5
    scale_out_seconds: jsii.Number = 60
    scale_in_seconds: jsii.Number = 600

    def __post_init__(self) -> None:
        known = [
            value for value in (self.min_instances, self.max_instances) if not cdk.Token.is_unresolved(value)
        ]
        if known != sorted(known) or (known and (known[0] < 0 or known[-1] < 1)):
            raise InvalidInput(
                "BacklogScaling",
                f"instances go from 0 or more to 1 or more, got {self.min_instances} to {self.max_instances}",
            )
        if not cdk.Token.is_unresolved(self.backlog_per_instance) and self.backlog_per_instance <= 0:
            raise InvalidInput(
                "BacklogScaling", f"backlog_per_instance must be above 0, got {self.backlog_per_instance}"
            )

    def put(
        self, scope: Construct, target: scaling.CfnScalableTarget, endpoint: sagemaker.CfnEndpoint
    ) -> None:
        """Add what moves the variant.

        https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-autoscale.html
        """
        name = endpoint.attr_endpoint_name
        scaling.CfnScalingPolicy(
            scope,
            "Policy",
            policy_name="BacklogPerInstance",
            policy_type="TargetTrackingScaling",
            scaling_target_id=target.ref,
            target_tracking_scaling_policy_configuration=(
                scaling.CfnScalingPolicy.TargetTrackingScalingPolicyConfigurationProperty(
                    target_value=self.backlog_per_instance,
                    customized_metric_specification=scaling.CfnScalingPolicy.CustomizedMetricSpecificationProperty(
                        namespace=_NAMESPACE,
                        metric_name="ApproximateBacklogSizePerInstance",
                        dimensions=[
                            scaling.CfnScalingPolicy.MetricDimensionProperty(name="EndpointName", value=name)
                        ],
                        statistic="Average",
                    ),
                    scale_out_cooldown=self.scale_out_seconds,
                    scale_in_cooldown=self.scale_in_seconds,
                )
            ),
        )
        # Without an instance there is no backlog "per instance": this one brings the first.
        start_first(
            scope,
            target,
            cooldown=self.scale_out_seconds,
            metric=cloudwatch.Metric(
                namespace=_NAMESPACE,
                metric_name="HasBacklogWithoutCapacity",
                dimensions_map={"EndpointName": name},
                statistic="Average",
                period=cdk.Duration.minutes(1),
            ),
        )


def start_first(
    scope: Construct, target: scaling.CfnScalableTarget, *, cooldown: jsii.Number, metric: cloudwatch.Metric
) -> None:
    """Bring the first one where there is none: target tracking cannot, because its metric says nothing then."""
    policy = scaling.CfnScalingPolicy(
        scope,
        "FromNone",
        policy_name="FromNone",
        policy_type="StepScaling",
        scaling_target_id=target.ref,
        step_scaling_policy_configuration=scaling.CfnScalingPolicy.StepScalingPolicyConfigurationProperty(
            adjustment_type="ChangeInCapacity",
            metric_aggregation_type="Average",
            cooldown=cooldown,
            step_adjustments=[
                scaling.CfnScalingPolicy.StepAdjustmentProperty(
                    metric_interval_lower_bound=0, scaling_adjustment=1
                )
            ],
        ),
    )
    alarm = metric.create_alarm(
        scope,
        "Waiting",
        alarm_description="Somebody waits, and nothing runs",
        threshold=1,
        evaluation_periods=1,
        comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
    )
    resource = alarm.node.default_child
    if isinstance(resource, cloudwatch.CfnAlarm):
        resource.alarm_actions = [policy.ref]
