"""Everything that IAM must allow for a SageMaker call: actions, ARNs and condition keys."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from studio_infra.rehearsal.emulator.hooks.authorization import Check
from studio_infra.rehearsal.emulator.rules import permissions as rules
from studio_infra.rehearsal.emulator.service import identity, model
from studio_infra.rehearsal.emulator.state import relations, store

if TYPE_CHECKING:
    from collections.abc import Iterator

    Params = dict[str, Any]

_INVOCATION: Final = re.compile(r"/endpoints/([^/]+)/")


def needed(path: str, headers: dict[str, str], body: bytes) -> list[Check]:
    """What a request needs; the first check is the call itself."""
    operation = headers.get("x-amz-target", "").partition(".")[2]
    if not operation:
        return [_invocation(path, headers)]
    try:
        params = json.loads(body or b"{}")
    except ValueError:
        params = {}
    if not isinstance(params, dict):
        params = {}
    resource = _resource(operation, params)
    keys = _keys(operation, params) | _tags_of(resource)
    checks = [Check(f"sagemaker:{operation}", resource, keys)]
    for other in rules.ALSO_ON.get(operation, ()):
        arn = identity.arn_of(model.kinds()[other], params)
        checks.append(Check(f"sagemaker:{operation}", arn, keys | _tags_of(arn)))
    if params.get("Tags") and operation.startswith("Create"):
        checks.append(Check("sagemaker:AddTags", resource, keys | {"sagemaker:TaggingAction": operation}))
    passed = {role for role in _members(params, rules.PASSED_ROLES) if role.startswith("arn:")}
    checks += [
        Check("iam:PassRole", role, {"iam:PassedToService": "sagemaker.amazonaws.com"})
        for role in sorted(passed)
    ]
    return checks


def _invocation(path: str, headers: dict[str, str]) -> Check:
    found = _INVOCATION.match(path)
    resource = identity.arn_of(model.kinds()["Endpoint"], {"EndpointName": found.group(1) if found else "*"})
    asked = {
        "sagemaker:TargetModel": headers.get("x-amzn-sagemaker-target-model"),
        "sagemaker:TargetContainerHostname": headers.get("x-amzn-sagemaker-target-container-hostname"),
    }
    keys = {name: value for name, value in asked.items() if value}
    action = "InvokeEndpointAsync" if path.endswith("/async-invocations") else "InvokeEndpoint"
    return Check(f"sagemaker:{action}", resource, keys | _tags_of(resource))


def _resource(operation: str, params: Params) -> str:
    if isinstance(params.get("ResourceArn"), str):
        return str(params["ResourceArn"])
    name = rules.RESOURCE_OF.get(operation)
    if name is None:
        regular = model.split(operation)
        if regular is None or regular[0] == "List":
            return "*"
        name = regular[1]
    kind = model.kinds()[name]
    for member in kind.identity:
        value = params.get(member)
        if isinstance(value, str) and value.startswith("arn:"):
            return value
    return identity.arn_of(kind, {n: v for n, v in params.items() if isinstance(v, str | int)})


def _keys(operation: str, params: Params) -> Params:
    keys: Params = {}
    for key, paths in rules.SINGLE.items():
        found = [value for path in paths for value in _values_at(params, path)]
        if found:
            keys[key] = str(found[0]).lower() if isinstance(found[0], bool) else str(found[0])
    if operation in rules.VOLUME_KEY and (found := _values_at(params, rules.VOLUME_KEY[operation])):
        keys["sagemaker:VolumeKmsKey"] = found[0]
    for key, names in rules.MULTIPLE.items():
        if found := list(_members(params, names)):
            keys[key] = found
    models = [v for v in _members(params, frozenset({"ModelName"})) if operation != "CreateModel"]
    if models:
        keys["sagemaker:ModelArn"] = [
            identity.arn_of(model.kinds()["Model"], {"ModelName": m}) for m in models
        ]
    if operation in rules.SPACE_ACTIONS:
        keys |= _space_keys(params)
    return keys


def _space_keys(params: Params) -> Params:
    """Who owns the space that a call is about: what the call says, else what the space has."""
    settings = params
    if not params.get("OwnershipSettings") and params.get("SpaceName"):
        space = store.find(("Space", str(params.get("DomainId", "")), str(params["SpaceName"])))
        settings = space.members if space is not None else {}
    keys: Params = {}
    owners = _values_at(settings, "OwnershipSettings.OwnerUserProfileName")
    if owners:
        profile = {"DomainId": params.get("DomainId"), "UserProfileName": owners[0]}
        keys["sagemaker:OwnerUserProfileArn"] = identity.arn_of(model.kinds()["UserProfile"], profile)
    sharing = _values_at(settings, "SpaceSharingSettings.SharingType")
    if sharing:
        keys["sagemaker:SpaceSharingType"] = sharing[0]
    return keys


def _tags_of(arn: str) -> Params:
    record = store.find_arn(arn)
    found = record.tags if record is not None else {}
    return {
        f"{space}:ResourceTag/{name}": value
        for name, value in found.items()
        for space in ("aws", "sagemaker")
    }


def _members(value: Any, names: frozenset[str]) -> Iterator[str]:
    """The texts under members of these names, wherever they stand."""
    if isinstance(value, list):
        for item in value:
            yield from _members(item, names)
    elif isinstance(value, dict):
        for name, inner in value.items():
            if name in names and isinstance(inner, str):
                yield inner
            elif name in names and isinstance(inner, list):
                yield from (item for item in inner if isinstance(item, str))
            else:
                yield from _members(inner, names)


def _values_at(params: Params, path: str) -> list[Any]:
    try:
        return relations.values_at(params, path)
    except TypeError:
        return []  # a malformed request; the validation refuses it
