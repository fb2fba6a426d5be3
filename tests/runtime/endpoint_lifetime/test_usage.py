"""Questions to CloudWatch: few, within its limits, and answered for each endpoint alone."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from botocore.session import Session
from hypothesis import given
from hypothesis import strategies as st

from studio_infra.runtime.functions.endpoint_lifetime import usage

NOW = dt.datetime(2026, 11, 3, 8, 33, 5, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


def asked(name: str, hours: int = 6, **more: Any) -> usage.Asked:
    series = usage.series_of(name, **({"variants": ["primary"]} | more))
    return usage.Asked(name, hours * HOUR, series)


@given(st.lists(st.integers(1, 24 * 90), min_size=1, max_size=1500))
def test_calls_are_as_few_as_they_can_be_and_within_the_limits(hours: list[int]) -> None:
    found = list(usage.batches((asked(f"e{n}", idle) for n, idle in enumerate(hours)), now=NOW))
    kinds = {usage.period_of(idle * HOUR) for idle in hours}
    assert len(found) <= len(hours) // usage.QUERIES_MOST + len(kinds)
    assert sorted(name for batch in found for name in batch.endpoints) == sorted(
        f"e{n}" for n in range(len(hours))
    )
    for batch in found:
        points = (batch.end - batch.start) / batch.period * len(batch.queries)
        assert points <= usage.POINTS_MOST
        for name in batch.endpoints:
            assert batch.start <= NOW - hours[int(name[1:])] * HOUR
            assert batch.end > NOW


def test_the_question_is_one_that_cloudwatch_understands() -> None:
    (batch,) = usage.batches([asked("Churn", asynchronous=True)], now=NOW)
    shape = Session().get_service_model("cloudwatch").operation_model("GetMetricData").input_shape
    assert shape is not None
    request = batch.request()
    assert request.keys() <= shape.members.keys()
    latency, backlog = (query["MetricStat"] for query in request["MetricDataQueries"])
    assert latency["Metric"] == {
        "Namespace": "AWS/SageMaker",
        "MetricName": "ModelLatency",
        "Dimensions": [
            {"Name": "EndpointName", "Value": "Churn"},
            {"Name": "VariantName", "Value": "primary"},
        ],
    }
    assert (latency["Stat"], backlog["Stat"]) == ("SampleCount", "Maximum")
    assert backlog["Metric"]["Dimensions"] == [{"Name": "EndpointName", "Value": "Churn"}]


def test_each_variant_and_each_component_is_asked_about() -> None:
    found = usage.series_of("Churn", variants=["blue", "green"], components=["churn-a"])
    assert [series.metric for series in found] == ["Invocations"] * 3
    assert [dict(series.dimensions) for series in found] == [
        {"EndpointName": "Churn", "VariantName": "blue"},
        {"EndpointName": "Churn", "VariantName": "green"},
        {"InferenceComponentName": "churn-a"},
    ]


@pytest.mark.parametrize("status", ["InternalError", "Forbidden"])
def test_a_failed_question_leaves_its_endpoint_alone_out(status: str) -> None:
    (batch,) = usage.batches([asked("a", variants=["x", "y"]), asked("b")], now=NOW)
    good: dict[str, Any] = {"StatusCode": "Complete", "Timestamps": [NOW], "Values": [3.0]}
    answer: list[dict[str, Any]] = [
        {"Id": "q0"} | good,
        {"Id": "q1", "StatusCode": status},
        {"Id": "q2"} | good,
    ]
    assert batch.read(answer) == {"b": [(NOW, 3.0)]}


def test_an_answer_in_pages_is_one_answer() -> None:
    (batch,) = usage.batches([asked("a")], now=NOW)
    pages = [
        {"Id": "q0", "StatusCode": "PartialData", "Timestamps": [NOW], "Values": [1.0]},
        {"Id": "q0", "StatusCode": "Complete", "Timestamps": [NOW - HOUR], "Values": [2.0]},
    ]
    assert batch.read(pages) == {"a": [(NOW, 1.0), (NOW - HOUR, 2.0)]}
