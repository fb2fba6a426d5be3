"""The decision core of the bytes that ship, through timelines that nobody would live through by hand."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.runtime.idle.shipped import shipped

INTERVAL = 60.0
MINUTE = 60.0


GUARD, WATCHER = shipped("guard"), shipped("watcher")


# -- timelines ----------------------------------------------------------------------------------

WORK = st.one_of(
    st.tuples(st.just("cell"), st.integers(1, 40)),  # prints: its last activity moves
    st.tuples(st.just("silent cell"), st.integers(1, 240)),
    st.tuples(st.just("typing"), st.integers(1, 20)),
    st.tuples(st.just("terminal job"), st.integers(1, 240)),
    st.tuples(st.just("background job"), st.integers(1, 240)),  # not work, by the settings
    st.tuples(st.just("nothing"), st.integers(1, 240)),
    st.tuples(st.just("restart"), st.just(1)),  # of the server: kernels and terminals are gone
    st.tuples(st.just("stuck starting"), st.integers(1, 60)),
    st.tuples(st.just("hold"), st.integers(1, 120)),
)
#: Part of a day: what happens, whether the server answers meanwhile, and a jump of the wall clock before.
PART = st.tuples(WORK, st.booleans() | st.just(True), st.sampled_from([0, 0, 0, -7200, -30, 30, 7200, 1e6]))


class Day:
    """A container whose minutes pass as the timeline says, seen by a watcher through looks alone."""

    def __init__(self, limit: float, busy_cap: float | None, offset: float) -> None:
        self.limit, self.busy_cap = limit, busy_cap
        self.now = 1000.0
        self.wall = 1.8e9
        self.state = WATCHER.begin(self.now)
        self.kernels: dict[str, tuple[float, bool]] = {}
        self.terminals: dict[str, float] = {}
        self.next_look = self.now + offset
        self.last_use = self.now
        self.stopped_at: float | None = None
        self.made = 0

    def minute(self, what: str, *, answers: bool, first: bool) -> None:
        """Let a minute pass; the watcher looks when it would."""
        working = what in ("silent cell", "cell", "terminal job", "hold")
        if first and what in ("silent cell", "cell", "stuck starting") and not self.kernels:
            self.made += 1
            self.kernels[f"kernel {self.made}"] = (self.wall, False)
            self.last_use = self.now
        if what in ("silent cell", "cell"):
            name = next(reversed(self.kernels))
            stamp = self.wall if first or what == "cell" else self.kernels[name][0]
            self.kernels[name] = (stamp, True)
        if first and what in ("typing", "terminal job") and not self.terminals:
            self.made += 1
            self.terminals[f"terminal {self.made}"] = self.wall
        if what == "typing" or (what == "terminal job" and first):
            self.terminals[next(reversed(self.terminals))] = self.wall
            self.last_use = self.now
        if what == "restart":
            self.kernels, self.terminals = {}, {}
        end = self.now + MINUTE
        while self.next_look <= end and self.stopped_at is None:
            if working:
                self.last_use = max(self.last_use, self.next_look)
            self.look(what, answers=answers)
        self.wall += end - self.now
        self.now = end
        if working:
            self.last_use = self.now

    def look(self, what: str, *, answers: bool) -> None:
        at = self.next_look
        server = {**self.kernels, **{name: (stamp, False) for name, stamp in self.terminals.items()}}
        self.state = WATCHER.judge(
            self.state,
            WATCHER.Look(
                at=at,
                wall=self.wall + at - self.now,
                local={"job python 77": (self.wall, True)} if what == "terminal job" else {},
                server=server if answers else None,
                kernels_live=bool(self.kernels),
                held=what == "hold",
            ),
            self.busy_cap,
        )
        due = self.state.alive + self.limit
        if at >= due:
            self.stopped_at = at
        self.next_look = at + (due - at if 0 < due - at < INTERVAL else INTERVAL)

    def ends(self) -> None:
        """A cell ends: its last activity is now."""
        for name, (stamp, busy) in self.kernels.items():
            self.kernels[name] = (self.wall if busy else stamp, False)


@settings(max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    parts=st.lists(PART, max_size=8),
    limit=st.sampled_from([5, 20, 60, 180]),
    offset=st.floats(0, 59),
)
def test_no_work_is_ever_stopped_and_every_idle_app_stops_within_limit_and_one_interval(
    parts: list[tuple[tuple[str, int], bool, float]], limit: int, offset: float
) -> None:
    day = Day(limit * MINUTE, None, offset)
    for (what, minutes), answers, jump in parts:
        day.wall += jump
        for minute in range(minutes):
            # Work begins through a server that answers, and so does every key that is pressed.
            day.minute(what, answers=answers or minute == 0 or what == "typing", first=minute == 0)
            if day.stopped_at is not None:
                idle = day.stopped_at - day.last_use
                assert idle >= day.limit - INTERVAL, f"stopped after {idle} s, in {what}"
                assert what not in ("silent cell", "cell", "terminal job", "hold")
                assert idle <= day.limit + INTERVAL
                return
        if what in ("silent cell", "cell"):
            day.ends()
            day.last_use = day.now
    for minute in range(limit + 3):
        day.minute("nothing", answers=True, first=minute == 0)
        if day.stopped_at is not None:
            break
    assert day.stopped_at is not None
    assert day.limit - INTERVAL <= day.stopped_at - day.last_use <= day.limit + INTERVAL


@pytest.mark.parametrize("answers", [True, False])
def test_an_app_that_nobody_ever_opened_stops_on_time(answers: bool) -> None:
    day = Day(3600, None, 17)
    for _ in range(62):
        day.minute("nothing", answers=answers, first=False)
    assert day.stopped_at is not None
    assert day.stopped_at - 1000 == 3600


# -- single decisions ---------------------------------------------------------------------------


def see(state: Any, at: float, **look: Any) -> Any:
    cap = look.pop("busy_cap", None)
    given = {"wall": at + 1.8e9, "local": {}, "server": {}, **look}
    return WATCHER.judge(state, WATCHER.Look(at=at, **given), cap)


def test_an_app_that_just_started_counts_as_used_and_is_not_at_work() -> None:
    assert WATCHER.begin(7) == WATCHER.State(7, 7, "start", False, {})


def test_what_is_said_of_the_last_sign_of_life_is_the_first_of_those_that_are_as_late() -> None:
    state = see(WATCHER.begin(0), 60, server={"kernel a": (1.8e9 + 9, False), "kernel b": (1.8e9 + 9, False)})
    assert (state.alive, state.why, state.working) == (9, "kernel a", False)


def test_somebody_who_holds_an_app_uses_it() -> None:
    state = see(WATCHER.begin(0), 60, held=True)
    assert (state.alive, state.why, state.working) == (60, "hold file", True)


def test_an_old_sign_that_changes_counts_as_changed_since_the_last_look_and_not_as_new() -> None:
    state = see(WATCHER.begin(0), 60, server={"kernel a": (1.8e9, False)})
    state = see(state, 600, server={"kernel a": (1.8e9 + 590, False)})
    assert state.alive == 590


def test_a_sign_in_the_future_is_worth_no_more_than_now_and_only_once() -> None:
    state = see(WATCHER.begin(0), 60, local={"heartbeat": (4e9, False)})
    assert state.alive == 60
    for at in range(120, 1200, 60):
        state = see(state, at, local={"heartbeat": (4e9, False)})
    assert state.alive == 60


def test_a_clock_that_jumps_ahead_does_not_make_a_fresh_sign_old() -> None:
    state = see(WATCHER.begin(0), 60, server={"terminal 1": (1.8e9 + 50, False)})
    state = see(state, 120, wall=1.8e9 + 120 + 7200, server={"terminal 1": (1.8e9 + 110, False)})
    assert state.alive == 60


@pytest.mark.parametrize("name", ["kernel 1", "terminal 1", "editor"])
def test_a_server_that_comes_and_goes_does_not_make_an_old_sign_new(name: str) -> None:
    state = see(WATCHER.begin(0), 60, server={name: (1.8e9 + 50, False)})
    for at in range(120, 1200, 120):
        state = see(state, at, server=None)
        state = see(state, at + 60, server={name: (1.8e9 + 50, False)})
    assert state.alive == 50


def test_work_is_counted_to_its_cap_and_the_cap_starts_anew_with_the_next_work() -> None:
    state = WATCHER.begin(0)
    for at in range(60, 900, 60):
        state = see(state, at, server={"kernel a": (1.8e9 + at, True)}, busy_cap=300)
    assert state.alive == 300
    assert not state.working
    state = see(state, 960, server={"kernel a": (1.8e9 + 930, False)}, busy_cap=300)
    assert state.alive == 930
    assert see(state, 1020, server={"kernel a": (1.8e9 + 930, True)}, busy_cap=300).working


def test_a_lost_server_carries_work_only_while_a_kernel_process_lives() -> None:
    busy = see(WATCHER.begin(0), 60, server={"kernel a": (1.8e9, True)})
    assert see(busy, 120, server=None, kernels_live=True).working
    assert not see(busy, 120, server=None, kernels_live=False).working


@pytest.mark.parametrize(
    ("instance_type", "seconds"),
    [("ml.g5.xlarge", 600), ("ml.g5.2xlarge", 1200), ("ml.t3.medium", 3600), ("", 3600)],
)
def test_the_limit_of_a_type_goes_before_its_familys_and_that_before_the_general_one(
    instance_type: str, seconds: int
) -> None:
    limits = {"ml.g5.xlarge": 600, "ml.g5": 1200}
    assert WATCHER.limit_for(instance_type, 3600, limits) == seconds


@pytest.mark.parametrize(
    ("saved", "text", "held"),
    [
        (0, "", True),
        (-3600, "", True),
        (-12 * 3600, "", False),
        (0, "1970-01-12T13:46:41Z", True),  # a second from now
        (0, "1970-01-12T13:46:39Z", False),
        (-13 * 3600, "2099-01-01T00:00:00Z", False),  # the cap counts from when it was saved
        (3600, "", False),  # a date in the future would never end
        (5, "", True),  # clocks that differ by so little agree
        (6, "", False),
        (0, "no date", True),
    ],
)
def test_a_hold_file_holds_until_the_time_it_names_at_most_to_the_cap(
    saved: float,
    text: str,
    held: bool,
) -> None:
    now = 1e6
    assert GUARD.is_held(now, now + saved, text, 12 * 3600) is held


def stat(pid: int, name: str, group: int, session: int, *ttys: int) -> str:
    tty, foreground = ttys
    return f"{pid} ({name}) S 1 {group} {session} {tty} {foreground} 4194304 0 0 0 0 7 3 0 0"


@pytest.mark.parametrize(
    ("processes", "found"),
    [
        ([stat(9, "bash", 9, 9, 34816, 9)], []),
        ([stat(9, "bash", 9, 9, 34816, 20), stat(20, "python", 20, 9, 34816, 20)], ["job python 20"]),
        ([stat(9, "bash", 9, 9, 34816, 20), stat(20, "vim", 20, 9, 34816, 20)], []),
        (
            [
                stat(9, "bash", 9, 9, 34816, 20),
                stat(20, "sudo", 20, 9, 34816, 20),
                stat(21, "train.py", 20, 9, 34816, 20),
            ],
            ["job sudo 20"],
        ),
        ([stat(9, "bash", 9, 9, 34816, 20), stat(20, "bash", 20, 9, 34816, 20)], []),
        ([stat(9, "python", 9, 9, 34816, 9)], ["job python 9"]),  # exec python in the shell's place
        ([stat(9, "bash", 9, 9, 34816, 9), stat(20, "python", 20, 9, 34816, 9)], []),  # in the background
        ([stat(9, "x) 1 2 (y", 9, 9, 34816, 9)], ["job x) 1 2 (y 9"]),
        ([stat(1, "jupyter-lab", 1, 1, 34816, 1)], []),  # a container with a terminal of its own
        ([stat(9, "python", 9, 9, 0, -1)], []),  # no terminal
        ([stat(9, "python", 9, 9, 0, 9)], []),
        ([stat(9, "bash", 9, 9, 34816, 20)], []),  # the job has just ended
    ],
)
def test_a_job_is_what_holds_a_terminal_and_does_not_wait_for_somebody(
    processes: list[str], found: list[str]
) -> None:
    assert GUARD.jobs(processes) == found


@given(st.floats(0, 4e9, allow_nan=False))
def test_times_are_written_as_awss_detector_reads_them(seconds: float) -> None:
    from datetime import UTC, datetime

    text = GUARD.written(seconds)
    read = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    assert abs(read.timestamp() - seconds) < 1e-3
    assert abs(GUARD.parse(text) - seconds) < 1e-3


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "2026-11-23",
        "2026-11-23T14:05:00X",
        "2026-13-01T00:00:00Z",
        "9" * 100,
        "2026-11-23T14:05:00.x",
    ],
)
def test_what_is_no_time_is_none(text: str) -> None:
    assert GUARD.parse(text) is None


@pytest.mark.parametrize("zone", ["Z", "z", "", "\n"])
def test_a_time_is_read_whatever_its_zone_is_written_as(zone: str) -> None:
    assert GUARD.parse("2026-11-23T14:05:00.25" + zone) == 1795442700.25
