"""What sweeps remember of each other."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio_infra.runtime.functions.idle_sweeper.core import Kind, Phase, Thing
from studio_infra.runtime.functions.idle_sweeper.memory import Deed, Memory, Seen

NOW = dt.datetime(2026, 11, 25, 12, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
APP = Thing(Kind.APP, "k", "label", "ana", "ml.t3.medium", "InService", NOW - 9 * HOUR, {"SpaceName": "lab"})


def test_how_long_something_runs_is_counted_from_the_first_look() -> None:
    memory = Memory(NOW).look([APP], now=NOW).look([APP], now=NOW + HOUR)
    assert memory.of(APP).since == NOW


@pytest.mark.parametrize(
    "seen",
    [
        [],
        [replace(APP, status="Deleting")],
        [replace(APP, status="Deleted")],
        [replace(APP, created=NOW + HOUR)],
    ],
)
def test_what_was_seen_otherwise_in_between_was_started_again(seen: list[Thing]) -> None:
    memory = Memory(NOW).look([APP], now=NOW).look(seen, now=NOW + HOUR)
    last = seen[0] if seen and seen[0].created != APP.created else APP
    assert memory.look([last], now=NOW + 2 * HOUR).of(last).since > NOW


def test_sweeps_that_are_far_apart_do_not_know_what_was_between_them() -> None:
    memory = Memory(NOW).look([APP], now=NOW).look([APP], now=NOW + 4 * HOUR)
    assert memory.of(APP).since == NOW + 4 * HOUR


def test_a_space_is_open_while_an_app_of_it_runs() -> None:
    memory = Memory(NOW).look([APP], now=NOW).look([replace(APP, status="Deleted")], now=NOW + HOUR)
    assert memory.opened == {"lab": NOW}
    assert memory.forgot([]).opened == {}


def test_a_plan_whose_thing_is_gone_was_done_and_another_one_was_not() -> None:
    plan = Deed("k", "label", "ana", "ml.t3.medium", NOW, NOW, "over", done=False)
    memory = Memory(NOW).look([APP], now=NOW).did([plan])
    assert [deed.done for deed in memory.look([], now=NOW + HOUR).deeds.values()] == [True]
    again = memory.look([APP], now=NOW + HOUR)
    assert again.deeds == {}
    # It may have been stopped, and started again: nobody knows, so that it counts from now.
    assert again.of(APP).since == NOW + HOUR


def test_what_was_stopped_and_runs_at_the_next_look_was_started_again() -> None:
    memory = Memory(NOW).look([APP], now=NOW).stopped(["k"], now=NOW + HOUR)
    assert memory.look([APP], now=NOW + 2 * HOUR).of(APP).since == NOW + 2 * HOUR


def test_what_would_have_been_stopped_would_have_been_at_the_first_sweep_that_said_so() -> None:
    first = Deed("k", "label", "ana", "ml.t3.medium", NOW, NOW, "over", dry=True)
    memory = Memory(NOW).did([first]).did([replace(first, at=NOW + HOUR)])
    assert list(memory.deeds.values()) == [first]


MOMENTS = st.datetimes(
    min_value=dt.datetime(2026, 1, 1),  # noqa: DTZ001 - the strategy adds the zone
    max_value=dt.datetime(2028, 1, 1),  # noqa: DTZ001 - the strategy adds the zone
    timezones=st.just(dt.UTC),
).map(lambda moment: moment.replace(microsecond=0))
SEEN = st.builds(
    Seen,
    phase=st.sampled_from(Phase),
    since=MOMENTS,
    created=MOMENTS,
    sign=st.none() | MOMENTS,
    warned=st.none() | MOMENTS,
)
DEEDS = st.builds(
    Deed,
    key=st.text(),
    label=st.text(),
    owner=st.text(),
    instance=st.text(),
    since=MOMENTS,
    at=MOMENTS,
    why=st.text(),
    dry=st.booleans(),
    done=st.booleans(),
)


@given(
    first=MOMENTS,
    swept=st.none() | MOMENTS,
    seen=st.dictionaries(st.text(), SEEN, max_size=3),
    opened=st.dictionaries(st.text(), MOMENTS, max_size=3),
    deeds=st.lists(DEEDS, max_size=3),
    told=st.none() | st.dates(),
    failed=st.dictionaries(st.text(), st.text(), max_size=2),
)
def test_it_reads_what_it_wrote(  # noqa: PLR0917 - all that it remembers
    first: dt.datetime,
    swept: dt.datetime | None,
    seen: dict[str, Seen],
    opened: dict[str, dt.datetime],
    deeds: list[Deed],
    told: dt.date | None,
    failed: dict[str, str],
) -> None:
    memory = Memory(first, swept, seen, opened, {}, told, failed).did(deeds)
    assert Memory.from_json(memory.to_json()) == memory


@pytest.mark.parametrize(
    "document", [b"", b"{}", b"[]", b"\xff", b'{"version": 2}', b'{"version": 1}', b"null"]
)
def test_a_document_of_something_else_is_refused(document: bytes) -> None:
    with pytest.raises(ValueError, match=r".*"):
        Memory.from_json(document)
