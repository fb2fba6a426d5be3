"""When an app that nobody uses stops."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from annotated_types import Ge, Le, MaxLen, MinLen

from studio_infra.settings.facts import limits
from studio_infra.settings.fields.aws_ids import InstanceFamily
from studio_infra.settings.fields.base import Many, Section
from studio_infra.settings.findings import Path, Problem

Engine = Literal["native_with_guard", "native", "watcher"]

#: The watcher looks once a minute and never stops an app sooner than this.
WATCHER_MINUTES: tuple[int, int] = (5, limits.IDLE_MINUTES[1])

#: Different limits that people can have of their own: each is a script for each kind of app, whoever has it.
OWN_LIMITS_MAX: int = 20

Minutes = Annotated[int, Ge(WATCHER_MINUTES[0]), Le(WATCHER_MINUTES[1])]
Hours = Annotated[int, Ge(1), Le(8760)]


def minutes_allowed(engine: str) -> tuple[int, int]:
    """The shortest and the longest limit that an engine can keep."""
    return WATCHER_MINUTES if engine == "watcher" else limits.IDLE_MINUTES


def minutes_problem(engine: str, path: Path, minutes: int) -> Iterator[Problem]:
    """A limit shorter or longer than the engine can keep."""
    least, most = minutes_allowed(engine)
    if not least <= minutes <= most:
        allowed = f'use {least} to {most} minutes, or engine = "watcher" for fewer'
        yield Problem(path, f'not a limit that engine "{engine}" can keep', allowed, minutes)


class IdleSettings(Section):
    """`[idle_shutdown]`: when an app that nobody uses stops."""

    after_minutes: Minutes = 60
    """Minutes without activity after which an app stops: at least 60, or at least 5 with the watcher."""

    engine: Engine = "native_with_guard"
    """"native": Studio's own. "native_with_guard": the same, and a guard keeps it from killing running work.
    "watcher": our own loop, for less than 60 minutes, custom images and Studio Classic."""

    allowed_range_minutes: Annotated[Many[Minutes], MinLen(2), MaxLen(2)] | None = None
    """Shortest and longest limit that people may set for themselves, as [60, 480].
    Left out, they may set none."""

    by_instance_type: Mapping[InstanceFamily, Minutes] = {}
    """Other limits for an instance type or family, in minutes: { "ml.g5" = 20 }. The watcher only."""

    busy_cap_hours: Hours | None = None
    """Hours after which work counts as stuck and no longer keeps an app alive.
    Left out, work is never stopped."""

    terminal_jobs: bool = True
    """Whether a foreground job in a terminal counts as work."""

    hold_cap_hours: Hours = 12
    """Hours for which a person can keep an app alive with a hold file."""

    def own_limit_problems(self, path: Path, minutes: int) -> Iterator[Problem]:
        """Why a limit of a team's or a person's own could not be kept."""
        too_far = tuple(minutes_problem(self.engine, path, minutes))
        yield from too_far or self._differs(path, minutes)

    def _differs(self, path: Path, minutes: int) -> Iterator[Problem]:
        """Studio itself keeps one limit for the domain; in the apps of some the guard can make it longer."""
        if self.engine == "watcher" or self.after_minutes == minutes:
            return
        least = self.after_minutes
        if self.engine == "native":
            way = 'leave it out, or use engine = "native_with_guard" or "watcher"'
            yield Problem(path, 'engine "native" has one limit for all', way, minutes)
        elif minutes < least:
            way = f'use at least {least}, lower [idle_shutdown] after_minutes, or use engine = "watcher"'
            yield Problem(
                path, "shorter than the domain's limit, which a guard can only make longer", way, minutes
            )
        elif self.allowed_range_minutes is not None:
            least, most = self.allowed_range_minutes
            if not least <= minutes <= most:
                yield Problem(path, "outside allowed_range_minutes", f"use {least} to {most}", minutes)

    def checks(self) -> tuple[Iterator[Problem], ...]:
        """Limits that the engine cannot keep, and ranges that contradict each other."""
        return self._limit(), self._by_type(), self._range()

    def _limit(self) -> Iterator[Problem]:
        yield from minutes_problem(self.engine, ("after_minutes",), self.after_minutes)

    def _by_type(self) -> Iterator[Problem]:
        if self.by_instance_type and self.engine != "watcher":
            yield Problem(
                ("by_instance_type",),
                f'engine "{self.engine}" has one limit for all',
                'use engine = "watcher"',
            )

    def _range(self) -> Iterator[Problem]:
        if self.allowed_range_minutes is None:
            return
        if self.engine == "watcher":
            yield Problem(
                ("allowed_range_minutes",),
                "with the watcher, people cannot choose",
                'leave it out, or use engine = "native_with_guard"',
            )
            return
        for place, minutes in enumerate(self.allowed_range_minutes):
            yield from minutes_problem(self.engine, ("allowed_range_minutes", place), minutes)
        least, most = self.allowed_range_minutes
        if not least <= self.after_minutes <= most:
            yield Problem(
                ("after_minutes",),
                "outside allowed_range_minutes",
                f"use {least} to {most}",
                self.after_minutes,
            )
