"""How an endpoint's variants and components scale: written down before it is stopped, put back when it runs again.

SageMaker takes the scalable targets of variants away together with the endpoint, and Application Auto Scaling the
policies and scheduled actions with them. Those of components are taken away here, before the components go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..shared.errors import Kind, kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..shared.calls import Calls

_SERVICE = "sagemaker"
_COMPONENT = "inference-component/"
#: https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DescribeScalableTargets.html
_IDS_MOST = 50
_PLACE = ("ServiceNamespace", "ResourceId", "ScalableDimension")
#: What the calls take that put them back, of what the lists show.
_TARGET = (*_PLACE, "MinCapacity", "MaxCapacity", "SuspendedState")
_POLICY = (
    *_PLACE,
    "PolicyName",
    "PolicyType",
    "StepScalingPolicyConfiguration",
    "TargetTrackingScalingPolicyConfiguration",
)
_ACTION = (
    *_PLACE,
    "ScheduledActionName",
    "Schedule",
    "Timezone",
    "StartTime",
    "EndTime",
    "ScalableTargetAction",
)
#: A policy by steps is told by an alarm that somebody else made: it must learn the new policy's ARN.
_STEPS = "StepScaling"
#: What `PutMetricAlarm` takes of what `DescribeAlarms` shows.
_ALARM = (
    "AlarmName",
    "AlarmDescription",
    "ActionsEnabled",
    "OKActions",
    "AlarmActions",
    "InsufficientDataActions",
    "MetricName",
    "Namespace",
    "Statistic",
    "ExtendedStatistic",
    "Dimensions",
    "Period",
    "Unit",
    "EvaluationPeriods",
    "DatapointsToAlarm",
    "Threshold",
    "ComparisonOperator",
    "TreatMissingData",
    "Metrics",
)


class Scaling:
    """Reads and writes it.

    Args:
        calls: Of this run.
        autoscaling: A client of Application Auto Scaling.
        cloudwatch: A client of CloudWatch.

    """

    def __init__(self, calls: Calls, *, autoscaling: Any, cloudwatch: Any) -> None:
        self._calls = calls
        self._autoscaling = autoscaling
        self._cloudwatch = cloudwatch

    def read(
        self, endpoint: str, variants: Iterable[str], *, components: Iterable[str] = ()
    ) -> dict[str, list[dict[str, Any]]]:
        """How the variants and components of an endpoint scale; nothing where none does."""
        resources = [f"endpoint/{endpoint}/variant/{variant}" for variant in variants]
        resources += [f"{_COMPONENT}{name}" for name in components]
        targets = [
            target
            for first in range(0, len(resources), _IDS_MOST)
            for target in self._calls.pages(
                self._autoscaling.describe_scalable_targets,
                "ScalableTargets",
                ServiceNamespace=_SERVICE,
                ResourceIds=resources[first : first + _IDS_MOST],
            )
        ]
        if not targets:
            return {}
        policies: list[dict[str, Any]] = []
        actions: list[dict[str, Any]] = []
        for resource in sorted({target["ResourceId"] for target in targets}):
            where = {"ServiceNamespace": _SERVICE, "ResourceId": resource}
            policies += self._calls.pages(
                self._autoscaling.describe_scaling_policies, "ScalingPolicies", **where
            )
            actions += self._calls.pages(
                self._autoscaling.describe_scheduled_actions, "ScheduledActions", **where
            )
        return {
            "targets": [_only(target, _TARGET) for target in targets],
            "policies": [_remembered(policy) for policy in policies],
            "actions": [_only(action, _ACTION) for action in actions],
        }

    def take_from(self, components: Iterable[str], known: Mapping[str, list[dict[str, Any]]]) -> None:
        """Take away what scales components, so that nothing changes them while they go."""
        going = {f"{_COMPONENT}{name}" for name in components}
        for target in known.get("targets", ()):
            if target["ResourceId"] not in going:
                continue
            where = {name: target[name] for name in _PLACE}
            try:
                self._calls.change(self._autoscaling.deregister_scalable_target, **where)
            except Exception as error:
                if kind(error) is not Kind.GONE:
                    raise

    def restore(self, known: Mapping[str, list[dict[str, Any]]]) -> None:
        """Put it back; what is there already stays as it is."""
        for target in known.get("targets", ()):
            self._calls.change(self._autoscaling.register_scalable_target, **target)
        for policy in known.get("policies", ()):
            made = self._calls.change(self._autoscaling.put_scaling_policy, **_only(policy, _POLICY))
            self._tell_alarms(policy.get("Alarms", []), policy.get("PolicyARN"), made["PolicyARN"])
        for action in known.get("actions", ()):
            self._calls.change(self._autoscaling.put_scheduled_action, **action)

    def _tell_alarms(self, names: list[str], before: str | None, now: str) -> None:
        """Let the alarms of a policy by steps call the policy that took the place of the old one."""
        if not names or before == now:
            return
        found = self._calls.pages(self._cloudwatch.describe_alarms, "MetricAlarms", AlarmNames=names)
        for alarm in found:
            actions = [now if action == before else action for action in alarm.get("AlarmActions", ())]
            if actions != alarm.get("AlarmActions"):
                wanted = _only(alarm, _ALARM) | {"AlarmActions": actions}
                self._calls.change(self._cloudwatch.put_metric_alarm, **wanted)


def _remembered(policy: Mapping[str, Any]) -> dict[str, Any]:
    kept = _only(policy, _POLICY)
    if policy.get("PolicyType") == _STEPS:
        kept |= {
            "PolicyARN": policy["PolicyARN"],
            "Alarms": [alarm["AlarmName"] for alarm in policy.get("Alarms", ())],
        }
    return kept


def _only(found: Mapping[str, Any], wanted: Iterable[str]) -> dict[str, Any]:
    return {name: found[name] for name in wanted if found.get(name) not in (None, [], {})}
