"""How an inference component gets from one model to the next without losing requests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import aws_cdk as cdk
from aws_cdk import aws_sagemaker as sagemaker

from studio_infra.errors import InvalidInput
from studio_infra.workloads.endpoints.endpoint_update import check_alarms, check_wait

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import aws_cloudwatch as cloudwatch

    from studio_infra.workloads.endpoints.endpoint_update import Capacity

_WAIT: Final = cdk.Duration.minutes(10)
#: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_InferenceComponentRollingUpdatePolicy.html
_BATCH_PERCENT: Final = (5, 50)


@dataclass(frozen=True, kw_only=True)
class ComponentUpdate:
    """How the next model of an inference component takes over. Start with `rolling`, the one way there is.

    Attributes:
        config: The same in CloudFormation's words.
        rollback_on: The alarms. The role of the shared instances is allowed to look at them.

    """

    config: sagemaker.CfnInferenceComponent.InferenceComponentDeploymentConfigProperty
    rollback_on: tuple[cloudwatch.IAlarm, ...] = ()

    @classmethod
    def rolling(
        cls,
        batch: Capacity,
        *,
        wait: cdk.Duration = _WAIT,
        rollback_on: Sequence[cloudwatch.IAlarm] = (),
    ) -> ComponentUpdate:
        """Copies are exchanged batch by batch. When one of the alarms goes off, all of them go back.

        Args:
            batch: 5-50 percent, or so many copies: at most half of them.
            wait: For an alarm, after each batch: at most an hour.
            rollback_on: At most 10 alarms.

        """
        least, most = _BATCH_PERCENT
        known = not cdk.Token.is_unresolved(batch.value)
        if batch.kind == "INSTANCE_COUNT":
            raise InvalidInput(
                "UpdateCapacity", "a batch of a component is of copies or percent, got instances"
            )
        if batch.kind == "CAPACITY_PERCENT" and known and not least <= batch.value <= most:
            raise InvalidInput("UpdateCapacity", f"a batch must be {least}-{most} percent, got {batch.value}")
        check_alarms(rollback_on)
        made = sagemaker.CfnInferenceComponent
        alarms = [made.AlarmProperty(alarm_name=alarm.alarm_name) for alarm in rollback_on]
        return cls(
            config=made.InferenceComponentDeploymentConfigProperty(
                rolling_update_policy=made.InferenceComponentRollingUpdatePolicyProperty(
                    maximum_batch_size=made.InferenceComponentCapacitySizeProperty(
                        type=batch.kind, value=batch.value
                    ),
                    wait_interval_in_seconds=check_wait(wait, "wait"),
                ),
                auto_rollback_configuration=(
                    made.AutoRollbackConfigurationProperty(alarms=alarms) if alarms else None
                ),
            ),
            rollback_on=tuple(rollback_on),
        )
