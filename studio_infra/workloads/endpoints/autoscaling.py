"""As many instances as the requests need."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import aws_cdk as cdk
from aws_cdk import aws_applicationautoscaling as scaling
from constructs import Construct

from studio_infra.errors import InvalidInput

if TYPE_CHECKING:
    import jsii
    from aws_cdk import aws_sagemaker as sagemaker

    from studio_infra.workloads.endpoints.kinds.asynchronous import BacklogScaling

_METRIC: Final = "SageMakerVariantInvocationsPerInstance"
_COOLDOWN_LONGEST: Final = 3600
_SCHEDULE: Final = re.compile(r"(?:cron|rate|at)\([^()\n]{5,}\)")


@dataclass(frozen=True, kw_only=True)
class ScheduledScaling:
    """Other bounds from a certain moment on, every time it comes.

    Args:
        name: Unique among those of the variant.
        expression: `"cron(0 8 ? * MON-FRI *)"`, `"rate(1 day)"` or `"at(2027-03-31T08:00:00)"`.
        time_zone: Whose clocks: `"Europe/Zurich"`. Daylight saving is followed.
        min_instances: At least, from then on. Defaults to what it was.
        max_instances: At most, from then on. Defaults to what it was.

    """

    name: str
    expression: str
    time_zone: str = "UTC"
    min_instances: jsii.Number | None = None
    max_instances: jsii.Number | None = None

    def __post_init__(self) -> None:
        if not cdk.Token.is_unresolved(self.expression) and _SCHEDULE.fullmatch(self.expression) is None:
            raise InvalidInput(
                "ScheduledScaling",
                f"expression must be like cron(0 8 ? * MON-FRI *), rate(1 day) or at(…), got {self.expression!r}",
            )
        if self.min_instances is None and self.max_instances is None:
            raise InvalidInput("ScheduledScaling", f"{self.name} changes nothing: give bounds")
        try:
            ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise InvalidInput(
                "ScheduledScaling", f"time_zone must be a name like Europe/Zurich, got {self.time_zone!r}"
            ) from None

    def to_property(self) -> scaling.CfnScalableTarget.ScheduledActionProperty:
        """The same in CloudFormation's words."""
        return scaling.CfnScalableTarget.ScheduledActionProperty(
            scheduled_action_name=self.name,
            schedule=self.expression,
            timezone=self.time_zone,
            scalable_target_action=scaling.CfnScalableTarget.ScalableTargetActionProperty(
                min_capacity=self.min_instances, max_capacity=self.max_instances
            ),
        )


@dataclass(frozen=True, kw_only=True)
class InstanceScaling:
    """Between how many instances a variant moves, and what moves it.

    Args:
        max_instances: At most.
        min_instances: At least. Two stay available while one is replaced.
        invocations_per_instance: Requests in a minute that one instance answers well. Measure it: send more
            and more until the latency grows, and take 70 % of that.
        scale_out_seconds: How long to wait before still more instances are added.
        scale_in_seconds: How long to wait before still more are taken away.
        schedule: Other bounds at certain times. Defaults to none.

    """

    max_instances: jsii.Number
    min_instances: jsii.Number = 2
    invocations_per_instance: jsii.Number = 750
    scale_out_seconds: jsii.Number = 60
    scale_in_seconds: jsii.Number = 300
    schedule: tuple[ScheduledScaling, ...] = ()

    def __post_init__(self) -> None:
        known = [
            value for value in (self.min_instances, self.max_instances) if not cdk.Token.is_unresolved(value)
        ]
        if known and min(known) < 1:
            raise InvalidInput(
                "InstanceScaling",
                f"a variant on instances has at least 1, got {min(known)}; serverless ones go to none",
            )
        if known != sorted(known):
            raise InvalidInput(
                "InstanceScaling",
                f"min_instances ({self.min_instances}) must not exceed max_instances ({self.max_instances})",
            )
        if not cdk.Token.is_unresolved(self.invocations_per_instance) and self.invocations_per_instance <= 0:
            raise InvalidInput(
                "InstanceScaling",
                f"invocations_per_instance must be above 0, got {self.invocations_per_instance}",
            )
        for value in (self.scale_out_seconds, self.scale_in_seconds):
            if not cdk.Token.is_unresolved(value) and not 0 <= value <= _COOLDOWN_LONGEST:
                raise InvalidInput(
                    "InstanceScaling", f"a wait is 0-{_COOLDOWN_LONGEST} seconds long, got {value}"
                )

    def put(
        self, scope: Construct, target: scaling.CfnScalableTarget, endpoint: sagemaker.CfnEndpoint
    ) -> None:
        """Add what moves the variant."""
        del endpoint  # the metric is that of the target
        policy = scaling.CfnScalingPolicy
        policy(
            scope,
            "Policy",
            policy_name="InvocationsPerInstance",
            policy_type="TargetTrackingScaling",
            scaling_target_id=target.ref,
            target_tracking_scaling_policy_configuration=policy.TargetTrackingScalingPolicyConfigurationProperty(
                target_value=self.invocations_per_instance,
                predefined_metric_specification=policy.PredefinedMetricSpecificationProperty(
                    predefined_metric_type=_METRIC
                ),
                scale_out_cooldown=self.scale_out_seconds,
                scale_in_cooldown=self.scale_in_seconds,
            ),
        )


class VariantScaling(Construct):
    """The scalable target and the policy of one variant.

    They refer to the endpoint, so that CloudFormation deletes them first: SageMaker refuses to delete an
    endpoint, to take away a variant or to change its instance type while it is registered here.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        endpoint: sagemaker.CfnEndpoint,
        variant_name: str,
        wanted: InstanceScaling | BacklogScaling,
    ) -> None:
        super().__init__(scope, construct_id)
        target = scaling.CfnScalableTarget(
            self,
            "Target",
            service_namespace="sagemaker",
            scalable_dimension="sagemaker:variant:DesiredInstanceCount",
            resource_id=f"endpoint/{endpoint.attr_endpoint_name}/variant/{variant_name}",
            min_capacity=wanted.min_instances,
            max_capacity=wanted.max_instances,
            scheduled_actions=[one.to_property() for one in wanted.schedule] or None
            if isinstance(wanted, InstanceScaling)
            else None,
        )
        wanted.put(self, target, endpoint)
