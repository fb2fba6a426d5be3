"""Every ``AWS::SageMaker`` type that the API can create, describe and delete, made from its schema."""

from __future__ import annotations

import time
import uuid
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from studio_infra.rehearsal.emulator.cfn import casting, registry
from studio_infra.rehearsal.emulator.hooks import cloudformation as engine
from studio_infra.rehearsal.emulator.hosting import rollout
from studio_infra.rehearsal.emulator.rules import cloudformation as rules
from studio_infra.rehearsal.emulator.rules import states
from studio_infra.rehearsal.emulator.service import dispatch, lookup, model, tags, views
from studio_infra.rehearsal.emulator.service.errors import ServiceError
from studio_infra.rehearsal.emulator.state import delays, store

if TYPE_CHECKING:
    from studio_infra.rehearsal.emulator.cfn.registry import Schema
    from studio_infra.rehearsal.emulator.hooks.cloudformation import Made, Props
    from studio_infra.rehearsal.emulator.service.model import Kind
    from studio_infra.rehearsal.emulator.state.store import Record

_FAMILY: Final = "AWS::SageMaker::"
_POLL_SECONDS: Final = 0.05


def register() -> None:
    """Teach the engine every type."""
    for name in registry.types(_FAMILY):
        kind = model.kinds().get(name.removeprefix(_FAMILY))
        if kind is not None and kind.name not in rules.LEFT_OUT and model.operation(f"Delete{kind.name}"):
            engine.register_type(_type(registry.schema(name), kind))


def _type(schema: Schema, kind: Kind) -> engine.Type:
    top = tuple(path for path in schema.create_only if "/" not in path)
    nested = tuple(path.split("/")[0] for path in (*schema.create_only, *schema.conditional))
    name_property = _name_property(schema, kind)
    return engine.Type(
        name=schema.name,
        create=partial(_create, schema, kind),
        update=partial(_update, schema, kind),
        delete=partial(_delete, schema, kind),
        replacing=top,
        maybe_replacing=tuple(sorted(set(nested) - set(top))),
        custom_name=name_property if name_property in top and name_property != "DomainName" else (),
        tags=schema.tags,
        read=partial(_read, schema, kind),
        readable=schema.properties - set(schema.write_only) - set(schema.read_only) - {schema.tags},
        adopt=partial(_adopt, schema, kind),
        identifiers=schema.identifier,
        waits=partial(delays.take_time, kind.name),
    )


# -- the life of a resource -----------------------------------------------------------------------


def _create(schema: Schema, kind: Kind, logical_id: str, props: Props, stack: str) -> Made:
    named = _with_name(schema, kind, logical_id, props, stack)
    record = _call(f"Create{kind.name}", kind, named, schema)
    record.tags |= _tags_of(schema, props)
    _wait_for(record)
    return _physical_id(schema, record), _attributes(schema, record)


def _update(schema: Schema, kind: Kind, change: engine.Change) -> Made:
    if _nested_replacement(schema, change.old, change.new):
        return engine.replace(schema.name, change)
    record = _find(schema, kind, change.physical_id)
    if record is None:
        raise ValueError(_sentence(f"{kind.name} {change.physical_id} does not exist.", "NotFound"))
    changed = change.changed - {schema.tags}
    if changed and model.operation(f"Update{kind.name}") is not None:
        identity = {n: v for n, v in zip(kind.identity, record.key[1:], strict=True) if v}
        _call(f"Update{kind.name}", kind, change.new | identity, schema)
        _wait_for(record)
    elif changed:
        names = ", ".join(sorted(changed))
        raise ValueError(_sentence(f"{names} of a {kind.name} cannot be updated.", "NotUpdatable"))
    before, after = _tags_of(schema, change.old), _tags_of(schema, change.new)
    record.tags = {k: v for k, v in record.tags.items() if k not in before} | after
    return change.physical_id, _attributes(schema, record)


def _delete(schema: Schema, kind: Kind, physical_id: str, props: Props) -> None:
    del props
    record = _find(schema, kind, physical_id)
    if record is None or record.status in states.DEAD:
        return
    identity = {name: value for name, value in zip(kind.identity, record.key[1:], strict=True) if value}
    shape = model.input_shape(f"Delete{kind.name}")
    assert shape is not None  # noqa: S101 - only deletable kinds have a type
    params = casting.to_shape(identity, shape)
    try:
        if kind.name in rules.STOPPED_FIRST and record.status == "InService":
            dispatch.call(f"Stop{kind.name}", params)
        dispatch.call(f"Delete{kind.name}", _with_tokens(f"Delete{kind.name}", params))
    except ServiceError as error:
        raise ValueError(_sentence(error.message, rules.HANDLER_CODES.get(error.code, error.code))) from error
    while not record.settled and record.status not in states.DEAD:
        time.sleep(_POLL_SECONDS)


def _read(schema: Schema, kind: Kind, physical_id: str, expected: Props) -> Props | None:
    """What drift compares: what is the same as in the template is given back in the template's words."""
    record = _find(schema, kind, physical_id)
    if record is None or record.status in states.DEAD:
        return None
    shape = model.input_shape(f"Create{kind.name}")
    assert shape is not None  # noqa: S101 - only creatable kinds have a type
    actual = views.facts(record)
    found: Props = {}
    for name, value in expected.items():
        wanted = casting.to_api(kind.name, {name: value}, shape)
        same = all(_within(wanted[member], actual.get(member)) for member in wanted)
        found[name] = value if same else next((actual.get(m) for m in wanted), None)
    return found


def _adopt(schema: Schema, kind: Kind, identifier: Props) -> Made:
    record = _find(schema, kind, "|".join(str(identifier[name]) for name in schema.identifier))
    if record is None:
        names = ", ".join(f"{n}={v}" for n, v in identifier.items())
        raise ValueError(_sentence(f"{kind.name} {names} does not exist.", "NotFound"))
    return _physical_id(schema, record), _attributes(schema, record)


# -- pieces ----------------------------------------------------------------------------------------


def _call(operation: str, kind: Kind, props: Props, schema: Schema) -> Record:
    shape = model.input_shape(operation)
    assert shape is not None  # noqa: S101 - the caller looked it up
    params = casting.to_api(kind.name, {n: v for n, v in props.items() if n != schema.tags}, shape)
    try:
        answer = dispatch.call(operation, _with_tokens(operation, params))
    except ServiceError as error:
        raise ValueError(_sentence(error.message, _handler_code(operation, error.code))) from error
    made = store.find_arn(str(answer.get(kind.arn_member) or answer.get("Arn") or "")) or lookup.find(
        kind, params
    )
    if made is None:
        raise ValueError(_sentence(f"{operation} answered and nothing is there.", "InternalFailure"))
    return made


def _with_tokens(operation: str, params: Props) -> Props:
    """``params`` with the idempotency tokens that an SDK would add."""
    found = model.operation(operation)
    tokens = found.idempotent_members if found is not None else []
    return {name: uuid.uuid4().hex for name in tokens} | params


def _handler_code(operation: str, code: str) -> str:
    if operation.startswith("Create") and code == "ResourceInUse":
        return "AlreadyExists"
    return rules.HANDLER_CODES.get(code, "GeneralServiceException")


def _sentence(message: str, handler_code: str) -> str:
    return (
        f'Resource handler returned message: "{message} (Service: SageMaker, Status Code: 400)" '
        f"(HandlerErrorCode: {handler_code})"
    )


def _with_name(schema: Schema, kind: Kind, logical_id: str, props: Props, stack: str) -> Props:
    name = _name_property(schema, kind)
    if name is None or name in props:
        return props
    longest = rules.NAME_LENGTH.get(kind.name, 63)
    return props | {name: engine.physical_name(stack, logical_id, longest=longest)}


def _name_property(schema: Schema, kind: Kind) -> str | None:
    own = kind.name_member
    return next(
        (n for n in (own, f"{kind.name}Name") if n in schema.properties and n not in schema.read_only), None
    )


def _tags_of(schema: Schema, props: Props) -> dict[str, str]:
    given = tags.from_list(props.get(schema.tags or "")) if schema.tags else {}
    return {k: v for k, v in given.items() if schema.system_tags or not k.startswith("aws:cloudformation:")}


def _physical_id(schema: Schema, record: Record) -> str:
    facts = views.facts(record)
    return "|".join(str(facts.get(name, "")) for name in schema.identifier)


def _find(schema: Schema, kind: Kind, physical_id: str) -> Record | None:
    if physical_id.startswith("arn:"):
        return store.find_arn(physical_id)
    values = dict(zip(schema.identifier, physical_id.split("|"), strict=False))
    return store.find((kind.name, *(values.get(member, "") for member in kind.identity)))


def _attributes(schema: Schema, record: Record) -> Props:
    facts = views.facts(record)
    paths = {*schema.read_only, *schema.identifier, *rules.MORE_ATTRIBUTES.get(record.kind, ())}
    renamed = rules.ATTRIBUTES.get(record.kind, {})
    return {path.replace("/", "."): _at(facts, renamed.get(path, path)) for path in paths}


def _at(facts: Any, path: str) -> Any:
    for step in path.split("/"):
        facts = facts.get(step, "") if isinstance(facts, dict) else ""
    return facts


def _within(wanted: Any, actual: Any) -> bool:
    """Whether ``actual`` has all that was asked for; the service's defaults beside it are no drift."""
    if isinstance(wanted, dict) and isinstance(actual, dict):
        return all(_within(value, actual.get(name)) for name, value in wanted.items())
    return bool(wanted == actual)


def _nested_replacement(schema: Schema, old: Props, new: Props) -> bool:
    nested = (path for path in schema.create_only if "/" in path)
    if any(_at(old, path) != _at(new, path) for path in nested):
        return True
    # What is only added can be updated in place; what was there already cannot be exchanged.
    return any(_at(old, path) not in ("", _at(new, path)) for path in schema.conditional)


def _wait_for(record: Record) -> None:
    while True:
        settled = record.settled
        rollout.look(record)
        if settled and record.settled:  # an alarm may have sent it back just now
            break
        time.sleep(_POLL_SECONDS)
    if record.members.get("FailureReason"):
        raise ValueError(_sentence(str(record.members["FailureReason"]), "NotStabilized"))
