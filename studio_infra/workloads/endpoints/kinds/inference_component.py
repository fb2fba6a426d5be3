"""A model on instances that it shares with others: copies of it come and go with its requests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import aws_cdk as cdk
from aws_cdk import aws_applicationautoscaling as autoscaling
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from studio_infra.errors import InvalidInput
from studio_infra.workloads.endpoints.endpoint_lifetime import OWNER_TAG
from studio_infra.workloads.endpoints.kinds.asynchronous import start_first
from studio_infra.workloads.endpoints.model import model_name
from studio_infra.workloads.names import generated_name
from studio_infra.workloads.permissions import for_alarms

if TYPE_CHECKING:
    import jsii
    from aws_cdk.interfaces import aws_sagemaker as refs

    from studio_infra.workloads.endpoints.kinds.component_update import ComponentUpdate
    from studio_infra.workloads.endpoints.model_endpoint import ModelEndpoint

#: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_InferenceComponentComputeResourceRequirements.html
MEMORY_LEAST_MB: Final = 128
CPUS_LEAST: Final = 0.25


@dataclass(frozen=True, kw_only=True)
class CopyScaling:
    """Between how many copies a component moves, with its requests.

    Args:
        max_copies: At most.
        min_copies: At least. None, the default, lets the instances go as well; the first request then fails, and the
            copy that it starts answers the next ones after some minutes.
        invocations_per_copy: Requests in a minute that one copy answers well.
        scale_out_seconds: How long to wait before still more copies are added.
        scale_in_seconds: How long to wait before still more are taken away.

    """

    max_copies: jsii.Number
    min_copies: jsii.Number = 0
    invocations_per_copy: jsii.Number = 60
    scale_out_seconds: jsii.Number = 60
    scale_in_seconds: jsii.Number = 600

    def __post_init__(self) -> None:
        known = [value for value in (self.min_copies, self.max_copies) if not cdk.Token.is_unresolved(value)]
        if known != sorted(known) or (known and (known[0] < 0 or known[-1] < 1)):
            raise InvalidInput(
                "CopyScaling",
                f"copies go from 0 or more to 1 or more, got {self.min_copies} to {self.max_copies}",
            )


class InferenceComponent(cdk.Resource):
    """A model on the shared instances of an endpoint.

    Requests name it: `InferenceComponentName`. Changing the model updates it in place, copy by copy.

    Args:
        scope: The construct this one belongs to.
        construct_id: Unique among the children of `scope`.
        endpoint: An endpoint whose variant is `SharedInstances`.
        model: The model that answers.
        memory_mb: What one copy needs: 128 or more.
        cpus: Processors that one copy needs: 0.25 or more. Defaults to what is free.
        accelerators: GPUs or Neuron devices that one copy needs. Defaults to none.
        copies: How many copies at first, and again when a deployment changes the component. Defaults to one.
        scaling: How copies follow the requests. Defaults to a fixed number.
        variant_name: The variant. Defaults to `"primary"`.
        update: How the next model takes over. Defaults to what SageMaker does without being asked, and no alarm.

    Raises:
        InvalidInput: Less than SageMaker gives a copy.

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        endpoint: ModelEndpoint,
        model: refs.IModelRef,
        memory_mb: jsii.Number,
        cpus: jsii.Number | None = None,
        accelerators: jsii.Number | None = None,
        copies: jsii.Number = 1,
        scaling: CopyScaling | None = None,
        variant_name: str = "primary",
        update: ComponentUpdate | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        for what, value, least in (
            ("memory_mb", memory_mb, MEMORY_LEAST_MB),
            ("cpus", cpus, CPUS_LEAST),
            ("accelerators", accelerators, 1),
            ("copies", copies, 0),
        ):
            if value is not None and not cdk.Token.is_unresolved(value) and value < least:
                raise InvalidInput(
                    "InferenceComponent", f"{what} must be at least {least}, got {value}", scope=self
                )
        #: What requests call it. Known at synthesis: CloudFormation tells its ARN alone.
        self.component_name: Final = generated_name(self)
        made = sagemaker.CfnInferenceComponent
        self._resource = made(
            self,
            "Resource",
            inference_component_name=self.component_name,
            endpoint_name=endpoint.made_name,
            variant_name=variant_name,
            specification=made.InferenceComponentSpecificationProperty(
                model_name=model_name(model),
                compute_resource_requirements=made.InferenceComponentComputeResourceRequirementsProperty(
                    min_memory_required_in_mb=memory_mb,
                    number_of_cpu_cores_required=cpus,
                    number_of_accelerator_devices_required=accelerators,
                ),
            ),
            runtime_config=made.InferenceComponentRuntimeConfigProperty(copy_count=copies),
            deployment_config=None if update is None else update.config,
        )
        needs = for_alarms(() if update is None else update.rollback_on)
        if needs.statements and endpoint.instance_role is not None:
            policies = Construct(self, "Policies")
            roles = [endpoint.instance_role.role_name]
            needs.policies(policies, description="Alarms that send an update back", roles=roles)
            self._resource.node.add_dependency(policies)
        # The keeper takes away, and makes again, what somebody answers for, and nothing else.
        cdk.Tags.of(self._resource).add(OWNER_TAG, endpoint.owner)
        if scaling is not None:
            self._scale(scaling)

    def metric_invocations(self) -> cloudwatch.Metric:
        """Requests in a minute."""
        return self._metric("Invocations", "Sum")

    def _metric(self, name: str, statistic: str) -> cloudwatch.Metric:
        return cloudwatch.Metric(
            namespace="AWS/SageMaker",
            metric_name=name,
            dimensions_map={"InferenceComponentName": self.component_name},
            statistic=statistic,
            period=cdk.Duration.minutes(1),
        )

    def _scale(self, wanted: CopyScaling) -> None:
        scope = Construct(self, "Scaling")
        target = autoscaling.CfnScalableTarget(
            scope,
            "Target",
            service_namespace="sagemaker",
            scalable_dimension="sagemaker:inference-component:DesiredCopyCount",
            resource_id=f"inference-component/{self.component_name}",
            min_capacity=wanted.min_copies,
            max_capacity=wanted.max_copies,
        )
        target.node.add_dependency(self._resource)
        policy = autoscaling.CfnScalingPolicy
        policy(
            scope,
            "Policy",
            policy_name="InvocationsPerCopy",
            policy_type="TargetTrackingScaling",
            scaling_target_id=target.ref,
            target_tracking_scaling_policy_configuration=policy.TargetTrackingScalingPolicyConfigurationProperty(
                target_value=wanted.invocations_per_copy,
                predefined_metric_specification=policy.PredefinedMetricSpecificationProperty(
                    predefined_metric_type="SageMakerInferenceComponentInvocationsPerCopy"
                ),
                scale_out_cooldown=wanted.scale_out_seconds,
                scale_in_cooldown=wanted.scale_in_seconds,
            ),
        )
        # https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-zero-instances.html
        start_first(
            scope,
            target,
            cooldown=wanted.scale_out_seconds,
            metric=self._metric("NoCapacityInvocationFailures", "Maximum"),
        )
