"""Create, describe, update, delete, start and stop: the same for every kind, plus what ``behaviour`` adds."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, Final

from studio_infra.rehearsal.emulator import behaviour
from studio_infra.rehearsal.emulator.rules import kinds as kind_rules
from studio_infra.rehearsal.emulator.rules import states
from studio_infra.rehearsal.emulator.service import identity, lookup, tags, views
from studio_infra.rehearsal.emulator.state import relations, store, transitions
from studio_infra.rehearsal.emulator.state.store import Record

if TYPE_CHECKING:
    from studio_infra.rehearsal.emulator.service.model import Kind

    Params = dict[str, Any]

#: Members of an update that change another member of the resource.
_RENAMED: Final = {"DomainSettingsForUpdate": "DomainSettings"}


def create(kind: Kind, params: Params) -> Params:
    """Bring a resource to life."""
    return views.answer(f"Create{kind.name}", new(kind, params))


def new(kind: Kind, params: Params) -> Record:
    """Bring a resource to life and return its record."""
    members = copy.deepcopy(params)
    given_tags = tags.from_list(members.pop("Tags", None))
    behaviour.prepare(kind.name, members)
    members |= identity.make_up(kind, members)
    relations.check_needs(kind.name, members)
    _check_name_is_free(kind, members)
    record = Record(
        kind=kind.name,
        key=identity.key_of(kind, members),
        arn=identity.arn_of(kind, members),
        members=members,
        tags=given_tags,
    )
    transitions.begin(record, "create")
    behaviour.created(record)
    store.add(record)
    return record


def describe(kind: Kind, params: Params) -> Params:
    """Show a resource."""
    return views.answer(f"Describe{kind.name}", lookup.require(kind, params))


def update(kind: Kind, params: Params) -> Params:
    """Change a resource: structures are merged, lists are replaced."""
    record = lookup.require(kind, params)
    relations.check_settled(record)
    relations.check_needs(kind.name, params, update=True)
    changes = {_RENAMED.get(n, n): v for n, v in params.items() if n not in kind.identity}
    behaviour.updating(record, changes)
    _merge(record.members, copy.deepcopy(changes))
    transitions.begin(record, "update")
    behaviour.updated(record)
    return views.answer(f"Update{kind.name}", record)


def delete(kind: Kind, params: Params) -> Params:
    """End a resource."""
    record = lookup.require(kind, params)
    if record.status in states.DEAD:
        raise lookup.missing(kind, params)
    relations.check_settled(record)
    relations.check_blockers(record)
    behaviour.deleting(record, params)
    transitions.begin(record, "delete")
    return {kind.arn_member: record.arn}


def stop(kind: Kind, params: Params) -> Params:
    """Stop a job or an instance; one that has ended stays as it is."""
    record = lookup.require(kind, params)
    behaviour.stopping(record)
    transitions.begin(record, "stop")
    return {kind.arn_member: record.arn}


def start(kind: Kind, params: Params) -> Params:
    """Start an instance that was stopped."""
    record = lookup.require(kind, params)
    behaviour.starting(record)
    transitions.begin(record, "start")
    return {kind.arn_member: record.arn}


VERBS: Final = {
    "Create": create,
    "Describe": describe,
    "Update": update,
    "Delete": delete,
    "Stop": stop,
    "Start": start,
}


def _check_name_is_free(kind: Kind, members: Params) -> None:
    holder = store.find(identity.key_of(kind, members))
    if holder is not None and holder.status not in states.DEAD:
        raise lookup.taken(kind, str(members.get(kind.name_member, "")), holder.arn)
    unique = kind_rules.UNIQUE_NAME.get(kind.name)
    if unique is not None:
        for other in store.every(kind.name, **{unique: members[unique]}):
            raise lookup.taken(kind, members[unique], other.arn)


def _merge(old: Params, changes: Params) -> None:
    for name, value in changes.items():
        if isinstance(value, dict) and isinstance(old.get(name), dict):
            _merge(old[name], value)
        elif value is not None:
            old[name] = value
