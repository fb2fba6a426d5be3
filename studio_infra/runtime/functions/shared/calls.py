"""Calls of AWS's APIs that neither give up too early nor hang: every page, tried again, paced, in time.

    calls = Calls(clock, deadline=Deadline.of(context, clock))
    for app in calls.pages(client.list_apps, "Apps", DomainIdEquals=domain):
        calls.change(client.delete_app, …)

The clients must not try again themselves (`aws.client` makes such ones): two loops, one in the other, wait for minutes
and go over every pace.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol

from .errors import TRANSIENT, kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .clock import Clock

#: Changes a second. No figure of SageMaker's is published; the account's people call the same APIs meanwhile.
CHANGES_A_SECOND: Final = 5.0
#: The first pause is at most this long, in seconds, and doubles with each attempt up to the second one: who makes one
#: call after the other is no herd, and nine refusals in ten must not use up a run on Lambda.
FIRST_PAUSE: Final = 0.5
LONGEST_PAUSE: Final = 5.0
#: Seconds before Lambda's own timeout at which no call begins any more: time to say what was not done.
MARGIN: Final = 30.0
#: So that no rounding puts a sixth change into a second.
_SLACK: Final = 1.001


class OutOfTime(Exception):  # noqa: N818 - named for what happened
    """The deadline has come. What is not done is for the next run."""


class Context(Protocol):
    """What Lambda says about a run."""

    def get_remaining_time_in_millis(self) -> int:
        """How long Lambda lets the run go on."""


class Deadline:
    """When to stop calling.

    Args:
        clock: Tells the time.
        seconds: From now. None for never: a person waits, and can interrupt.

    """

    def __init__(self, clock: Clock, seconds: float | None = None) -> None:
        self._clock = clock
        self._end = None if seconds is None else clock.monotonic() + seconds

    @classmethod
    def of(cls, context: Context, clock: Clock, *, margin: float = MARGIN) -> Deadline:
        """The deadline of a run on Lambda: `margin` seconds before its timeout."""
        return cls(clock, context.get_remaining_time_in_millis() / 1000 - margin)

    def left(self) -> float:
        """Seconds that are left: infinitely many without an end, less than 0 after it."""
        return float("inf") if self._end is None else self._end - self._clock.monotonic()

    def check(self, ahead: float = 0) -> None:
        """Raise if it comes within `ahead` seconds.

        Raises:
            OutOfTime: It does.

        """
        if self.left() <= ahead:
            raise OutOfTime


class Calls:
    """Calls of one run.

    Throttled and failed calls are tried again until the deadline, after pauses of growing and random length. A call
    that failed may have had its effect: what is changed here must bear being done twice, as deletions do.

    Args:
        clock: Time and chance.
        deadline: When to stop calling. Defaults to never.
        changes_a_second: How many changes may begin in a second, further attempts included. Defaults to 5.
        attempts: How often one call is tried. Defaults to until the deadline; without a deadline, 10 times.

    """

    def __init__(
        self,
        clock: Clock,
        *,
        deadline: Deadline | None = None,
        changes_a_second: float = CHANGES_A_SECOND,
        attempts: int | None = None,
    ) -> None:
        self.clock: Final = clock
        self.deadline: Final = deadline if deadline is not None else Deadline(clock)
        endless = self.deadline.left() == float("inf")
        self._attempts = attempts if attempts is not None else 10 if endless else None
        self._pause = _SLACK / changes_a_second
        self._next_change = clock.monotonic()

    def read(self, function: Callable[..., Any], **arguments: Any) -> Any:
        """The answer of a call that changes nothing.

        Raises:
            OutOfTime: The deadline has come.

        """
        return self._again(function, arguments, paced=False)

    def change(self, function: Callable[..., Any], **arguments: Any) -> Any:
        """The answer of a call that changes something, after the pause that keeps the pace.

        Raises:
            OutOfTime: The deadline has come.

        """
        return self._again(function, arguments, paced=True)

    def pages(
        self,
        function: Callable[..., Any],
        key: str,
        *,
        token: str = "NextToken",  # noqa: S107 - of the next page
        answer_token: str | None = None,
        **arguments: Any,
    ) -> Iterator[Any]:
        """Each entry of every page of a list call; a page that fails is asked for again, not the whole list.

        Args:
            function: The list call of a client.
            key: Where its answer has the entries.
            token: What the call takes to go on.
            answer_token: What the answer calls it. Defaults to the same: only a few services differ.
            **arguments: Of the call.

        Raises:
            OutOfTime: The deadline has come.

        """
        answered = answer_token if answer_token is not None else token
        following: dict[str, Any] = {}
        while True:
            page = self.read(function, **arguments, **following)
            yield from page.get(key, ())
            # A page may be empty and still not be the last.
            if not page.get(answered):
                return
            following = {token: page[answered]}

    def wait(self, seconds: float) -> None:
        """Wait, unless the deadline comes first.

        Raises:
            OutOfTime: It does.

        """
        self.deadline.check(ahead=seconds)
        self.clock.sleep(seconds)

    def _again(self, function: Callable[..., Any], arguments: dict[str, Any], *, paced: bool) -> Any:
        attempt = 0
        while True:
            if paced:
                self._keep_pace()
            self.deadline.check()
            try:
                return function(**arguments)
            except Exception as error:
                attempt += 1
                if kind(error) not in TRANSIENT or attempt == self._attempts:
                    raise
            # "Full jitter": what was refused together does not come back together.
            # https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
            longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(attempt - 1, 16))
            self.wait(self.clock.chance() * longest)

    def _keep_pace(self) -> None:
        pause = self._next_change - self.clock.monotonic()
        if pause > 0:
            self.wait(pause)
        self._next_change = self.clock.monotonic() + self._pause
