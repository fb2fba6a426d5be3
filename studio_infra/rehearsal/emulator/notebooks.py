"""The credentials that code in a Studio app has: the person's role, as SageMaker assumes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from studio_infra.rehearsal.emulator import hooks
from studio_infra.rehearsal.emulator.hooks import sessions
from studio_infra.rehearsal.emulator.rules import states
from studio_infra.rehearsal.emulator.service import lookup
from studio_infra.rehearsal.emulator.service.errors import ServiceError, invalid
from studio_infra.rehearsal.emulator.state import store

if TYPE_CHECKING:
    from studio_infra.rehearsal.emulator.state.store import Record

_SERVICE: Final = "sagemaker.amazonaws.com"


def credentials(app_arn: str) -> dict[str, str]:
    """Open a session as an app's notebooks have one.

    Args:
        app_arn: The app, which must be in service.

    Raises:
        ServiceError: There is no such app in service, it has no role, or the role's trust policy refuses
            SageMaker.

    """
    app = store.find_arn(app_arn)
    if app is None or app.kind != "App" or app.status in states.DEAD:
        raise ServiceError("ResourceNotFound", f"App [{app_arn}] does not exist.")
    if app.status != "InService":
        raise invalid(f"App [{app_arn}] is in status {app.status}.")
    domain_id = app.key[1]
    domain = lookup.require_named("Domain", DomainId=domain_id)
    space = store.find(("Space", domain_id, app.members.get("SpaceName", "")))
    owner = app.members.get("UserProfileName") or _at(space, "OwnershipSettings", "OwnerUserProfileName")
    shared = _at(space, "SpaceSharingSettings", "SharingType") == "Shared"
    profile = None if shared else store.find(("UserProfile", domain_id, owner or ""))
    settings = "DefaultSpaceSettings" if shared else "DefaultUserSettings"
    role = _at(profile, "UserSettings", "ExecutionRole") or _at(domain, settings, "ExecutionRole")
    if role is None:
        raise invalid(f"App [{app_arn}] has no execution role.")
    keys = {"sagemaker:domainid": domain_id}
    if profile is not None:
        keys["sagemaker:userprofilename"] = profile.key[2]
        if _at(domain, "DomainSettings", "ExecutionRoleIdentityConfig") == "USER_PROFILE_NAME":
            keys["aws:sourceidentity"] = profile.key[2]
    found = sessions.open_session(
        role,
        service=_SERVICE,
        keys=keys,
        trust={"aws:sourceaccount": hooks.account(), "aws:sourcearn": (profile or domain).arn},
    )
    if found is None:
        raise invalid(f"SageMaker is unable to assume the execution role {role}; see its trust policy.")
    return found


def _at(record: Record | None, *path: str) -> Any:
    value: Any = record.members if record is not None else {}
    for step in path:
        value = (value or {}).get(step)
    return value
