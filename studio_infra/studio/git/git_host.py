"""Hosts that people reach with git, and the keys by which ssh knows them."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from studio_infra.errors import InvalidInput
from studio_infra.settings.facts import limits

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Keys of the public hosts, as they publish them.
PINNED_KEYS: Final = Path(__file__).with_name("known_hosts.txt")

SSH_PORT: Final = 22
_HTTPS_PORT: Final = 443
_PORTS: Final = range(1, 65_536)
_KEY_TYPES: Final = frozenset(
    {
        "ssh-ed25519",
        "ecdsa-sha2-nistp256",
        "ecdsa-sha2-nistp384",
        "ecdsa-sha2-nistp521",
        "ssh-rsa",
        "sk-ssh-ed25519@openssh.com",
        "sk-ecdsa-sha2-nistp256@openssh.com",
    }
)
_USER: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}", re.ASCII)
_PAGE: Final = re.compile(r"https://[A-Za-z0-9._~:/?=&%-]{1,500}", re.ASCII)
_REPOSITORY: Final = re.compile(r"[A-Za-z0-9_.-]{1,100}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class GitHost:
    """A host that people reach with git over SSH.

    Use ``github()``, ``gitlab()``, ``bitbucket()`` or ``custom(…)``.

    Args:
        host: Its name in clone URLs.
        host_keys: The keys it may show, as in a ``known_hosts`` line without the name:
            ``"ssh-ed25519 AAAA…"``. A comment behind a key is dropped.
        port: Where its SSH server listens. Defaults to 22.
        user: Whom to log in as. Defaults to ``git``.
        key_page: The https address where people register their public key, named in the log. Defaults to the
            host's first page.
        over_443: Another name of the host, whose SSH server listens on port 443: for networks that let
            nothing else out. Defaults to none.
        trust_on_first_use: Whether a host without keys is trusted when it is first met, by each space on its
            own. Defaults to refusing such a host here.

    Raises:
        InvalidInput: A part of it could not be reached, or would not be safe.

    """

    host: str
    host_keys: Sequence[str] = ()
    port: int = SSH_PORT
    user: str = "git"
    key_page: str | None = None
    over_443: str | None = None
    trust_on_first_use: bool = False

    @classmethod
    def github(cls) -> GitHost:
        """GitHub.com, with the key that it publishes."""
        return cls(
            host="github.com",
            host_keys=_pinned("github.com"),
            key_page="https://github.com/settings/keys",
            over_443="ssh.github.com",
        )

    @classmethod
    def gitlab(cls) -> GitHost:
        """GitLab.com, with the key that it publishes."""
        return cls(
            host="gitlab.com",
            host_keys=_pinned("gitlab.com"),
            key_page="https://gitlab.com/-/user_settings/ssh_keys",
            over_443="altssh.gitlab.com",
        )

    @classmethod
    def bitbucket(cls) -> GitHost:
        """Bitbucket Cloud, with the key that it publishes."""
        return cls(
            host="bitbucket.org",
            host_keys=_pinned("bitbucket.org"),
            key_page="https://bitbucket.org/account/settings/ssh-keys",
            over_443="altssh.bitbucket.org",
        )

    @classmethod
    def custom(
        cls,
        host: str,
        *,
        host_keys: Sequence[str] = (),
        port: int = SSH_PORT,
        user: str = "git",
        key_page: str | None = None,
        trust_on_first_use: bool = False,
    ) -> GitHost:
        """Describe a host of your own; the arguments are those of the class.

        ``ssh-keyscan HOST`` prints its keys: compare their fingerprints with those its administrator says.
        """
        return cls(
            host=host,
            host_keys=host_keys,
            port=port,
            user=user,
            key_page=key_page,
            trust_on_first_use=trust_on_first_use,
        )

    def __post_init__(self) -> None:
        for name in (self.host, self.over_443):
            if name is not None and not limits.is_host(name):
                raise InvalidInput(
                    "GitHostName",
                    f"a git host is a lower-case ASCII name like 'git.corp.example', no port, got {name!r}",
                )
        if self.port not in _PORTS:
            raise InvalidInput("GitHostPort", f"the port of {self.host} is 1 to 65535, got {self.port!r}")
        if _USER.fullmatch(self.user) is None:
            raise InvalidInput(
                "GitHostUser",
                f"the SSH user of {self.host} is letters, digits, '.', '_' or '-', got {self.user!r}",
            )
        if self.key_page is not None and _PAGE.fullmatch(self.key_page) is None:
            raise InvalidInput(
                "GitHostKeyPage", f"the key page of {self.host} is an https address, got {self.key_page!r}"
            )
        object.__setattr__(self, "host_keys", tuple(_checked_key(key) for key in self.host_keys))
        if not self.host_keys and not self.trust_on_first_use:
            raise InvalidInput(
                "GitHostKeys",
                f"{self.host} has no host_keys, so that anybody could pose as it: give the lines that "
                f"'ssh-keyscan {self.host}' prints, checked with its administrator, or "
                "trust_on_first_use=True",
            )

    def address(self, *, via_443: bool) -> tuple[str, int]:
        """Name and port that ssh connects to."""
        return (
            (self.over_443, _HTTPS_PORT) if via_443 and self.over_443 is not None else (self.host, self.port)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeCommitHost:
    """AWS CodeCommit in one region, which takes no SSH keys from roles.

    Its https URLs go through ``git-remote-codecommit`` (in SageMaker Distribution since 3.0), so that the
    person's role opens the repository.

    Args:
        region: Where the repositories are.
        repositories: Names of those that people may pull from and push to. Defaults to none: the permission
            then comes from elsewhere.

    Raises:
        InvalidInput: It is no region, or CodeCommit has no such names.

    """

    region: str
    repositories: Sequence[str] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "repositories", tuple(self.repositories))
        if not limits.is_region(self.region):
            raise InvalidInput(
                "CodeCommitRegion", f"a region is written like 'eu-central-1', got {self.region!r}"
            )
        for name in self.repositories:
            if _REPOSITORY.fullmatch(name) is None:
                raise InvalidInput(
                    "CodeCommitRepository",
                    f"a CodeCommit repository is 1-100 letters, digits, '.', '_' or '-', got {name!r}",
                )

    @property
    def host(self) -> str:
        """Its name in https URLs."""
        suffix = ".cn" if self.region.startswith("cn-") else ""
        return f"git-codecommit.{self.region}.amazonaws.com{suffix}"


def _pinned(host: str) -> tuple[str, ...]:
    """The Ed25519 key of a public host: each of them shows it to a client that expects no other."""
    lines = [line.partition(" ") for line in PINNED_KEYS.read_text("utf-8").splitlines()]
    return tuple(key for name, _, key in lines if name == host and key.startswith("ssh-ed25519 "))


def _checked_key(line: str) -> str:
    """Type and key of ``line``, once the key is sure to be what it says."""
    kind, _, rest = line.partition(" ")
    key = rest.partition(" ")[0]
    try:
        blob = base64.b64decode(key, validate=True)
    except (binascii.Error, ValueError):
        blob = b""
    if kind not in _KEY_TYPES or not line.isprintable() or blob[4 : 4 + len(kind)] != kind.encode():
        raise InvalidInput(
            "GitHostKey",
            f"a host key is written 'ssh-ed25519 AAAA…', without the host's name, got {line[:60]!r}",
        )
    return f"{kind} {key}"
