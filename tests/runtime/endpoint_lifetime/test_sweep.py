"""The function around the decisions: what it calls, in which order, and what survives a crash at any call."""

from __future__ import annotations

import datetime as dt
import random
from typing import TYPE_CHECKING, Any

import pytest

from studio_infra.runtime.functions.endpoint_lifetime import core, fleet, handler, memory
from studio_infra.workloads.endpoints.endpoint_lifetime import EndpointLifetime
from tests.runtime.endpoint_lifetime.conftest import START, sweep
from tests.runtime.endpoint_lifetime.fake_aws import Crash, FakeAws, Trouble, error

if TYPE_CHECKING:
    from collections.abc import Callable

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
TODAY = EndpointLifetime.until("2026-11-02")
OFFICE = EndpointLifetime.office_hours(start="08:00", end="18:00", time_zone="Europe/Zurich")
SCALED = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": "endpoint/Churn/variant/primary",
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
}


def endpoint(aws: FakeAws, lifetime: EndpointLifetime, name: str = "Churn", **more: str) -> None:
    known = {fleet.VARIANTS: "primary", fleet.KIND: "real_time", "studio:team": "platform"}
    aws.add(name, lifetime.tags("ana") | known | more)


def scale(aws: FakeAws) -> None:
    aws.targets[SCALED["ResourceId"]] = SCALED | {"MinCapacity": 2, "MaxCapacity": 4}
    aws.policies[SCALED["ResourceId"], "Requests"] = SCALED | {
        "PolicyName": "Requests",
        "PolicyType": "TargetTrackingScaling",
        "PolicyARN": "arn:policy:requests",
        "TargetTrackingScalingPolicyConfiguration": {"TargetValue": 600.0},
    }
    aws.policies[SCALED["ResourceId"], "FromNone"] = SCALED | {
        "PolicyName": "FromNone",
        "PolicyType": "StepScaling",
        "PolicyARN": "arn:policy:steps",
        "StepScalingPolicyConfiguration": {"AdjustmentType": "ChangeInCapacity"},
        "Alarms": [{"AlarmName": "backlog"}],
    }
    aws.actions[SCALED["ResourceId"], "Nightly"] = SCALED | {
        "ScheduledActionName": "Nightly",
        "Schedule": "cron(0 20 * * ? *)",
        "StartTime": START,
        "ScalableTargetAction": {"MinCapacity": 1},
    }
    aws.alarms["backlog"] = {
        "AlarmName": "backlog",
        "AlarmActions": ["arn:policy:steps", "arn:topic"],
        "StateValue": "OK",
    }


def later(aws: FakeAws, by: dt.timedelta) -> dict[str, Any]:
    aws.clock.at += by
    return sweep(aws)


def test_an_endpoint_is_warned_of_stopped_and_remembered_by_its_configuration(aws: FakeAws) -> None:
    endpoint(aws, TODAY)
    scale(aws)
    assert sweep(aws)["warned"] == {"Churn": "its lifetime is over"}
    (message,) = aws.told
    assert message["MessageAttributes"] == {"owner": {"DataType": "String", "StringValue": "ana"}}
    assert "2026-11-03T00:00:00+00:00" in message["Message"]
    assert later(aws, HOUR)["warned"] == {}
    assert later(aws, 14 * HOUR)["stopped"] == {"Churn": "its lifetime is over"}
    assert aws.endpoints == {}
    tags = aws.configs["Churn-Config"]
    assert tags["studio:stopped-endpoint"] == "Churn"
    assert tags["studio:stopped-at"] == "2026-11-03T00:00:00+00:00"
    known = memory.Memory.from_tags(tags)
    assert known.tags == TODAY.tags("ana") | {
        fleet.VARIANTS: "primary",
        fleet.KIND: "real_time",
        "studio:team": "platform",
        core.CREATED: "2026-11-02T09:00:00+00:00",
        fleet.WARNED: "2026-11-03T00:00:00+00:00",
    }
    assert [target["MaxCapacity"] for target in known.scaling["targets"]] == [4]
    # Nothing of it is left to do, and nobody hears of it again.
    before = len(aws.told)
    assert later(aws, DAY)["stopped"] == {}
    assert len(aws.told) == before


def test_office_hours_bring_back_the_same_endpoint_with_its_scaling(aws: FakeAws) -> None:
    endpoint(aws, OFFICE)
    scale(aws)
    was = (dict(aws.endpoints["Churn"].tags), dict(aws.targets), dict(aws.actions))
    assert later(aws, 9 * HOUR)["stopped"] == {"Churn": "office hours are over"}
    assert aws.targets == {}
    assert later(aws, 12 * HOUR)["started"] == []
    assert later(aws, HOUR)["started"] == ["Churn"]
    # It takes no scaling until it is in service.
    aws.endpoints["Churn"].status = "Creating"
    assert later(aws, HOUR / 4)["settled"] == []
    aws.endpoints["Churn"].status = "InService"
    assert later(aws, HOUR / 4)["settled"] == ["Churn"]
    now = aws.endpoints["Churn"]
    assert now.config == "Churn-Config"
    assert now.tags == was[0] | {core.CREATED: "2026-11-02T09:00:00+00:00"}
    assert aws.targets == was[1]
    action = dict(was[2][SCALED["ResourceId"], "Nightly"])
    assert aws.actions == {
        (SCALED["ResourceId"], "Nightly"): action | {"StartTime": action["StartTime"].isoformat()}
    }
    assert {name for _, name in aws.policies} == {"Requests", "FromNone"}
    # The alarm that calls the policy by steps knows the new one, and everybody else that it told.
    steps = aws.policies[SCALED["ResourceId"], "FromNone"]["PolicyARN"]
    assert steps != "arn:policy:steps"
    assert aws.alarms["backlog"] == {"AlarmName": "backlog", "AlarmActions": [steps, "arn:topic"]}
    assert memory.keys(aws.configs["Churn-Config"]) == []


def test_its_lifetime_counts_from_when_it_was_first_made(aws: FakeAws) -> None:
    lifetime = EndpointLifetime(days=2, hours=OFFICE.hours)
    endpoint(aws, lifetime)
    later(aws, 9 * HOUR)
    later(aws, 13 * HOUR)
    assert "Churn" in aws.endpoints
    assert later(aws, 2 * HOUR)["warned"] == {"Churn": "its lifetime is over"}
    assert later(aws, 24 * HOUR)["stopped"] == {"Churn": "its lifetime is over"}


def test_the_tags_of_an_endpoint_count_not_those_of_an_index_that_is_behind(aws: FakeAws) -> None:
    endpoint(aws, TODAY)
    sweep(aws)
    arn = fleet_arn(aws)
    aws.index = {arn: dict(aws.endpoints["Churn"].tags)}
    aws.endpoints["Churn"].tags[core.EXPIRES] = "2026-12-31"
    assert later(aws, 20 * HOUR)["stopped"] == {}
    assert "Churn" in aws.endpoints


def fleet_arn(aws: FakeAws) -> str:
    (one,) = aws._list_endpoints(MaxResults=1)["Endpoints"]
    return str(one["EndpointArn"])


def test_use_of_a_variant_that_no_tag_names_is_seen_before_anything_is_stopped(aws: FakeAws) -> None:
    """Somebody changed the variants by hand: the tag says another one."""
    endpoint(aws, EndpointLifetime.forever().or_idle(6))
    aws.variants["Churn-Config"] = ["other"]
    asked: list[set[str]] = []
    real = aws._get_metric_data

    def answer(**arguments: Any) -> Any:
        variants = {
            dimension["Value"]
            for query in arguments["MetricDataQueries"]
            for dimension in query["MetricStat"]["Metric"]["Dimensions"]
            if dimension["Name"] == "VariantName"
        }
        asked.append(variants)
        return real(**arguments) if "other" in variants else {"MetricDataResults": []}

    aws._get_metric_data = answer  # type: ignore[method-assign]
    for hours in (5, 6, 7):
        aws.clock.at = START + hours * HOUR
        aws.use("Churn")
        sweep(aws)
    assert "Churn" in aws.endpoints
    assert {"other"} in asked


@pytest.mark.parametrize("status", ["Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"])
def test_an_endpoint_that_changes_right_now_is_left_to_the_next_sweep(aws: FakeAws, status: str) -> None:
    endpoint(aws, TODAY)
    sweep(aws)
    aws.endpoints["Churn"].status = status
    assert later(aws, DAY)["stopped"] == {}
    aws.endpoints["Churn"].status = "InService"
    assert later(aws, HOUR)["stopped"] == {"Churn": "its lifetime is over"}


def test_tags_that_say_nothing_are_told_once_and_cost_nobody_an_endpoint(aws: FakeAws) -> None:
    endpoint(aws, TODAY, **{core.EXPIRES: "söon"})
    assert sweep(aws)["unreadable"] == ["Churn"]
    assert later(aws, 100 * DAY)["unreadable"] == ["Churn"]
    (message,) = aws.told
    assert "so nothing stops it" in message["Message"]
    aws.endpoints["Churn"].tags[core.EXPIRES] = "never"
    later(aws, HOUR)
    assert len(aws.told) == 2


def test_a_metric_that_cannot_be_read_stops_nothing(aws: FakeAws) -> None:
    endpoint(aws, EndpointLifetime.forever().or_idle(6))

    def refuse(**_: Any) -> Any:
        raise error("AccessDenied")

    aws._get_metric_data = refuse  # type: ignore[method-assign]
    assert later(aws, 10 * DAY) | {"seen": 0} == vars(handler.Report())


def test_what_nobody_owns_is_not_ours(aws: FakeAws) -> None:
    aws.add("Theirs", {"studio:expires": "2020-01-01"})
    assert later(aws, DAY)["seen"] == 0
    assert "Theirs" in aws.endpoints


def test_an_endpoint_whose_memory_does_not_fit_stays_and_people_hear_of_it(aws: FakeAws) -> None:
    endpoint(aws, TODAY)
    aws.configs["Churn-Config"] |= {f"own-{number}": "x" for number in range(47)}
    sweep(aws)
    with pytest.raises(handler.NotDone, match="has too many tags"):
        later(aws, DAY)
    assert "Churn" in aws.endpoints


def test_two_endpoints_of_one_configuration_do_not_forget_each_other(aws: FakeAws) -> None:
    endpoint(aws, TODAY, "Churn")
    endpoint(aws, TODAY, "Twin")
    aws.endpoints["Twin"].config = "Churn-Config"
    sweep(aws)
    with pytest.raises(handler.NotDone, match="already remembers the stopped endpoint"):
        later(aws, DAY)
    (left,) = aws.endpoints
    assert memory.Memory.from_tags(aws.configs["Churn-Config"]).endpoint != left


def test_the_trouble_of_one_endpoint_is_not_that_of_others(aws: FakeAws) -> None:
    for name in ("One", "Two", "Three"):
        endpoint(aws, TODAY, name)
    sweep(aws)
    real = aws._delete_endpoint

    def refuse(*, EndpointName: str) -> Any:
        if EndpointName == "Two":
            raise error("AccessDeniedException")
        return real(EndpointName=EndpointName)

    aws._delete_endpoint = refuse  # type: ignore[method-assign]
    with pytest.raises(handler.NotDone, match='{"Two": "AccessDeniedException"}'):
        later(aws, DAY)
    assert list(aws.endpoints) == ["Two"]


def test_no_time_left_is_no_failure_and_the_next_sweep_goes_on(aws: FakeAws) -> None:
    for number in range(10):
        endpoint(aws, TODAY, f"E{number}")
    sweep(aws)

    # Five changes a second, and each stop is three of them: nothing else waits here.
    class Seconds32:
        def get_remaining_time_in_millis(self) -> int:
            return 32_000

    aws.clock.at += DAY
    clients = handler.Clients(sagemaker=aws, tagging=aws, cloudwatch=aws, autoscaling=aws, sns=aws)
    said = handler.handle({}, Seconds32(), clock=aws.clock, clients=clients)
    assert 0 < len(said["stopped"]) < 10
    sweep(aws)
    assert aws.endpoints == {}


def states(aws: FakeAws) -> tuple[Any, ...]:
    one = aws.endpoints.get("Churn")
    return (
        None if one is None else (one.config, one.tags),
        sorted(aws.targets),
        sorted(name for _, name in aws.policies),
        memory.keys(aws.configs["Churn-Config"]),
    )


def play(aws: FakeAws, steps: list[dt.timedelta]) -> None:
    for step in steps:
        aws.clock.at += step
        sweep(aws)


#: A day and a night in the life of an endpoint with office hours, and then the end of it.
LIFE = [HOUR, 8 * HOUR, HOUR, 12 * HOUR, HOUR, HOUR, 40 * HOUR, 2 * HOUR, HOUR]
SHORT = EndpointLifetime.office_hours(
    start="08:00", end="18:00", time_zone="Europe/Zurich", until="2026-11-04"
)


@pytest.mark.parametrize("after_effect", [False, True], ids=["before its effect", "after its effect"])
def test_a_crash_at_any_call_ends_where_no_crash_would_have(after_effect: bool) -> None:
    from tests.runtime.endpoint_lifetime.fake_aws import FakeClock

    def world() -> FakeAws:
        made = FakeAws(FakeClock(START))
        endpoint(made, SHORT)
        scale(made)
        return made

    smooth = world()
    play(smooth, LIFE)
    expected = states(smooth)
    assert expected[0] is None
    crashes = 0
    for number in range(1, smooth.calls.total() + 1):
        aws = world()
        aws.trouble = Trouble(crash_at=number, crash_after_effect=after_effect)
        for step in LIFE:
            aws.clock.at += step
            try:
                sweep(aws)
            except Crash:
                crashes += 1
                aws.trouble = Trouble()
                # Lambda tries again, a minute later.
                aws.clock.at += dt.timedelta(minutes=1)
                sweep(aws)
            assert aws.configs.keys() == {"Churn-Config"}
            # Whatever happened: it runs, or it can be started again.
            if "Churn" not in aws.endpoints:
                assert memory.Memory.from_tags(aws.configs["Churn-Config"]).endpoint == "Churn"
        assert states(aws)[:3] == expected[:3], number
    assert crashes == smooth.calls.total()


@pytest.mark.parametrize(
    ("idle", "variants_known"), [(False, True), (True, True), (True, False)], ids=["plain", "idle", "no tag"]
)
def test_ten_thousand_endpoints_are_seen_with_hardly_more_calls_than_pages(
    aws: FakeAws,
    idle: bool,
    variants_known: bool,
) -> None:
    count = 10_000
    lifetime = EndpointLifetime.forever()
    for number in range(count):
        endpoint(aws, lifetime.or_idle(24) if idle else lifetime, f"e{number}")
        if not variants_known:
            del aws.endpoints[f"e{number}"].tags[fleet.VARIANTS]
    later(aws, HOUR)
    # Endpoints and their tags come a hundred at a time, numbers of 500 at a time.
    fewest = count // 100 + count // 100 + (count // 500 if idle else 0)
    if variants_known:
        assert aws.calls.total() <= 1.2 * fewest, aws.calls
    else:
        # Made by hand: nothing but the endpoint itself says what its variants are.
        assert aws.calls.total() <= 1.2 * fewest + count, aws.calls


def test_a_run_that_is_started_twice_does_everything_once(aws: FakeAws) -> None:
    endpoint(aws, TODAY)
    sweep(aws)
    sweep(aws)
    assert len(aws.told) == 1
    aws.clock.at += DAY
    sweep(aws)
    sweep(aws)
    assert len(aws.deleted) == 1


def test_throttling_and_lost_answers_delay_nothing_beyond_the_run(aws: FakeAws) -> None:
    endpoint(aws, OFFICE)
    scale(aws)
    aws.trouble = Trouble(throttled=0.3, answer_lost=0.3, dice=random.Random(7))  # noqa: S311 - dice
    assert later(aws, 9 * HOUR)["failed"] == {}
    assert "Churn" not in aws.endpoints
    assert later(aws, 14 * HOUR)["failed"] == {}
    assert "Churn" in aws.endpoints
    later(aws, HOUR)
    assert sorted(name for _, name in aws.policies) == ["FromNone", "Requests"]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda tags: tags.pop("studio:memory-1"),
        lambda tags: tags.update({"studio:memory-2": "AAAA"}),
        lambda tags: tags.update({"studio:stopped-endpoint": "Other"}),
        lambda tags: tags.update({"studio:stopped-at": "yesterday"}),
        lambda tags: tags.update({"studio:memory-1": "not base64 at all!"}),
    ],
)
def test_a_memory_that_somebody_changed_starts_nothing_and_people_hear_of_it(
    aws: FakeAws, spoil: Callable[[dict[str, str]], object]
) -> None:
    endpoint(aws, OFFICE)
    later(aws, 9 * HOUR)
    spoil(aws.configs["Churn-Config"])
    with pytest.raises(handler.NotDone, match="do not fit together"):
        later(aws, 14 * HOUR)
    assert aws.endpoints == {}
