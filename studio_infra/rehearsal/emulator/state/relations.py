"""Runs the tables of ``rules/relations`` against requests and records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from studio_infra.rehearsal.emulator import hooks
from studio_infra.rehearsal.emulator.rules import relations as rules
from studio_infra.rehearsal.emulator.rules import states
from studio_infra.rehearsal.emulator.service import lookup, views
from studio_infra.rehearsal.emulator.service.errors import ServiceError, in_use, invalid
from studio_infra.rehearsal.emulator.state import store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from studio_infra.rehearsal.emulator.state.store import Record


def check_needs(kind: str, params: dict[str, Any], *, update: bool = False) -> None:
    """Refuse a request that names something that does not exist.

    Raises:
        ServiceError: It does.

    """
    for need in rules.NEEDS.get(kind, ()):
        if update and not need.also_on_update:
            continue
        *shared, (own, path) = need.members
        for value in values_at(params, path):
            lookup.require_named(need.kind, **{m: params.get(p) for m, p in shared}, **{own: value})
    for path in rules.ROLES.get(kind, ()):
        for role in values_at(params, path):
            _check_role(role)
    _check_lifecycle_configs(params)


def check_blockers(record: Record) -> None:
    """Refuse a deletion while something depends on the resource.

    Raises:
        ServiceError: Something does.

    """
    allowed = rules.DELETABLE_IN.get(record.kind)
    if allowed is not None and record.status not in allowed:
        raise invalid(f"Status ({record.status}) not in ([{', '.join(sorted(allowed))}]). ({record.arn})")
    mine = record.members  # they hold the identity, too
    for blocker in rules.BLOCKERS.get(record.kind, ()):
        for other in store.every(blocker.kind):
            same = all(mine[own] in values_at(other.members, path) for path, own in blocker.members)
            if same and other.status not in states.DEAD | blocker.harmless:
                raise ServiceError(
                    blocker.code,
                    f"Unable to delete {views.label(record)}: {views.label(other)} is associated with it.",
                )
    if record.kind == "StudioLifecycleConfig":
        _check_lifecycle_config_is_free(record)


def check_settled(record: Record) -> None:
    """Refuse a change while another one is under way.

    Raises:
        ServiceError: It is.

    """
    if not record.settled and record.status not in states.DEAD:
        if record.kind == "Endpoint":
            raise invalid(f'Cannot update in-progress endpoint "{record.arn}".')
        raise in_use(f"{views.label(record)} is in status {record.status}; try again when that is over.")


def values_at(params: Any, path: str) -> list[Any]:
    """The values at a dotted path; ``[]`` walks through a list."""
    found = [params]
    for step in path.split("."):
        name = step.removesuffix("[]")
        found = [v[name] for v in found if isinstance(v, dict) and v.get(name) not in (None, "")]
        if step.endswith("[]"):
            found = [item for values in found for item in values]
    return found


def lifecycle_configs(value: Any, slot: str = "") -> Iterator[tuple[str, str]]:
    """Every lifecycle config ARN in a settings tree, with the app settings it stands in."""
    if isinstance(value, list):
        for item in value:
            yield from lifecycle_configs(item, slot)
    if not isinstance(value, dict):
        return
    for name, inner in value.items():
        if name in ("LifecycleConfigArn", "BuiltInLifecycleConfigArn") and isinstance(inner, str):
            yield inner, slot
        elif name == "LifecycleConfigArns" and isinstance(inner, list):
            yield from ((arn, slot) for arn in inner)
        else:
            yield from lifecycle_configs(inner, name if name in rules.LIFECYCLE_SLOTS else slot)


def _check_lifecycle_configs(params: dict[str, Any]) -> None:
    for arn, slot in lifecycle_configs(params):
        if arn in ("None", ""):
            continue  # the API's way to say "none of them"
        found = store.find_arn(arn)
        if found is None:
            raise ServiceError("ResourceNotFound", f"StudioLifecycleConfig [{arn}] does not exist.")
        wanted = rules.LIFECYCLE_SLOTS.get(slot)
        app_type = found.members["StudioLifecycleConfigAppType"]
        if wanted is not None and app_type != wanted:
            raise invalid(
                f"Lifecycle configuration {arn} is for {app_type} apps and cannot be used in {slot}."
            )


def _check_lifecycle_config_is_free(record: Record) -> None:
    for kind in ("App", "Space", "UserProfile", "Domain"):
        for other in store.every(kind):
            if other.status in states.DEAD:
                continue
            if record.arn in {arn for arn, _ in lifecycle_configs(other.members)}:
                raise in_use(
                    f"{views.label(record)} is in use by {views.label(other)}; detach it there first."
                )


def _check_role(role_arn: str) -> None:
    problem = hooks.role_problem(role_arn, "sagemaker.amazonaws.com")
    if problem:
        raise invalid(
            f"Could not assume role {role_arn}. Please ensure that the role exists and allows principal "
            f"'sagemaker.amazonaws.com' to assume the role. ({problem})"
        )
