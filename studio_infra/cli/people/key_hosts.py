"""Registers a public SSH key through a git host's own API."""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from typing import Any, Final

from studio_infra.cli.terminal.outcome import CommandFailed

_SECONDS: Final = 20
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyHost:
    """The part of a host's API that adds a key to the account whose token is used.

    Args:
        name: As people call it.
        api: Where its API begins. Another one for a server of one's own.
        path: Where keys are added.
        token_variable: The environment variable that its own tools read the token from.
        token_header: The header that carries the token, and what stands before it.
        taken: What it answers when somebody's account has the key already.

    """

    name: str
    api: str
    path: str
    token_variable: str
    token_header: tuple[str, str]
    taken: tuple[int, str]

    def register(self, *, api: str, token: str, title: str, key: str) -> bool:
        """Add ``key`` to the account that ``token`` belongs to; whether it was new.

        Raises:
            CommandFailed: The host refused, cannot be reached, or would be spoken to without encryption.

        """
        where = urllib.parse.urlsplit(api)
        if where.scheme != "https" and where.hostname not in _LOOPBACK:
            raise CommandFailed(f"the token would travel unencrypted to {api}; use an https address")
        name, prefix = self.token_header
        request = urllib.request.Request(  # noqa: S310 - the scheme is checked above
            api.rstrip("/") + self.path,
            data=json.dumps({"title": title, "key": key}).encode(),
            method="POST",
            headers={
                "Accept": "application/json",
                "Content-Type": "application/json",
                "User-Agent": "studio-infra",
                name: f"{prefix}{token}",
            },
        )
        try:
            with urllib.request.build_opener(_NoRedirect).open(request, timeout=_SECONDS):
                return True
        except urllib.error.HTTPError as error:
            with error:
                said = error.read(2000).decode("utf-8", "replace")
            if error.code == self.taken[0] and self.taken[1] in said:
                return False
            raise CommandFailed(
                f"{self.name} refused the key ({error.code}): {_message(said, token)}"
            ) from None
        except (OSError, http.client.HTTPException) as error:
            raise CommandFailed(f"{self.name} cannot be reached at {api}: {error}") from error


#: https://docs.github.com/rest/users/keys and https://docs.gitlab.com/api/user_keys/
KEY_HOSTS: Final = {
    "github": KeyHost(
        name="GitHub",
        api="https://api.github.com",
        path="/user/keys",
        token_variable="GITHUB_TOKEN",  # noqa: S106 - the name of a variable
        token_header=("Authorization", "Bearer "),
        taken=(422, "already in use"),
    ),
    "gitlab": KeyHost(
        name="GitLab",
        api="https://gitlab.com/api/v4",
        path="/user/keys",
        token_variable="GITLAB_TOKEN",  # noqa: S106 - the name of a variable
        token_header=("PRIVATE-TOKEN", ""),
        taken=(400, "already been taken"),
    ),
}


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect would carry the token to whoever is named in it."""

    def redirect_request(self, *_: Any) -> None:
        return None


def _message(said: str, token: str) -> str:
    """What the host says is wrong, without the token should it be repeated."""
    try:
        message = json.loads(said)["message"]
    except (ValueError, KeyError, TypeError):
        message = said.strip() or "no reason given"
    return (message if isinstance(message, str) else json.dumps(message)).replace(token, "***")
