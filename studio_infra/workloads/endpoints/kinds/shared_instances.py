"""Instances that many models share as inference components, and that go when none of them is used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import aws_cdk as cdk
from aws_cdk import aws_sagemaker as sagemaker

from studio_infra.access import has_own_disks
from studio_infra.errors import InvalidInput
from studio_infra.settings.facts.limits import is_instance_type, is_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    import jsii
    from aws_cdk import aws_ec2 as ec2

_FIRST_INSTANCES: Final = 2


@dataclass(frozen=True, kw_only=True)
class SharedInstances:
    """A variant without a model of its own: `InferenceComponent` puts models on its instances.

    Args:
        instance_type: What they run on: `"ml.g5.xlarge"`.
        max_instances: At most. SageMaker adds and removes instances as the components' copies need room.
        vpc: Where the containers run.
        security_groups: Of the containers: 1-5.
        subnets: Where the containers run. Defaults to the private subnets of `vpc`.
        min_instances: At least. None, the default, costs nothing while no component has a copy.
        network_isolation: No network for the containers themselves.
        name: 1-63 letters, digits or inner hyphens; unique in the endpoint.

    """

    instance_type: str
    max_instances: jsii.Number
    vpc: ec2.IVpc
    security_groups: Sequence[ec2.ISecurityGroup]
    subnets: Sequence[ec2.ISubnet] | None = None
    min_instances: jsii.Number = 0
    network_isolation: bool = True
    name: str = "primary"

    def __post_init__(self) -> None:
        if not is_name(self.name):
            raise InvalidInput(
                "VariantName",
                f"a variant is named by 1-63 letters, digits or inner hyphens, got {self.name!r}",
            )
        if not cdk.Token.is_unresolved(self.instance_type) and not is_instance_type(self.instance_type):
            raise InvalidInput(
                "InstanceType",
                f'instance_type must be written like "ml.m5.large", got {self.instance_type!r}',
            )
        known = [
            value for value in (self.min_instances, self.max_instances) if not cdk.Token.is_unresolved(value)
        ]
        if known != sorted(known) or (known and (known[0] < 0 or known[-1] < 1)):
            raise InvalidInput(
                "SharedInstances",
                f"instances go from 0 or more to 1 or more, got {self.min_instances} to {self.max_instances}",
            )

    @property
    def has_own_disks(self) -> bool:
        """Whether the service refuses a key for its volume."""
        return has_own_disks(self.instance_type)

    def to_property(self) -> sagemaker.CfnEndpointConfig.ProductionVariantProperty:
        """The variant in CloudFormation's words."""
        numbers = (self.min_instances, self.max_instances)
        tokens = any(cdk.Token.is_unresolved(value) for value in numbers)
        first = _FIRST_INSTANCES if tokens else max(self.min_instances, min(_FIRST_INSTANCES, numbers[1]))
        return sagemaker.CfnEndpointConfig.ProductionVariantProperty(
            variant_name=self.name,
            instance_type=self.instance_type,
            initial_instance_count=first,
            managed_instance_scaling=sagemaker.CfnEndpointConfig.ManagedInstanceScalingProperty(
                status="ENABLED",
                min_instance_count=self.min_instances,
                max_instance_count=self.max_instances,
            ),
            routing_config=sagemaker.CfnEndpointConfig.RoutingConfigProperty(
                routing_strategy="LEAST_OUTSTANDING_REQUESTS"
            ),
        )
