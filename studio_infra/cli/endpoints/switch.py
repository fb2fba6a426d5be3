"""An endpoint, switched by a person: the same code as the function's, which keeps endpoints to their lifetimes."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

from studio_infra.cli.terminal.outcome import CommandFailed
from studio_infra.runtime.functions.endpoint_lifetime.acts import Actor, CannotStart, CannotStop
from studio_infra.runtime.functions.endpoint_lifetime.core import (
    DAYS,
    EXPIRES,
    EXTENDABLE,
    EXTENDED,
    FOREVER,
    OWNER,
    Unreadable,
    Wish,
    end_of,
    latest_end,
)
from studio_infra.runtime.functions.endpoint_lifetime.fleet import (
    KIND,
    Reader,
    Running,
    Stopped,
    whole_seconds,
)
from studio_infra.runtime.functions.endpoint_lifetime.memory import Forgotten, Memory, stamp
from studio_infra.runtime.functions.endpoint_lifetime.scaling import Scaling
from studio_infra.runtime.functions.shared.calls import Calls
from studio_infra.runtime.functions.shared.clock import SystemClock
from studio_infra.runtime.functions.shared.errors import Kind, kind
from studio_infra.settings.findings import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from studio_infra.runtime.functions.shared.clock import Clock

#: Between two looks at an endpoint that starts.
_PAUSE: Final = 10.0
#: A person who asks is told by the command itself.
_NO_NOTICE: Final = dt.timedelta()


class Switch:
    """Stops and starts endpoints of one account and region.

    Args:
        region: Defaults to that of the person's configuration.
        clock: Tells the time.

    """

    def __init__(self, region: str | None = None, *, clock: Clock | None = None) -> None:
        from studio_infra.runtime.functions.shared.aws import client

        self._calls = Calls(SystemClock() if clock is None else clock)
        self._sagemaker = client("sagemaker", region=region)
        cloudwatch = client("cloudwatch", region=region)
        self._reader = Reader(
            self._calls,
            sagemaker=self._sagemaker,
            tagging=client("resourcegroupstaggingapi", region=region),
            cloudwatch=cloudwatch,
        )
        scaling = Scaling(
            self._calls, autoscaling=client("application-autoscaling", region=region), cloudwatch=cloudwatch
        )
        self._actor = Actor(
            self._calls,
            sagemaker=self._sagemaker,
            scaling=scaling,
            reader=self._reader,
            publish=lambda _owner, _subject, _text: None,
        )

    def runs(self, name: str) -> bool:
        """Whether there is such an endpoint, whoever owns it."""
        found = self._calls.pages(
            self._sagemaker.list_endpoints, "Endpoints", NameContains=name, MaxResults=100
        )
        return any(one["EndpointName"] == name for one in found)

    def knows(self, name: str) -> bool:
        """Whether it runs, or is stopped and remembered."""
        return self.runs(name) or any(one.name == name for one in self._reader.fleet().stopped)

    def wait_until_gone(self, name: str) -> None:
        """Wait for the end of a deletion."""
        while self.runs(name):
            self._calls.wait(_PAUSE)

    def stop(self, name: str, *, why: str) -> tuple[str, str]:
        """Delete an endpoint, and remember how to make it again.

        Returns:
            Its owner, and its kind.

        Raises:
            CommandFailed: There is none, it has no owner, it changes right now, or nothing could remember it.

        """
        found = self._reader.fleet()
        running = {one.name: one for one in found.running}
        if name not in running:
            raise self._unknown(name, set(running), {one.name for one in found.stopped})
        if running[name].busy:
            raise CommandFailed(
                f"endpoint {name} is {running[name].status}: AWS takes no deletion now, try again in a minute"
            )
        try:
            stopped = self._actor.stop(name, now=self._calls.clock.now(), notice=_NO_NOTICE, why=why)
        except CannotStop as error:
            raise CommandFailed(f"endpoint {name} was not stopped: {error}") from error
        if stopped is None:
            raise CommandFailed(f"endpoint {name} changes right now: try again in a minute")
        while not stopped.done and self.runs(name):
            # It has components: SageMaker takes them away first.
            self._calls.wait(_PAUSE)
            stopped = (
                self._actor.stop(name, now=self._calls.clock.now(), notice=_NO_NOTICE, why=why) or stopped
            )
        tags = running[name].tags
        return tags.get(OWNER, ""), tags.get(KIND, "")

    def start(self, name: str, *, expires: str | None, wait: Callable[[str], None] | None) -> None:
        """Make a stopped endpoint again, and let it scale as it did.

        Args:
            name: The endpoint.
            expires: The value of its new end's tag. None keeps the end that it had.
            wait: Is told what it waits for. None does not wait: the function in the operations stack puts the scaling
                back.

        Raises:
            CommandFailed: It is not stopped, its end is past, or it did not come into service.

        """
        found = self._reader.fleet()
        stopped = {one.name: one for one in found.stopped}
        if name not in stopped:
            running = {one.name for one in found.running}
            if name in running:
                raise CommandFailed(f"endpoint {name} runs already")
            raise self._unknown(name, running, set(stopped))
        one = stopped[name]
        try:
            known = Memory.from_tags(one.tags)
            more = self._new_end(name, known, expires)
            self._check_end(name, known, more)
            self._actor.start(one, now=self._calls.clock.now(), notice=_NO_NOTICE, more=more)
        except (CannotStart, Forgotten, Unreadable) as error:
            raise CommandFailed(f"endpoint {name} was not started: {error}") from error
        if wait is not None:
            self._settle(one, wait)

    def extend(self, name: str, *, until: str) -> dict[str, str]:
        """Give a running endpoint a later end, as far as its tags allow.

        Asks about this endpoint alone: whoever may extend it need not see the others.

        Args:
            name: The endpoint.
            until: The value of its tag.

        Returns:
            The end that it had, the one that it has, and the latest that it may have.

        Raises:
            CommandFailed: There is none, it has no end, nobody may extend it, or not so far.

        """
        try:
            described = self._calls.read(self._sagemaker.describe_endpoint, EndpointName=name)
        except Exception as error:
            if kind(error) is not Kind.GONE:
                raise
            raise self._not_there(name) from None
        tags = self._reader.tags_of(described["EndpointArn"])
        since = whole_seconds(described["CreationTime"])
        try:
            was = Wish.from_tags(tags, created=since).expires
            end, latest = self._allowed(name, tags, since, until)
        except Unreadable as error:
            raise CommandFailed(f"endpoint {name} was not extended: {error}") from error
        if was is not None and end <= was:
            raise CommandFailed(f"endpoint {name} ends at {stamp(was)} already, give it a later end")
        self._calls.change(
            self._sagemaker.add_tags,
            ResourceArn=described["EndpointArn"],
            Tags=[{"Key": EXTENDED, "Value": until}],
        )
        return {"was": "" if was is None else stamp(was), "until": stamp(end), "latest": stamp(latest)}

    def _allowed(
        self, name: str, tags: Mapping[str, str], since: dt.datetime, until: str
    ) -> tuple[dt.datetime, dt.datetime]:
        """The end that is wanted and the latest that is allowed.

        Raises:
            CommandFailed: It has no end, nobody may extend it, or not so far.

        """
        if tags.get(EXPIRES) == FOREVER:
            raise CommandFailed(f"endpoint {name} has no end, there is nothing to extend")
        latest = latest_end(tags, created=since)
        if latest is None:
            raise CommandFailed(
                f"endpoint {name} may not be extended: give it extendable_days in the settings, or a later end"
            )
        end = end_of(until)
        if end > latest:
            raise CommandFailed(
                f"endpoint {name} can be extended to {stamp(latest)} at most, got {until}: "
                "a later end stands in the settings"
            )
        return end, latest

    def _new_end(self, name: str, known: Memory, expires: str | None) -> dict[str, str | None]:
        """The tags of a new end: of one that may be extended so far and no further, an extension."""
        if expires is None:
            return {}
        if EXTENDABLE not in known.tags:
            return {EXPIRES: expires, DAYS: None}
        if expires == FOREVER:
            raise CommandFailed(f"endpoint {name} has an end: forever is said in the settings")
        self._allowed(name, known.tags, known.at, expires)
        return {EXTENDED: expires}

    def _not_there(self, name: str) -> CommandFailed:
        if any(one.name == name for one in self._reader.fleet().stopped):
            return CommandFailed(
                f"endpoint {name} is stopped: 'studio-infra start {name} --until …' brings it back with a new end"
            )
        return CommandFailed(f"there is no endpoint {name!r}, running or stopped")

    def _check_end(self, name: str, known: Memory, more: dict[str, str | None]) -> None:
        tags = {key: value for key, value in {**known.tags, **more}.items() if value is not None}
        end = Wish.from_tags(tags, created=known.at).expires
        if end is not None and end <= self._calls.clock.now():
            raise CommandFailed(
                f"the lifetime of {name} ended at {stamp(end)}, it would be stopped again at once: "
                "give it a new end with --until or --days"
            )

    def _settle(self, stopped: Stopped, wait: Callable[[str], None]) -> None:
        while True:
            described: dict[str, Any] = self._calls.read(
                self._sagemaker.describe_endpoint, EndpointName=stopped.name
            )
            status = described["EndpointStatus"]
            if status == "Failed":
                reason = described.get("FailureReason", "AWS says no reason")
                raise CommandFailed(f"endpoint {stopped.name} did not start: {reason}")
            since = whole_seconds(described["CreationTime"])
            running = Running(stopped.name, described["EndpointArn"], status, since)
            if self._actor.settle(running, stopped):
                return
            wait(f"{stopped.name} is {status}")
            self._calls.wait(_PAUSE)

    def _unknown(self, name: str, running: set[str], stopped: set[str]) -> CommandFailed:
        hint = did_you_mean(name, running | stopped)
        if name in stopped:
            return CommandFailed(
                f"endpoint {name} is stopped already; 'studio-infra start {name}' brings it back"
            )
        if self.runs(name):
            return CommandFailed(
                f"endpoint {name} has no owner: give it the tag {OWNER}, so that somebody answers for it"
            )
        return CommandFailed(f"there is no endpoint {name!r}, running or stopped{hint}")


def day_to_tag(text: str | None, days: int | None, *, now: dt.datetime) -> str | None:
    """A new end, as its tag says it; nothing where none was given.

    Raises:
        ValueError: It is no day, or one that is past.

    """
    if days is not None:
        return stamp(now + dt.timedelta(days=days))
    if text is None or text == FOREVER:
        return text
    day = dt.date.fromisoformat(text)
    if day < now.date():
        raise ValueError(f"{text} is past")
    return day.isoformat()
