"""Types that are kept and not emulated: they can be deployed, read by ``GetAtt``, updated and deleted."""

from __future__ import annotations

import secrets
from functools import partial
from typing import TYPE_CHECKING

from studio_infra.rehearsal.emulator import hooks
from studio_infra.rehearsal.emulator.cfn import registry
from studio_infra.rehearsal.emulator.hooks import cloudformation as engine
from studio_infra.rehearsal.emulator.rules import state_only as rules
from studio_infra.rehearsal.emulator.state import ledger

if TYPE_CHECKING:
    from studio_infra.rehearsal.emulator.cfn.registry import Schema
    from studio_infra.rehearsal.emulator.hooks.cloudformation import Made, Props


def register() -> None:
    """Teach the engine every such type that nobody does better."""
    for name in registry.types(*rules.FAMILIES):
        if not engine.has_type(name) and not name.startswith(rules.REFUSED):
            engine.register_type(_type(registry.schema(name)))


def _type(schema: Schema) -> engine.Type:
    return engine.Type(
        name=schema.name,
        create=partial(_create, schema),
        update=partial(_update, schema),
        delete=partial(_delete, schema),
        replacing=tuple(path for path in schema.create_only if "/" not in path),
        maybe_replacing=tuple(sorted({path.split("/")[0] for path in schema.conditional})),
        tags=schema.tags,
        read=lambda physical_id, props: props if ledger.has(schema.name, physical_id) else None,
        readable=schema.properties - set(schema.read_only) - set(schema.write_only),
    )


def _create(schema: Schema, logical_id: str, props: Props, stack: str) -> Made:
    named = [str(props[name]) for name in schema.identifier if isinstance(props.get(name), str)]
    prefix = rules.PREFIXES.get(schema.name, f"{schema.kind.lower()}-")
    made_up = f"{prefix}{secrets.token_hex(9)[:17]}"
    physical_id = "|".join(named) if len(named) == len(schema.identifier) > 0 else made_up
    if ledger.has(schema.name, physical_id):
        raise ValueError(f"{physical_id} already exists (HandlerErrorCode: AlreadyExists)")
    ledger.note(schema.name, stack, logical_id, physical_id)
    return physical_id, _attributes(schema, physical_id, props)


def _update(schema: Schema, change: engine.Change) -> Made:
    nested = [path for path in (*schema.create_only, *schema.conditional) if "/" in path]
    if any(_at(change.old, path) != _at(change.new, path) for path in nested):
        return engine.replace(schema.name, change)
    return change.physical_id, _attributes(schema, change.physical_id, change.new)


def _delete(schema: Schema, physical_id: str, props: Props) -> None:
    del props
    ledger.strike_out(schema.name, physical_id)


def _attributes(schema: Schema, physical_id: str, props: Props) -> Props:
    """Made-up attributes: an ARN where the name says so, else the id."""
    service = schema.name.split("::")[1].lower()
    arn = f"arn:aws:{service}:{hooks.region()}:{hooks.account()}:{schema.kind.lower()}/{physical_id}"
    made_up = {
        p.replace("/", "."): arn if p.lower().endswith("arn") else physical_id for p in schema.read_only
    }
    return made_up | {name: props[name] for name in schema.identifier if name in props}


def _at(props: Props, path: str) -> object:
    found: object = props
    for step in path.split("/"):
        found = found.get(step) if isinstance(found, dict) else None
    return found
