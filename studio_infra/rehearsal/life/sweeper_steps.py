"""The step about the sweeper: the deployed function really runs, stops what is over, and lets stand what is kept."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from studio_infra.rehearsal.life.acting import app_of, wait_for_app
from studio_infra.rehearsal.life.stage import Stage, StepFailed, expect, expect_same
from studio_infra.runtime.functions.idle_sweeper.memory import Memory
from studio_infra.runtime.functions.shared.hours import Hours

if TYPE_CHECKING:
    from studio_infra.settings import Person

_KEEP: Final = {"Key": "studio:keep", "Value": "forever"}
_HOUR: Final = dt.timedelta(hours=1)


def the_sweeper_stops_what_is_over(stage: Stage) -> str:
    """In its first days it only says what it sees; then it stops an app past its lifetime, and none that is kept."""
    sweeper = stage.settings.operations.sweeper
    if sweeper is None:
        return "the settings have none"
    function = _function(stage)
    people = [person for person in stage.settings.roster if person.has_access()][:2]
    for person in people:
        _start(stage, person)
    _tag_space(stage, people[-1])
    _sweep(stage, function)
    _expect(stage, dict.fromkeys([person.user_name for person in people], "InService"))
    remembered = _memory(stage, function)
    said = f"{len(remembered.seen)} apps seen, none stopped in the first {sweeper.dry_run_days} days"
    hours = Hours.from_text(sweeper.protected_hours) if sweeper.protected_hours is not None else None
    protected = hours is not None and hours.opening(dt.datetime.now(dt.UTC)) is not None
    if sweeper.lifetime_days and "apps" in sweeper.stops and not protected and len(people) > 1:
        _remember(stage, function, _grown_old(remembered, sweeper.lifetime_days, sweeper.notice_hours))
        _sweep(stage, function)
        _expect(stage, {people[0].user_name: "Deleted", people[1].user_name: "InService"})
        said += f"; later that of {people[0].user_name} stopped, and that of {people[1].user_name} kept"
    _clean_up(stage, function, people)
    return said


def _function(stage: Stage) -> dict[str, Any]:
    """The deployed function: its configuration."""
    stack = f"{stage.settings.name}-operations"
    pages = stage.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=stack)
    for page in pages:
        for resource in page["StackResourceSummaries"]:
            own = resource["LogicalResourceId"].startswith("SweeperFunction")
            if own and resource["ResourceType"] == "AWS::Lambda::Function":
                found = stage.client("lambda").get_function_configuration(
                    FunctionName=resource["PhysicalResourceId"]
                )
                return dict(found)
    raise StepFailed(f"stack {stack} has no function that sweeps")


def _sweep(stage: Stage, function: dict[str, Any]) -> None:
    answer = stage.client("lambda").invoke(FunctionName=function["FunctionName"], Payload=b"{}")
    text = answer["Payload"].read().decode()
    expect("FunctionError" not in answer, f"the sweeper failed: {text[:500]}")
    expect_same("whether the sweep came to its end", json.loads(text)["finished"], wanted=True)


def _start(stage: Stage, person: Person) -> None:
    app = app_of(stage, person)
    machine = {"InstanceType": stage.settings.default_instance_type(person.team)}
    stage.sagemaker.create_app(**app, ResourceSpec=machine)
    wait_for_app(stage, app, "InService")


def _expect(stage: Stage, wanted: dict[str, str]) -> None:
    for person in stage.settings.roster:
        if person.user_name in wanted:
            wait_for_app(stage, app_of(stage, person), wanted[person.user_name])


def _place(function: dict[str, Any]) -> dict[str, str]:
    told = function["Environment"]["Variables"]
    return {"Bucket": told["MEMORY_BUCKET"], "Key": told["MEMORY_KEY"]}


def _memory(stage: Stage, function: dict[str, Any]) -> Memory:
    return Memory.from_json(stage.client("s3").get_object(**_place(function))["Body"].read())


def _remember(stage: Stage, function: dict[str, Any], memory: Memory) -> None:
    stage.client("s3").put_object(**_place(function), Body=memory.to_json())


def _grown_old(memory: Memory, lifetime_days: int, notice_hours: int) -> Memory:
    """What the sweeps would remember had they seen these apps for their whole lifetime, and warned of its end."""
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    since = now - dt.timedelta(days=lifetime_days) - _HOUR
    warned = now - dt.timedelta(hours=notice_hours) - _HOUR
    seen = {key: replace(one, since=since, warned=warned) for key, one in memory.seen.items()}
    return replace(memory, first=now - dt.timedelta(days=400), swept=now, seen=seen)


def _tag_space(stage: Stage, person: Person) -> None:
    stage.sagemaker.add_tags(ResourceArn=_space_of(stage, person), Tags=[_KEEP])


def _space_of(stage: Stage, person: Person) -> str:
    app = app_of(stage, person)
    space = stage.sagemaker.describe_space(DomainId=app["DomainId"], SpaceName=app["SpaceName"])
    return str(space["SpaceArn"])


def _clean_up(stage: Stage, function: dict[str, Any], people: list[Person]) -> None:
    """Nothing of this is in the way of what follows: apps, the tag, and what was remembered."""
    for person in people:
        app = app_of(stage, person)
        if stage.sagemaker.describe_app(**app)["Status"] == "InService":
            stage.sagemaker.delete_app(**app)
            wait_for_app(stage, app, "Deleted")
    stage.sagemaker.delete_tags(ResourceArn=_space_of(stage, people[-1]), TagKeys=[_KEEP["Key"]])
    place, s3 = _place(function), stage.client("s3")
    for version in s3.list_object_versions(Bucket=place["Bucket"], Prefix=place["Key"]).get("Versions", ()):
        s3.delete_object(**place, VersionId=version["VersionId"])
