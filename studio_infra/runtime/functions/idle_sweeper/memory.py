"""What sweeps remember of each other, as one small JSON document: nothing else can tell how long an app really runs.

A run reads it once, writes what it saw and means to do before it acts, and what came of it after. A run that dies at
any moment leaves a document that is true: what it meant to stop, and what is gone at the next sight, was stopped.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from .core import Evidence, Phase

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .core import Thing

_VERSION = 1
#: Sweeps further apart than this do not know what was between them.
GAP = dt.timedelta(hours=3)


@dataclass(frozen=True)
class Seen:
    """What is remembered of one thing that was there at the last sweep."""

    phase: Phase
    since: dt.datetime
    created: dt.datetime
    sign: dt.datetime | None = None
    warned: dt.datetime | None = None


@dataclass(frozen=True)
class Deed:
    """Something that was stopped, or would have been."""

    key: str
    label: str
    owner: str
    instance: str
    since: dt.datetime
    at: dt.datetime
    why: str
    dry: bool = False
    #: A plan until the thing is seen gone, or its deletion was accepted.
    done: bool = True


@dataclass(frozen=True)
class Memory:
    """What the sweeps know.

    Args:
        first: When the first sweep was: the first week counts from it.
        swept: When the last one looked; None before the first.
        seen: By key.
        opened: When an app of a space was last seen, by the space's name.
        deeds: Since the last summary, by key and start.
        told: The day of the last summary.
        failed: What the last run could not do: labels, and the service's word for why.

    """

    first: dt.datetime
    swept: dt.datetime | None = None
    seen: Mapping[str, Seen] = field(default_factory=dict)
    opened: Mapping[str, dt.datetime] = field(default_factory=dict)
    deeds: Mapping[str, Deed] = field(default_factory=dict)
    told: dt.date | None = None
    failed: Mapping[str, str] = field(default_factory=dict)

    def look(self, things: Iterable[Thing], *, now: dt.datetime) -> Memory:
        """The same after a look at everything that is there now."""
        recent = self.swept is not None and now - self.swept <= GAP
        there = {thing.key: thing for thing in things if thing.phase is not Phase.DOWN}
        # A run died over these. Whether it had stopped one that runs, and somebody started it again, nobody knows.
        unsure = {deed.key for deed in self.deeds.values() if not deed.done}
        seen = {}
        for key, thing in there.items():
            old = self.seen.get(key)
            seen[key] = Seen(thing.phase, now, thing.created)
            if recent and old is not None and (old.phase, old.created) == (thing.phase, thing.created):
                # Its people were warned in any case.
                seen[key] = replace(seen[key], warned=old.warned) if key in unsure else old
        opened = dict(self.opened)
        for thing in there.values():
            space = thing.names.get("SpaceName")
            if space is not None and thing.phase is Phase.UP:
                opened[space] = now
        deeds = {}
        for name, deed in self.deeds.items():
            still = there.get(deed.key)
            if deed.done or deed.dry or still is None or still.phase is not Phase.UP:
                deeds[name] = replace(deed, done=True)
        return replace(self, swept=now, seen=seen, opened=opened, deeds=deeds)

    def of(self, thing: Thing, *, tags: tuple[Mapping[str, str], ...] = ()) -> Evidence:
        """What is known of something that was there at the last look."""
        seen = self.seen[thing.key]
        return Evidence(seen.since, seen.sign, seen.warned, tags)

    def learned(self, signs: Mapping[str, dt.datetime]) -> Memory:
        """The same with signs of life, by key."""
        return self._with({key: {"sign": sign} for key, sign in signs.items()})

    def warned(self, keys: Iterable[str], *, now: dt.datetime) -> Memory:
        """The same after a warning of things."""
        return self._with({key: {"warned": now} for key in keys})

    def restarted(self, keys: Iterable[str], *, now: dt.datetime) -> Memory:
        """The same when it turns out that things were started again since the look."""
        return self._with({key: {"since": now, "sign": None, "warned": None} for key in keys})

    def stopped(self, keys: Iterable[str], *, now: dt.datetime) -> Memory:
        """The same after things were stopped: what runs at the next look was started again."""
        return self._with({key: {"phase": Phase.GOING, "since": now} for key in keys})

    def did(self, deeds: Iterable[Deed]) -> Memory:
        """The same with deeds, each once however often it is reported."""
        kept = dict(self.deeds)
        for deed in deeds:
            name = f"{deed.key} {_text(deed.since)}"
            old = kept.get(name)
            # What it would have done it would have done at the first sweep that said so.
            kept[name] = deed if old is None or not (old.dry and deed.dry) else old
        return replace(self, deeds=kept)

    def forgot(self, spaces: Iterable[str]) -> Memory:
        """The same without spaces that there are no more."""
        left = set(spaces)
        return replace(self, opened={name: when for name, when in self.opened.items() if name in left})

    def to_json(self) -> bytes:
        """As a document. Lists, not objects, for what is there ten thousand times."""
        document = {
            "version": _VERSION,
            "first": _text(self.first),
            "swept": _text(self.swept),
            "told": self.told.isoformat() if self.told is not None else None,
            "failed": dict(self.failed),
            "opened": {name: _text(when) for name, when in self.opened.items()},
            "seen": {
                key: [one.phase.value, *map(_text, (one.since, one.created, one.sign, one.warned))]
                for key, one in self.seen.items()
            },
            "deeds": [
                [d.key, d.label, d.owner, d.instance, _text(d.since), _text(d.at), d.why, d.dry, d.done]
                for d in self.deeds.values()
            ],
        }
        return json.dumps(document, separators=(",", ":")).encode()

    @classmethod
    def from_json(cls, document: bytes) -> Memory:
        """Read what `to_json` wrote.

        Raises:
            ValueError: It is something else.

        """
        try:
            found: dict[str, Any] = json.loads(document)
            if found["version"] != _VERSION:
                raise ValueError(f"version {found['version']!r}")
            known = cls(
                _moment(found["first"]),
                _perhaps(found["swept"]),
                {
                    key: Seen(
                        Phase(phase), _moment(since), _moment(created), _perhaps(sign), _perhaps(warned)
                    )
                    for key, (phase, since, created, sign, warned) in found["seen"].items()
                },
                {name: _moment(when) for name, when in found["opened"].items()},
                told=dt.date.fromisoformat(found["told"]) if found["told"] is not None else None,
                failed=dict(found["failed"]),
            )
            return known.did(
                Deed(key, label, owner, instance, _moment(since), _moment(at), why, dry, done)
                for key, label, owner, instance, since, at, why, dry, done in found["deeds"]
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"not a memory of sweeps: {error!r}") from error

    def _with(self, changes: Mapping[str, Mapping[str, Any]]) -> Memory:
        changed = {key: replace(self.seen[key], **change) for key, change in changes.items()}
        return replace(self, seen={**self.seen, **changed})


def _text(moment: dt.datetime | None) -> str | None:
    return moment.astimezone(dt.UTC).isoformat(timespec="seconds") if moment is not None else None


def _moment(text: str) -> dt.datetime:
    moment = dt.datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone")
    return moment


def _perhaps(text: str | None) -> dt.datetime | None:
    return _moment(text) if text is not None else None
