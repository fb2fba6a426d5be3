"""The sweeper stopped before and after every call, delivered again, throttled, lied to and overtaken.

`STUDIO_INFRA_CRASHES` says how many timelines are tried, 10,000 by `make soak`. Every tenth is throttled at nine
calls of ten.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import random
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from studio_infra.runtime.functions.idle_sweeper.handler import NotDone
from tests.runtime.fake_aws.aws import Crash, Trouble
from tests.runtime.idle_sweeper.world import DAY, FOREIGN, HOUR, OWN, World

if TYPE_CHECKING:
    from tests.runtime.fake_aws.entities import Entity

TIMELINES = int(os.environ.get("STUDIO_INFRA_CRASHES", "300"))
#: One test of pytest each, so that a failure names its seeds and `-k` runs them alone.
BATCH = 50
RULES: dict[str, Any] = {
    "idle_hours": 3,
    "lifetime_days": 0.25,
    "notice_hours": 2,
    "dry_run_days": 0.125,
    "summary_hour": 0,
}
QUICK = {"stops": ["apps", "notebook_instances", "tracking_servers"]} | RULES


#: Four hours before a day begins, and with it the first summary after the dry run.
EVENING = dt.datetime(2026, 11, 2, 20, tzinfo=dt.UTC)


class Timeline:
    """A night in the life of a domain, and what must be true of it."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)  # noqa: S311 - a timeline that can be run again
        throttled = 0.9 if seed % 10 == 9 else 0.3
        trouble = Trouble(
            throttled=throttled,
            unavailable=0.02,
            lost=0.01,
            lag=self.dice.choice([0, 5, 60]),
            latency=self.dice.choice([0.02, 0.2]),
        )
        self.world = World(seed=seed, trouble=trouble, start=EVENING, **QUICK)
        self.sm, self.clock, self.aws = self.world.sm, self.world.clock, self.world.aws
        #: When somebody really started each app that is there.
        self.begun: dict[tuple[str, ...], list[float]] = {}
        self.safe: set[str] = set()
        self.doomed: set[str] = set()
        self.restarts: list[tuple[float, Entity]] = []
        self.crashes = 0
        for number in range(self.dice.randrange(2, 6)):
            self.add(number)
        for domain in (OWN, FOREIGN):
            self.sm.add_space(domain, "foreign" if domain == FOREIGN else "lab", owner="ana")
        self.sm.add_app(FOREIGN, space="foreign", created=-30 * DAY)
        self.sm.add_notebook("foreign", studio__domain="foreign")
        self.sm.add_notebook("book", studio__domain="research")
        tracks = self.sm.add_server("tracks")
        tracks.tags = {"sagemaker:domain-arn": self.aws.arn("domain", OWN)}
        self.sm.add_server("foreign-tracks", studio__domain="foreign")
        self.sm.add_endpoint("foreign-churn", studio__team="vision", studio__domain="foreign")
        self.sm.add_endpoint("churn", aws__cloudformation__stack_name="research-workloads")

    def add(self, number: int) -> None:
        """An app with a fate."""
        fate = self.dice.choice(["idle", "idle", "live", "kept", "kept space", "free", "stuck", "restarted"])
        name = f"s{number}-{fate.replace(' ', '-')}"
        space = self.sm.add_space(OWN, name, owner="ana")
        entity = self.sm.add_app(
            OWN,
            space=name,
            # AWS keeps the time of an earlier start.
            created=self.clock.passed - self.dice.choice([0, 5 * DAY]),
            live=fate == "live",
            instance="system" if fate == "free" else "ml.t3.medium",
        )
        if fate.startswith("kept"):
            (space if "space" in fate else entity).tags["studio:keep"] = self.dice.choice(["", "2099-12-31"])
        if fate == "stuck":
            entity.change(self.clock.passed, _deletion=20 * 60.0)
        if fate == "restarted":
            self.restarts.append((self.clock.passed + 5 * HOUR, entity))
        self.begun[entity.key] = [self.clock.passed]
        (self.safe if fate in {"kept", "kept space", "free"} else self.doomed).add(name)

    def run(self) -> None:
        """Troubled hours, then as many as it takes."""
        self.aws.meanwhile = self.meanwhile
        for hour in range(9):
            self.hour()
            if self.dice.random() < 0.3:
                self.add(100 + hour)
        self.aws.meanwhile = lambda: None
        for _ in range(200):
            if not self.left():
                break
            self.hour()
        assert not self.left(), "it does not converge"
        self.judge()

    def left(self) -> set[str]:
        things = self.doomed & self.world.running()
        book = self.sm.notebooks.get("book")
        tracks = self.sm.servers.get("tracks")
        assert book is not None
        assert tracks is not None
        now = self.clock.passed
        if (book.at(now) or {})["NotebookInstanceStatus"] != "Stopped":
            things.add("book")
        if (tracks.at(now) or {})["TrackingServerStatus"] != "Stopped":
            things.add("tracks")
        return things

    def hour(self) -> None:
        """The schedule's tick, which Lambda delivers up to three times; and once more for nothing."""
        following = self.clock.passed + HOUR
        for attempt in range(3):
            if attempt < 2 and self.dice.random() < 0.4:
                at = len(self.aws.calls) + self.dice.randrange(40)
                (self.aws.crash_before if self.dice.random() < 0.5 else self.aws.crash_after)(at)
            if self.deliver():
                break
            self.clock.passed += 60
        if self.dice.random() < 0.1:
            self.deliver()
        self.clock.passed = max(self.clock.passed, following)

    def deliver(self) -> bool:
        try:
            self.world.sweep()
        except Crash:
            self.crashes += 1
            self.aws.revive()
            return False
        except NotDone as error:
            raise AssertionError(f"only what is permanent is told: {error}") from error
        self.aws.revive()
        return True

    def meanwhile(self) -> None:
        """People start apps while the sweeper works."""
        now = self.clock.passed
        for due, entity in list(self.restarts):
            if due <= now:
                self.restarts.remove((due, entity))
                state = entity.at(now)
                if state is not None and state["Status"] == "Deleted":
                    entity.change(now, Status="InService", LastUserActivityTimestamp=self.sm._when(now))
                    self.begun[entity.key].append(now)

    def judge(self) -> None:
        """What must be true of every timeline."""
        assert self.safe <= self.world.running(), "what is kept or free was stopped"
        assert self.world.statuses(FOREIGN) == {"foreign": "InService"}
        for call in self.aws.calls:
            assert "foreign" not in json.dumps(call.arguments, default=str), call
        seen = Counter[str]()
        for at, operation, names in self.world.changes():
            assert operation in {"delete_app", "stop_notebook_instance", "stop_mlflow_tracking_server"}
            seen[operation] += 1
            key = (OWN, names.get("SpaceName", ""), "", names.get("AppType", ""), names.get("AppName", ""))
            if operation == "delete_app" and key in self.begun:
                begun = max(when for when in self.begun[key] if when <= at)
                assert at - begun >= 3 * HOUR - 1, f"{key} was stopped {at - begun} s after it was started"
                assert at >= 3 * HOUR, "something was stopped in the dry run"
        changes = [at for at, _, _ in self.world.changes()]
        for first, sixth in zip(changes, changes[5:], strict=False):
            assert sixth - first > 1, "more than five changes in a second"
        days = {message.splitlines()[0] for _, message in self.world.messages}
        told = len(self.world.messages)
        assert told <= len(days) + self.crashes + sum(call.error != "" for call in self.aws.calls)
        text = "\n".join(message for _, message in self.world.messages)
        assert "foreign" not in text


@pytest.mark.parametrize("start", range(0, TIMELINES, BATCH))
def test_every_timeline_converges_and_harms_nobody(start: int, capsys: pytest.CaptureFixture[str]) -> None:
    for seed in range(start, min(start + BATCH, TIMELINES)):
        try:
            Timeline(seed).run()
        except AssertionError as error:
            raise AssertionError(f"seed {seed}: {error}") from error
        finally:
            capsys.readouterr()  # what it logs is of no interest here


@pytest.mark.parametrize("seed", [4419, 7859])
def test_what_timelines_found_once_stays_mended(seed: int, capsys: pytest.CaptureFixture[str]) -> None:
    """A deletion whose answer time ran out on; a summary that time ran out on."""
    Timeline(seed).run()
    capsys.readouterr()
