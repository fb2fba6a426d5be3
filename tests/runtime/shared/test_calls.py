"""Pages, pauses, pace and the end of a run, on a clock that moves only when somebody waits."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given, settings
from hypothesis import strategies as st

from studio_infra.runtime.functions.shared.aws import client, session
from studio_infra.runtime.functions.shared.calls import Calls, Deadline, OutOfTime
from tests.runtime.shared.fake_clock import FakeClock
from tests.runtime.shared.test_errors import answered

THROTTLED = answered("ThrottlingException")


class Script:
    """A call that fails and answers as it is told, and remembers when it was called."""

    def __init__(self, clock: FakeClock, *outcomes: object) -> None:
        self.clock, self.outcomes = clock, list(outcomes)
        self.at: list[float] = []
        self.asked: list[dict[str, Any]] = []

    def __call__(self, **arguments: Any) -> Any:
        self.at.append(self.clock.monotonic())
        self.asked.append(arguments)
        outcome = self.outcomes.pop(0) if self.outcomes else {}
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


def test_every_page_is_read_even_behind_an_empty_one() -> None:
    clock = FakeClock()
    call = Script(clock, {"Apps": [1, 2], "NextToken": "a"}, {"Apps": [], "NextToken": "b"}, {"Apps": [3]})
    assert list(Calls(clock).pages(call, "Apps", DomainIdEquals="d-1")) == [1, 2, 3]
    assert call.asked == [
        {"DomainIdEquals": "d-1"},
        {"DomainIdEquals": "d-1", "NextToken": "a"},
        {"DomainIdEquals": "d-1", "NextToken": "b"},
    ]


def test_pages_of_services_with_words_of_their_own() -> None:
    clock = FakeClock()
    call = Script(clock, {"FileSystems": [1], "NextMarker": "a"}, {"FileSystems": [2]})
    pages = Calls(clock).pages(call, "FileSystems", token="Marker", answer_token="NextMarker")  # noqa: S106 - of a page
    assert list(pages) == [1, 2]
    assert call.asked == [{}, {"Marker": "a"}]


def test_a_page_that_fails_is_asked_for_again_alone() -> None:
    clock = FakeClock()
    call = Script(clock, {"Apps": [1], "NextToken": "a"}, THROTTLED, THROTTLED, {"Apps": [2]})
    assert list(Calls(clock).pages(call, "Apps")) == [1, 2]
    assert [asked.get("NextToken") for asked in call.asked] == [None, "a", "a", "a"]


def test_pauses_grow_at_random_up_to_an_end() -> None:
    clock = FakeClock(seed=7)
    call = Script(clock, *[THROTTLED] * 9)
    Calls(clock).read(call)
    longest = [0.5, 1, 2, 4, 5, 5, 5, 5, 5]
    assert len(clock.sleeps) == 9
    assert all(0 <= slept <= most for slept, most in zip(clock.sleeps, longest, strict=True))
    assert len(set(clock.sleeps)) == 9
    assert max(clock.sleeps) > 2


def test_what_another_attempt_cannot_mend_is_raised_at_once() -> None:
    clock = FakeClock()
    for error in (answered("AccessDenied"), answered("ResourceNotFound"), ValueError("a bug")):
        call = Script(clock, error)
        with pytest.raises(type(error)):
            Calls(clock).read(call)
        assert len(call.at) == 1
    assert clock.sleeps == []


def test_a_person_is_not_kept_waiting_for_ever() -> None:
    clock = FakeClock()
    call = Script(clock, *[THROTTLED] * 1000)
    with pytest.raises(ClientError):
        Calls(clock).read(call)
    assert len(call.at) == 10


class Lambda:
    def __init__(self, milliseconds: int) -> None:
        self.milliseconds = milliseconds

    def get_remaining_time_in_millis(self) -> int:
        return self.milliseconds


@given(refused=st.floats(0, 1), seed=st.integers(0, 10**6), limit=st.integers(1, 900))
@settings(max_examples=200, deadline=None)
def test_no_run_lives_to_see_lambdas_own_timeout(refused: float, seed: int, limit: int) -> None:
    """However often it is throttled, and though each call takes as long as a client waits at most."""
    clock = FakeClock(seed=seed)
    deadline = Deadline.of(Lambda(limit * 1000), clock)
    calls = Calls(clock, deadline=deadline)
    begun = []

    def call() -> dict[str, Any]:
        begun.append(clock.monotonic())
        clock.passed += 15
        if clock.random.random() < refused:
            raise THROTTLED
        return {}

    def run() -> None:
        for turn in range(10**4):
            (calls.change if turn % 2 else calls.read)(call)

    with pytest.raises(OutOfTime):
        run()
    assert not begun or begun[-1] < limit - 30
    assert clock.monotonic() <= max(0, limit - 15)


@given(refused=st.floats(0, 0.9), seed=st.integers(0, 10**6), takes=st.sampled_from([0.0, 0.01, 0.15, 0.3]))
@settings(max_examples=100, deadline=None)
def test_no_second_sees_more_than_five_changes(refused: float, seed: int, takes: float) -> None:
    clock = FakeClock(seed=seed)
    calls = Calls(clock)
    begun = []

    def call() -> dict[str, Any]:
        begun.append(clock.monotonic())
        clock.passed += takes
        if clock.random.random() < refused:
            raise THROTTLED
        return {}

    for _ in range(60):
        try:
            calls.change(call)
        except ClientError:
            continue
    for first, sixth in zip(begun, begun[5:], strict=False):
        assert sixth - first > 1


def test_reads_are_not_held_back() -> None:
    clock = FakeClock()
    calls = Calls(clock)
    for _ in range(100):
        calls.read(Script(clock))
    assert clock.monotonic() == 0


def test_clients_leave_trying_again_to_us_and_wait_for_no_answer_for_ever() -> None:
    config = client("sagemaker", region="eu-central-1").meta.config
    assert config.retries["total_max_attempts"] == 1
    assert (config.connect_timeout, config.read_timeout) == (5, 10)


def test_the_region_of_other_tools_is_ours_where_the_sdk_knows_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    monkeypatch.delenv("AWS_REGION", raising=False)
    assert session().region_name is None
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    assert session().region_name == "eu-west-1"
    assert session("eu-north-1").region_name == "eu-north-1"
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-south-1")
    assert session().region_name == "eu-south-1"
