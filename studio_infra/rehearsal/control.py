"""Talks to the server beside AWS's APIs: is it up, how fast should time pass, what should go wrong."""

from __future__ import annotations

import http.client
import json
import ssl
from typing import TYPE_CHECKING, Any, Final

from studio_infra.rehearsal.errors import RehearsalError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_OK: Final = 200


class Control:
    """A server's control routes.

    Args:
        port: Where it listens on 127.0.0.1.
        certificate: Its certificate, when it speaks TLS.

    """

    def __init__(self, port: int, certificate: Path | None) -> None:
        self._port = port
        self._trust = ssl.create_default_context(cafile=certificate) if certificate is not None else None

    def healthy(self, *, seconds: float) -> bool:
        """Whether the server answers within ``seconds``.

        Raises:
            OSError: Nobody listens, or the server ended.

        """
        status, _ = self._ask("GET", "/_ministack/health", None, seconds)
        return status == _OK

    def call(self, path: str, body: Any = None, *, method: str | None = None) -> Any:
        """Call a route under ``/_studio/``.

        Args:
            path: The route.
            body: What to send, as JSON. Defaults to nothing, which reads.
            method: Defaults to POST with a body and to GET without.

        Raises:
            RehearsalError: The server refused; its sentence.

        """
        chosen = method or ("GET" if body is None else "POST")
        status, answer = self._ask(chosen, f"/_studio/{path}", body, 30.0)
        if status != _OK:
            raise RehearsalError(answer["message"] if isinstance(answer, dict) else str(answer))
        return answer

    # Each has a name so that a test reads like what it arranges.

    def order_fault(self, operation: str, code: str, **more: Any) -> None:
        """Let calls of an operation fail; see ``emulator.faults.Fault``."""
        self.call("faults", {"operation": operation, "code": code, **more})

    def order_outcome(self, kind: str, **more: Any) -> None:
        """Let a resource end badly; see ``emulator.faults.Outcome``."""
        self.call("outcomes", {"kind": kind, **more})

    def set_delays(self, seconds: Mapping[str, float]) -> None:
        """Say how long things take: ``{"App.delete": 1200}``."""
        self.call("delays", dict(seconds))

    def advance_clock(self, seconds: float) -> None:
        """Let time pass at once."""
        self.call("clock", {"advance": seconds})

    def state_only(self) -> list[dict[str, str]]:
        """Every deployed resource whose properties are kept and whose effect is not emulated."""
        entries: list[dict[str, str]] = self.call("state-only")
        return entries

    def notebook_credentials(self, app_arn: str) -> dict[str, str]:
        """The credentials that code in a Studio app has."""
        found: dict[str, str] = self.call("notebook", {"app_arn": app_arn})
        return found

    def reset(self) -> None:
        """No faults, no delays, the machine's time. What is deployed stays."""
        self.call("reset", {})

    def wipe(self) -> None:
        """Remove everything that is deployed, in every account and region."""
        self._ask("POST", "/_ministack/reset", None, 30.0)

    def _ask(self, method: str, path: str, body: Any, seconds: float) -> tuple[int, Any]:
        # Not urllib: a proxy in the environment must not come between us and our own loopback.
        connection: http.client.HTTPConnection
        if self._trust is not None:
            connection = http.client.HTTPSConnection(
                "127.0.0.1", self._port, timeout=seconds, context=self._trust
            )
        else:
            connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=seconds)
        try:
            payload = None if body is None else json.dumps(body)
            connection.request(method, path, body=payload)
            answer = connection.getresponse()
            text = answer.read()
            return answer.status, json.loads(text) if text else None
        finally:
            connection.close()
