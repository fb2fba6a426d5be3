"""As many instances as the requests need."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import aws_cdk as cdk
from aws_cdk import aws_applicationautoscaling as scaling
from constructs import Construct

from studio_infra.errors import InvalidInput

if TYPE_CHECKING:
    import jsii
    from aws_cdk import aws_sagemaker as sagemaker

_METRIC: Final = "SageMakerVariantInvocationsPerInstance"
_COOLDOWN_LONGEST: Final = 3600


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

    """

    max_instances: jsii.Number
    min_instances: jsii.Number = 2
    invocations_per_instance: jsii.Number = 750
    scale_out_seconds: jsii.Number = 60
    scale_in_seconds: jsii.Number = 300

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
        wanted: InstanceScaling,
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
        )
        scaling.CfnScalingPolicy(
            self,
            "Policy",
            policy_name="InvocationsPerInstance",
            policy_type="TargetTrackingScaling",
            scaling_target_id=target.ref,
            target_tracking_scaling_policy_configuration=(
                scaling.CfnScalingPolicy.TargetTrackingScalingPolicyConfigurationProperty(
                    target_value=wanted.invocations_per_instance,
                    predefined_metric_specification=scaling.CfnScalingPolicy.PredefinedMetricSpecificationProperty(
                        predefined_metric_type=_METRIC
                    ),
                    scale_out_cooldown=wanted.scale_out_seconds,
                    scale_in_cooldown=wanted.scale_in_seconds,
                )
            ),
        )
