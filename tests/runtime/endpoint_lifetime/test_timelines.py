"""Endpoints by the thousand over two and a half days each: none is stopped early, none is late, none is lost.

The whole function runs, against an account in memory, with calls that are throttled or lose their answers, processes
that die, runs that are started twice and owners who change their minds. What is right is said a second time here,
in plain clock times, and not taken from the code under test.

`STUDIO_INFRA_ENDPOINTS` says how many: 1,000 unless told otherwise, some at each of ten beginnings.
"""

from __future__ import annotations

import datetime as dt
import os
import random
from collections import Counter
from dataclasses import dataclass
from functools import cache
from zoneinfo import ZoneInfo

import pytest

from studio_infra.runtime.functions.endpoint_lifetime import core, fleet, memory, usage
from tests.runtime.endpoint_lifetime.conftest import sweep
from tests.runtime.endpoint_lifetime.fake_aws import Crash, FakeAws, FakeClock, Trouble
from tests.runtime.endpoint_lifetime.test_core import ZONES

pytestmark = pytest.mark.slow

UTC, HOUR = dt.UTC, dt.timedelta(hours=1)
INTERVAL, SWEEPS = dt.timedelta(hours=1), 60
NOTICE = dt.timedelta(hours=24)
#: How many days beyond its end an owner may extend an endpoint.
EXTENDABLE = 1
#: How many looks SageMaker takes to take a component away: some longer than a sweep waits.
LOOKS = (0, 1, 2, 5, 30)
#: Sweeps over which components may go: one that is slow, one that it is built on, and one run that died.
GOING_MOST = 4
#: Days around which clocks change in Europe, the Americas and Australia, and some on which none does.
BEGINNINGS = (
    dt.datetime(2026, 10, 23, 21, 10, tzinfo=UTC),
    dt.datetime(2026, 10, 3, 2, 25, tzinfo=UTC),
    dt.datetime(2026, 10, 31, 7, 5, tzinfo=UTC),
    dt.datetime(2027, 3, 12, 23, 40, tzinfo=UTC),
    dt.datetime(2027, 3, 26, 12, 0, tzinfo=UTC),
    dt.datetime(2027, 4, 2, 18, 55, tzinfo=UTC),
    dt.datetime(2026, 12, 30, 6, 30, tzinfo=UTC),
    dt.datetime(2028, 2, 27, 0, 0, tzinfo=UTC),
    dt.datetime(2027, 2, 20, 3, 15, tzinfo=UTC),
    dt.datetime(2026, 6, 1, 9, 45, tzinfo=UTC),
)
LONG_AGO = dt.datetime(2000, 1, 1, tzinfo=UTC)
WORLDS = len(BEGINNINGS)
ENDPOINTS = int(os.environ.get("STUDIO_INFRA_ENDPOINTS", "1000")) // WORLDS


@cache
def clock_of(zone: ZoneInfo, now: dt.datetime) -> dt.time:
    """What clocks show there."""
    return now.astimezone(zone).time()


@cache
def clocks_change(zone: ZoneInfo, now: dt.datetime) -> bool:
    """Whether they do within two hours."""
    return (now - 2 * HOUR).astimezone(zone).utcoffset() != (now + 2 * HOUR).astimezone(zone).utcoffset()


@dataclass
class Plan:
    """One endpoint's life, as the test knows it."""

    name: str
    expires: dt.datetime | None
    idle: dt.timedelta | None
    hours: tuple[dt.time, dt.time, ZoneInfo] | None
    uses: tuple[dt.datetime, ...]
    extended: tuple[dt.datetime, dt.datetime] | None
    #: By a tag of its owner, as far as the settings allow; else by a deploy.
    by_owner: bool = False
    components: int = 0
    #: Since when its end is known: nobody can be told of it before.
    said: dt.datetime = LONG_AGO

    def tags(self) -> dict[str, str]:
        tags = {
            core.OWNER: "ana",
            core.EXPIRES: core.FOREVER if self.expires is None else self.expires.isoformat(),
            fleet.VARIANTS: "primary",
            fleet.KIND: fleet.COMPONENTS if self.components else "real_time",
        }
        if self.by_owner:
            tags[core.EXTENDABLE] = str(EXTENDABLE)
        if self.idle is not None:
            tags[core.IDLE_HOURS] = str(self.idle // HOUR)
        if self.hours is not None:
            start, end, zone = self.hours
            tags[core.OFFICE_HOURS] = f"Mon-Sun {start:%H:%M}-{end:%H:%M} {zone.key}"
        return tags

    def closed(self, now: dt.datetime) -> bool:
        """Whether the clocks of its place show a time outside its hours."""
        if self.hours is None:
            return False
        start, end, zone = self.hours
        shown = clock_of(zone, now)
        return not (start <= shown < end if start < end else shown >= start or shown < end)

    def closed_for_sure(self, now: dt.datetime) -> bool:
        """Whether it is closed on every clock that could be meant: where clocks change, a time comes twice or never."""
        if self.hours is None or not clocks_change(self.hours[2], now):
            return self.closed(now)
        return all(self.closed(now + dt.timedelta(minutes=minute)) for minute in range(-65, 70, 5))


def plan(name: str, begin: dt.datetime, dice: random.Random) -> Plan:
    length = INTERVAL * SWEEPS
    kinds = dice.random()
    expires = begin + dice.random() * length if kinds < 0.6 else None
    idle = dt.timedelta(hours=dice.choice((2, 3, 6, 12, 13, 24))) if dice.random() < 0.5 else None
    hours = None
    if dice.random() < 0.5:
        start, end = dice.sample(range(0, 24 * 60, 15), 2)
        clocks = [dt.time(minute // 60, minute % 60) for minute in (start, end)]
        hours = (clocks[0], clocks[1], ZoneInfo(dice.choice(ZONES)))
    uses = tuple(sorted(begin + dice.random() * length for _ in range(dice.choice((0, 1, 5, 40)))))
    extended = None
    if expires is not None and dice.random() < 0.3:
        extended = (
            begin + dice.random() * (expires - begin),
            (expires + dice.random() * length).replace(microsecond=0),
        )
    if expires is not None:
        expires = expires.replace(microsecond=0)
    by_owner = extended is not None and dice.random() < 0.5
    components = dice.choice((1, 2, 3)) if dice.random() < 0.3 else 0
    return Plan(name, expires, idle, hours, uses, extended, by_owner, components)


class World:
    """An account, its endpoints, and what must be true after every sweep."""

    def __init__(self, number: int) -> None:
        self.dice = random.Random(number)  # noqa: S311 - the same in every run
        self.begin = BEGINNINGS[number]
        self.aws = FakeAws(FakeClock(self.begin, random.Random(number)))  # noqa: S311 - dice
        self.plans = [plan(f"e{index}", self.begin, self.dice) for index in range(ENDPOINTS)]
        self.used: dict[str, int] = dict.fromkeys((one.name for one in self.plans), 0)
        self.born: dict[str, dt.datetime] = {}
        self.sweeps = 0
        #: Of which endpoints somebody was warned.
        self.told: set[str] = set()
        #: After how many sweeps in a row its components are still going.
        self.going: Counter[str] = Counter()
        #: When a run ended well.
        self.done: list[dt.datetime] = []
        self.aws.looks = lambda: self.dice.choice(LOOKS)
        for one in self.plans:
            self.aws.add(one.name, one.tags())
            for part in range(one.components):
                self.have(one, part)
        self.made = {name: part.made for name, part in self.aws.components.items()}
        self.known = {one.name: dict(self.aws.endpoints[one.name].tags) for one in self.plans}

    def live(self, until: dt.datetime) -> None:
        """Let people use and extend their endpoints up to a moment."""
        for one in self.plans:
            running = self.aws.endpoints.get(one.name)
            while self.used[one.name] < len(one.uses) and one.uses[self.used[one.name]] <= until:
                if running is not None:
                    self.aws.use(one.name, one.uses[self.used[one.name]])
                self.used[one.name] += 1
            if one.extended is not None and one.extended[0] <= until:
                if running is not None:
                    self.extend(one, one.extended[1], running.tags)
                one.extended = None
        self.aws.clock.at = until

    def extend(self, one: Plan, end: dt.datetime, tags: dict[str, str]) -> None:
        """Give it a later end: by a deploy any, by its owner no later than was allowed."""
        assert one.expires is not None
        assert one.extended is not None
        one.said = one.extended[0]
        tag = core.EXTENDED if one.by_owner else core.EXPIRES
        tags[tag] = self.known[one.name][tag] = end.isoformat()
        one.expires = min(end, one.expires + dt.timedelta(days=EXTENDABLE)) if one.by_owner else end

    def have(self, one: Plan, number: int) -> None:
        """Give it a component; the first one scales, the third is built on the second."""
        name = f"{one.name}-c{number}"
        built_on = {"Specification": {"BaseInferenceComponentName": f"{one.name}-c1"}, "RuntimeConfig": {}}
        self.aws.have(name, one.name, **(built_on if number == 2 else {}))
        if number == 0:
            resource = f"inference-component/{name}"
            self.aws.targets[resource] = {
                "ServiceNamespace": "sagemaker",
                "ResourceId": resource,
                "ScalableDimension": "sagemaker:inference-component:DesiredCopyCount",
                "MinCapacity": 0,
                "MaxCapacity": 3,
            }

    def step(self) -> None:
        self.live(self.aws.clock.at + INTERVAL)
        before = set(self.aws.endpoints)
        kind = self.dice.random()
        trouble = Trouble(dice=random.Random(self.dice.random()))  # noqa: S311 - dice
        if kind < 0.1:
            trouble.throttled, trouble.answer_lost = 0.1, 0.05
        elif kind < 0.2:
            trouble.crash_at = self.aws.calls.total() + self.dice.randrange(1, 40)
            trouble.crash_after_effect = self.dice.random() < 0.5
        self.aws.trouble = trouble
        done = self.run()
        if done and kind > 0.9:
            assert self.run()  # the same event once more
        self.sweeps += 1
        if done:
            self.done.append(self.aws.clock.at)
        self.told |= {message["Subject"].split()[1] for message in self.aws.told}
        self.aws.told.clear()
        self.check(before, done=done)

    def run(self) -> bool:
        try:
            said = sweep(self.aws)
        except Crash:
            self.aws.trouble = Trouble()
            return False
        assert said["failed"] == {}
        return True

    def quiet_since(self, one: Plan, born: dt.datetime) -> dt.datetime:
        """Since when nobody uses it, as closely as its metric is looked at."""
        assert one.idle is not None
        period = usage.period_of(one.idle)
        used = self.aws.used.get(one.name, ())
        epoch = dt.datetime.fromtimestamp(0, UTC)
        last = used[-1] - (used[-1] - epoch) % period + period if used else born
        return max(last, born)

    def check(self, before: set[str], *, done: bool) -> None:
        now = self.aws.clock.at
        for one in self.plans:
            running = self.aws.endpoints.get(one.name)
            was = one.name in before
            self.check_parts(one, running=running is not None)
            born = self.born.setdefault(one.name, self.begin)
            if was and running is None:
                self.check_stop(one, now, born)
            if running is not None and not was:
                assert one.hours is not None
                assert not one.closed_for_sure(now), f"{one.name} came back outside its hours"
                assert one.expires is None or one.expires > now, f"{one.name} came back after its end"
                self.born[one.name] = running.created
            if running is not None:
                assert {key: running.tags.get(key) for key in self.known[one.name]} == self.known[one.name]
                if done and not self.goes(one):
                    self.check_kept(one, now, self.born[one.name])
            else:
                tags = self.aws.configs[f"{one.name}-Config"]
                known = memory.Memory.from_tags(tags)
                assert {key: known.tags.get(key) for key in self.known[one.name]} == self.known[one.name]
                wanted = one.expires is None or one.expires > now
                began = self.reopened(one, now) if done and wanted else None
                assert began is None or known.at >= began, f"{one.name} is not back since {began}"

    def reopened(self, one: Plan, now: dt.datetime) -> dt.datetime | None:
        """When the hours began that it is in now, looked for in steps of five minutes."""
        if one.hours is None or one.closed(now):
            return None
        step = dt.timedelta(minutes=5)
        moment = now
        while now - moment < 26 * HOUR and not one.closed_for_sure(moment - step):
            moment -= step
        while one.closed(moment):
            moment += step
        return moment

    def check_parts(self, one: Plan, *, running: bool) -> None:
        """Each component is there, or remembered with all that makes it again; and so is what scales it."""
        if not one.components:
            return
        tags = self.aws.configs[f"{one.name}-Config"]
        known = memory.Memory.from_tags(tags) if memory.ENDPOINT in tags else None
        kept = {} if known is None else {part["InferenceComponentName"]: part for part in known.components}
        scaled = set() if known is None else {each["ResourceId"] for each in known.scaling.get("targets", ())}
        for number in range(one.components):
            name = f"{one.name}-c{number}"
            there = self.aws.components.get(name)
            assert there is None or running, f"{name} outlives its endpoint"
            found = there.made if there is not None else kept.get(name)
            assert found is not None, f"{name} is lost"
            assert found["Specification"] == self.made[name]["Specification"]
            assert found.get("RuntimeConfig", {}) == self.made[name]["RuntimeConfig"]
        resource = f"inference-component/{one.name}-c0"
        assert resource in self.aws.targets or resource in scaled, f"{one.name} does not scale any more"

    def goes(self, one: Plan) -> bool:
        """Whether SageMaker still takes its components away."""
        parts = self.aws.parts_of(one.name)
        goes = any(self.aws.components[part].status == "Deleting" for part in parts)
        self.going[one.name] = self.going[one.name] + 1 if goes else 0
        assert self.going[one.name] <= GOING_MOST, f"{one.name} does not go"
        return goes

    def check_stop(self, one: Plan, now: dt.datetime, born: dt.datetime) -> None:
        over = one.expires is not None and one.expires <= now
        silent = one.idle is not None and self.quiet_since(one, born) + one.idle <= now
        assert over or silent or one.closed(now), f"{one.name} was stopped early at {now}"
        told = one.name in self.told
        assert told or one.closed(now), f"{one.name} was stopped without a word"

    def check_kept(self, one: Plan, now: dt.datetime, born: dt.datetime) -> None:
        """After a run that ended well: what is over is gone, unless its owner was told by this very run."""
        if one.expires is not None:
            known = max(born, one.said)
            assert not self.is_late(max(one.expires, known), NOTICE, known), f"{one.name} ended {one.expires}"
        if one.idle is not None:
            end = self.quiet_since(one, born) + one.idle
            assert not self.is_late(end, min(NOTICE, one.idle / 4), born), f"{one.name} is idle until {end}"
        assert not one.closed_for_sure(now), f"{one.name} runs outside its hours"

    def is_late(self, end: dt.datetime, ahead: dt.timedelta, born: dt.datetime) -> bool:
        """Whether a run ended well after the end, and one before it that could tell the owner."""
        could_tell = [moment for moment in self.done if moment >= max(end - ahead, born)]
        return len(could_tell) > 1 and could_tell[-1] >= end


@pytest.mark.parametrize("number", range(WORLDS))
def test_nothing_is_stopped_early_kept_late_or_lost(number: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("ERROR")
    world = World(number)
    for _ in range(SWEEPS):
        world.step()
    assert world.sweeps == SWEEPS
    deleted = {name for _, name in world.aws.deleted}
    # Of every kind: with components and without, extended by its owner and by a deploy.
    for kind in (lambda one: one.components, lambda one: not one.components, lambda one: one.by_owner):
        assert deleted & {one.name for one in world.plans if kind(one)}
