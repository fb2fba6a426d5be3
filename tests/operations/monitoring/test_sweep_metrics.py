"""What the alarms and the page look at is what the sweeper really writes: same namespace, names and dimensions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk

from studio_infra.operations import SweepMetrics
from tests.runtime.idle_sweeper.test_handler import world
from tests.stacks.test_access_settings import PRODUCTION, of_type, templates

if TYPE_CHECKING:
    import pytest
    from aws_cdk import aws_cloudwatch as cloudwatch

Series = tuple[str, str, frozenset[str]]


def written(text: str) -> set[Series]:
    """Namespace, name and dimensions of everything that CloudWatch would read in a log."""
    return {
        (directive["Namespace"], metric["Name"], frozenset(dimensions))
        for line in text.splitlines()
        for directive in json.loads(line)["_aws"]["CloudWatchMetrics"]
        for dimensions in directive["Dimensions"]
        for metric in directive["Metrics"]
    }


def looked_at(metric: cloudwatch.Metric) -> Series:
    return metric.namespace, metric.metric_name, frozenset(metric.dimensions or {})


def test_every_metric_is_one_that_a_sweep_writes(capsys: pytest.CaptureFixture[str]) -> None:
    swept = world()
    capsys.readouterr()
    swept.sweep()
    there = written(capsys.readouterr().out)
    sweeps = SweepMetrics("research")
    for metric in (
        sweeps.sweeps(),
        sweeps.running_apps(),
        sweeps.running_apps("ml.g5.xlarge"),
        sweeps.stopped(),
        sweeps.failed(),
    ):
        assert looked_at(metric) in there
    expression = cdk.Stack(cdk.App(), "S").resolve(sweeps.running_apps_by_type().expression)
    namespace, _, dimensions = looked_at(sweeps.running_apps("ml.g5.xlarge"))
    assert f"{{{namespace},{','.join(sorted(dimensions))}}}" in expression


def test_the_domain_is_called_the_same_by_the_sweeper_and_by_the_alarms() -> None:
    made = templates(PRODUCTION)["research-operations"]
    (name,) = {
        function["Environment"]["Variables"]["DOMAIN_NAME"]
        for function in of_type("AWS::Lambda::Function", made)
        if "DOMAIN_NAME" in function.get("Environment", {}).get("Variables", {})
    }
    alarms: list[dict[str, Any]] = of_type("AWS::CloudWatch::Alarm", made)
    watched = {
        dimension["Value"]
        for alarm in alarms
        for dimension in alarm.get("Dimensions", [])
        if dimension["Name"] == "Domain"
    }
    assert watched == {name}
    assert {"Sweeps", "RunningApps"} <= {alarm["MetricName"] for alarm in alarms}
