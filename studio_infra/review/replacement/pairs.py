"""Which resource of the old templates is which of the new ones."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from studio_infra.review.replacement.stateful import stateful_types

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping

    from studio_infra.review.replacement.resolver import Address, Reference
    from studio_infra.review.replacement.resources import Resource

    Key = Callable[[Address, Resource], Hashable | None]


@dataclass(slots=True)
class Pairs:
    """Old and new resources, side by side.

    Args:
        kept: In both, under one address, of one type.
        elsewhere: Old address → new address of what seems to be the same thing under another address.
        gone: Only in the old templates.
        added: Only in the new ones.

    """

    kept: list[Address] = field(default_factory=list)
    elsewhere: dict[Address, Address] = field(default_factory=dict)
    gone: list[Address] = field(default_factory=list)
    added: list[Address] = field(default_factory=list)


def pairs_of(old: Mapping[Address, Resource], new: Mapping[Address, Resource]) -> Pairs:
    """Pair the resources of old and new templates.

    What left one address and came back under another is recognised by its physical name; where there is none, by its
    logical id in another stack; and by being the only one with the same properties.
    """
    found = Pairs(kept=[one for one in old if one in new and old[one].type == new[one].type])
    kept = set(found.kept)
    gone = [one for one in old if one not in kept]
    added = [one for one in new if one not in kept]
    for key in (_by_name, _by_logical_id, _by_properties):
        olds, news = _unique(key, gone, old), _unique(key, added, new)
        for identity in olds.keys() & news.keys():
            found.elsewhere[olds[identity]] = news[identity]
        taken = set(found.elsewhere.values())
        gone = [one for one in gone if one not in found.elsewhere]
        added = [one for one in added if one not in taken]
    found.gone, found.added = gone, added
    return found


def name_of(resource: Resource) -> Any:
    """The physical name of a resource, resolved; None where CloudFormation makes one up."""
    known = stateful_types().get(resource.type)
    return None if known is None or known.name is None else resource.properties.get(known.name)


def _unique(
    key: Key, addresses: Iterable[Address], all_of: Mapping[Address, Resource]
) -> dict[Hashable, Address]:
    found: defaultdict[Hashable, list[Address]] = defaultdict(list)
    for address in addresses:
        identity = key(address, all_of[address]) if all_of[address].type in stateful_types() else None
        if identity is not None:
            found[identity].append(address)
    return {identity: those[0] for identity, those in found.items() if len(those) == 1}


def _by_name(address: Address, resource: Resource) -> Hashable | None:
    name = name_of(resource)
    return None if name is None else (resource.type, _text(name, address.stack))


def _by_logical_id(address: Address, resource: Resource) -> Hashable | None:
    return (resource.type, address.logical_id) if name_of(resource) is None else None


def _by_properties(address: Address, resource: Resource) -> Hashable | None:
    return (resource.type, _text(resource.properties, address.stack)) if resource.properties else None


def _text(value: Any, stack: str) -> str:
    """A value as text, its own stack without its name: what moves takes its neighbours along."""

    def plain(one: Reference) -> list[str]:
        return [one.to.logical_id, one.attribute] if one.to.stack == stack else [*one.to, one.attribute]

    return json.dumps(value, sort_keys=True, default=plain)
