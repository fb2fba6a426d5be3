"""How an endpoint gets from one configuration to the next without losing requests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import aws_cdk as cdk
from aws_cdk import aws_sagemaker as sagemaker

from studio_infra.errors import InvalidInput
from studio_infra.workloads import limits

if TYPE_CHECKING:
    from collections.abc import Sequence

    import jsii
    from aws_cdk import aws_cloudwatch as cloudwatch

_WAIT: Final = cdk.Duration.minutes(10)
#: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_TrafficRoutingConfig.html
_CANARY_PERCENT: Final = (1, 50)
_LINEAR_PERCENT: Final = (10, 50)
_ROLLING_PERCENT: Final = (5, 50)


@dataclass(frozen=True)
class Capacity:
    """A part of a variant's instances, or of a component's copies. Start with `percent`, `instances` or `copies`."""

    kind: str
    value: jsii.Number

    @classmethod
    def percent(cls, value: jsii.Number) -> Capacity:
        """A share of them."""
        return cls("CAPACITY_PERCENT", value)

    @classmethod
    def instances(cls, value: jsii.Number) -> Capacity:
        """So many of them."""
        if not cdk.Token.is_unresolved(value) and value < 1:
            raise InvalidInput("UpdateCapacity", f"at least 1 instance, got {value}")
        return cls("INSTANCE_COUNT", value)

    @classmethod
    def copies(cls, value: jsii.Number) -> Capacity:
        """So many copies of an inference component."""
        if not cdk.Token.is_unresolved(value) and value < 1:
            raise InvalidInput("UpdateCapacity", f"at least 1 copy, got {value}")
        return cls("COPY_COUNT", value)

    def within(self, bounds: tuple[int, int], what: str) -> Capacity:
        """The same, if it is of instances and its percentage is within `bounds`."""
        least, most = bounds
        if self.kind == "COPY_COUNT":
            raise InvalidInput(
                "UpdateCapacity", f"{what} of an endpoint is of instances or percent, got copies"
            )
        known = self.kind == "CAPACITY_PERCENT" and not cdk.Token.is_unresolved(self.value)
        if known and not least <= self.value <= most:
            raise InvalidInput("UpdateCapacity", f"{what} must be {least}-{most} percent, got {self.value}")
        return self

    def to_property(self) -> sagemaker.CfnEndpoint.CapacitySizeProperty:
        """The capacity in CloudFormation's words."""
        return sagemaker.CfnEndpoint.CapacitySizeProperty(type=self.kind, value=self.value)


@dataclass(frozen=True, kw_only=True)
class EndpointUpdate:
    """How the next configuration takes over. Start with `all_at_once`, `canary`, `linear` or `rolling`.

    Blue/green updates (the first three) run the old and the new instances side by side for a while: they need
    twice the instance quota, and cost twice as long. When one of the alarms of `rollback_on` goes off,
    SageMaker goes back to the old configuration by itself, and so does CloudFormation.

    Attributes:
        config: The same in CloudFormation's words.
        rollback_on: The alarms. The role that the model runs with is allowed to look at them.

    """

    config: sagemaker.CfnEndpoint.DeploymentConfigProperty
    rollback_on: tuple[cloudwatch.IAlarm, ...] = ()

    @property
    def is_rolling(self) -> bool:
        """Whether it goes machine by machine, which not every endpoint can."""
        return self.config.rolling_update_policy is not None

    @classmethod
    def all_at_once(
        cls, *, keep_old: cdk.Duration = _WAIT, rollback_on: Sequence[cloudwatch.IAlarm] = ()
    ) -> EndpointUpdate:
        """All requests go to the new instances when they are ready.

        Args:
            keep_old: How long the old ones wait for an alarm: at most an hour.
            rollback_on: At most 10 alarms.

        """
        routing = sagemaker.CfnEndpoint.TrafficRoutingConfigProperty(
            # The API wants a wait in every kind of update, also where nothing waits.
            type="ALL_AT_ONCE",
            wait_interval_in_seconds=0,
        )
        return cls._blue_green(routing, keep_old, rollback_on)

    @classmethod
    def canary(
        cls,
        first: Capacity,
        *,
        wait: cdk.Duration = _WAIT,
        keep_old: cdk.Duration = _WAIT,
        rollback_on: Sequence[cloudwatch.IAlarm] = (),
    ) -> EndpointUpdate:
        """Some requests go to the new instances first, all of them after `wait`.

        Args:
            first: At most half of the instances.
            wait: At most an hour.
            keep_old: How long the old ones wait for an alarm after that: at most an hour.
            rollback_on: At most 10 alarms.

        """
        routing = sagemaker.CfnEndpoint.TrafficRoutingConfigProperty(
            type="CANARY",
            canary_size=first.within(_CANARY_PERCENT, "a canary").to_property(),
            wait_interval_in_seconds=check_wait(wait, "wait"),
        )
        return cls._blue_green(routing, keep_old, rollback_on)

    @classmethod
    def linear(
        cls,
        step: Capacity,
        *,
        wait: cdk.Duration = _WAIT,
        keep_old: cdk.Duration = _WAIT,
        rollback_on: Sequence[cloudwatch.IAlarm] = (),
    ) -> EndpointUpdate:
        """The requests move in equal steps, `wait` apart.

        Args:
            step: 10-50 percent, or so many instances.
            wait: At most an hour.
            keep_old: How long the old ones wait for an alarm after the last step: at most an hour.
            rollback_on: At most 10 alarms.

        """
        routing = sagemaker.CfnEndpoint.TrafficRoutingConfigProperty(
            type="LINEAR",
            linear_step_size=step.within(_LINEAR_PERCENT, "a step").to_property(),
            wait_interval_in_seconds=check_wait(wait, "wait"),
        )
        return cls._blue_green(routing, keep_old, rollback_on)

    @classmethod
    def rolling(
        cls,
        batch: Capacity,
        *,
        wait: cdk.Duration = _WAIT,
        rollback_on: Sequence[cloudwatch.IAlarm] = (),
    ) -> EndpointUpdate:
        """Instances are replaced in batches, `wait` apart: no second fleet is needed.

        Args:
            batch: 5-50 percent, or so many instances.
            wait: At most an hour.
            rollback_on: At most 10 alarms.

        """
        policy = sagemaker.CfnEndpoint.RollingUpdatePolicyProperty(
            maximum_batch_size=batch.within(_ROLLING_PERCENT, "a batch").to_property(),
            wait_interval_in_seconds=check_wait(wait, "wait"),
        )
        return cls(
            config=sagemaker.CfnEndpoint.DeploymentConfigProperty(
                rolling_update_policy=policy, auto_rollback_configuration=_rollback(rollback_on)
            ),
            rollback_on=tuple(rollback_on),
        )

    @classmethod
    def _blue_green(
        cls,
        routing: sagemaker.CfnEndpoint.TrafficRoutingConfigProperty,
        keep_old: cdk.Duration,
        rollback_on: Sequence[cloudwatch.IAlarm],
    ) -> EndpointUpdate:
        policy = sagemaker.CfnEndpoint.BlueGreenUpdatePolicyProperty(
            traffic_routing_configuration=routing,
            termination_wait_in_seconds=check_wait(keep_old, "keep_old"),
        )
        return cls(
            config=sagemaker.CfnEndpoint.DeploymentConfigProperty(
                blue_green_update_policy=policy, auto_rollback_configuration=_rollback(rollback_on)
            ),
            rollback_on=tuple(rollback_on),
        )


def check_wait(duration: cdk.Duration, what: str) -> jsii.Number:
    """The seconds of a wait.

    Raises:
        InvalidInput: It is longer than the service waits.

    """
    if not duration.is_unresolved() and duration.to_seconds() > limits.UPDATE_WAIT_LONGEST.total_seconds():
        raise InvalidInput("UpdateWait", f"{what} can be an hour long, got {duration.to_human_string()}")
    return duration.to_seconds()


def _rollback(alarms: Sequence[cloudwatch.IAlarm]) -> sagemaker.CfnEndpoint.AutoRollbackConfigProperty | None:
    check_alarms(alarms)
    if not alarms:
        return None
    return sagemaker.CfnEndpoint.AutoRollbackConfigProperty(
        alarms=[sagemaker.CfnEndpoint.AlarmProperty(alarm_name=alarm.alarm_name) for alarm in alarms]
    )


def check_alarms(alarms: Sequence[cloudwatch.IAlarm]) -> None:
    """Refuse more alarms than the service watches.

    Raises:
        InvalidInput: There are.

    """
    if len(alarms) > limits.ROLLBACK_ALARMS_MAX:
        raise InvalidInput(
            "UpdateAlarms",
            f"at most {limits.ROLLBACK_ALARMS_MAX} alarms can roll an update back, got {len(alarms)}",
        )
