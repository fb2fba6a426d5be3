"""What an endpoint answers with: a model on instances, or without any to think of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_sagemaker as sagemaker

from studio_infra.access import has_own_disks
from studio_infra.errors import InvalidInput
from studio_infra.settings.facts.limits import is_instance_type, is_name
from studio_infra.workloads import limits
from studio_infra.workloads.endpoints.model import Model, model_name

if TYPE_CHECKING:
    import jsii
    from aws_cdk.interfaces import aws_sagemaker as refs

    from studio_infra.workloads.endpoints.autoscaling import InstanceScaling
    from studio_infra.workloads.endpoints.kinds.asynchronous import BacklogScaling

DEFAULT_INSTANCES = 2


@dataclass(frozen=True, kw_only=True)
class Variant:
    """What both kinds have in common.

    Args:
        model: The model that answers.
        name: 1-63 letters, digits or inner hyphens; unique in the endpoint. Metrics and scaling are by it.
        weight: The share of requests, against the weights of the other variants.

    """

    model: refs.IModelRef
    name: str = "primary"
    weight: jsii.Number = 1

    def __post_init__(self) -> None:
        if not is_name(self.name):
            raise InvalidInput(
                "VariantName",
                f"a variant is named by 1-63 letters, digits or inner hyphens, got {self.name!r}",
            )
        if not cdk.Token.is_unresolved(self.weight) and self.weight < 0:
            raise InvalidInput(
                "VariantWeight", f"the weight of variant {self.name} must not be negative, got {self.weight}"
            )


@dataclass(frozen=True, kw_only=True)
class InstanceVariant(Variant):
    """A model on instances that run all the time.

    Args:
        instance_type: What it runs on: `"ml.m5.large"`. While the variant scales, the service refuses to
            change it: deploy once without `scaling`, then with the new type.
        instance_count: How many at first. Defaults to the least that `scaling` allows, or two: one may be
            replaced or its zone fail.
        scaling: How it follows the requests, or the queue of an asynchronous endpoint. Defaults to a fixed number.
        volume_gb: Disk of each instance. Defaults to what the service chooses.
        download_timeout: For the model's data: 1-60 minutes. Defaults to what the service chooses.
        startup_timeout: Until the container must be healthy: 1-60 minutes. Defaults to what the service
            chooses.

    """

    instance_type: str
    instance_count: jsii.Number | None = None
    scaling: InstanceScaling | BacklogScaling | None = None
    volume_gb: jsii.Number | None = None
    download_timeout: cdk.Duration | None = None
    startup_timeout: cdk.Duration | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if not cdk.Token.is_unresolved(self.instance_type) and not is_instance_type(self.instance_type):
            raise InvalidInput(
                "InstanceType",
                f'instance_type must be written like "ml.m5.large", got {self.instance_type!r}',
            )
        count = self.instance_count
        if count is not None and not cdk.Token.is_unresolved(count) and count < 1:
            raise InvalidInput("InstanceCount", f"instance_count must be at least 1, got {count}")
        if self.volume_gb is not None:
            least, most = limits.ENDPOINT_VOLUME_GB
            if not cdk.Token.is_unresolved(self.volume_gb) and not least <= self.volume_gb <= most:
                raise InvalidInput("VariantVolume", f"volume_gb must be {least}-{most}, got {self.volume_gb}")
        for what, timeout in (
            ("download_timeout", self.download_timeout),
            ("startup_timeout", self.startup_timeout),
        ):
            self._check_timeout(what, timeout)

    @property
    def has_own_disks(self) -> bool:
        """Whether the service refuses a key for its volume."""
        return has_own_disks(self.instance_type)

    def to_property(self) -> sagemaker.CfnEndpointConfig.ProductionVariantProperty:
        """The variant in CloudFormation's words."""
        least = DEFAULT_INSTANCES if self.scaling is None else self.scaling.min_instances
        # One that may have none begins with some all the same: nothing waits for its first start.
        if not cdk.Token.is_unresolved(least) and least == 0:
            least = DEFAULT_INSTANCES
        return sagemaker.CfnEndpointConfig.ProductionVariantProperty(
            variant_name=self.name,
            model_name=model_name(self.model),
            instance_type=self.instance_type,
            initial_instance_count=least if self.instance_count is None else self.instance_count,
            initial_variant_weight=self.weight,
            volume_size_in_gb=self.volume_gb,
            model_data_download_timeout_in_seconds=_seconds(self.download_timeout),
            container_startup_health_check_timeout_in_seconds=_seconds(self.startup_timeout),
        )

    def _check_timeout(self, what: str, timeout: cdk.Duration | None) -> None:
        if timeout is None or timeout.is_unresolved():
            return
        least, most = (bound.total_seconds() for bound in limits.MODEL_TIMEOUT)
        if not least <= timeout.to_seconds() <= most:
            raise InvalidInput(
                "VariantTimeout", f"{what} must be 1-60 minutes, got {timeout.to_human_string()}"
            )


@dataclass(frozen=True, kw_only=True)
class ServerlessVariant(Variant):
    """A model that costs only while it answers, and may need some seconds for the first request.

    Args:
        memory_mb: 1024-6144, in steps of 1024.
        max_concurrency: How many requests at the same time: 1-200.
        provisioned_concurrency: How many of them are kept ready all the time, at a price. Defaults to none.

    """

    memory_mb: jsii.Number = 2048
    max_concurrency: jsii.Number = 10
    provisioned_concurrency: jsii.Number | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        least, most = limits.SERVERLESS_MEMORY_MB
        if not cdk.Token.is_unresolved(self.memory_mb) and self.memory_mb not in range(least, most + 1, 1024):
            raise InvalidInput(
                "ServerlessMemory", f"memory_mb must be {least}-{most} in steps of 1024, got {self.memory_mb}"
            )
        least, most = limits.SERVERLESS_CONCURRENCY
        for what, value in (
            ("max_concurrency", self.max_concurrency),
            ("provisioned_concurrency", self.provisioned_concurrency),
        ):
            if value is not None and not cdk.Token.is_unresolved(value) and not least <= value <= most:
                raise InvalidInput("ServerlessConcurrency", f"{what} must be {least}-{most}, got {value}")
        if isinstance(self.model, Model) and (self.model.in_vpc or self.model.network_isolation):
            raise InvalidInput(
                "ServerlessNetwork",
                f"serverless variant {self.name} needs a Model with vpc=None and network_isolation=False: "
                "the service can do neither for it",
            )

    def to_property(self) -> sagemaker.CfnEndpointConfig.ProductionVariantProperty:
        """The variant in CloudFormation's words."""
        return sagemaker.CfnEndpointConfig.ProductionVariantProperty(
            variant_name=self.name,
            model_name=model_name(self.model),
            initial_variant_weight=self.weight,
            serverless_config=sagemaker.CfnEndpointConfig.ServerlessConfigProperty(
                memory_size_in_mb=self.memory_mb,
                max_concurrency=self.max_concurrency,
                provisioned_concurrency=self.provisioned_concurrency,
            ),
        )


def _seconds(duration: cdk.Duration | None) -> jsii.Number | None:
    return None if duration is None else duration.to_seconds()
