"""The lifetime of endpoints: example by example, and over thousands of generated timelines."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from studio_infra.errors import InvalidInput
from studio_infra.runtime.functions.endpoint_lifetime import core
from studio_infra.workloads.endpoints.endpoint_lifetime import EndpointLifetime

UTC = dt.UTC
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
ZONES = (
    "UTC",
    "Europe/Zurich",
    "Europe/London",
    "America/New_York",
    "America/Sao_Paulo",
    "America/St_Johns",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Pacific/Apia",
    "Pacific/Chatham",
)


CREATED = dt.datetime(2026, 11, 2, 9, tzinfo=UTC)


def wish(lifetime: EndpointLifetime, created: dt.datetime = CREATED) -> Any:
    return core.Wish.from_tags(lifetime.tags("ana"), created=created)


def running(lifetime: EndpointLifetime, **options: Any) -> Any:
    state: dict[str, Any] = {"running": True, "since": CREATED} | options
    return core.Endpoint(wish(lifetime), **state)


def decide(endpoint: Any, now: dt.datetime, notice: dt.timedelta = DAY) -> tuple[str, str]:
    decision = core.decide(endpoint, now=now, notice=notice)
    return decision.act.value, decision.why


def test_every_lifetime_that_can_be_said_is_read_back() -> None:
    moment = dt.datetime(2027, 3, 31, 17, tzinfo=ZoneInfo("America/New_York"))
    assert wish(EndpointLifetime.until(moment)).expires == moment
    assert wish(EndpointLifetime.until("2027-03-31")).expires == dt.datetime(2027, 4, 1, tzinfo=UTC)
    assert wish(EndpointLifetime.for_days(3)).expires == CREATED + 3 * DAY
    assert wish(EndpointLifetime.forever()).expires is None
    assert wish(EndpointLifetime.forever().or_idle(12)).idle == 12 * HOUR


@given(
    days=st.sampled_from(["Mon-Fri", "Sat", "Fri-Mon", "Sun-Sun", "Wed-Tue"]),
    start=st.times(),
    end=st.times(),
    zone=st.sampled_from(ZONES),
)
def test_office_hours_are_read_back_as_they_were_said(
    days: str, start: dt.time, end: dt.time, zone: str
) -> None:
    clocks = [f"{time:%H:%M}" for time in (start, end)]
    if clocks[0] == clocks[1]:
        with pytest.raises(InvalidInput):
            EndpointLifetime.office_hours(start=clocks[0], end=clocks[1], time_zone=zone)
        return
    said = EndpointLifetime.office_hours(start=clocks[0], end=clocks[1], time_zone=zone, days=days)
    assert said.hours is not None
    read = wish(said).hours
    assert read.weekdays == frozenset(said.hours.weekdays)
    assert (f"{read.start:%H:%M}", f"{read.end:%H:%M}", read.zone.key) == (*clocks, zone)


@pytest.mark.parametrize(
    "tags",
    [
        {"studio:expires": "forever"},
        {"studio:owner": "", "studio:expires": "forever"},
        {"studio:owner": "ana"},
        {"studio:owner": "ana", "studio:expires": ""},
        {"studio:owner": "ana", "studio:expires": "soon"},
        {"studio:owner": "ana", "studio:expires": "2027-02-30"},
        {"studio:owner": "ana", "studio:expires": "2027-03-31T10:00:00"},
        {"studio:owner": "ana", "studio:expires": "9999-12-31"},
        {"studio:owner": "ana", "studio:lifetime-days": "0"},
        {"studio:owner": "ana", "studio:lifetime-days": "٣"},
        {"studio:owner": "ana", "studio:lifetime-days": "999999999"},
        {"studio:owner": "ana", "studio:expires": "forever", "studio:stop-after-idle-hours": "x"},
        {"studio:owner": "ana", "studio:expires": "forever", "studio:office-hours": "8-18"},
        {
            "studio:owner": "ana",
            "studio:expires": "forever",
            "studio:office-hours": "Mon-Fri 08:00-25:00 UTC",
        },
        {
            "studio:owner": "ana",
            "studio:expires": "forever",
            "studio:office-hours": "Mon-Fry 08:00-18:00 UTC",
        },
        {
            "studio:owner": "ana",
            "studio:expires": "forever",
            "studio:office-hours": "Mon 08:00-18:00 Mars/Base",
        },
        {
            "studio:owner": "ana",
            "studio:expires": "forever",
            "studio:office-hours": "Mon 08:00-18:00 ../../etc",
        },
    ],
)
def test_tags_that_say_nothing_are_never_guessed(tags: dict[str, str]) -> None:
    with pytest.raises(core.Unreadable):
        core.Wish.from_tags(tags, created=CREATED)


def test_the_owner_is_warned_a_notice_ahead_and_once() -> None:
    lifetime = EndpointLifetime.until("2026-11-30")
    end = dt.datetime(2026, 12, 1, tzinfo=UTC)
    assert decide(running(lifetime), end - 2 * DAY) == ("keep", "wanted")
    assert decide(running(lifetime), end - DAY) == ("warn", "its lifetime is over")
    assert decide(running(lifetime, warned_of=frozenset({end})), end - HOUR) == ("keep", "wanted")
    assert decide(running(lifetime, warned_of=frozenset({end})), end) == ("stop", "its lifetime is over")


def test_an_owner_who_was_not_warned_is_warned_before_anything_is_stopped() -> None:
    lifetime = EndpointLifetime.until("2026-11-30")
    assert decide(running(lifetime), dt.datetime(2027, 1, 1, tzinfo=UTC))[0] == "warn"


def test_an_extension_needs_a_warning_of_its_own() -> None:
    warned = running(
        EndpointLifetime.until("2026-12-31"), warned_of=frozenset({dt.datetime(2026, 12, 1, tzinfo=UTC)})
    )
    assert decide(warned, dt.datetime(2026, 12, 2, tzinfo=UTC)) == ("keep", "wanted")
    assert decide(warned, dt.datetime(2026, 12, 31, 12, tzinfo=UTC))[0] == "warn"


def test_silence_counts_from_the_last_request_or_the_start() -> None:
    lifetime = EndpointLifetime.forever().or_idle(6)
    assert decide(running(lifetime), CREATED + 5 * HOUR, notice=HOUR)[0] == "warn"
    used = running(lifetime, last_used=CREATED + 4 * HOUR)
    assert decide(used, CREATED + 5 * HOUR, notice=HOUR) == ("keep", "wanted")
    silent = running(lifetime, warned_of=frozenset({CREATED + 6 * HOUR}))
    assert decide(silent, CREATED + 6 * HOUR) == ("stop", "nobody used it for 6 hours")


def test_an_endpoint_in_use_is_not_warned_of_at_every_sweep() -> None:
    lifetime = EndpointLifetime.forever().or_idle(6)
    acts = {
        decide(running(lifetime, last_used=CREATED + hour * HOUR), CREATED + hour * HOUR + HOUR)[0]
        for hour in range(1, 100)
    }
    assert acts == {"keep"}


def test_a_warning_of_the_end_is_not_held_back_by_a_nearer_silence() -> None:
    lifetime = EndpointLifetime.until(CREATED + 2 * DAY).or_idle(6)
    now = CREATED + DAY + HOUR
    assert decide(running(lifetime, last_used=now), now) == ("warn", "its lifetime is over")


def test_a_metric_that_could_not_be_read_is_not_silence() -> None:
    blind = running(EndpointLifetime.forever().or_idle(6), usage_known=False)
    assert decide(blind, CREATED + 100 * DAY) == ("keep", "wanted")


def test_gaps_in_the_metric_are_silence() -> None:
    points = [(CREATED, 3.0), (CREATED + 2 * HOUR, 0.0)]
    assert core.last_used(points, period=HOUR) == CREATED + HOUR
    assert core.last_used([], period=HOUR) is None


OFFICE = EndpointLifetime.office_hours(start="08:00", end="18:00", time_zone="Europe/Zurich")
#: Saturday nights on which the clocks change: a night shift over them.
NIGHT = EndpointLifetime.office_hours(start="22:00", end="02:30", time_zone="Europe/Zurich", days="Sat")


@pytest.mark.parametrize(
    ("lifetime", "now", "act"),
    [
        (OFFICE, dt.datetime(2026, 11, 3, 6, 59, tzinfo=UTC), "stop"),
        (OFFICE, dt.datetime(2026, 11, 3, 7, 0, tzinfo=UTC), "keep"),
        (OFFICE, dt.datetime(2026, 11, 3, 16, 59, tzinfo=UTC), "keep"),
        (OFFICE, dt.datetime(2026, 11, 3, 17, 0, tzinfo=UTC), "stop"),
        (OFFICE, dt.datetime(2026, 11, 7, 12, 0, tzinfo=UTC), "stop"),
        # In summer the same clocks show another moment.
        (OFFICE, dt.datetime(2027, 7, 1, 6, 0, tzinfo=UTC), "keep"),
        (OFFICE, dt.datetime(2027, 7, 1, 16, 0, tzinfo=UTC), "stop"),
        # 2026-10-25: 02:30 comes twice, at 00:30 and at 01:30 UTC. The shift ends with the second.
        (NIGHT, dt.datetime(2026, 10, 25, 0, 45, tzinfo=UTC), "keep"),
        (NIGHT, dt.datetime(2026, 10, 25, 1, 29, tzinfo=UTC), "keep"),
        (NIGHT, dt.datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "stop"),
        # 2027-03-28: 02:30 does not come at all: the clock goes from 02:00 to 03:00 at 01:00 UTC.
        (NIGHT, dt.datetime(2027, 3, 28, 0, 59, tzinfo=UTC), "keep"),
        (NIGHT, dt.datetime(2027, 3, 28, 1, 30, tzinfo=UTC), "stop"),
        # A night belongs to the day on which it starts.
        (NIGHT, dt.datetime(2026, 11, 8, 1, 0, tzinfo=UTC), "keep"),
        (NIGHT, dt.datetime(2026, 11, 7, 1, 0, tzinfo=UTC), "stop"),
    ],
)
def test_office_hours_follow_the_clocks_of_the_place(
    lifetime: EndpointLifetime, now: dt.datetime, act: str
) -> None:
    assert decide(running(lifetime), now)[0] == act


def test_an_endpoint_is_started_once_when_the_hours_begin() -> None:
    monday = dt.datetime(2026, 11, 9, 7, tzinfo=UTC)
    stopped = core.Endpoint(wish(OFFICE), running=False, since=monday - 2 * DAY)
    assert decide(stopped, monday - HOUR) == ("keep", "stopped")
    assert decide(stopped, monday) == ("start", "office hours have begun")
    by_hand = core.Endpoint(wish(OFFICE), running=False, since=monday + HOUR)
    # Whoever stopped it at nine does not want it back at ten.
    assert decide(by_hand, monday + 2 * HOUR) == ("keep", "stopped")


def test_what_has_ended_or_has_no_hours_is_never_started() -> None:
    over = EndpointLifetime.office_hours(start="08:00", end="18:00", time_zone="UTC", until="2026-11-05")
    for lifetime in (over, EndpointLifetime.forever()):
        told = frozenset(filter(None, [wish(lifetime).expires]))
        stopped = core.Endpoint(wish(lifetime), running=False, since=CREATED, warned_of=told)
        assert decide(stopped, dt.datetime(2026, 11, 9, 12, tzinfo=UTC)) == ("keep", "stopped")


def test_an_end_that_comes_while_it_is_off_is_told_a_notice_ahead_and_once() -> None:
    lifetime = EndpointLifetime.until("2026-11-09")
    end = dt.datetime(2026, 11, 10, tzinfo=UTC)
    off = core.Endpoint(wish(lifetime), running=False, since=CREATED)
    assert decide(off, end - DAY - HOUR) == ("keep", "stopped")
    for moment in (end - DAY, end, end + 90 * DAY):
        assert core.decide(off, now=moment, notice=DAY) == core.Decision(
            core.Act.WARN, "its lifetime is over", end
        )
    told = core.Endpoint(wish(lifetime), running=False, since=CREATED, warned_of=frozenset({end}))
    assert decide(told, end) == ("keep", "stopped")


def extended(until: str | None, days: str | None, planned: str = "2026-11-09") -> dt.datetime | None:
    tags = {core.OWNER: "ana", core.EXPIRES: planned, core.EXTENDED: until, core.EXTENDABLE: days}
    given = {key: value for key, value in tags.items() if value is not None}
    found: dt.datetime | None = core.Wish.from_tags(given, created=CREATED).expires
    return found


def test_its_owner_extends_an_end_as_far_as_was_allowed_and_no_further() -> None:
    day = dt.datetime(2026, 11, 10, tzinfo=UTC)
    assert extended("2026-11-20", "30") == day + 11 * DAY
    assert extended("2026-12-09", "30") == day + 30 * DAY
    for too_far in ("2026-12-10", "2027-12-31", "9999-12-31"):
        assert extended(too_far, "30") == day + 30 * DAY
    # Nobody shortens a life by it, and nobody extends what was not to be extended.
    assert extended("2026-11-01", "30") == day
    assert extended("2026-11-20", None) == day
    assert extended("2026-11-20", "30", planned="forever") is None


@pytest.mark.parametrize("text", ["tomorrow", "", "2026-13-01", "2026-11-20T10:00:00"])
def test_an_extension_that_nobody_can_read_buys_what_was_allowed_and_costs_nothing(text: str) -> None:
    assert extended(text, "30") == dt.datetime(2026, 12, 10, tzinfo=UTC)


@given(
    planned=st.dates(dt.date(2026, 11, 1), dt.date(2030, 1, 1)),
    text=st.text(max_size=30),
    days=st.integers(1, 365),
)
def test_no_extension_is_earlier_than_the_end_or_later_than_the_limit(
    planned: dt.date, text: str, days: int
) -> None:
    end = dt.datetime.combine(planned, dt.time(), UTC) + DAY
    found = extended(text, str(days), planned=planned.isoformat())
    assert found is not None
    assert end <= found <= end + days * DAY


INTERVAL = HOUR
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["sweep", "sweep", "sweep", "use", "extend", "crash", "duplicate", "blind"]),
        st.integers(min_value=1, max_value=60),
    ),
    max_size=60,
)


@settings(max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    begin=st.datetimes(
        min_value=dt.datetime(2026, 1, 1),  # noqa: DTZ001 - the strategy adds the zone
        max_value=dt.datetime(2028, 1, 1),  # noqa: DTZ001 - the strategy adds the zone
        timezones=st.just(UTC),
    ),
    days=st.integers(min_value=1, max_value=6),
    idle=st.none() | st.integers(min_value=1, max_value=48),
    zone=st.none() | st.sampled_from(ZONES),
    steps=STEPS,
)
@example(
    begin=dt.datetime(2026, 10, 24, 22, tzinfo=UTC),
    days=2,
    idle=3,
    zone="Europe/Zurich",
    steps=[("sweep", 1)] * 60,
)
def test_no_timeline_ends_early_or_late(  # noqa: C901, PLR0912 - a timeline has many kinds of events
    begin: dt.datetime, days: int, idle: int | None, zone: str | None, steps: list[tuple[str, int]]
) -> None:
    """Sweeps are late, doubled or die before they act; owners use and extend; the metric fails."""
    lifetime = EndpointLifetime.until(begin + days * DAY)
    if zone is not None:
        lifetime = EndpointLifetime.office_hours(
            start="22:00", end="06:30", time_zone=zone, days="Sat-Wed", until=begin + days * DAY
        )
    lifetime = lifetime if idle is None else lifetime.or_idle(idle)
    now, since, used, warned, is_running = begin, begin, None, frozenset[dt.datetime](), True
    for kind, minutes in steps:
        now += dt.timedelta(minutes=minutes)
        current = wish(lifetime, begin)
        if kind == "use" and is_running:
            used = now
        elif kind == "extend":
            later = EndpointLifetime.until(current.expires + DAY)
            lifetime = EndpointLifetime(
                expires=later.expires, hours=lifetime.hours, idle_hours=lifetime.idle_hours
            )
        else:
            state = core.Endpoint(current, is_running, since, used, kind != "blind", warned)
            decision = core.decide(state, now=now, notice=INTERVAL)
            if kind == "duplicate":
                assert core.decide(state, now=now, notice=INTERVAL) == decision
            idle_end = max(filter(None, (used, since))) + (current.idle or 1000 * DAY)
            if decision.act is core.Act.STOP:
                outside = current.hours is not None and current.hours.opening(now) is None
                # Never early: something that the owner said is over, and the owner was told.
                over = {end for end in (current.expires, idle_end) if end <= now}
                assert outside or over & warned
            if decision.act is core.Act.KEEP and is_running and kind != "blind":
                # Never late: what is kept is wanted, or was wanted until this very sweep warned.
                assert now < current.expires
                assert now < idle_end
            if kind == "crash":
                continue  # decided, and died before anything was done: the next sweep decides again
            if decision.act is core.Act.WARN:
                assert decision.end is not None
                warned |= {decision.end}
            elif decision.act in {core.Act.STOP, core.Act.START}:
                is_running, since, used = decision.act is core.Act.START, now, None
    # Two sweeps later nothing runs that is over.
    current = wish(lifetime, begin)
    for _ in range(2):
        now = max(now, current.expires) + dt.timedelta(minutes=1)
        decision = core.decide(
            core.Endpoint(current, is_running, since, used, True, warned), now=now, notice=INTERVAL
        )
        if decision.end is not None:
            warned |= {decision.end}
        is_running = is_running and decision.act is not core.Act.STOP
    assert not is_running
