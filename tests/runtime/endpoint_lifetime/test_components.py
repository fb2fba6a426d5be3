"""Endpoints with inference components: SageMaker deletes none that has some, so they go first and come back last."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from studio_infra.runtime.functions.endpoint_lifetime import core, fleet, handler, memory
from studio_infra.runtime.functions.endpoint_lifetime.acts import Actor
from studio_infra.runtime.functions.endpoint_lifetime.fleet import Reader
from studio_infra.runtime.functions.endpoint_lifetime.scaling import Scaling
from studio_infra.runtime.functions.shared.calls import Calls
from studio_infra.workloads.endpoints.endpoint_lifetime import EndpointLifetime
from tests.runtime.endpoint_lifetime.conftest import START, sweep
from tests.runtime.endpoint_lifetime.fake_aws import Crash, FakeAws, FakeClock, Trouble
from tests.runtime.endpoint_lifetime.test_sweep import DAY, HOUR, OFFICE, TODAY, endpoint, later

TARGET = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": "inference-component/Small",
    "ScalableDimension": "sagemaker:inference-component:DesiredCopyCount",
}
#: Longer than any sweep waits.
SLOW = 1000


def together(aws: FakeAws, lifetime: EndpointLifetime) -> None:
    """An endpoint with three components: one that scales, and one that is built on another."""
    endpoint(aws, lifetime, "Together", **{fleet.KIND: fleet.COMPONENTS})
    aws.have("Small", "Together")
    aws.have("Base", "Together", RuntimeConfig={"CopyCount": 0})
    container = {"ArtifactUrl": "s3://b/adapter", "Environment": {"A": "b"}}
    aws.have(
        "Adapter",
        "Together",
        Specification={"BaseInferenceComponentName": "Base", "Container": container},
        RuntimeConfig={},
    )
    aws.targets[TARGET["ResourceId"]] = TARGET | {"MinCapacity": 0, "MaxCapacity": 3}
    aws.policies[TARGET["ResourceId"], "Requests"] = TARGET | {
        "PolicyName": "Requests",
        "PolicyType": "TargetTrackingScaling",
        "PolicyARN": "arn:policy:requests",
        "TargetTrackingScalingPolicyConfiguration": {"TargetValue": 60.0},
    }


def made(aws: FakeAws) -> dict[str, Any]:
    return {name: (one.endpoint, one.made, one.tags) for name, one in aws.components.items()}


def without_empty(found: dict[str, Any]) -> dict[str, Any]:
    """As it was asked for: a configuration that says nothing is left out."""
    return {
        name: (endpoint, {key: value for key, value in what.items() if value != {}}, tags)
        for name, (endpoint, what, tags) in found.items()
    }


def test_office_hours_take_components_away_and_bring_back_the_same_with_their_scaling(aws: FakeAws) -> None:
    together(aws, OFFICE)
    was = made(aws), dict(aws.targets)
    assert later(aws, 9 * HOUR)["stopped"] == {"Together": "office hours are over"}
    assert (aws.endpoints, aws.components, aws.targets) == ({}, {}, {})
    assert len(memory.Memory.from_tags(aws.configs["Together-Config"]).components) == 3
    assert later(aws, 13 * HOUR)["started"] == ["Together"]
    # The endpoint first, then what stands alone, then what is built on it; and then they scale.
    assert later(aws, HOUR / 4)["settled"] == []
    assert sorted(aws.components) == ["Base", "Small"]
    assert aws.targets == {}
    assert later(aws, HOUR / 4)["settled"] == []
    assert later(aws, HOUR / 4)["settled"] == ["Together"]
    assert without_empty(made(aws)) == without_empty(was[0])
    assert aws.targets == was[1]
    assert memory.keys(aws.configs["Together-Config"]) == []


def test_components_that_take_longer_than_a_sweep_are_finished_by_the_next(aws: FakeAws) -> None:
    together(aws, TODAY)
    sweep(aws)
    aws.looks = lambda: SLOW
    said = later(aws, DAY)
    assert (said["stopped"], said["stopping"]) == ({}, {"Together": "its lifetime is over"})
    assert aws.clock.slept >= 5 * 60
    for one in aws.components.values():
        one.looks = 0
    aws.looks = lambda: 0
    assert later(aws, HOUR / 4)["stopped"] == {"Together": "its lifetime is over"}
    assert len(memory.Memory.from_tags(aws.configs["Together-Config"]).components) == 3


def test_who_extends_an_endpoint_that_is_on_its_way_out_gets_all_of_it_back(aws: FakeAws) -> None:
    together(aws, EndpointLifetime.until("2026-11-02").extendable(30))
    was = made(aws), dict(aws.targets)
    sweep(aws)
    aws.looks = lambda: SLOW
    later(aws, DAY)
    aws.endpoints["Together"].tags[core.EXTENDED] = "2026-11-20"
    for one in aws.components.values():
        one.looks = 0
    aws.looks = lambda: 0
    for _ in range(5):
        assert later(aws, HOUR / 4)["stopped"] == {}
    assert without_empty(made(aws)) == without_empty(was[0])
    assert aws.targets == was[1]
    assert memory.keys(aws.configs["Together-Config"]) == []


def test_what_a_person_has_begun_to_stop_is_stopped_by_the_next_sweep_whatever_its_tags_say(
    aws: FakeAws,
) -> None:
    together(aws, EndpointLifetime.forever())
    actor(aws).stop("Together", now=aws.clock.at, notice=DAY, why="stopped by ana")
    assert "Together" in aws.endpoints
    assert later(aws, HOUR / 4)["stopped"] == {"Together": "stopped by ana"}
    assert later(aws, DAY)["started"] == []


def actor(aws: FakeAws) -> Actor:
    calls = Calls(aws.clock)
    reader = Reader(calls, sagemaker=aws, tagging=aws, cloudwatch=aws)
    scaling = Scaling(calls, autoscaling=aws, cloudwatch=aws)
    return Actor(calls, sagemaker=aws, scaling=scaling, reader=reader, publish=lambda *_: None)


def test_a_component_without_an_owner_keeps_its_endpoint_and_people_hear_of_it(aws: FakeAws) -> None:
    together(aws, TODAY)
    del aws.components["Small"].tags["studio:owner"]
    sweep(aws)
    with pytest.raises(handler.NotDone, match="its component Small has no owner"):
        later(aws, DAY)
    assert len(aws.components) == 3


def test_a_component_that_changes_right_now_is_left_to_the_next_sweep(aws: FakeAws) -> None:
    together(aws, TODAY)
    sweep(aws)
    aws.components["Small"].status = "Updating"
    assert later(aws, DAY)["stopped"] == {}
    assert len(aws.components) == 3
    aws.components["Small"].status = "InService"
    assert later(aws, HOUR)["stopped"] == {"Together": "its lifetime is over"}


def test_a_component_that_does_not_come_back_is_said_at_every_sweep(aws: FakeAws) -> None:
    together(aws, OFFICE)
    later(aws, 9 * HOUR)
    later(aws, 13 * HOUR)
    later(aws, HOUR / 4)
    aws.components["Small"].status = "Failed"
    for _ in range(2):
        with pytest.raises(handler.NotDone, match="its component Small has failed"):
            later(aws, HOUR / 4)
    assert memory.Memory.from_tags(aws.configs["Together-Config"]).endpoint == "Together"


def test_a_second_stop_before_everything_is_back_forgets_nothing(aws: FakeAws) -> None:
    together(aws, OFFICE)
    later(aws, 9 * HOUR)
    later(aws, 13 * HOUR)
    actor(aws).stop("Together", now=aws.clock.at + HOUR / 8, notice=DAY, why="stopped by ana")
    assert aws.endpoints == {}
    known = memory.Memory.from_tags(aws.configs["Together-Config"])
    assert sorted(one["InferenceComponentName"] for one in known.components) == ["Adapter", "Base", "Small"]
    assert [target["MaxCapacity"] for target in known.scaling["targets"]] == [3]


def test_what_falls_silent_in_the_morning_is_not_brought_back_because_its_night_had_begun(
    aws: FakeAws,
) -> None:
    together(aws, OFFICE)
    aws.looks = lambda: SLOW
    assert later(aws, 9 * HOUR)["stopping"] == {"Together": "office hours are over"}
    # In the morning SageMaker is done at last, and what was begun is undone; nobody uses it, and it is stopped again.
    for one in aws.components.values():
        one.looks = 0
    aws.looks = lambda: 0
    assert later(aws, 13 * HOUR)["stopped"] == {}
    aws.endpoints["Together"].tags[core.IDLE_HOURS] = "1"
    sweep(aws)
    assert later(aws, 2 * HOUR)["stopped"] == {"Together": "nobody used it for 1 hours"}
    assert later(aws, HOUR)["started"] == []
    assert later(aws, 22 * HOUR)["started"] == ["Together"]


#: A day, a night and the end.
LIFE = [HOUR, 8 * HOUR, HOUR / 4, 13 * HOUR, *[HOUR / 4] * 5, 40 * HOUR, 2 * HOUR, HOUR]
SHORT = EndpointLifetime.office_hours(
    start="08:00", end="18:00", time_zone="Europe/Zurich", until="2026-11-04"
)


@pytest.mark.parametrize("after_effect", [False, True], ids=["before its effect", "after its effect"])
def test_a_crash_at_any_call_loses_no_component(after_effect: bool) -> None:
    def world() -> FakeAws:
        aws = FakeAws(FakeClock(START))
        together(aws, SHORT)
        return aws

    smooth = world()
    for step in LIFE:
        later(smooth, step)
    assert (smooth.endpoints, smooth.components, smooth.targets) == ({}, {}, {})
    # Every third call, and others for the other kind of crash: the sweep's own test has every one.
    for number in range(2 if after_effect else 1, smooth.calls.total() + 1, 3):
        aws = world()
        aws.trouble = Trouble(crash_at=number, crash_after_effect=after_effect)
        for step in LIFE:
            aws.clock.at += step
            try:
                sweep(aws)
            except Crash:
                aws.trouble = Trouble()
                aws.clock.at += dt.timedelta(minutes=1)
                sweep(aws)
            # Whatever happened: each runs, or it can be made again.
            tags = aws.configs["Together-Config"]
            known = memory.Memory.from_tags(tags) if memory.ENDPOINT in tags else None
            kept = {one["InferenceComponentName"] for one in known.components} if known else set()
            assert kept | aws.components.keys() == {"Adapter", "Base", "Small"}, number
        assert (aws.endpoints, aws.components) == ({}, {}), number


def test_an_end_that_comes_while_it_is_off_is_told_once(aws: FakeAws) -> None:
    endpoint(aws, EndpointLifetime.until("2026-11-05").extendable(5))
    actor(aws).stop("Churn", now=aws.clock.at, notice=DAY, why="stopped by ana")
    assert later(aws, DAY)["warned"] == {}
    assert later(aws, 2 * DAY)["warned"] == {"Churn": "its lifetime is over"}
    (message,) = aws.told
    assert message["Subject"] == "Endpoint Churn will not be started again"
    assert "2026-11-06T00:00:00+00:00" in message["Message"]
    assert later(aws, DAY)["warned"] == {}
    assert later(aws, 30 * DAY)["warned"] == {}
    assert len(aws.told) == 1
