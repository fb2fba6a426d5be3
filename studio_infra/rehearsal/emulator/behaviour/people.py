"""User profiles, spaces and apps."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from studio_infra.rehearsal.emulator import behaviour, hooks
from studio_infra.rehearsal.emulator.behaviour import domain as domains
from studio_infra.rehearsal.emulator.rules import states
from studio_infra.rehearsal.emulator.service import lookup
from studio_infra.rehearsal.emulator.service.errors import ServiceError, invalid
from studio_infra.rehearsal.emulator.state import store

if TYPE_CHECKING:
    from studio_infra.rehearsal.emulator.state.store import Record

    Members = dict[str, Any]

#: Apps that live in a space; the Classic ones may also belong to a profile directly.
_IN_SPACES = frozenset({"JupyterLab", "CodeEditor"})
_SPACE_SETTINGS = {
    "JupyterLab": "JupyterLabAppSettings",
    "CodeEditor": "CodeEditorAppSettings",
    "JupyterServer": "JupyterServerAppSettings",
    "KernelGateway": "KernelGatewayAppSettings",
}
_DEFAULT_INSTANCE = {"JupyterServer": "system"}


# -- profiles ------------------------------------------------------------------------------------


def _prepare_profile(members: Members) -> None:
    domain = lookup.require_named("Domain", DomainId=members["DomainId"])
    named = {"SingleSignOnUserIdentifier", "SingleSignOnUserValue"} & set(members)
    if domain.members["AuthMode"] == "SSO" and named != {
        "SingleSignOnUserIdentifier",
        "SingleSignOnUserValue",
    }:
        raise invalid(
            "SingleSignOnUserIdentifier and SingleSignOnUserValue are required for a domain with SSO."
        )
    if domain.members["AuthMode"] == "IAM" and named:
        raise invalid("SingleSignOnUserIdentifier cannot be specified for a domain with AuthMode IAM.")
    domains.check_security_groups(members.get("UserSettings") or {})


def _created_profile(record: Record) -> None:
    domain = lookup.require_named("Domain", DomainId=record.key[1])
    record.members["HomeEfsFileSystemUid"] = domains.next_home_uid(domain)


def _updating_profile(record: Record, changes: Members) -> None:
    settings = changes.get("UserSettings") or {}
    domains.check_security_groups(settings)
    # https://docs.aws.amazon.com/sagemaker/latest/dg/domain-custom-file-system.html
    had = (record.members.get("UserSettings") or {}).get("CustomPosixUserConfig")
    if settings.get("CustomPosixUserConfig", had) != had:
        raise invalid("CustomPosixUserConfig cannot be applied to a user profile that exists.")


# -- spaces ----------------------------------------------------------------------------------------


def _prepare_space(members: Members) -> None:
    domain = lookup.require_named("Domain", DomainId=members["DomainId"])
    sharing = (members.get("SpaceSharingSettings") or {}).get("SharingType")
    if bool(members.get("OwnershipSettings")) != bool(sharing):
        raise invalid("OwnershipSettings and SpaceSharingSettings must be given together.")
    if sharing != "Private" and not domain.members.get("DefaultSpaceSettings"):
        raise invalid("DefaultSpaceSettings must be set on the domain before a shared space can be created.")


def _created_space(record: Record) -> None:
    domain = lookup.require_named("Domain", DomainId=record.key[1])
    record.members["HomeEfsFileSystemUid"] = domains.next_home_uid(domain)
    app_type = (record.members.get("SpaceSettings") or {}).get("AppType", "jupyterlab")
    record.members["Url"] = f"{domain.members['Url']}/{app_type.lower()}/{record.key[2]}"


# -- apps --------------------------------------------------------------------------------------------


def _prepare_app(members: Members) -> None:
    app_type, space_name = members["AppType"], members.get("SpaceName")
    if bool(space_name) == bool(members.get("UserProfileName")):
        raise invalid("Exactly one of UserProfileName and SpaceName must be given.")
    if app_type in _IN_SPACES and not space_name:
        raise invalid(f"Apps of type {app_type} must be created in a space.")
    where = {m: members[m] for m in ("DomainId", "UserProfileName", "SpaceName") if members.get(m)}
    owner = lookup.require_named("Space" if space_name else "UserProfile", **where)
    settings = owner.members.get("SpaceSettings") or {}
    if settings.get("AppType", app_type) != app_type:
        raise invalid(f"The space {space_name} is for apps of type {settings['AppType']}, not {app_type}.")
    _check_one_per_space(members)
    spec = _default_spec(app_type, owner) | (members.get("ResourceSpec") or {})
    spec.setdefault("InstanceType", _DEFAULT_INSTANCE.get(app_type, "ml.t3.medium"))
    members["ResourceSpec"] = spec


def _default_spec(app_type: str, owner: Record) -> Members:
    """What an app gets if the call does not say: the space's setting, its owner's, or the domain's."""
    domain = lookup.require_named("Domain", DomainId=owner.key[1])
    layers: list[Members] = [domain.members.get("DefaultUserSettings") or {}]
    profile_name = (owner.members.get("OwnershipSettings") or {}).get("OwnerUserProfileName") or owner.key[2]
    profile = store.find(("UserProfile", owner.key[1], profile_name))
    if profile is not None:
        layers.append(profile.members.get("UserSettings") or {})
    layers.append(owner.members.get("SpaceSettings") or {})
    spec: Members = {}
    for layer in layers:
        spec |= (layer.get(_SPACE_SETTINGS.get(app_type, "")) or {}).get("DefaultResourceSpec") or {}
    return spec


def _check_one_per_space(members: Members) -> None:
    if members["AppType"] not in _IN_SPACES:
        return
    for other in store.every("App", DomainId=members["DomainId"], SpaceName=members["SpaceName"]):
        if other.status not in states.DEAD | {"Failed"} and other.members["AppName"] != members["AppName"]:
            raise ServiceError(
                "ResourceLimitExceeded", f"The space {members['SpaceName']} has an app already: {other.arn}."
            )


def _created_app(record: Record) -> None:
    record.tags = _inherited_tags(record) | record.tags
    record.members["LastUserActivityTimestamp"] = record.created
    record.members["LastHealthCheckTimestamp"] = record.created
    if record.members["AppType"] in _IN_SPACES:
        record.members["BuiltInLifecycleConfigArn"] = _built_in_config(record) or "None"


def _inherited_tags(record: Record) -> dict[str, str]:
    """Tags of the domain, the person and the space, the nearest last; only if the domain passes tags on."""
    domain = lookup.require_named("Domain", DomainId=record.key[1])
    if domain.members.get("TagPropagation") != "ENABLED":
        return {}
    space = store.find(("Space", record.key[1], record.members.get("SpaceName") or ""))
    owner = (space.members.get("OwnershipSettings") or {}).get("OwnerUserProfileName") if space else None
    person = store.find(("UserProfile", record.key[1], owner or record.members.get("UserProfileName") or ""))
    return {
        key: value for one in (domain, person, space) if one is not None for key, value in one.tags.items()
    }


def _deleting_app(record: Record, request: Members) -> None:
    del request
    if record.status == "Failed":
        raise invalid(f"App {record.arn} is in status Failed and cannot be deleted.")


def _built_in_config(record: Record) -> str | None:
    space = store.find(("Space", record.key[1], record.members["SpaceName"]))
    owner = (space.members.get("OwnershipSettings") or {}).get("OwnerUserProfileName") if space else None
    profile = store.find(("UserProfile", record.key[1], owner or ""))
    domain = lookup.require_named("Domain", DomainId=record.key[1])
    name = _SPACE_SETTINGS[record.members["AppType"]]
    for settings in (
        profile and profile.members.get("UserSettings"),
        domain.members.get("DefaultUserSettings"),
    ):
        found = ((settings or {}).get(name) or {}).get("BuiltInLifecycleConfigArn")
        if found:
            return str(found)
    return None


# -- the door ----------------------------------------------------------------------------------------


def presigned_domain_url(params: Members) -> Members:
    """``CreatePresignedDomainUrl``."""
    domain = lookup.require_named("Domain", DomainId=params["DomainId"])
    if domain.members["AuthMode"] == "SSO":
        raise invalid("CreatePresignedDomainUrl can only be called for a domain with AuthMode IAM.")
    where = {"DomainId": params["DomainId"]}
    lookup.require_named("UserProfile", UserProfileName=params["UserProfileName"], **where)
    if params.get("SpaceName"):
        lookup.require_named("Space", SpaceName=params["SpaceName"], **where)
    return {"AuthorizedUrl": f"{domain.members['Url']}/auth?token={secrets.token_urlsafe(48)}"}


def presigned_url_for(kind: str, member: str) -> Any:
    """The presigned URL of a notebook instance or a tracking server."""

    def make(params: Members) -> Members:
        record = lookup.require_named(kind, **{member: params[member]})
        host = f"{record.key[1].lower()}.{hooks.region()}.sagemaker.aws"
        return {"AuthorizedUrl": f"https://{host}/auth?token={secrets.token_urlsafe(48)}"}

    return make


behaviour.PREPARE |= {"UserProfile": _prepare_profile, "Space": _prepare_space, "App": _prepare_app}
behaviour.CREATED |= {"UserProfile": _created_profile, "Space": _created_space, "App": _created_app}
behaviour.DELETING["App"] = _deleting_app
behaviour.UPDATING["UserProfile"] = _updating_profile
