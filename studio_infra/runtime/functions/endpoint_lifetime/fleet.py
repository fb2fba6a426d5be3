"""Which endpoints there are, running and stopped: from as few calls as pages need.

Tags come a hundred endpoints at a time from the Resource Groups Tagging API; SageMaker itself gives them one by
one. That index is a little behind, so that whoever acts looks at the endpoint itself once more.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from . import core, memory, usage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ..shared.calls import Calls

#: Written by the construct, so that nobody has to look at each endpoint: its variants, and what it is.
VARIANTS, KIND = "studio:variants", "studio:kind"
#: The ends that its owner was warned of, and what could not be read when people were told so.
WARNED, TOLD = "studio:warned", "studio:told"
ASYNCHRONOUS, COMPONENTS = "async", "components"
#: No more than these are given at a time.
#: https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html
_PAGE = 100
#: States in which SageMaker refuses a deletion, or in which one is under way.
BUSY = frozenset({"Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"})


@dataclass(frozen=True)
class Running:
    """An endpoint that exists.

    Args:
        name: Its name.
        arn: Its ARN.
        status: In SageMaker's words.
        since: When it was made, in whole seconds.
        tags: Its tags.
        usage_known: Whether its metrics could be read.
        last_used: When it was last used, as far as it matters.

    """

    name: str
    arn: str
    status: str
    since: dt.datetime
    tags: Mapping[str, str] = field(default_factory=dict)
    usage_known: bool = True
    last_used: dt.datetime | None = None

    def to_core(self) -> core.Endpoint:
        """What is decided about.

        Raises:
            core.Unreadable: Its tags say nothing.

        """
        wish = core.Wish.from_tags(self.tags, created=self.since)
        return core.Endpoint(wish, True, self.since, self.last_used, self.usage_known, warned_of(self.tags))

    @property
    def may_have_components(self) -> bool:
        """Whether there is a reason to look for some: it says so, or nobody says what it is."""
        return self.tags.get(KIND, COMPONENTS) == COMPONENTS

    @property
    def busy(self) -> bool:
        """Whether SageMaker changes it right now, and takes no deletion."""
        return self.status in BUSY


@dataclass(frozen=True)
class Stopped:
    """An endpoint that is remembered by its configuration.

    Args:
        config_arn: The configuration.
        tags: The configuration's tags.

    """

    config_arn: str
    tags: Mapping[str, str]

    @property
    def name(self) -> str:
        """The endpoint's name."""
        return self.tags[memory.ENDPOINT]

    def to_core(self) -> core.Endpoint:
        """What is decided about.

        Raises:
            core.Unreadable: Its tags say nothing.
            memory.Forgotten: The configuration's tags do not fit together.

        """
        known = memory.Memory.from_tags(self.tags)
        wish = core.Wish.from_tags(known.tags, created=known.at)
        return core.Endpoint(wish, False, known.at, warned_of=warned_of(known.tags))


@dataclass(frozen=True)
class Fleet:
    """Everything that somebody owns."""

    running: tuple[Running, ...]
    stopped: tuple[Stopped, ...]


class Reader:
    """Asks AWS.

    Args:
        calls: Of this run.
        sagemaker: A client of SageMaker.
        tagging: A client of the Resource Groups Tagging API.
        cloudwatch: A client of CloudWatch.

    """

    def __init__(self, calls: Calls, *, sagemaker: Any, tagging: Any, cloudwatch: Any) -> None:
        self._calls = calls
        self._sagemaker = sagemaker
        self._tagging = tagging
        self._cloudwatch = cloudwatch

    def fleet(self) -> Fleet:
        """Every endpoint with an owner, and every one that was stopped; without their use."""
        tags = dict(self._tagged("sagemaker:endpoint", core.OWNER))
        listed = self._calls.pages(self._sagemaker.list_endpoints, "Endpoints", MaxResults=_PAGE)
        running = tuple(
            Running(
                one["EndpointName"],
                one["EndpointArn"],
                one["EndpointStatus"],
                whole_seconds(one["CreationTime"]),
                tags[one["EndpointArn"]],
            )
            for one in listed
            if one["EndpointArn"] in tags
        )
        stopped = self._tagged("sagemaker:endpoint-config", memory.ENDPOINT)
        return Fleet(running, tuple(Stopped(arn, found) for arn, found in stopped))

    def used(self, running: Iterable[Running], *, now: dt.datetime) -> dict[str, dt.datetime | None]:
        """When those with an idle time were last used; who is missing could not be asked about.

        Raises:
            OutOfTime: The deadline has come.

        """
        asked = list(self._asked(running))
        points: dict[str, list[tuple[dt.datetime, float]]] = {one.endpoint: [] for one in asked}
        period = {one.endpoint: usage.period_of(one.idle) for one in asked}
        blind: set[str] = set()
        for batch in usage.batches(asked, now=now):
            found = self._ask(batch)
            blind |= batch.endpoints - found.keys()
            for endpoint, some in found.items():
                points[endpoint] += some
        return {
            endpoint: core.last_used(found, period=period[endpoint])
            for endpoint, found in points.items()
            if endpoint not in blind
        }

    def tags_of(self, arn: str) -> dict[str, str]:
        """The tags of one resource, as they are now."""
        found = self._calls.pages(self._sagemaker.list_tags, "Tags", ResourceArn=arn)
        return {tag["Key"]: tag["Value"] for tag in found}

    def variants_of(self, name: str) -> tuple[list[str], bool]:
        """The variants of an endpoint, shadows among them, and whether it takes its requests from a queue."""
        return variants_in(self._calls.read(self._sagemaker.describe_endpoint, EndpointName=name))

    def _tagged(self, kind: str, key: str) -> Iterator[tuple[str, dict[str, str]]]:
        found = self._calls.pages(
            self._tagging.get_resources,
            "ResourceTagMappingList",
            token="PaginationToken",  # noqa: S106 - of the next page
            ResourceTypeFilters=[kind],
            TagFilters=[{"Key": key}],
            ResourcesPerPage=_PAGE,
        )
        for one in found:
            yield one["ResourceARN"], {tag["Key"]: tag["Value"] for tag in one["Tags"]}

    def _asked(self, running: Iterable[Running]) -> Iterator[usage.Asked]:
        components: dict[str, list[str]] | None = None
        everyone = list(running)
        alone = everyone[0].name if len(everyone) == 1 else None
        for one in everyone:
            try:
                idle = one.to_core().wish.idle
            except core.Unreadable:
                continue
            if idle is None:
                continue
            names: list[str] = []
            if one.tags.get(KIND) == COMPONENTS:
                components = self._components(alone) if components is None else components
                names = components.get(one.name, [])
            known = self._variants(one)
            if known is not None:
                variants, asynchronous = known
                series = usage.series_of(
                    one.name, variants=variants, asynchronous=asynchronous, components=names
                )
                yield usage.Asked(one.name, idle, series)

    def _variants(self, one: Running) -> tuple[list[str], bool] | None:
        """Its variants, and whether it takes its requests from a queue; nothing where nobody says so."""
        if one.tags.get(VARIANTS):
            return one.tags[VARIANTS].split(), one.tags.get(KIND) == ASYNCHRONOUS
        try:
            return self.variants_of(one.name)
        except (BotoCoreError, ClientError):
            return None

    def _components(self, endpoint: str | None) -> dict[str, list[str]]:
        """The components of all endpoints, or of one, by its name."""
        of_one = {} if endpoint is None else {"EndpointNameEquals": endpoint}
        found: dict[str, list[str]] = {}
        for one in self._calls.pages(
            self._sagemaker.list_inference_components, "InferenceComponents", MaxResults=_PAGE, **of_one
        ):
            found.setdefault(one["EndpointName"], []).append(one["InferenceComponentName"])
        return found

    def _ask(self, batch: usage.Batch) -> dict[str, list[tuple[dt.datetime, float]]]:
        try:
            pages = self._calls.pages(
                self._cloudwatch.get_metric_data, "MetricDataResults", **batch.request()
            )
            return batch.read(pages)
        except (BotoCoreError, ClientError):
            # What cannot be read is no silence: nobody loses an endpoint because of it.
            return {}


def variants_in(described: Mapping[str, Any]) -> tuple[list[str], bool]:
    """What `DescribeEndpoint` says of variants, shadows among them, and of a queue."""
    members = ("ProductionVariants", "ShadowProductionVariants")
    names = [variant["VariantName"] for member in members for variant in described.get(member, ())]
    return names, "AsyncInferenceConfig" in described


def warned_of(tags: Mapping[str, str]) -> frozenset[dt.datetime]:
    """The ends that the owner was warned of; what nobody can read was no warning."""
    found = set()
    for text in tags.get(WARNED, "").split():
        try:
            found.add(dt.datetime.fromisoformat(text))
        except ValueError:
            continue
    return frozenset(moment for moment in found if moment.tzinfo is not None)


def whole_seconds(moment: dt.datetime) -> dt.datetime:
    """The next whole second: tags hold no others, and nothing ends early."""
    rest = dt.timedelta(microseconds=moment.microsecond)
    return moment.astimezone(dt.UTC) + (dt.timedelta(seconds=1) - rest if rest else rest)
