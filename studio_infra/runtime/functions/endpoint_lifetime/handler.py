"""Keeps endpoints to their lifetimes: sees them all, warns owners, stops what is over, starts what is wanted again.

Environment:
    ALERTS_TOPIC_ARN: Where owners are told. Each message carries its `owner`, which subscriptions filter by.
    NOTICE_HOURS: How long ahead an owner is warned.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import os
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from ..shared.aws import client
from ..shared.calls import Calls, Context, Deadline, OutOfTime
from ..shared.clock import Clock, SystemClock
from ..shared.errors import code
from . import core, fleet, memory
from .acts import Actor, CannotStart, CannotStop
from .scaling import Scaling

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_LOG = logging.getLogger(__name__)
_LOG.setLevel(logging.INFO)
#: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
_SUBJECT_LONGEST = 100
#: Stopping saves money and ends what is over; starting and telling can wait for the next sweep.
_ORDER = (core.Act.STOP, core.Act.WARN, core.Act.START)


#: Taking components away takes SageMaker a minute or two: how long and how often a sweep waits for it.
_PAUSE, _LOOKS = 15.0, 20


class NotDone(RuntimeError):  # noqa: N818 - named for what happened
    """Some endpoints could not be dealt with: Lambda tries again, and tells people in the end."""


@dataclass
class Clients:
    """AWS, as this function needs it."""

    sagemaker: Any = field(default_factory=lambda: client("sagemaker"))
    tagging: Any = field(default_factory=lambda: client("resourcegroupstaggingapi"))
    cloudwatch: Any = field(default_factory=lambda: client("cloudwatch"))
    autoscaling: Any = field(default_factory=lambda: client("application-autoscaling"))
    sns: Any = field(default_factory=lambda: client("sns"))


@dataclass
class Report:
    """What a sweep did, by the names of endpoints."""

    seen: int = 0
    stopped: dict[str, str] = field(default_factory=dict)
    #: Begun, and to be finished by the next sweep.
    stopping: dict[str, str] = field(default_factory=dict)
    started: list[str] = field(default_factory=list)
    settled: list[str] = field(default_factory=list)
    warned: dict[str, str] = field(default_factory=dict)
    unreadable: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)


class Sweep:
    """One look at all endpoints.

    Args:
        calls: Of this run.
        clients: AWS.
        topic: Where owners are told.
        notice: How long ahead they are warned.

    """

    def __init__(self, calls: Calls, clients: Clients, *, topic: str, notice: dt.timedelta) -> None:
        self._calls = calls
        self._clients = clients
        self._topic = topic
        self._notice = notice
        self._now = calls.clock.now()
        self._reader = fleet.Reader(
            calls, sagemaker=clients.sagemaker, tagging=clients.tagging, cloudwatch=clients.cloudwatch
        )
        self._actor = Actor(
            calls,
            sagemaker=clients.sagemaker,
            scaling=Scaling(calls, autoscaling=clients.autoscaling, cloudwatch=clients.cloudwatch),
            reader=self._reader,
            publish=self._publish,
        )
        self.report = Report()

    def run(self) -> None:
        """See everything, decide, act.

        Raises:
            OutOfTime: The rest is for the next run.

        """
        found = self._reader.fleet()
        self.report.seen = len(found.running) + len(found.stopped)
        used = self._reader.used(found.running, now=self._now)
        todo = [*self._decided(found, used)]
        for act in _ORDER:
            for name, decision, run in todo:
                if decision is act:
                    self._try(name, run)
        self._finish()

    def _finish(self) -> None:
        """See the stops to their end that wait for SageMaker to take components away."""
        for _ in range(_LOOKS):
            if not self.report.stopping:
                return
            self._calls.wait(_PAUSE)
            for name in list(self.report.stopping):
                self._try(name, partial(self._stop, name))

    def _decided(
        self, found: fleet.Fleet, used: Mapping[str, dt.datetime | None]
    ) -> list[tuple[str, core.Act, Callable[[], None]]]:
        todo: list[tuple[str, core.Act, Callable[[], None]]] = []
        stopped = {one.name: one for one in found.stopped}
        for one in found.running:
            remembered = stopped.pop(one.name, None)
            seen = replace(one, usage_known=one.name in used, last_used=used.get(one.name))
            try:
                decision = core.decide(seen.to_core(), now=self._now, notice=self._notice)
            except core.Unreadable as error:
                todo.append((one.name, core.Act.WARN, partial(self._tell, one, error)))
                decision = core.Decision(core.Act.KEEP, "unreadable")
            if decision.act is core.Act.WARN:
                todo.append((one.name, decision.act, partial(self._warn, seen, decision)))
            if one.busy:
                continue
            if decision.act is core.Act.STOP or (remembered is not None and _asked(one, remembered)):
                todo.append((one.name, core.Act.STOP, partial(self._stop, one.name)))
            elif remembered is not None:
                todo.append((one.name, core.Act.START, partial(self._settle, one, remembered)))
        todo += [(one.name, core.Act.START, partial(self._look, one)) for one in stopped.values()]
        return todo

    # -- single endpoints --------------------------------------------------------------------------

    def _settle(self, one: fleet.Running, stopped: fleet.Stopped) -> None:
        if self._actor.settle(one, stopped):
            self.report.settled.append(one.name)

    def _tell(self, one: fleet.Running, problem: core.Unreadable) -> None:
        self.report.unreadable.append(one.name)
        self._actor.tell(one, problem)

    def _warn(self, one: fleet.Running, decision: core.Decision) -> None:
        # It may have two ends, and the next sweep may be too late for a word about the second.
        while decision.act is core.Act.WARN:
            one = self._actor.warn(one, decision)
            self.report.warned[one.name] = decision.why
            decision = core.decide(one.to_core(), now=self._now, notice=self._notice)

    def _stop(self, name: str) -> None:
        self.report.stopping.pop(name, None)
        stop = self._actor.stop(name, now=self._now, notice=self._notice)
        if stop is None:
            return
        _LOG.info("%s %s: %s", "stopped" if stop.done else "stopping", name, stop.why)
        (self.report.stopped if stop.done else self.report.stopping)[name] = stop.why

    def _look(self, stopped: fleet.Stopped) -> None:
        decision = core.decide(stopped.to_core(), now=self._now, notice=self._notice)
        if decision.act is core.Act.WARN:
            if self._actor.warn_stopped(stopped, decision):
                self.report.warned[stopped.name] = decision.why
        elif decision.act is core.Act.START and self._actor.start(
            stopped, now=self._now, notice=self._notice
        ):
            _LOG.info("started %s: %s", stopped.name, decision.why)
            self.report.started.append(stopped.name)

    def _try(self, name: str, run: Callable[[], None]) -> None:
        """Let one endpoint's trouble be its own."""
        try:
            run()
        except OutOfTime:
            raise
        except (CannotStart, CannotStop, core.Unreadable, memory.Forgotten) as error:
            self.report.failed[name] = str(error)
        except Exception as error:  # noqa: BLE001 - said in the report, and by the end of the run
            self.report.failed[name] = code(error)

    def _publish(self, owner: str, subject: str, text: str) -> None:
        request: dict[str, Any] = {
            "TopicArn": self._topic,
            "Subject": subject[:_SUBJECT_LONGEST],
            "Message": f"{text}\n\nOwner: {owner or 'nobody'}",
        }
        if owner:
            request["MessageAttributes"] = {"owner": {"DataType": "String", "StringValue": owner}}
        self._calls.change(self._clients.sns.publish, **request)


def _asked(one: fleet.Running, remembered: fleet.Stopped) -> bool:
    """Whether a person has begun to stop this very endpoint."""
    known = memory.of(one.name, remembered.tags)
    return known is not None and known.asked and one.since <= known.at


def handle(
    event: Mapping[str, Any],
    context: Context,
    *,
    clock: Clock | None = None,
    clients: Clients | None = None,
) -> dict[str, Any]:
    """Sweep once.

    Raises:
        NotDone: Some endpoints could not be dealt with; all others were.

    """
    del event  # a tick of the schedule: what counts is what there is now
    clock = SystemClock() if clock is None else clock
    calls = Calls(clock, deadline=Deadline.of(context, clock))
    sweep = Sweep(
        calls,
        Clients() if clients is None else clients,
        topic=os.environ["ALERTS_TOPIC_ARN"],
        notice=dt.timedelta(hours=float(os.environ["NOTICE_HOURS"])),
    )
    try:
        sweep.run()
    except OutOfTime:
        _LOG.warning("no time left: the rest is for the next sweep")
    said: dict[str, Any] = vars(sweep.report)
    _LOG.info("%s", json.dumps(said))
    if sweep.report.failed:
        raise NotDone(json.dumps(sweep.report.failed))
    return said
