"""What a replacement does to everything that refers to the resource."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from studio_infra.review.replacement.effects import Effect, Place, changed_places, judge, references
from studio_infra.review.replacement.pairs import name_of
from studio_infra.review.replacement.stateful import stateful_types

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from studio_infra.review.replacement.resolver import Address
    from studio_infra.review.replacement.resources import Resource
    from studio_infra.review.replacement.stateful import PropertyPath


class _Link(NamedTuple):
    dependent: Address
    place: Place
    by_name: bool = False


@dataclass(slots=True)
class Verdict:
    """What happens to a resource that stays under its address.

    Args:
        effect: The worst of all.
        reasons: Why, the worst ones only matter: by effect.
        properties: Those of the top level that change.

    """

    effect: Effect = Effect.NONE
    reasons: dict[Effect, dict[str, None]] = field(default_factory=dict)
    properties: set[str] = field(default_factory=set)

    def add(self, effect: Effect, reason: str, path: PropertyPath) -> bool:
        """Take one more cause in; true if it made things worse."""
        self.reasons.setdefault(effect, {})[reason] = None
        self.properties.update(path[:1])
        worse = effect > self.effect
        self.effect = max(self.effect, effect)
        return worse


def verdicts(
    kept: Iterable[Address], old: Mapping[Address, Resource], new: Mapping[Address, Resource]
) -> dict[Address, Verdict]:
    """What happens to each resource that stays under its address, by itself and by what it refers to."""
    found = {address: _by_itself(old[address], new[address]) for address in kept}
    dependents = _links(found, new)
    waiting = deque(address for address, verdict in found.items() if verdict.effect >= Effect.MAY_REPLACE)
    while waiting:
        cause = waiting.popleft()
        certain = found[cause].effect is Effect.REPLACES
        for link in dependents[cause]:
            effect, reason = _through(link, cause, new, certain=certain)
            if found[link.dependent].add(effect, reason, link.place.path) and effect >= Effect.MAY_REPLACE:
                waiting.append(link.dependent)
    return found


def _by_itself(old: Resource, new: Resource) -> Verdict:
    found = Verdict()
    for place in changed_places(old.properties, new.properties):
        judgement = judge(new.type, place)
        found.add(judgement.effect, f"{'/'.join(place.path)} changes ({judgement.because})", place.path)
    known = stateful_types().get(new.type)
    if known is not None and known.contents_unseen and found.effect is Effect.IN_PLACE:
        found.add(Effect.MAY_REPLACE, "its own template is not part of this comparison", ())
    return found


def _links(
    found: Mapping[Address, Verdict], new: Mapping[Address, Resource]
) -> defaultdict[Address, list[_Link]]:
    links: defaultdict[Address, list[_Link]] = defaultdict(list)
    for address in found:
        for place, reference in references(new[address].properties):
            links[reference.to].append(_Link(address, place))
        for other in new[address].depends_on:
            for place in _named(other, address, new) if other in found else ():
                links[other].append(_Link(address, place, by_name=True))
    return links


def _named(other: Address, address: Address, new: Mapping[Address, Resource]) -> Iterator[Place]:
    """Where a resource says the name of one that it waits for: `OwnerUserProfileName`, `ModelName`."""
    name, kind = name_of(new[other]), new[address].type
    known = stateful_types().get(kind)
    own = (known.name,) if known is not None else ()
    for path, text in _texts(new[address].properties):
        place = Place(path, opaque=False)
        if text == name and path != own and judge(kind, place).effect is Effect.REPLACES:
            yield place


def _texts(value: object, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one, path)
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from _texts(one, (*path, key))


def _through(
    link: _Link, cause: Address, new: Mapping[Address, Resource], *, certain: bool
) -> tuple[Effect, str]:
    """What a link carries on. A name stays the same, so only people can tell what that does."""
    effect = judge(new[link.dependent].type, link.place).effect
    happens = "is replaced" if certain else "may be replaced"
    word = "names" if link.by_name else "refers to"
    reason = f"{'/'.join(link.place.path)} {word} {cause.logical_id}, which {happens}"
    weakest = Effect.MAY_REPLACE if link.by_name or not certain else Effect.REPLACES
    return min(effect, weakest), reason
