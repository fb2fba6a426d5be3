"""Stopped before and after every call, and called again, in an account where much goes wrong: it always ends.

`STUDIO_INFRA_CRASHES` says how many runs; `make soak` plays 10,000.
"""

from __future__ import annotations

import itertools
import os
import random
from typing import TYPE_CHECKING

import pytest

from studio_infra.runtime.functions.domain_drain.drain import Drain, Stuck
from studio_infra.runtime.functions.domain_drain.world import Homes
from studio_infra.runtime.functions.shared.calls import Calls, Deadline, OutOfTime
from tests.runtime.domain_drain.platform import Platform
from tests.runtime.domain_drain.worlds import (
    COPY,
    KEEP,
    OTHER,
    OWN,
    clients,
    lost_writes,
    of,
    portrait,
    touched,
    troubled,
    two_domains,
)
from tests.runtime.fake_aws.aws import Crash

if TYPE_CHECKING:
    from collections.abc import Iterator

    from studio_infra.runtime.functions.domain_drain.world import Wish
    from tests.runtime.fake_aws.aws import FakeAws

RUNS = int(os.environ.get("STUDIO_INFRA_CRASHES", "100"))
pytestmark = pytest.mark.timeout(max(300, RUNS))
#: How often somebody starts it again before we call it a hang. With nine calls of ten refused, a quarter of an hour
#: is enough for a few dozen calls.
_DELIVERIES = 60


def sweep(start: int) -> Iterator[tuple[FakeAws, Wish, str]]:
    """Accounts in which much goes wrong: each untouched, and stopped before or after a few of its calls."""
    for seed in itertools.count(start, 2):
        aws, wish = troubled(seed)
        yield aws, wish, f"seed {seed}"
        dice = random.Random(seed)  # noqa: S311 - a test that can be run again
        for number in dice.sample(range(len(aws.calls)), k=4):
            where = dice.choice(["before", "after"])
            again, wish = troubled(seed)
            getattr(again, f"crash_{where}")(number)
            yield again, wish, f"seed {seed}, crash {where} call {number}"


def brisk() -> FakeAws:
    """An account in which nothing takes long, so that few calls only ask whether something is over."""
    aws = two_domains()
    aws.sagemaker.deletion = dict.fromkeys(aws.sagemaker.deletion, 1.0)
    aws.efs.deletion = dict.fromkeys(aws.efs.deletion, 1.0)
    aws.backup.duration = 11.0
    return aws


def every_call(wish: Wish) -> Iterator[tuple[FakeAws, str]]:
    """A calm account, stopped before and after each single call."""
    aws = brisk()
    yield aws, "untouched"
    for number in range(len(aws.calls)):
        for where in ("before", "after"):
            again = brisk()
            getattr(again, f"crash_{where}")(number)
            yield again, f"{wish}, crash {where} call {number}"


def check_end(aws: FakeAws, wish: Wish, before: list[object], name: str) -> None:
    left = of(aws, OWN)
    if wish.homes is Homes.RETAIN:
        assert left.pop("file systems") == [f"fs-of-{OWN}"], name
    assert not any(left.values()), f"{name}: {left}"
    assert touched(aws, OTHER) == [], name
    assert portrait(aws, OTHER) == before, name
    if wish is COPY:
        assert lost_writes(aws) == [], name


def start_again_until_done(aws: FakeAws, wish: Wish, name: str) -> None:
    for _ in range(_DELIVERIES):
        calls = Calls(aws.clock, deadline=Deadline(aws.clock, 3600))
        try:
            if list(Drain(OWN, wish, calls=calls, clients=clients(aws)).run())[-1].done:
                return
        except (Crash, OutOfTime, Stuck):
            aws.revive()
    raise AssertionError(f"{name}: it does not end, left: {of(aws, OWN)}")


def delete_until_done(
    aws: FakeAws, wish: Wish, name: str, *, twice: bool = False, signed: bool = True
) -> None:
    platform = Platform(aws, wish, signed=signed)
    for _ in range(_DELIVERIES):
        if platform.delete_stack(deliveries=1 + twice)["Status"] == "SUCCESS":
            assert max(platform.sizes) <= 4096
            return
    raise AssertionError(f"{name}: it does not end, left: {of(aws, OWN)}")


@pytest.mark.parametrize("wish", [KEEP, COPY], ids=["keep", "copy"])
def test_stopped_before_and_after_every_call_and_called_again_it_ends(wish: Wish) -> None:
    for aws, name in every_call(wish):
        before = portrait(aws, OTHER)
        start_again_until_done(aws, wish, name)
        check_end(aws, wish, before, name)


def test_a_run_that_dies_before_or_after_any_call_is_repeated_and_cloudformation_is_answered() -> None:
    for aws, name in every_call(COPY):
        before = portrait(aws, OTHER)
        delete_until_done(aws, COPY, name)
        check_end(aws, COPY, before, name)


def test_a_command_that_is_stopped_in_a_troubled_account_always_ends() -> None:
    for aws, wish, name in itertools.islice(sweep(0), RUNS // 2):
        before = portrait(aws, OTHER)
        start_again_until_done(aws, wish, name)
        check_end(aws, wish, before, name)


def test_a_stack_that_is_deleted_in_a_troubled_account_is_always_answered_in_time() -> None:
    for number, (aws, wish, name) in enumerate(itertools.islice(sweep(1), RUNS // 2)):
        before = portrait(aws, OTHER)
        delete_until_done(aws, wish, name, twice=number % 3 == 0, signed=number % 3 < 2)
        check_end(aws, wish, before, name)
