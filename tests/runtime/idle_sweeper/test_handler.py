"""Whole sweeps of a domain in the AWS in memory, with another domain beside it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from studio_infra.runtime.functions.idle_sweeper.handler import NotDone
from tests.runtime.fake_aws.aws import Crash, error_of
from tests.runtime.idle_sweeper.world import DAY, FOREIGN, HOUR, OWN, World

if TYPE_CHECKING:
    from collections.abc import Callable

NO_DRY_RUN: dict[str, Any] = {"dry_run_days": 0}


def world(**rules: Any) -> World:
    made = World(**{**NO_DRY_RUN, **rules})
    for name in ("dead", "live", "kept", "busy"):
        made.sm.add_space(OWN, name, owner="ana")
        made.sm.add_space(FOREIGN, name, owner="ana")
        made.sm.add_app(FOREIGN, space=name, created=-99 * DAY)
    made.sm.add_app(OWN, space="dead", created=-9 * DAY, instance="ml.g5.xlarge")
    made.sm.add_app(OWN, space="live", created=-9 * DAY, live=True)
    made.sm.add_app(OWN, space="kept", created=-9 * DAY, studio__keep="forever")
    return made


def test_what_gives_no_sign_of_life_is_stopped_and_nothing_else() -> None:
    aws = world()
    aws.hourly(25)
    assert aws.running() == {"live", "kept"}
    assert set(aws.statuses(FOREIGN).values()) == {"InService"}
    (change,) = aws.changes()
    assert change[1:] == (
        "delete_app",
        {"DomainId": OWN, "SpaceName": "dead", "AppType": "JupyterLab", "AppName": "default"},
    )


def test_nothing_is_stopped_in_the_first_days_and_the_summary_says_what_would_be() -> None:
    aws = world(dry_run_days=7)
    aws.hourly(6 * 24)
    assert aws.running() == {"dead", "live", "kept"}
    assert list(aws.changes()) == []
    _, said = aws.messages[-1]
    assert "Nothing is stopped before 2026-11-09 09:00 UTC: this is what would be." in said
    assert "ana: JupyterLab default of space dead, ml.g5.xlarge, ran since 2026-11-02 09:00 UTC" in said
    aws.hourly(2 * 24)
    assert "dead" not in aws.running()


def test_the_first_days_count_from_the_first_sweep_and_not_again_after_a_new_deployment() -> None:
    aws = world(dry_run_days=1.05)
    aws.hourly(25)
    assert "dead" in aws.running()
    again = world(dry_run_days=1.05)
    again.clock.passed = aws.clock.passed + HOUR
    again.aws.s3.objects = aws.aws.s3.objects
    again.sweep()
    assert "dead" not in again.running()


def test_a_lifetime_ends_a_day_after_a_summary_said_so() -> None:
    aws = world()
    aws.hourly(8 * 24 + 1)
    assert aws.running() == {"kept"}
    warned = [text for _, text in aws.messages if "Will be stopped" in text]
    assert "ana: JupyterLab default of space live, ml.t3.medium, has run for" in warned[0]
    assert "not before 2026-11-09 09:00 UTC" in warned[0]
    stopped = [at for at, _, names in aws.changes() if names["SpaceName"] == "live"]
    assert stopped == [pytest.approx(7 * DAY, abs=60)]
    kept = aws.messages[-1][1]
    assert "ana: JupyterLab default of space kept, ml.t3.medium: has run for 7 days; kept by its tag" in kept


def test_a_lifetime_that_was_made_longer_ends_too_after_a_warning_of_its_own() -> None:
    aws = world(lifetime_days=3)
    aws.hourly(2.5 * 24)
    aws.rules["lifetime_days"] = 7
    aws.hourly(3 * 24)
    assert "live" in aws.running()
    aws.hourly(2 * 24)
    assert "live" not in aws.running()
    stopped = [at for at, _, names in aws.changes() if names["SpaceName"] == "live"]
    assert stopped == [pytest.approx(7 * DAY, abs=3700)]


def test_there_is_one_summary_a_day_with_what_was_stopped_and_the_hours_that_were_saved() -> None:
    aws = world()
    aws.hourly(3 * 24)
    days = [text.partition("domain research, ")[2][:16] for _, text in aws.messages]
    assert days == ["2026-11-02 09:00", "2026-11-03 06:00", "2026-11-04 06:00", "2026-11-05 06:00"]
    (said,) = [text for _, text in aws.messages if "Stopped (1)" in text]
    assert (
        "- ana: JupyterLab default of space dead, ml.g5.xlarge, ran since 2026-11-02 09:00 UTC, "
        "stopped 2026-11-03 09:00 UTC: no sign of life for 24 h"
    ) in said
    assert "- ml.g5.xlarge: 21 h" in said


def test_what_was_started_again_saved_nothing_from_then_on() -> None:
    aws = world()
    aws.hourly(25)
    aws.clock.passed += HOUR
    entity = aws.sm.apps.get(OWN, "dead", "", "JupyterLab", "default")
    assert entity is not None
    entity.change(aws.clock.passed + 5 * HOUR, Status="InService")
    aws.hourly(24)
    (said,) = [text for _, text in aws.messages if "Stopped (1)" in text]
    assert "- ml.g5.xlarge: 7 h" in said


def test_somebody_who_has_just_tagged_something_has_it_kept() -> None:
    """The index of tags is behind: SageMaker itself is asked before anything is stopped."""
    for store, key in (
        ("apps", (OWN, "dead", "", "JupyterLab", "default")),
        ("spaces", (OWN, "dead")),
        ("profiles", (OWN, "ana")),
    ):
        aws = world()
        entity = getattr(aws.sm, store).get(*key)
        entity.tags["studio:keep"] = "2026-12-24"
        aws.sm.tagged = lambda: iter(())  # type: ignore[method-assign]
        aws.hourly(30)
        assert "dead" in aws.running()


def test_in_protected_hours_nothing_is_stopped() -> None:
    aws = world(protected_hours="Mon-Fri 08:00-18:00 UTC", idle_hours=2)
    aws.hourly(8)
    assert "dead" in aws.running()
    aws.hourly(3)
    assert "dead" not in aws.running()


def test_notebook_instances_and_servers_are_the_domains_by_tag_and_never_by_name() -> None:
    aws = world(stops=["notebook_instances", "tracking_servers"])
    arn = aws.aws.arn("domain", OWN)
    aws.sm.add_notebook("own").tags = {"sagemaker:domain-arn": arn, "studio:owner": "bob"}
    aws.sm.add_server("tracks", studio__domain="research")
    for name in ("research-untagged", "research-eu"):
        aws.sm.add_notebook(name)
        aws.sm.add_server(name)
    aws.sm.notebooks.get("research-eu").tags = {"studio:domain": "research-eu"}  # type: ignore[union-attr]
    both = {"sagemaker:domain-arn": aws.aws.arn("domain", FOREIGN), "studio:domain": "research"}
    aws.sm.add_notebook("moved").tags = both
    aws.hourly(9 * 24)
    changed = {next(iter(names.values())) for _, _, names in aws.changes()}
    assert changed == {"own", "tracks"}
    assert {"dead", "live"} <= aws.running()
    assert any("the settings only report it" in text for _, text in aws.messages)
    assert any("bob: notebook instance own" in text for _, text in aws.messages)


def test_endpoints_that_nobody_answers_for_are_reported_and_never_touched() -> None:
    aws = world()
    stack = {"aws:cloudformation:stack-name": "research-workloads"}
    aws.sm.add_endpoint("good").tags = {**stack, "studio:owner": "ana", "studio:expires": "forever"}
    aws.sm.add_endpoint("bad").tags = {**stack, "studio:owner": "ana"}
    aws.sm.add_endpoint("teams", studio__team="vision")
    aws.sm.add_endpoint("others", studio__team="vision", studio__domain="other")
    aws.sm.add_endpoint("foreign", studio__team="astronomy")
    aws.hourly(1)
    _, said = aws.messages[0]
    assert [line for line in said.splitlines() if "has no tag" in line] == [
        "- ana: bad has no tag studio:expires",
        "- nobody: teams has no tag studio:owner and no tag studio:expires",
    ]
    assert not any(call.operation in {"describe_endpoint", "delete_endpoint"} for call in aws.aws.calls)


def test_spaces_that_nobody_opens_are_reported_and_never_deleted() -> None:
    aws = world()
    aws.sm.add_space(OWN, "old", owner="ana", created=-400 * DAY)
    aws.sm.add_space(OWN, "shared", created=-400 * DAY)
    aws.hourly(31 * 24)
    _, said = aws.messages[-1]
    assert "- ana: old, size not told, not opened since 2026-11-02 09:00 UTC or longer" in said
    assert "- shared: shared, size not told" in said
    assert "- ana: live" not in said
    assert not any(operation == "delete_space" for _, operation, _ in aws.changes())


def test_what_is_stuck_is_said() -> None:
    aws = world()
    entity = aws.sm.apps.get(OWN, "dead", "", "JupyterLab", "default")
    assert entity is not None
    entity.change(0, _deletion=5 * DAY)
    aws.hourly(2 * 24)
    assert "JupyterLab default of space dead, Deleting since" in aws.messages[-1][1]
    assert len(list(aws.changes())) == 1


def test_a_failed_app_costs_nothing_and_is_not_touched() -> None:
    aws = world()
    aws.sm.add_space(OWN, "failed", owner="ana")
    aws.sm.add_app(OWN, space="failed", status="Failed", created=-9 * DAY)
    aws.hourly(30)
    assert [names["SpaceName"] for _, _, names in aws.changes()] == ["dead"]


def refuse(aws: World, operation: str, code: str = "AccessDeniedException") -> None:
    def refused(**_: Any) -> Any:
        raise error_of(code, "no", 400, operation)

    service = next(one for one in aws.aws.services.values() if hasattr(one, operation))
    setattr(service, operation, refused)


def test_what_is_denied_is_said_by_the_run_and_by_the_summary() -> None:
    aws = world(idle_hours=1)
    aws.sweep()
    refuse(aws, "delete_app")
    aws.clock.passed += HOUR
    with pytest.raises(NotDone, match="AccessDeniedException"):
        aws.sweep()
    for _ in range(20):
        aws.clock.passed += HOUR
        with pytest.raises(NotDone):
            aws.sweep()
    assert "- JupyterLab default of space dead: AccessDeniedException" in aws.messages[-1][1]


def test_apps_are_stopped_even_if_nobody_can_be_told() -> None:
    aws = world(idle_hours=1)
    refuse(aws, "publish")
    with pytest.raises(NotDone, match="the summary"):
        aws.sweep()
    aws.clock.passed += HOUR
    with pytest.raises(NotDone, match="the summary"):
        aws.sweep()
    assert "dead" not in aws.running()


@pytest.mark.parametrize("operation", ["list_apps", "list_spaces", "get_resources"])
def test_nothing_is_decided_about_what_could_not_be_seen(operation: str) -> None:
    aws = world(idle_hours=1)
    aws.sweep()
    refuse(aws, operation)
    aws.clock.passed += HOUR
    with pytest.raises(Exception, match="AccessDenied"):
        aws.sweep()
    assert list(aws.changes()) == []


def test_a_memory_that_cannot_be_read_is_begun_anew_with_its_first_days() -> None:
    aws = world(dry_run_days=7, idle_hours=1)
    aws.aws.s3.objects["artifacts", "operations/sweeper.json"] = b"rubbish"
    aws.hourly(3)
    assert list(aws.changes()) == []
    assert json.loads(aws.aws.s3.objects["artifacts", "operations/sweeper.json"])["version"] == 1


def test_a_memory_that_may_not_be_read_stops_the_run() -> None:
    aws = world()
    aws.aws.s3.objects["artifacts", "operations/sweeper.json"] = b"there"
    refuse(aws, "get_object", "AccessDenied")
    with pytest.raises(Exception, match="AccessDenied"):
        aws.sweep()
    assert aws.aws.s3.objects["artifacts", "operations/sweeper.json"] == b"there"


def test_s3_denies_reading_a_memory_that_is_not_there_yet() -> None:
    aws = world()
    aws.aws.s3.objects["artifacts", "operations/sweeper.json.old"] = b""
    refuse(aws, "get_object", "AccessDenied")
    aws.sweep()
    assert aws.aws.s3.objects["artifacts", "operations/sweeper.json"].startswith(b"{")


def test_what_it_did_is_counted_by_cloudwatch_from_its_log(capsys: pytest.CaptureFixture[str]) -> None:
    aws = world(idle_hours=1)
    aws.sweep()
    aws.clock.passed += HOUR
    capsys.readouterr()
    looked = aws.clock.now()
    aws.sweep()
    first, *by_instance = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    directive = first["_aws"]["CloudWatchMetrics"][0]
    assert (directive["Namespace"], directive["Dimensions"]) == ("StudioInfra", [["Domain"]])
    assert {metric["Name"]: first[metric["Name"]] for metric in directive["Metrics"]} == {
        "Sweeps": 1,
        "RunningApps": 3,
        "Stopped": 1,
        "Failed": 0,
        "Stuck": 0,
        "Unfinished": 0,
    }
    assert first["_aws"]["Timestamp"] == round(looked.timestamp() * 1000)
    assert {one["InstanceType"]: one["RunningApps"] for one in by_instance} == {
        "ml.g5.xlarge": 1,
        "ml.t3.medium": 2,
    }


@pytest.mark.parametrize("when", ["before", "after"])
def test_dying_at_any_call_loses_nothing(when: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Every call of a sweep that stops an app and of one that tells, each delivered again after it died there."""

    def run(prepare: Callable[[World], None]) -> World:
        aws = world(idle_hours=1, summary_hour=15)
        prepare(aws)
        for hour in range(8):
            aws.clock.passed = hour * HOUR
            try:
                aws.sweep()
            except Crash:
                aws.aws.revive()
                aws.clock.passed += 60
                aws.sweep()
        capsys.readouterr()
        return aws

    whole = run(lambda _: None)
    for number in range(len(whole.aws.calls)):
        aws = run(
            lambda one, at=number: (one.aws.crash_before if when == "before" else one.aws.crash_after)(at)  # type: ignore[misc]
        )
        assert aws.running() == whole.running()
        texts = [text for _, text in aws.messages]
        assert sum("Stopped (1)" in text for text in texts) >= 1
        assert len(texts) <= len(whole.messages) + 1
