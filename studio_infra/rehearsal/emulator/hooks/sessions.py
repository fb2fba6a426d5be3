"""Role sessions with a source identity, and those that Studio itself opens for an app."""

from __future__ import annotations

import dataclasses
import json
import time
from contextvars import ContextVar
from typing import Any, Final
from urllib.parse import parse_qs

from ministack.core import iam_evaluator
from ministack.services import iam, sts

from studio_infra.rehearsal.emulator.hooks import core

_SESSION_SECONDS: Final = 3600
#: Where a session keeps the condition keys that MiniStack does not know.
_KEYS: Final = "StudioInfraKeys"
_IDENTITY: Final = "aws:sourceidentity"

_asked: ContextVar[str | None] = ContextVar("source_identity", default=None)


def remember_source_identities() -> None:
    """Let ``AssumeRole`` take a ``SourceIdentity``, ask the trust policy, and hand it down the chain."""
    old_handle, old_register = sts.handle_request, sts.register_session
    old_trust, old_keys = iam_evaluator.evaluate_trust_policy, iam_evaluator._principal_keys

    async def handle(method: str, path: str, headers: Any, body: bytes, query: Any) -> Any:
        token = _asked.set(_source_identity(headers, body, query))
        try:
            return await old_handle(method, path, headers, body, query)
        finally:
            _asked.reset(token)

    def register(access_key: str, session: dict[str, Any]) -> None:
        before = (sts._sessions.get(session.get("SourceAccessKeyId")) or {}).get(_KEYS, {})
        # A chained session keeps the identity of the first one.
        identity = before.get(_IDENTITY) or _asked.get()
        session.setdefault(_KEYS, {_IDENTITY: identity} if identity else {})
        old_register(access_key, session)

    def trusts(document: Any, caller: str, context: Any = None) -> bool:
        identity = _asked.get()
        if context is None or not identity:
            return bool(old_trust(document, caller, context))
        keys = context.service_context | {"sts:sourceidentity": identity}
        context = dataclasses.replace(context, service_context=keys)
        setting = dataclasses.replace(context, action="sts:SetSourceIdentity")
        return bool(old_trust(document, caller, context) and old_trust(document, caller, setting))

    def keys(credential: Any) -> dict[str, Any]:
        session = sts._sessions.get(credential.access_key_id) or {}
        return {**old_keys(credential), **session.get(_KEYS, {})}

    sts.handle_request, sts.register_session = handle, register
    iam_evaluator.evaluate_trust_policy, iam_evaluator._principal_keys = trusts, keys


def open_session(
    role_arn: str, *, service: str, keys: dict[str, str], trust: dict[str, str]
) -> dict[str, str] | None:
    """Assume a role as a service does.

    Args:
        role_arn: The role.
        service: The service's principal.
        keys: Condition keys that every call of the session carries.
        trust: Condition keys for the role's trust policy.

    Returns:
        The session's credentials, or ``None`` when the trust policy says no.

    """
    found = iam._roles.get(role_arn.rpartition("/")[2])
    if found is None:
        return None
    root = f"arn:aws:iam::{core.account()}:root"  # MiniStack's services act as root
    identity = keys.get(_IDENTITY)
    token = _asked.set(identity)
    try:
        document = _for_service(found["AssumeRolePolicyDocument"], service)
        context = iam_evaluator.EvalContext(
            principal_arn=root,
            principal_type="Root",
            principal_account=core.account(),
            action="sts:AssumeRole",
            resource_arn=role_arn,
            region=core.region(),
            service_context=dict(trust),
        )
        if not iam_evaluator.evaluate_trust_policy(document, root, context):
            return None
    finally:
        _asked.reset(token)
    access_key, secret = sts._gen_session_access_key(), sts._gen_secret()
    session_token = sts._gen_session_token()
    name = found["RoleName"]
    sts.register_session(
        access_key,
        {
            "Arn": f"arn:aws:sts::{core.account()}:assumed-role/{name}/SageMaker",
            "UserId": f"{found['RoleId']}:SageMaker",
            "SecretAccessKey": secret,
            "SessionToken": session_token,
            "Expiration": time.time() + _SESSION_SECONDS,
            "AccountId": core.account(),
            "PrincipalType": "AssumedRole",
            _KEYS: keys,
        },
    )
    return {"AccessKeyId": access_key, "SecretAccessKey": secret, "SessionToken": session_token}


def _for_service(document: Any, service: str) -> dict[str, Any]:
    """A trust policy without the statements for other services: root would pass for any of them."""
    policy: dict[str, Any] = json.loads(document) if isinstance(document, str) else document
    statements = policy["Statement"] if isinstance(policy["Statement"], list) else [policy["Statement"]]
    return policy | {"Statement": [s for s in statements if _names(s.get("Principal"), service)]}


def _names(principal: Any, service: str) -> bool:
    if principal == "*":
        return True
    given = principal.get("Service", []) if isinstance(principal, dict) else []
    return service in ([given] if isinstance(given, str) else given)


def _source_identity(headers: Any, body: bytes, query: Any) -> str | None:
    if "json" in headers.get("content-type", ""):
        asked: str | None = json.loads(body or b"{}").get("SourceIdentity")
        return asked
    given = parse_qs(body.decode("utf-8", "replace")).get("SourceIdentity") or query.get("SourceIdentity")
    return str(given[0]) if given else None
