"""The function, run against an account in memory."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from studio_infra.runtime.functions.endpoint_lifetime import handler
from tests.runtime.endpoint_lifetime.fake_aws import FakeAws, FakeClock, Minutes15

START = dt.datetime(2026, 11, 2, 9, tzinfo=dt.UTC)


def sweep(aws: FakeAws) -> dict[str, Any]:
    """One run of the function, as Lambda starts it."""
    clients = handler.Clients(sagemaker=aws, tagging=aws, cloudwatch=aws, autoscaling=aws, sns=aws)
    return handler.handle({}, Minutes15(), clock=aws.clock, clients=clients)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALERTS_TOPIC_ARN", "arn:aws:sns:eu-west-1:123456789012:alerts")
    monkeypatch.setenv("NOTICE_HOURS", "24")


@pytest.fixture
def aws() -> FakeAws:
    return FakeAws(FakeClock(START))
