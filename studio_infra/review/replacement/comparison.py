"""The replacement guard: what a change of templates does to everything that holds data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from studio_infra.review.replacement.chains import verdicts
from studio_infra.review.replacement.changes import Change, Kind
from studio_infra.review.replacement.effects import Effect
from studio_infra.review.replacement.pairs import name_of, pairs_of
from studio_infra.review.replacement.resources import resources_of
from studio_infra.review.replacement.stateful import stateful_types

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from studio_infra.review.assembly import Template
    from studio_infra.review.replacement.chains import Verdict
    from studio_infra.review.replacement.resolver import Address
    from studio_infra.review.replacement.resources import Resource

    Resources = Mapping[Address, Resource]

_RETAINED: Final = frozenset({"Retain", "RetainExceptOnCreate"})
_KINDS: Final = {
    Effect.REPLACES: Kind.REPLACED,
    Effect.MAY_REPLACE: Kind.MAY_BE_REPLACED,
    Effect.IN_PLACE: Kind.IN_PLACE,
}
_LEFT: Final = "it left the template"
_DESTROYED: Final = "its stack left the app: this counts as destroyed"
#: For reading: what is worst comes first.
_ORDER: Final = {kind: number for number, kind in enumerate(Kind)}


def diff(old: Mapping[str, Template], new: Mapping[str, Template]) -> list[Change]:
    """What happens to each resource that holds data when new templates take the place of old ones.

    Args:
        old: What is deployed, by stack name.
        new: What shall be deployed, by stack name. A stack that is not in it counts as destroyed.

    Returns:
        A change for each stateful resource that is not exactly as before, the worst first.

    Raises:
        InvalidInput: A template is none.

    """
    before, after = resources_of(old), resources_of(new)
    pairs = pairs_of(before, after)
    found = verdicts(pairs.kept, before, after)
    changes = [
        *(change for address in pairs.kept for change in _kept(address, before, after, found[address])),
        *(_elsewhere(one, other, before[one], after[other]) for one, other in pairs.elsewhere.items()),
        *(
            _gone(one, before[one], _LEFT if one.stack in new else _DESTROYED)
            for one in pairs.gone
            if _holds_data(before[one])
        ),
        *(_change(one, after[one], Kind.CREATED) for one in pairs.added if _holds_data(after[one])),
    ]
    return sorted(changes, key=lambda change: (_ORDER[change.kind], change.stack, change.logical_id))


def _kept(address: Address, old: Resources, new: Resources, verdict: Verdict) -> Iterator[Change]:
    before, after = old[address], new[address]
    if not _holds_data(after):
        return
    if after.condition is not None and before.condition != after.condition:
        yield _gone(
            address, before, "its condition changes: where it does not hold, the resource is taken away"
        )
        return
    reasons = [*verdict.reasons.get(verdict.effect, ()), *_unprotected(before, after)]
    kind = _KINDS.get(verdict.effect, Kind.SAFE)
    consequence = ""
    if kind is Kind.REPLACED:
        consequence = _after_replacement(before, after, verdict)
    elif kind is Kind.MAY_BE_REPLACED:
        consequence = f"If it is: {_after_replacement(before, after, verdict)}"
    elif any(_unprotected(before, after)):
        kind = Kind.UNPROTECTED
    elif before == after and kind is Kind.SAFE:
        return
    elif kind is Kind.SAFE:
        reasons = ["its properties stay as they are"]
    yield _change(address, before, kind, reasons, consequence, properties=verdict.properties)


def _unprotected(before: Resource, after: Resource) -> Iterator[str]:
    for policy, was, becomes in (
        ("DeletionPolicy", before.deletion_policy, after.deletion_policy),
        ("UpdateReplacePolicy", before.update_replace_policy, after.update_replace_policy),
    ):
        if was in _RETAINED and becomes not in _RETAINED:
            yield f"{policy} changes from {was} to {becomes}: the next deletion or replacement loses the data"


def _after_replacement(before: Resource, after: Resource, verdict: Verdict) -> str:
    """What a replacement leaves behind."""
    known = stateful_types()[after.type]
    retained = before.update_replace_policy in _RETAINED and after.update_replace_policy in _RETAINED
    said = ["A new one takes its place, without what this one holds"] if retained else []
    said.append(f"Kept: {known.kept}" if retained else f"Lost: {known.lost}")
    if known.unique and _fixed(after) is not None and not verdict.properties & {known.name, *known.within}:
        said.append(
            f"The deployment fails: CloudFormation makes the new one first, and the name {_fixed(after)} is taken"
        )
    return ". ".join(said)


def _gone(address: Address, resource: Resource, reason: str) -> Change:
    known, retained = stateful_types()[resource.type], resource.deletion_policy in _RETAINED
    said = [f"Kept: {known.kept}" if retained else f"Lost: {known.lost}"]
    if retained and known.unique and _fixed(resource) is not None:
        said.append(
            f"Until it is deleted, the name {_fixed(resource)} is taken: to have it back in a stack, use `cdk import`"
        )
    return _change(address, resource, Kind.ORPHANED if retained else Kind.DELETED, [reason], ". ".join(said))


def _elsewhere(one: Address, other: Address, before: Resource, after: Resource) -> Change:
    """The same thing under another address: CloudFormation sees one resource to make and one to delete."""
    known, moved = stateful_types()[before.type], one.stack != other.stack
    retained = before.deletion_policy in _RETAINED
    said = [f"CloudFormation makes another one and {'lets go of' if retained else 'deletes'} this one"]
    said.append(f"Kept: {known.kept}" if retained else f"Lost: {known.lost}")
    if known.unique and _fixed(before) is not None and name_of(after) == name_of(before):
        said.append(f"While this one exists, the other cannot be made: the name {_fixed(before)} is taken")
    said.append(
        "Leave it in its stack, or move it with `cdk refactor`"
        if moved
        else "Keep its construct's path, or use `cdk refactor`"
    )
    reason = (
        f"it is {other.stack}/{other.logical_id} now"
        if moved
        else f"its logical id is {other.logical_id} now"
    )
    return _change(one, before, Kind.MOVED if moved else Kind.RENAMED, [reason], ". ".join(said))


def _change(
    address: Address,
    resource: Resource,
    kind: Kind,
    reasons: Iterable[str] = (),
    consequence: str = "",
    *,
    properties: Iterable[str] = (),
) -> Change:
    return Change(
        stack=address.stack,
        logical_id=address.logical_id,
        type=resource.type,
        kind=kind,
        name=_fixed(resource),
        reasons=tuple(reasons),
        properties=tuple(sorted(properties)),
        consequence=consequence,
    )


def _fixed(resource: Resource) -> str | None:
    """The physical name, where the template has it in plain text."""
    name = name_of(resource)
    return name if isinstance(name, str) else None


def _holds_data(resource: Resource) -> bool:
    return resource.type in stateful_types()
