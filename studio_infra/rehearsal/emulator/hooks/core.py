"""Requests: who asks, where, and who answers."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from ministack import app as ministack_app
from ministack.core import iam_actions, responses, router

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from contextlib import AbstractContextManager
    from types import ModuleType

    #: Method, path, headers, body and query of a request in; status, headers and body of the answer out.
    Handler = Callable[
        [str, str, dict[str, str], bytes, dict[str, list[str]]],
        Awaitable[tuple[int, dict[str, str], bytes]],
    ]


async def application(scope: Any, receive: Any, send: Any) -> None:
    """MiniStack's whole web application."""
    await ministack_app.app(scope, receive, send)


def account() -> str:
    """The account of the request that is being answered."""
    return str(responses.get_account_id())


def region() -> str:
    """The region of the request that is being answered."""
    return str(responses.get_region())


def request_scope(account_id: str, region_name: str) -> AbstractContextManager[None]:
    """Act in another account or region for a while."""
    scope: AbstractContextManager[None] = responses.request_scope(account_id, region_name)
    return scope


def scoped_dict() -> Any:
    """A dictionary that shows the current account's and region's entries alone."""
    return responses.AccountRegionScopedDict()


def register_service(
    name: str, *, target_prefix: str, scope: str, handler: Handler, state: ModuleType
) -> None:
    """Let MiniStack route a service to us.

    Args:
        name: The service's name in MiniStack.
        target_prefix: How its ``X-Amz-Target`` headers begin.
        scope: The name requests are signed for.
        handler: What answers.
        state: A module with ``reset``, ``get_state`` and ``load_persisted_state``.

    """
    module = name.replace("-", "_")
    sys.modules[f"ministack.services.{module}"] = state
    ministack_app._loaded_modules[module] = state
    ministack_app.SERVICE_REGISTRY[name] = {"module": module}
    ministack_app.SERVICE_HANDLERS[name] = handler
    ministack_app._state_map[module] = module
    router.SERVICE_PATTERNS[name] = {"target_prefixes": [target_prefix], "credential_scope": scope}
    # Without this entry AUTH=true lets every call of the service through.
    iam_actions.SERVICE_TO_IAM_NAMESPACE[name] = scope
