"""What people read about a tag that says nothing, and the very moments at which a decision turns."""

from __future__ import annotations

import datetime as dt
import re
import time

import pytest

from studio_infra.runtime.functions.endpoint_lifetime import core
from studio_infra.runtime.functions.endpoint_lifetime.core import Act, Decision, Endpoint, Wish
from studio_infra.runtime.functions.shared.hours import Hours

CREATED = dt.datetime(2026, 11, 2, 9, tzinfo=dt.UTC)
SECOND, HOUR, DAY = dt.timedelta(seconds=1), dt.timedelta(hours=1), dt.timedelta(days=1)
END = CREATED + 10 * DAY
OWNED = {"studio:owner": "ana"}
LASTING = OWNED | {"studio:expires": "forever"}
OFFICE = Hours.from_text("Mon-Fri 08:00-18:00 UTC")
OPENING = dt.datetime(2026, 11, 3, 8, tzinfo=dt.UTC)


def read(**tags: str) -> Wish:
    return Wish.from_tags(
        OWNED | {f"studio:{name.replace('_', '-')}": text for name, text in tags.items()}, created=CREATED
    )


@pytest.mark.parametrize(
    ("tags", "message"),
    [
        ({}, "studio:owner: missing"),
        ({"studio:owner": "", "studio:expires": "forever"}, "studio:owner: missing"),
        (OWNED, "studio:expires: None, studio:lifetime-days: None"),
        (OWNED | {"studio:expires": "soon"}, "studio:expires: 'soon', studio:lifetime-days: None"),
        (OWNED | {"studio:lifetime-days": "0"}, "studio:expires: None, studio:lifetime-days: '0'"),
        (OWNED | {"studio:lifetime-days": "1\n"}, r"studio:expires: None, studio:lifetime-days: '1\n'"),
        (
            OWNED | {"studio:expires": "soon", "studio:lifetime-days": "7"},
            "studio:expires: 'soon', studio:lifetime-days: '7'",
        ),
        (LASTING | {"studio:stop-after-idle-hours": "01"}, "studio:stop-after-idle-hours: '01'"),
        (LASTING | {"studio:stop-after-idle-hours": "1000000"}, "studio:stop-after-idle-hours: '1000000'"),
        (LASTING | {"studio:office-hours": "8-18"}, "studio:office-hours: '8-18'"),
        (LASTING | {"studio:created": "once"}, "studio:created: 'once'"),
        (
            LASTING | {"studio:created": "2026-11-02T09:00:00"},
            "studio:created: '2026-11-02T09:00:00' has no time zone",
        ),
        (
            OWNED | {"studio:expires": "2026-12-31", "studio:extendable-days": "x"},
            "studio:extendable-days: 'x'",
        ),
        (
            OWNED | {"studio:expires": "9999-12-30", "studio:extendable-days": "999999"},
            "studio:extendable-days: '999999'",
        ),
    ],
)
def test_a_tag_that_says_nothing_is_named_with_what_it_says(tags: dict[str, str], message: str) -> None:
    with pytest.raises(core.Unreadable, match=f"^{re.escape(message)}$"):
        Wish.from_tags(tags, created=CREATED)


def test_a_moment_without_a_time_zone_is_no_end() -> None:
    with pytest.raises(core.Unreadable, match="^studio:expires: '2027-03-31T10:00:00' has no time zone$"):
        core.end_of("2027-03-31T10:00:00")
    end = core.end_of("2027-03-31T10:00:00+02:00")
    assert (end, end.tzinfo) == (dt.datetime(2027, 3, 31, 8, tzinfo=dt.UTC), dt.UTC)
    assert core.end_of("2027-03-31") == dt.datetime(2027, 4, 1, tzinfo=dt.UTC)


def test_a_moment_is_told_in_utc_wherever_the_clock_of_the_machine_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    time.tzset()
    try:
        assert core.end_of("2027-03-31T10:00:00+02:00").isoformat() == "2027-03-31T08:00:00+00:00"
    finally:
        monkeypatch.undo()
        time.tzset()


def test_tags_say_everything_that_is_wished_for() -> None:
    assert read(
        expires="2026-12-31", office_hours="Mon-Fri 08:00-18:00 UTC", stop_after_idle_hours="6"
    ) == Wish("ana", dt.datetime(2027, 1, 1, tzinfo=dt.UTC), OFFICE, 6 * HOUR)
    assert read(expires="forever") == Wish("ana", None, None, None)
    assert read(expires="forever", stop_after_idle_hours="999999").idle == 999999 * HOUR


def test_days_count_from_when_it_was_first_made() -> None:
    before = CREATED - 5 * DAY
    assert read(lifetime_days="7").expires == CREATED + 7 * DAY
    assert read(lifetime_days="7", created=before.isoformat()).expires == before + 7 * DAY
    tags = OWNED | {
        "studio:lifetime-days": "7",
        "studio:extendable-days": "3",
        "studio:created": before.isoformat(),
    }
    assert core.latest_end(tags, created=CREATED) == before + 10 * DAY
    # An end that is said is the end, whatever the days say.
    assert read(expires="2026-12-31", lifetime_days="7").expires == dt.datetime(2027, 1, 1, tzinfo=dt.UTC)


def test_nothing_can_be_extended_that_has_no_end_or_no_allowance() -> None:
    assert core.latest_end(LASTING | {"studio:extendable-days": "3"}, created=CREATED) is None
    assert core.latest_end(OWNED | {"studio:expires": "2026-12-31"}, created=CREATED) is None
    assert read(expires="2026-12-31", extendable_days="3").expires == dt.datetime(2027, 1, 1, tzinfo=dt.UTC)


def decided(endpoint: Endpoint, now: dt.datetime, notice: dt.timedelta = DAY) -> Decision:
    return core.decide(endpoint, now=now, notice=notice)


def test_an_end_is_warned_of_from_a_notice_ahead_and_stops_at_its_very_moment() -> None:
    told, untold = (
        Endpoint(Wish("ana", END, None, None), running=True, since=CREATED, warned_of=warned)
        for warned in (frozenset({END}), frozenset[dt.datetime]())
    )
    over = "its lifetime is over"
    assert decided(untold, END - DAY - SECOND) == Decision(Act.KEEP, "wanted")
    assert decided(untold, END - DAY) == Decision(Act.WARN, over, END)
    assert decided(untold, END + DAY) == Decision(Act.WARN, over, END)
    assert decided(told, END - SECOND) == Decision(Act.KEEP, "wanted")
    assert decided(told, END) == Decision(Act.STOP, over)


def test_silence_is_warned_of_in_its_last_quarter_and_stops_at_its_very_moment() -> None:
    silent = Endpoint(Wish("ana", None, None, 8 * HOUR), running=True, since=CREATED)
    end, why = CREATED + 8 * HOUR, "nobody used it for 8 hours"
    assert decided(silent, end - 2 * HOUR - SECOND) == Decision(Act.KEEP, "wanted")
    assert decided(silent, end - 2 * HOUR) == Decision(Act.WARN, why, end)
    assert decided(silent, end - HOUR - SECOND, notice=HOUR) == Decision(Act.KEEP, "wanted")
    assert decided(silent, end - HOUR, notice=HOUR) == Decision(Act.WARN, why, end)
    told = Endpoint(silent.wish, running=True, since=CREATED, warned_of=frozenset({end}))
    assert decided(told, end - SECOND) == Decision(Act.KEEP, "wanted")
    assert decided(told, end) == Decision(Act.STOP, why)
    # Used before it was stopped and started again: silence counts from the start.
    again = Endpoint(silent.wish, running=True, since=CREATED, last_used=CREATED - DAY)
    assert decided(again, end - 2 * HOUR - SECOND) == Decision(Act.KEEP, "wanted")
    blind = Endpoint(silent.wish, running=True, since=CREATED, usage_known=False)
    assert decided(blind, end) == Decision(Act.KEEP, "wanted")


def test_the_nearer_of_two_ends_is_told_first_and_a_second_one_is_not_held_back() -> None:
    silent, end = CREATED + 8 * HOUR, CREATED + 7 * HOUR
    wish = Wish("ana", end, None, 8 * HOUR)
    now = CREATED + 7 * HOUR + SECOND
    assert decided(Endpoint(wish, running=True, since=CREATED), now).end == end
    assert decided(
        Endpoint(wish, running=True, since=CREATED, warned_of=frozenset({end})), end - SECOND
    ) == Decision(Act.WARN, "nobody used it for 8 hours", silent)
    # One that is told and over stops it, whichever comes first.
    late = CREATED + DAY
    assert (
        decided(Endpoint(wish, running=True, since=CREATED, warned_of=frozenset({silent})), late).act
        is Act.STOP
    )


def test_outside_its_hours_it_stops_and_inside_it_is_kept() -> None:
    wish = Wish("ana", END, OFFICE, None)
    assert decided(Endpoint(wish, running=True, since=CREATED), OPENING - SECOND) == Decision(
        Act.STOP, "office hours are over"
    )
    assert decided(Endpoint(wish, running=True, since=CREATED), OPENING) == Decision(Act.KEEP, "wanted")
    # An end that is told and over is the better reason.
    told = Endpoint(wish, running=True, since=CREATED, warned_of=frozenset({END}))
    assert decided(told, dt.datetime(2026, 11, 14, 12, tzinfo=dt.UTC)) == Decision(
        Act.STOP, "its lifetime is over"
    )


def test_it_starts_when_hours_begin_after_it_was_stopped_and_before_its_end() -> None:
    def off(expires: dt.datetime | None, since: dt.datetime = CREATED, *, warned: bool = False) -> Endpoint:
        told = frozenset({expires}) if warned and expires is not None else frozenset[dt.datetime]()
        return Endpoint(Wish("ana", expires, OFFICE, None), running=False, since=since, warned_of=told)

    start, stopped = Decision(Act.START, "office hours have begun"), Decision(Act.KEEP, "stopped")
    assert decided(off(None), OPENING) == start
    assert decided(off(END), OPENING) == start
    assert decided(off(None, OPENING - SECOND), OPENING + HOUR) == start
    assert decided(off(None, OPENING), OPENING + HOUR) == stopped
    assert decided(off(None), OPENING - SECOND) == stopped
    assert decided(off(OPENING + SECOND), OPENING) == start
    assert decided(off(OPENING, warned=True), OPENING) == stopped
    assert decided(off(OPENING), OPENING) == Decision(Act.WARN, "its lifetime is over", OPENING)


def test_of_an_end_while_it_is_off_people_hear_from_a_notice_ahead() -> None:
    off = Endpoint(Wish("ana", END, None, None), running=False, since=CREATED)
    assert decided(off, END - DAY - SECOND) == Decision(Act.KEEP, "stopped")
    assert decided(off, END - DAY) == Decision(Act.WARN, "its lifetime is over", END)


def test_only_periods_in_which_something_was_counted_are_use() -> None:
    points = [(CREATED, 1.0), (CREATED + HOUR, 0.5), (CREATED + 2 * HOUR, 0.0)]
    assert core.last_used(points, period=HOUR) == CREATED + 2 * HOUR
    assert core.last_used([(CREATED, 0.0)], period=HOUR) is None
