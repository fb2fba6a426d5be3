"""One sweep: look, remember, tell, act. Whatever it dies of, the next one goes on."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..shared.calls import OutOfTime
from ..shared.errors import Kind as ErrorKind
from ..shared.errors import code
from ..shared.errors import kind as error_kind
from . import core, fleet, summary
from .core import Act, Kind, Phase
from .memory import Deed, Memory

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..shared.calls import Calls
    from .core import Rules, Thing
    from .fleet import Domain, Fleet

#: What is going for longer than this is stuck. AWS may take 20 minutes to delete an app.
_STUCK = dt.timedelta(hours=1)


class Sweep:
    """One sweep of one domain.

    Args:
        calls: Of this run.
        sagemaker: A client of SageMaker.
        tagging: A client of the Resource Groups Tagging API.
        domain: The domain.
        rules: What the platform team decided.
        dry_run: How long after the first sweep nothing is stopped.
        summary_hour: From when on the summary of a day is sent, in UTC.

    """

    def __init__(
        self,
        calls: Calls,
        *,
        sagemaker: Any,
        tagging: Any,
        domain: Domain,
        rules: Rules,
        dry_run: dt.timedelta,
        summary_hour: int,
    ) -> None:
        self._calls = calls
        self._sagemaker = sagemaker
        self._reader = fleet.Reader(calls, sagemaker=sagemaker, tagging=tagging, domain=domain)
        self._domain = domain
        self._rules = rules
        self._dry_run = dry_run
        self._summary_hour = summary_hour
        #: When it looks: one moment for all decisions.
        self.now = calls.clock.now()
        self.fleet: Fleet = fleet.Fleet({}, ())
        self.memory = Memory(self.now)
        #: What this run stopped, and what it could not do.
        self.stopped: list[Deed] = []
        #: What a call to stop went out for, whose answer never came.
        self._unanswered: Deed | None = None
        self.failed: dict[str, str] = {}

    @property
    def dry_until(self) -> dt.datetime | None:
        """Until when nothing is stopped; None when it is."""
        until = self.memory.first + self._dry_run
        return until if self.now < until else None

    # -- look ------------------------------------------------------------------------------------

    def look(self, memory: Memory | None) -> None:
        """See everything, and remember it."""
        self.fleet = self._reader.fleet()
        known = memory if memory is not None else Memory(self.now)
        self.memory = known.look(self.fleet.things, now=self.now).forgot(self.fleet.spaces)

    # -- tell ------------------------------------------------------------------------------------

    @property
    def summary_due(self) -> bool:
        """Whether today's summary is still to be sent."""
        today = self.now.date()
        return self.now.hour >= self._summary_hour and (self.memory.told is None or self.memory.told < today)

    def tell(self, publish: Callable[[str, str], None]) -> None:
        """Send the summary, and remember that."""
        found = self.findings()
        dry_until = self.dry_until
        publish(
            summary.subject(self._domain.name, self.memory, found, dry=dry_until is not None),
            summary.message(self._domain.name, self.memory, found, now=self.now, dry_until=dry_until),
        )
        # The first warning of an end counts. While nothing is stopped, nobody was warned either.
        warned = [
            thing.key
            for thing, _, _ in found.ending
            if dry_until is None and not core.was_warned(self.memory.of(thing), rules=self._rules)
        ]
        self.memory = replace(
            self.memory.warned(warned, now=self.now), told=self.now.date(), deeds={}, failed={}
        )

    def findings(self) -> summary.Findings:
        """What there is to say besides what was stopped. It takes no call."""
        found = summary.Findings()
        for thing in self.fleet.things:
            if thing.phase is Phase.GOING and self.now - self.memory.seen[thing.key].since >= _STUCK:
                found.stuck.append((thing, self.memory.seen[thing.key].since))
            if thing.phase is Phase.UP:
                self._over(thing, found)
        for space in self.fleet.spaces.values():
            # Before the first sweep nobody looked who opened what.
            opened = max(self.memory.opened.get(space.name, self.memory.first), self.memory.first)
            since = core.unopened_since(
                space.created, opened, space.modified, now=self.now, rules=self._rules
            )
            if since is not None:
                found.unopened.append((space, since))
        for one in self.fleet.endpoints:
            misses = core.misses(one.tags)
            if misses:
                found.unclear.append((one.name, one.tags.get(core.OWNER_TAG, ""), misses))
        return found

    def _over(self, thing: Thing, found: summary.Findings) -> None:
        """Add what has run for its lifetime. Whether an app is idle is asked when it could be, not here."""
        known = replace(self.memory.of(thing), sign=None)
        would = core.decide(thing, known, now=self.now, rules=replace(self._rules, hours=None))
        if would.act is Act.KEEP:
            return
        tagged = replace(known, tags=self._indexed(thing))
        decision = core.decide(thing, tagged, now=self.now, rules=self._rules)
        if thing.kind not in self._rules.stops:
            found.kept.append((thing, f"{would.why}; the settings only report it"))
        elif decision.act is Act.KEEP:
            found.kept.append((thing, f"{would.why}; {decision.why}"))
        elif decision.end is not None:
            found.ending.append((thing, decision.end, decision.why))

    def _indexed(self, thing: Thing) -> tuple[Mapping[str, str], ...]:
        if thing.kind is not Kind.APP:
            return (self.fleet.tags[thing.key],)
        arns = self._domain.arns_of(thing, self.fleet.spaces)
        return tuple({core.KEEP_TAG: self.fleet.keeps[arn]} for arn in arns if arn in self.fleet.keeps)

    # -- act -------------------------------------------------------------------------------------

    def due(self) -> list[Thing]:
        """What could be over, what has run longest first."""
        found = [
            thing
            for thing in self.fleet.things
            if thing.kind in self._rules.stops
            and thing.phase is Phase.UP
            and core.needs_a_look(
                thing,
                self.memory.of(thing, tags=self._indexed(thing)),
                now=self.now,
                rules=self._rules,
            )
        ]
        return sorted(found, key=lambda thing: self.memory.seen[thing.key].since)

    def plan(self) -> None:
        """Remember what is meant to be stopped, so that it is known even if this run dies."""
        if self.dry_until is None:
            self.memory = self.memory.did(self._deed(thing, "was over", done=False) for thing in self.due())

    def act(self) -> None:
        """Look at each thing that could be over once more, and stop it if it is.

        Raises:
            OutOfTime: The rest is for the next sweep.

        """
        signs: dict[str, dt.datetime] = {}
        restarted: list[str] = []
        deeds: list[Deed] = []
        failed: dict[str, str] = {}
        try:
            for thing in self.due():
                try:
                    deed = self._end(thing, signs, restarted)
                except OutOfTime:
                    raise
                except Exception as error:  # noqa: BLE001 - one thing's trouble is its own, and is said
                    failed[thing.label] = code(error)
                else:
                    deeds += [deed] if deed is not None else []
        finally:
            self.failed |= failed
            self.stopped = [deed for deed in deeds if deed.done and not deed.dry]
            # What was meant and is not done is no plan any more: it is decided anew. Unless time ran out on a call that
            # may have been heard: whether it runs still, or again, the next look cannot tell either.
            done = {name: deed for name, deed in self.memory.deeds.items() if deed.done}
            deeds += [self._unanswered] if self._unanswered is not None else []
            learned = replace(self.memory, deeds=done, failed={**self.memory.failed, **failed}).learned(signs)
            self.memory = (
                learned.restarted(restarted, now=self.now)
                .did(deeds)
                .stopped([deed.key for deed in self.stopped], now=self.now)
            )

    def _end(self, thing: Thing, signs: dict[str, dt.datetime], restarted: list[str]) -> Deed | None:
        """Stop it if it is over still; what was done."""
        described = self._describe(thing)
        if described is None:
            return None
        fresh, sign = described
        if fresh.created != thing.created:
            restarted.append(thing.key)
            return None
        known = self.memory.of(thing)
        if fresh.kind is Kind.APP:
            # Nothing told is no silence: it counts as a sign, and is asked for again an idle limit later.
            signs[thing.key] = sign if sign is not None else self.now
            known = replace(known, sign=signs[thing.key])
        if core.decide(fresh, known, now=self.now, rules=self._rules).act is not Act.STOP:
            return None
        # The index of tags is a little behind: whoever has just tagged something has it kept.
        known = replace(known, tags=self._tags_of(thing))
        decision = core.decide(fresh, known, now=self.now, rules=self._rules)
        if decision.act is not Act.STOP:
            return None
        if self.dry_until is not None:
            return self._deed(thing, decision.why, dry=True)
        meant = self._deed(thing, decision.why, done=False)
        return replace(meant, done=self._stop(thing, meant))

    def _describe(self, thing: Thing) -> tuple[Thing, dt.datetime | None] | None:
        """The thing as it is now, and its last sign of life; None if it is gone."""
        function, status = {
            Kind.APP: (self._sagemaker.describe_app, "Status"),
            Kind.NOTEBOOK: (self._sagemaker.describe_notebook_instance, "NotebookInstanceStatus"),
            Kind.SERVER: (self._sagemaker.describe_mlflow_tracking_server, "TrackingServerStatus"),
        }[thing.kind]
        try:
            found = self._calls.read(function, **thing.names)
        except Exception as error:
            if error_kind(error) is ErrorKind.GONE:
                return None
            raise
        fresh = replace(thing, status=found[status], created=fleet.whole(found["CreationTime"]))
        sign = found.get("LastUserActivityTimestamp")
        return fresh, fleet.whole(sign) if sign is not None else None

    def _tags_of(self, thing: Thing) -> tuple[Mapping[str, str], ...]:
        """Its own tags, and those of its space and its person, from SageMaker itself."""
        if thing.kind is not Kind.APP:
            return (self.fleet.tags[thing.key],)
        return tuple(self._tags(arn) for arn in self._domain.arns_of(thing, self.fleet.spaces))

    def _tags(self, arn: str) -> dict[str, str]:
        try:
            pages = self._calls.pages(self._sagemaker.list_tags, "Tags", ResourceArn=arn)
            return {tag["Key"]: tag["Value"] for tag in pages}
        except Exception as error:
            if error_kind(error) is ErrorKind.GONE:
                return {}
            raise

    def _stop(self, thing: Thing, meant: Deed) -> bool:
        """Stop it; whether that is certain."""
        function = {
            Kind.APP: self._sagemaker.delete_app,
            Kind.NOTEBOOK: self._sagemaker.stop_notebook_instance,
            Kind.SERVER: self._sagemaker.stop_mlflow_tracking_server,
        }[thing.kind]

        def send(**names: str) -> Any:
            self._unanswered = meant
            return function(**names)

        try:
            self._calls.change(send, **thing.names)
        except OutOfTime:
            raise
        except Exception as error:
            self._unanswered = None
            if error_kind(error) is ErrorKind.IN_USE:
                # It changes right now, perhaps because of an attempt whose answer was lost: the next look tells.
                return False
            if error_kind(error) is not ErrorKind.GONE:
                raise
        self._unanswered = None
        return True

    # -- inside ----------------------------------------------------------------------------------

    def _deed(self, thing: Thing, why: str, *, dry: bool = False, done: bool = True) -> Deed:
        since = self.memory.seen[thing.key].since
        return Deed(thing.key, thing.label, thing.owner, thing.instance, since, self.now, why, dry, done)
