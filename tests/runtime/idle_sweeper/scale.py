"""A domain as large as they get, for the figures of a sweep: the test counts calls, the benchmark measures."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from studio_infra.runtime.functions.idle_sweeper.memory import Memory
from tests.runtime.fake_aws.aws import Trouble
from tests.runtime.idle_sweeper.world import DAY, ENVIRONMENT, FOREIGN, HOUR, OWN, World

APPS, DEAD, KEPT, ENDPOINTS, OTHERS = 10_000, 1_000, 100, 2_000, 500
#: What a call takes, in seconds: SageMaker's APIs answer in some tens of milliseconds.
LATENCY = 0.05
_PAGE = 100
_PLACE = (ENVIRONMENT["MEMORY_BUCKET"], ENVIRONMENT["MEMORY_KEY"])


@dataclass
class Large:
    """The domain, at the hour in which every one of its apps has to be asked about, and a tenth of them is dead."""

    world: World

    @classmethod
    def made(cls, *, apps: int = APPS, dead: int = DEAD, endpoints: int = ENDPOINTS) -> Large:
        """A domain that was swept for a day; another one of a tenth of its size is beside it."""
        world = World(trouble=Trouble(latency=LATENCY), dry_run_days=0)
        for number in range(apps):
            person, space = f"p{number // 4}", f"s{number}"
            if number % 4 == 0:
                world.sm.add_profile(OWN, person)
            world.sm.add_space(OWN, space, owner=person)
            entity = world.sm.add_app(OWN, space=space, created=-9 * DAY, live=number >= dead)
            if number < dead * KEPT // DEAD:
                entity.tags["studio:keep"] = "forever"
            if number % 10 == 0:
                world.sm.add_space(FOREIGN, space, owner="ana")
                world.sm.add_app(FOREIGN, space=space, created=-9 * DAY)
        stack = {"aws:cloudformation:stack-name": "research-workloads"}
        for number in range(endpoints):
            world.sm.add_endpoint(f"e{number}").tags = dict(stack)
            if number % 4 == 0:
                world.sm.add_endpoint(f"foreign{number}", studio__domain="foreign")
        world.sweep()
        large = cls(world)
        large.age(dt.timedelta(seconds=DAY))
        return large

    def age(self, time: dt.timedelta) -> None:
        """Let time pass as if sweeps had gone on: what they remember was seen so much earlier."""
        memory = Memory.from_json(self.world.aws.s3.objects[_PLACE])
        seen = {key: replace(one, since=one.since - time, sign=None) for key, one in memory.seen.items()}
        self.world.aws.s3.objects[_PLACE] = replace(memory, seen=seen).to_json()
        self.world.clock.passed = HOUR
        self.world.aws.calls.clear()

    @property
    def fewest_calls(self) -> int:
        """The fewest calls with which all of this can be known and done."""
        sm = self.world.sm
        apps = sum(key.key[0] == OWN for key in sm.apps.every())
        spaces = sum(key.key[0] == OWN for key in sm.spaces.every())
        tagged = sum(
            one.tags.get("aws:cloudformation:stack-name") is not None for one in sm.endpoints.every()
        )
        everywhere = sum(1 for _ in sm.endpoints.every())
        kept = sum("studio:keep" in one.tags for one in sm.apps.every())
        stopped = sum(operation == "delete_app" for _, operation, _ in self.world.changes())
        lists = pages(apps) + pages(spaces) + pages(tagged) + pages(everywhere) + pages(kept)
        # Three more questions about tags find nothing; the memory is read once and written twice.
        fixed = 3 + 3
        # An app is asked about; before it is stopped, three things are that could keep it.
        return lists + fixed + (apps - kept) + stopped * (3 + 1)


def pages(count: int) -> int:
    """How many pages hold so many entries."""
    return max(1, -(-count // _PAGE))
