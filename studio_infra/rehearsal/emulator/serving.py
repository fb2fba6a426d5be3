"""The web server around MiniStack's application, with our control routes in front of it."""

from __future__ import annotations

import logging
import os
from asyncio import constants
from typing import TYPE_CHECKING, Any

from hypercorn.asyncio import serve as hypercorn_serve
from hypercorn.config import Config

from studio_infra.rehearsal.emulator import control, hooks

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Send = Callable[[dict[str, Any]], Awaitable[None]]
    Receive = Callable[[], Awaitable[dict[str, Any]]]

_PREFIX = "/_studio/"


async def serve(listener: int) -> None:
    """Serve until SIGTERM.

    Args:
        listener: File descriptor of the listening socket that we were started with.

    """
    # A client that idles on a TLS connection never says goodbye: do not wait half a minute for it.
    vars(constants)["SSL_SHUTDOWN_TIMEOUT"] = 0.5
    config = Config()
    config.bind = [f"fd://{listener}"]
    config.keep_alive_timeout = 75
    config.graceful_timeout = 1.0
    config.loglevel = "WARNING"
    config.certfile = os.environ.get("MINISTACK_SSL_CERT")
    config.keyfile = os.environ.get("MINISTACK_SSL_KEY")
    logging.getLogger("hypercorn.error").setLevel(logging.ERROR)
    await hypercorn_serve(_application, config)  # type: ignore[arg-type]  # its own protocol types


async def _application(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    if scope["type"] != "http" or not scope["path"].startswith(_PREFIX):
        await hooks.application(scope, receive, send)
        return
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    status, answer = control.handle(scope["method"], scope["path"].removeprefix(_PREFIX), body)
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(answer)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": answer})
