"""An account with endpoints, in memory: exact, fast, and as unreliable as a test wants it.

Only what the function calls is here. Every call is counted, and may be throttled, lose its answer or be the last one
of a process that dies.
"""

from __future__ import annotations

import datetime as dt
import random
from bisect import bisect_left, insort
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Callable

ACCOUNT = "arn:aws:sagemaker:eu-west-1:123456789012"
LONGEST = dt.timedelta(minutes=90)
EPOCH = dt.datetime.fromtimestamp(0, dt.UTC)


class Crash(BaseException):
    """The process is gone: nothing of ours runs after this."""


@dataclass
class FakeClock:
    """Time that moves when somebody waits."""

    at: dt.datetime
    dice: random.Random = field(default_factory=lambda: random.Random(0))  # noqa: S311 - dice
    slept: float = 0.0

    def now(self) -> dt.datetime:
        return self.at

    def monotonic(self) -> float:
        return self.slept

    def sleep(self, seconds: float) -> None:
        self.slept += seconds

    def chance(self) -> float:
        return self.dice.random()


class Minutes15:
    """What Lambda says about a run that has just begun."""

    def get_remaining_time_in_millis(self) -> int:
        return 15 * 60 * 1000


@dataclass
class Trouble:
    """What goes wrong: parts of the calls, and the number of the call that ends the process."""

    throttled: float = 0.0
    answer_lost: float = 0.0
    crash_at: int | None = None
    crash_after_effect: bool = False
    dice: random.Random = field(default_factory=lambda: random.Random(0))  # noqa: S311 - dice


@dataclass
class Endpoint:
    """An endpoint that exists."""

    name: str
    config: str
    created: dt.datetime
    tags: dict[str, str]
    status: str = "InService"


@dataclass
class Component:
    """An inference component: what made it, and how far it is."""

    endpoint: str
    made: dict[str, Any]
    tags: dict[str, str]
    created: dt.datetime
    status: str = "InService"
    #: How often it is still looked at until it is gone, and since when it goes: nothing takes longer than `LONGEST`.
    looks: int = 0
    going: dt.datetime | None = None


def error(code: str, message: str = "no", status: int = 400) -> ClientError:
    answer: Any = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return ClientError(answer, "Call")


class FakeAws:
    """Five clients in one: their methods have different names."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.trouble = Trouble()
        self.calls: Counter[str] = Counter()
        self.endpoints: dict[str, Endpoint] = {}
        self.configs: dict[str, dict[str, str]] = {}
        self.variants: dict[str, list[str]] = {}
        self.endpoint_names: dict[str, str] = {}
        self.config_names: dict[str, str] = {}
        self.components: dict[str, Component] = {}
        #: The names of those that an endpoint ever had.
        self.parts: dict[str, list[str]] = {}
        #: How many looks a component takes to go.
        self.looks: Callable[[], int] = lambda: 2
        self.used: dict[str, list[dt.datetime]] = {}
        self.targets: dict[str, dict[str, Any]] = {}
        self.policies: dict[tuple[str, str], dict[str, Any]] = {}
        self.actions: dict[tuple[str, str], dict[str, Any]] = {}
        self.alarms: dict[str, dict[str, Any]] = {}
        self.told: list[dict[str, Any]] = []
        self.deleted: list[tuple[dt.datetime, str]] = []
        #: Tags as the index shows them, if it is behind.
        self.index: dict[str, dict[str, str]] | None = None

    def __getattr__(self, name: str) -> Callable[..., Any]:
        run = object.__getattribute__(self, f"_{name}")

        def call(**arguments: Any) -> Any:
            self.calls[name] += 1
            trouble, number = self.trouble, self.calls.total()
            crash = trouble.crash_at is not None and number >= trouble.crash_at
            if crash and not trouble.crash_after_effect:
                raise Crash
            if trouble.throttled and trouble.dice.random() < trouble.throttled:
                raise error("ThrottlingException")
            answer = run(**arguments)
            if crash:
                raise Crash
            if trouble.answer_lost and trouble.dice.random() < trouble.answer_lost:
                raise error("InternalFailure", status=500)
            return answer

        return call

    # -- what a test sets up -----------------------------------------------------------------------

    def add(self, name: str, tags: dict[str, str], *, variants: tuple[str, ...] = ("primary",)) -> Endpoint:
        config = f"{name}-Config"
        self.configs[config] = {"studio:team": "platform"}
        # ARNs have names in lower case.
        self.endpoint_names[name.lower()], self.config_names[config.lower()] = name, config
        self.variants[config] = list(variants)
        made = Endpoint(name, config, self.clock.at, dict(tags))
        self.endpoints[name] = made
        return made

    def use(self, name: str, at: dt.datetime | None = None) -> None:
        insort(self.used.setdefault(name, []), self.clock.at if at is None else at)

    # -- SageMaker ---------------------------------------------------------------------------------

    def _list_endpoints(self, *, MaxResults: int, NextToken: str = "0") -> Any:
        answer = page(list(self.endpoints.values()), "Endpoints", int(NextToken), MaxResults)
        answer["Endpoints"] = [
            {
                "EndpointName": one.name,
                "EndpointArn": arn_of(one.name),
                "EndpointStatus": one.status,
                "CreationTime": one.created,
            }
            for one in answer["Endpoints"]
        ]
        return answer

    def _describe_endpoint(self, *, EndpointName: str) -> Any:
        one = self.endpoints.get(EndpointName)
        if one is None:
            raise error("ValidationException", f'Could not find endpoint "{EndpointName}".')
        return {
            "EndpointName": one.name,
            "EndpointArn": arn_of(one.name),
            "EndpointConfigName": one.config,
            "EndpointStatus": one.status,
            "CreationTime": one.created,
            "ProductionVariants": [{"VariantName": name} for name in self.variants[one.config]],
        }

    def _create_endpoint(self, *, EndpointName: str, EndpointConfigName: str, Tags: Any) -> Any:
        if EndpointName in self.endpoints:
            raise error("ValidationException", f'Cannot create already existing endpoint "{EndpointName}".')
        if EndpointConfigName not in self.configs:
            raise error("ValidationException", "Could not find endpoint configuration.")
        tags = {tag["Key"]: tag["Value"] for tag in Tags}
        assert not [key for key in tags if key.startswith("aws:")]
        self.endpoints[EndpointName] = Endpoint(EndpointName, EndpointConfigName, self.clock.at, tags)
        return {"EndpointArn": arn_of(EndpointName)}

    def _delete_endpoint(self, *, EndpointName: str) -> Any:
        self._describe_endpoint(EndpointName=EndpointName)
        if self.parts_of(EndpointName):
            raise error("ValidationException", "Cannot delete an endpoint that has inference components.")
        del self.endpoints[EndpointName]
        self.deleted.append((self.clock.at, EndpointName))
        # SageMaker takes what scales it along.
        everything: tuple[dict[Any, Any], ...] = (self.targets, self.policies, self.actions)
        for kept in everything:
            for key in [key for key in kept if f"endpoint/{EndpointName}/" in str(key)]:
                del kept[key]
        return {}

    def _tags(self, arn: str) -> dict[str, str]:
        kind, _, name = arn.rpartition(":")[2].partition("/")
        found: dict[str, str] | None
        if kind == "inference-component":
            found = self.components[name].tags if name in self.components else None
        elif kind == "endpoint":
            one = self.endpoints.get(self.endpoint_names.get(name, ""))
            found = None if one is None else one.tags
        else:
            found = self.configs.get(self.config_names.get(name, ""))
        if found is None:
            raise error("ValidationException", f"The resource with ARN {arn} does not exist.")
        return found

    def _list_tags(self, *, ResourceArn: str) -> Any:
        return {"Tags": as_list(self._tags(ResourceArn))}

    def _add_tags(self, *, ResourceArn: str, Tags: Any) -> Any:
        tags = self._tags(ResourceArn)
        wanted = {tag["Key"]: tag["Value"] for tag in Tags}
        assert all(len(value) <= 256 for value in wanted.values())
        if len([key for key in tags | wanted if not key.startswith("aws:")]) > 50:
            raise error("ResourceLimitExceeded", "A resource can have at most 50 tags.")
        tags |= wanted
        return {}

    def _delete_tags(self, *, ResourceArn: str, TagKeys: list[str]) -> Any:
        tags = self._tags(ResourceArn)
        for key in TagKeys:
            tags.pop(key, None)
        return {}

    # -- inference components -----------------------------------------------------------------------

    def have(self, name: str, endpoint: str, **made: Any) -> None:
        """Give an endpoint a component."""
        made = {
            "InferenceComponentName": name,
            "VariantName": "primary",
            "Specification": {
                "ModelName": f"{name}-model",
                "ComputeResourceRequirements": {"MinMemoryRequiredInMb": 1024},
            },
            "RuntimeConfig": {"CopyCount": 2},
        } | made
        self.components[name] = Component(endpoint, made, {"studio:owner": "ana"}, self.clock.at)
        self.parts.setdefault(endpoint, []).append(name)

    def parts_of(self, endpoint: str) -> list[str]:
        """The components that an endpoint has now."""
        return [name for name in self.parts.get(endpoint, ()) if name in self.components]

    def _list_inference_components(
        self,
        *,
        MaxResults: int,
        EndpointNameEquals: str | None = None,
        NextToken: str = "0",
    ) -> Any:
        names = list(self.components) if EndpointNameEquals is None else self.parts_of(EndpointNameEquals)
        asked = [(name, self.components[name]) for name in names]
        for name, one in asked:
            if one.status == "Creating" and one.created < self.clock.at:
                one.status = "InService"
            if one.status == "Deleting":
                one.looks -= 1
                if one.looks < 0 or (one.going is not None and self.clock.at - one.going > LONGEST):
                    del self.components[name]
        found = [
            {
                "InferenceComponentName": name,
                "EndpointName": one.endpoint,
                "InferenceComponentStatus": one.status,
            }
            for name, one in asked
            if name in self.components
        ]
        return page(found, "InferenceComponents", int(NextToken), MaxResults)

    def _describe_inference_component(self, *, InferenceComponentName: str) -> Any:
        one = self.components.get(InferenceComponentName)
        if one is None:
            raise error(
                "ValidationException", f'Could not find inference component "{InferenceComponentName}".'
            )
        copies = one.made.get("RuntimeConfig", {}).get("CopyCount")
        return {
            **{name: one.made[name] for name in ("InferenceComponentName", "VariantName")},
            "InferenceComponentArn": f"{ACCOUNT}:inference-component/{InferenceComponentName}",
            "EndpointName": one.endpoint,
            "InferenceComponentStatus": one.status,
            "Specification": one.made["Specification"],
            "RuntimeConfig": {} if copies is None else {"DesiredCopyCount": copies, "CurrentCopyCount": 0},
            "CreationTime": one.created,
        }

    def _delete_inference_component(self, *, InferenceComponentName: str) -> Any:
        self._describe_inference_component(InferenceComponentName=InferenceComponentName)
        one = self.components[InferenceComponentName]
        built_on_it = [
            other
            for other in self.parts_of(one.endpoint)
            if self.components[other].made["Specification"].get("BaseInferenceComponentName")
            == InferenceComponentName
        ]
        assert one.status not in {"Creating", "Updating"}
        assert not built_on_it
        assert f"inference-component/{InferenceComponentName}" not in self.targets
        if one.status != "Deleting":
            one.status, one.looks, one.going = "Deleting", self.looks(), self.clock.at
        return {}

    def _create_inference_component(self, *, EndpointName: str, Tags: Any, **made: Any) -> Any:
        name = made["InferenceComponentName"]
        if name in self.components:
            raise error(
                "ValidationException", f'Cannot create already existing inference component "{name}".'
            )
        assert self.endpoints[EndpointName].status == "InService"
        base = made["Specification"].get("BaseInferenceComponentName")
        assert base is None or self.components[base].status == "InService"
        tags = {tag["Key"]: tag["Value"] for tag in Tags}
        assert not [key for key in tags if key.startswith("aws:")]
        self.components[name] = Component(EndpointName, made, tags, self.clock.at, "Creating")
        return {}

    # -- tags of everything ------------------------------------------------------------------------

    def _get_resources(
        self,
        *,
        ResourceTypeFilters: list[str],
        TagFilters: list[dict[str, str]],
        ResourcesPerPage: int,
        PaginationToken: str = "0",
    ) -> Any:
        (kind,), (wanted,) = ResourceTypeFilters, TagFilters
        every: list[tuple[str, dict[str, str]]] = (
            [(f"endpoint/{one.name}", one.tags) for one in self.endpoints.values()]
            if kind == "sagemaker:endpoint"
            else [(f"endpoint-config/{name}", tags) for name, tags in self.configs.items()]
        )
        found = [one for one in every if wanted["Key"] in one[1]]
        answer = page(
            found,
            "ResourceTagMappingList",
            int(PaginationToken),
            ResourcesPerPage,
            token="PaginationToken",  # noqa: S106 - of a page
        )
        behind = self.index or {}
        answer["ResourceTagMappingList"] = [
            {"ResourceARN": arn, "Tags": as_list(behind.get(arn, tags))}
            for arn, tags in (
                (f"{ACCOUNT}:{name.lower()}", tags) for name, tags in answer["ResourceTagMappingList"]
            )
        ]
        return answer

    # -- CloudWatch --------------------------------------------------------------------------------

    def _get_metric_data(
        self,
        *,
        StartTime: dt.datetime,
        EndTime: dt.datetime,
        MetricDataQueries: list[dict[str, Any]],
        **_: Any,
    ) -> Any:
        assert len(MetricDataQueries) <= 500
        results = []
        for query in MetricDataQueries:
            stat = query["MetricStat"]
            names = {one["Name"]: one["Value"] for one in stat["Metric"]["Dimensions"]}
            moments = self.used.get(names.get("EndpointName", ""), [])
            period = dt.timedelta(seconds=stat["Period"])
            assert (StartTime - EPOCH) % period == dt.timedelta()
            within = moments[bisect_left(moments, StartTime) : bisect_left(moments, EndTime)]
            points = Counter(moment - (moment - EPOCH) % period for moment in within)
            results.append(
                {
                    "Id": query["Id"],
                    "StatusCode": "Complete",
                    "Timestamps": list(points),
                    "Values": [float(value) for value in points.values()],
                }
            )
        return {"MetricDataResults": results}

    def _describe_alarms(self, *, AlarmNames: list[str]) -> Any:
        return {"MetricAlarms": [self.alarms[name] for name in AlarmNames if name in self.alarms]}

    def _put_metric_alarm(self, **alarm: Any) -> Any:
        self.alarms[alarm["AlarmName"]] = alarm
        return {}

    # -- Application Auto Scaling ------------------------------------------------------------------

    def _describe_scalable_targets(self, *, ResourceIds: list[str], **_: Any) -> Any:
        return {"ScalableTargets": [self.targets[one] for one in ResourceIds if one in self.targets]}

    def _describe_scaling_policies(self, *, ResourceId: str, **_: Any) -> Any:
        return {"ScalingPolicies": [one for key, one in self.policies.items() if key[0] == ResourceId]}

    def _describe_scheduled_actions(self, *, ResourceId: str, **_: Any) -> Any:
        return {"ScheduledActions": [one for key, one in self.actions.items() if key[0] == ResourceId]}

    def _register_scalable_target(self, **target: Any) -> Any:
        kind, name = target["ResourceId"].split("/")[:2]
        where = self.endpoints if kind == "endpoint" else self.components
        if where[name].status != "InService":
            raise error("ValidationException", "The endpoint is being changed.")
        self.targets[target["ResourceId"]] = target
        return {}

    def _deregister_scalable_target(self, *, ResourceId: str, **_: Any) -> Any:
        if ResourceId not in self.targets:
            raise error("ObjectNotFoundException")
        del self.targets[ResourceId]
        for kept in (self.policies, self.actions):
            for key in [key for key in kept if key[0] == ResourceId]:
                del kept[key]
        return {}

    def _put_scaling_policy(self, **policy: Any) -> Any:
        key = (policy["ResourceId"], policy["PolicyName"])
        arn = self.policies.get(key, {}).get("PolicyARN") or f"arn:policy:{self.calls.total()}"
        self.policies[key] = policy | {"PolicyARN": arn}
        return {"PolicyARN": arn}

    def _put_scheduled_action(self, **action: Any) -> Any:
        self.actions[action["ResourceId"], action["ScheduledActionName"]] = action
        return {}

    # -- SNS ---------------------------------------------------------------------------------------

    def _publish(self, **message: Any) -> Any:
        assert len(message["Subject"]) <= 100
        self.told.append(message)
        return {}


def arn_of(endpoint: str) -> str:
    return f"{ACCOUNT}:endpoint/{endpoint.lower()}"


def as_list(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def page(found: list[Any], key: str, start: int, size: int, *, token: str = "NextToken") -> Any:  # noqa: S107 - of a page
    rest = {token: str(start + size)} if start + size < len(found) else {}
    return {key: found[start : start + size]} | rest
