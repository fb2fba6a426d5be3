"""Stopping, starting and warning: each in an order that a crash at any call leaves nothing lost.

Stopping writes the memory first and deletes then; starting makes the endpoint first and forgets when it runs, has its
components and scales again. Whatever was begun and not finished is decided anew by the next sweep: a stop that is not
wanted any more ends as a start does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ..shared.errors import Kind, kind
from . import components, core, fleet, memory

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping

    from ..shared.calls import Calls
    from .scaling import Scaling

_IN_SERVICE = "InService"
#: Characters that a tag does not take.
_NO_TAG = re.compile(r"[^\w .:/=+@-]")
_WARNINGS_KEPT = 8


class CannotStop(Exception):  # noqa: N818 - named for what happened
    """The endpoint stays, because nothing could bring it back."""


class CannotStart(Exception):  # noqa: N818 - named for what happened
    """There is nothing to make the endpoint of."""


@dataclass(frozen=True)
class Stop:
    """A stop: why, and whether it is done; SageMaker takes its time over components."""

    why: str
    done: bool


class Actor:
    """Changes endpoints.

    Args:
        calls: Of this run.
        sagemaker: A client of SageMaker.
        scaling: How variants scale.
        reader: What looks at single endpoints.
        publish: Tells an owner something: takes the owner, a subject and a text.

    """

    def __init__(
        self,
        calls: Calls,
        *,
        sagemaker: Any,
        scaling: Scaling,
        reader: fleet.Reader,
        publish: Callable[[str, str, str], None],
    ) -> None:
        self._calls = calls
        self._sagemaker = sagemaker
        self._scaling = scaling
        self._reader = reader
        self._publish = publish
        self._components = components.Components(calls, sagemaker=sagemaker)

    # -- telling -----------------------------------------------------------------------------------

    def warn(self, one: fleet.Running, decision: core.Decision) -> fleet.Running:
        """Tell its owner that it will be stopped, and remember that they were told.

        Told first: a crash in between costs a second message, and never the only one.

        Returns:
            The endpoint as it is now.

        """
        if decision.end is None:
            raise ValueError("a warning is of a moment")
        told = self._warn(one.name, one.tags, decision.end, decision.why)
        self._tag(one.arn, told)
        return replace(one, tags={**one.tags, **told})

    def warn_stopped(self, one: fleet.Stopped, decision: core.Decision) -> bool:
        """Tell the owner of a stopped endpoint that nothing will start it any more, and remember that they were told.

        Returns:
            Whether they were told; not of what the index of tags shows too late.

        """
        if decision.end is None:
            raise ValueError("a warning is of a moment")
        there = self._reader.tags_of(one.config_arn)
        known = memory.of(one.name, there)
        if known is None or decision.end in fleet.warned_of(known.tags):
            return False
        told = {**known.tags, **_warned(known.tags, decision.end)}
        tags = self._fitting(replace(known, tags=told), there)
        self._publish(
            known.tags.get(core.OWNER, ""),
            f"Endpoint {one.name} will not be started again",
            f"The endpoint {one.name} is stopped, and its lifetime ends at {memory.stamp(decision.end)}: after that "
            "nothing starts it by itself. Its model and its configuration stay. To use it longer, give it a later end "
            f"in the settings and deploy, or with 'studio-infra start {one.name} --until …'.",
        )
        self._write(one.config_arn, there, tags)
        return True

    def _warn(self, name: str, tags: Mapping[str, str], end: dt.datetime, why: str) -> dict[str, str]:
        """Tell the owner, and say by which tag it is remembered."""
        self._publish(
            tags.get(core.OWNER, ""),
            f"Endpoint {name} will be stopped",
            f"The endpoint {name} will be stopped at {memory.stamp(end)}, or at the next sweep after it: {why}. "
            f"Its model and its configuration stay, and 'studio-infra start {name}' brings it back. To keep it, "
            "give it a later end, in the settings and deploy, or where they allow it with "
            f"'studio-infra extend {name} --until …'; or use it.",
        )
        return _warned(tags, end)

    def tell(self, one: fleet.Running, problem: core.Unreadable) -> bool:
        """Say once that its tags cannot be read, and that nobody stops it."""
        said = _NO_TAG.sub(" ", str(problem))[: memory.TAG_LONGEST]
        if one.tags.get(fleet.TOLD) == said:
            return False
        self._publish(
            one.tags.get(core.OWNER, ""),
            f"Endpoint {one.name} has no readable lifetime",
            f"The tags of the endpoint {one.name} cannot be read ({problem}), so nothing stops it: correct them.",
        )
        self._tag(one.arn, {fleet.TOLD: said})
        return True

    # -- stopping ----------------------------------------------------------------------------------

    def stop(
        self,
        name: str,
        *,
        now: dt.datetime,
        notice: dt.timedelta,
        why: str | None = None,
    ) -> Stop | None:
        """Delete an endpoint, so that it can be started again; one with components in several steps.

        Args:
            name: The endpoint.
            now: With a time zone.
            notice: How long ahead its owner is warned.
            why: Why a person wants it. Left out, it is decided once more about what is true now: the tags that
                a sweep decides about may be old. What a person has begun is wanted still.

        Returns:
            Why it was stopped, and whether it is; nothing if it is gone, busy or wanted.

        Raises:
            CannotStop: Its memory does not fit, or its configuration remembers another endpoint.

        """
        described = self._describe(name)
        if described is None or described["EndpointStatus"] in fleet.BUSY:
            return None
        arn = described["EndpointArn"]
        tags = self._reader.tags_of(arn)
        since = fleet.whole_seconds(described["CreationTime"])
        one = fleet.Running(name, arn, described["EndpointStatus"], since, tags)
        config_arn = config_arn_of(arn, described["EndpointConfigName"])
        there = self._reader.tags_of(config_arn)
        before = memory.of(name, there)
        begun = before is not None and one.since <= before.at
        asked = why is not None or (begun and before is not None and before.asked)
        if why is None:
            why = before.why if asked and before is not None else None
            why = why or self._still_over(one, described, now=now, notice=notice)
            if why is None:
                return None
        parts = self._components.of(name) if one.may_have_components else {}
        if components.CHANGING & set(parts.values()):
            return None
        try:
            made = self._components.read(parts)
        except components.CannotTake as error:
            raise CannotStop(str(error)) from error
        remembered = tags if core.CREATED in tags else {**tags, core.CREATED: memory.stamp(since)}
        known = memory.Memory(
            name,
            described["EndpointConfigName"],
            before.at
            if begun and before is not None and (asked or not _opened(one, before.at, now))
            else now,
            why,
            {key: value for key, value in remembered.items() if key != fleet.TOLD},
            self._scaling.read(name, fleet.variants_in(described)[0], components=parts),
            tuple(made),
            asked,
        )
        if before is not None:
            known = known.with_rest_of(before)
        self._write(config_arn, there, self._fitting(known, there))
        if parts:
            self._scaling.take_from(parts, known.scaling)
            self._components.delete(parts, known.components)
            return Stop(why, done=False)
        self._gone_is_good(self._sagemaker.delete_endpoint, EndpointName=name)
        return Stop(why, done=True)

    def _still_over(
        self, one: fleet.Running, described: Mapping[str, Any], *, now: dt.datetime, notice: dt.timedelta
    ) -> str | None:
        wish = one.to_core().wish
        if wish.idle is not None:
            variants, asynchronous = fleet.variants_in(described)
            kind_of = fleet.ASYNCHRONOUS if asynchronous else one.tags.get(fleet.KIND, "")
            looked_at = replace(
                one, tags={**one.tags, fleet.VARIANTS: " ".join(variants), fleet.KIND: kind_of}
            )
            used = self._reader.used([looked_at], now=now)
            one = replace(one, usage_known=one.name in used, last_used=used.get(one.name))
        decision = core.decide(one.to_core(), now=now, notice=notice)
        return decision.why if decision.act is core.Act.STOP else None

    def _fitting(self, known: memory.Memory, there: Mapping[str, str]) -> dict[str, str]:
        """The tags that remember it, if a configuration with the tags `there` takes them."""
        other = there.get(memory.ENDPOINT)
        if other not in (None, known.endpoint) and self._describe(str(other)) is None:
            raise CannotStop(
                f"its configuration {known.config} already remembers the stopped endpoint {other}"
            )
        try:
            return known.to_tags(room=memory.TAGS_MOST - memory.others(there))
        except memory.TooMuch as error:
            raise CannotStop(f"its configuration {known.config} has too many tags: {error}") from error

    def _write(self, config_arn: str, there: Mapping[str, str], tags: dict[str, str]) -> None:
        old = [key for key in memory.keys(there) if key not in tags]
        if old:
            self._calls.change(self._sagemaker.delete_tags, ResourceArn=config_arn, TagKeys=old)
        if old or not tags.items() <= there.items():
            self._tag(config_arn, tags)

    # -- starting ----------------------------------------------------------------------------------

    def start(
        self,
        one: fleet.Stopped,
        *,
        now: dt.datetime,
        notice: dt.timedelta,
        more: Mapping[str, str | None] | None = None,
    ) -> bool:
        """Make a stopped endpoint again, of the configuration and with the tags that it had.

        Args:
            one: The endpoint.
            now: With a time zone.
            notice: How long ahead its owner is warned; of an end that is nearer, now.
            more: Tags that it gets in place of others; without a value, which it loses.

        Returns:
            Whether it was stopped still.

        Raises:
            CannotStart: Its configuration is gone.
            Forgotten: Its configuration does not say how.

        """
        tags = self._reader.tags_of(one.config_arn)
        if tags.get(memory.ENDPOINT) != one.name or self._describe(one.name) is not None:
            return False
        known = memory.Memory.from_tags(tags)
        given = {key: value for key, value in {**known.tags, **(more or {})}.items() if value is not None}
        end = core.Wish.from_tags(given, created=known.at).expires
        if end is not None and end - notice <= now and end not in fleet.warned_of(given):
            given |= self._warn(one.name, given, end, "its lifetime is over")
        try:
            self._calls.change(
                self._sagemaker.create_endpoint,
                EndpointName=one.name,
                EndpointConfigName=known.config,
                Tags=_as_list(given),
            )
        except Exception as error:
            if kind(error) is Kind.GONE:
                raise CannotStart(f"its configuration {known.config} is gone") from error
            # An answer that was lost on the way: the first attempt made it.
            if "already existing" not in str(error):
                raise
        return True

    def settle(self, one: fleet.Running, stopped: fleet.Stopped) -> bool:
        """Give a started endpoint its components, let it scale again, and forget that it was stopped.

        Returns:
            Whether it is done; an endpoint that is not in service yet takes neither.

        Raises:
            CannotStart: One of its components has failed.

        """
        if one.status != _IN_SERVICE:
            return False
        tags = self._reader.tags_of(stopped.config_arn)
        if tags.get(memory.ENDPOINT) == one.name:
            known = memory.Memory.from_tags(tags)
            try:
                if not self._components.make(one.name, known.components):
                    return False
            except components.CannotMake as error:
                raise CannotStart(str(error)) from error
            self._scaling.restore(known.scaling)
            self._calls.change(
                self._sagemaker.delete_tags, ResourceArn=stopped.config_arn, TagKeys=memory.keys(tags)
            )
        return True

    # -- calls -------------------------------------------------------------------------------------

    def _describe(self, name: str) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = self._calls.read(self._sagemaker.describe_endpoint, EndpointName=name)
        except Exception as error:
            if kind(error) is Kind.GONE:
                return None
            raise
        return found

    def _gone_is_good(self, function: Callable[..., Any], **arguments: Any) -> None:
        try:
            self._calls.change(function, **arguments)
        except Exception as error:
            if kind(error) is not Kind.GONE:
                raise

    def _tag(self, arn: str, tags: Mapping[str, str]) -> None:
        self._calls.change(self._sagemaker.add_tags, ResourceArn=arn, Tags=_as_list(tags))


def _opened(one: fleet.Running, since: dt.datetime, now: dt.datetime) -> bool:
    """Whether its office hours began in between: what is stopped now is stopped within them, and not till their end."""
    hours = one.to_core().wish.hours
    opened = None if hours is None else hours.opening(now)
    return opened is not None and since < opened


def _warned(tags: Mapping[str, str], end: dt.datetime) -> dict[str, str]:
    """The tag that says of which ends the owner was warned, of the last few."""
    kept = sorted(fleet.warned_of(tags) - {end})[-_WARNINGS_KEPT + 1 :]
    return {fleet.WARNED: " ".join(memory.stamp(moment) for moment in sorted([*kept, end]))}


def config_arn_of(endpoint_arn: str, config: str) -> str:
    """The ARN of an endpoint's configuration: they differ in the resource alone, and have names in lower case."""
    return f"{endpoint_arn.partition(':endpoint/')[0]}:endpoint-config/{config.lower()}"


def _as_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]
