"""When endpoints were last used: what CloudWatch is asked, in as few calls as there can be.

SageMaker counts invocations by variant, and for asynchronous endpoints not at all: there the backlog and the
containers' work say that somebody uses it.
https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-monitor.html
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

NAMESPACE = "AWS/SageMaker"
#: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
QUERIES_MOST, POINTS_MOST = 500, 100_800
#: Up to which idle time an endpoint is looked at how closely, and how far back beyond that time: the moment of which
#: its owner was warned must still be seen when it has come, even if some sweeps failed. 500 series of so many periods
#: fit into one answer, and CloudWatch keeps periods of five minutes for 63 days, of one hour for 455.
_WINDOWS = (
    (dt.timedelta(hours=12), dt.timedelta(minutes=5), dt.timedelta(hours=4)),
    (dt.timedelta(days=7), dt.timedelta(hours=1), dt.timedelta(days=1)),
    (dt.timedelta(days=90), dt.timedelta(hours=12), dt.timedelta(days=9)),
)


@dataclass(frozen=True)
class Series:
    """One line of numbers that is above zero while somebody uses the endpoint."""

    metric: str
    statistic: str
    dimensions: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Asked:
    """What is asked about one endpoint.

    Args:
        endpoint: Its name.
        idle: How long nobody may use it.
        series: The lines that say so.

    """

    endpoint: str
    idle: dt.timedelta
    series: tuple[Series, ...]


@dataclass(frozen=True)
class Batch:
    """One call of `GetMetricData`."""

    start: dt.datetime
    end: dt.datetime
    period: dt.timedelta
    queries: tuple[tuple[str, Series], ...]

    @property
    def endpoints(self) -> set[str]:
        """The endpoints that it is about."""
        return {endpoint for endpoint, _ in self.queries}

    def request(self) -> dict[str, Any]:
        """The call's parameters; the number in a query's id is its place in `queries`."""
        return {
            "StartTime": self.start,
            "EndTime": self.end,
            "ScanBy": "TimestampDescending",
            "MaxDatapoints": POINTS_MOST,
            "MetricDataQueries": [
                {
                    "Id": f"q{number}",
                    "MetricStat": {
                        "Metric": {
                            "Namespace": NAMESPACE,
                            "MetricName": series.metric,
                            "Dimensions": [
                                {"Name": name, "Value": value} for name, value in series.dimensions
                            ],
                        },
                        "Period": int(self.period.total_seconds()),
                        "Stat": series.statistic,
                    },
                }
                for number, (_, series) in enumerate(self.queries)
            ],
        }

    def read(self, results: Iterable[Mapping[str, Any]]) -> dict[str, list[tuple[dt.datetime, float]]]:
        """The points of each endpoint, of every page of the answer; an endpoint with a failed query is left out."""
        points: dict[str, list[tuple[dt.datetime, float]]] = {endpoint: [] for endpoint in self.endpoints}
        failed = set()
        for result in results:
            endpoint, _ = self.queries[int(result["Id"][1:])]
            if result.get("StatusCode") in {"InternalError", "Forbidden"}:
                failed.add(endpoint)
            found = zip(result.get("Timestamps", ()), result.get("Values", ()), strict=True)
            points[endpoint].extend((moment.astimezone(dt.UTC), value) for moment, value in found)
        return {endpoint: found for endpoint, found in points.items() if endpoint not in failed}


def series_of(
    endpoint: str, *, variants: Iterable[str], asynchronous: bool = False, components: Iterable[str] = ()
) -> tuple[Series, ...]:
    """What says that somebody uses an endpoint.

    Args:
        endpoint: Its name.
        variants: Its variants, shadows among them.
        asynchronous: Whether it takes its requests from a queue.
        components: The names of its inference components.

    """
    metric, statistic = ("ModelLatency", "SampleCount") if asynchronous else ("Invocations", "Sum")
    found = [
        Series(metric, statistic, (("EndpointName", endpoint), ("VariantName", variant)))
        for variant in variants
    ]
    found += [Series(metric, statistic, (("InferenceComponentName", name),)) for name in components]
    if asynchronous:
        found.append(Series("ApproximateBacklogSize", "Maximum", (("EndpointName", endpoint),)))
    return tuple(found)


def period_of(idle: dt.timedelta) -> dt.timedelta:
    """How closely an endpoint with this idle time is looked at. It is stopped so much later at most."""
    return _window(idle)[0]


def batches(asked: Iterable[Asked], *, now: dt.datetime) -> Iterator[Batch]:
    """All questions, in calls that are as full as they can be."""
    waiting: dict[dt.timedelta, list[tuple[str, Series]]] = {}
    longest: dict[dt.timedelta, dt.timedelta] = {}
    for one in asked:
        period, beyond = _window(one.idle)
        waiting.setdefault(period, []).extend((one.endpoint, series) for series in one.series)
        longest[period] = max(longest.get(period, period), one.idle + beyond)
    for period, queries in waiting.items():
        start = _floor(now - longest[period], period)
        for first in range(0, len(queries), QUERIES_MOST):
            chosen = tuple(queries[first : first + QUERIES_MOST])
            yield Batch(start, _floor(now, period) + period, period, chosen)


def _window(idle: dt.timedelta) -> tuple[dt.timedelta, dt.timedelta]:
    found = next((window for window in _WINDOWS if idle <= window[0]), _WINDOWS[-1])
    return found[1:]


def _floor(moment: dt.datetime, period: dt.timedelta) -> dt.datetime:
    """The beginning of its period: CloudWatch's periods begin where the epoch and midnight in UTC do."""
    since = moment - dt.datetime.fromtimestamp(0, dt.UTC)
    return moment - since % period
