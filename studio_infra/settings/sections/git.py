"""Git over SSH: which hosts, and how."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING, Annotated, Final, Literal

from annotated_types import Ge, Le, MaxLen
from pydantic import AfterValidator

from studio_infra.settings.facts import limits
from studio_infra.settings.fields.base import Many, Section
from studio_infra.settings.fields.rules import Text, refuse
from studio_infra.settings.fields.texts import CodeRepository, Host
from studio_infra.settings.findings import Problem
from studio_infra.settings.sections.codecommit import CodeCommit

if TYPE_CHECKING:
    from collections.abc import Iterator

KeyStore = Literal["home", "space", "secret"]
KnownHost = Literal["github.com", "gitlab.com", "bitbucket.org"]

#: Kinds of host keys that OpenSSH still takes by default.
HOST_KEY_TYPES: Final = (
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "ssh-rsa",
)
_HOST_KEY_MAX: Final = 2048
_PATH: Final = r"[A-Za-z0-9_~][A-Za-z0-9_.~+-]*(?:/[A-Za-z0-9_~][A-Za-z0-9_.~+-]*)*"
_CLONE: Final = re.compile(
    rf"(?:[a-z_][a-z0-9_.-]*@(?P<scp>[a-z0-9.-]+):/?{_PATH}"
    rf"|ssh://[a-z_][a-z0-9_.-]*@(?P<ssh>[a-z0-9.-]+)(?::[0-9]{{1,5}})?/{_PATH}"
    rf"|(?P<codecommit>codecommit::[a-z0-9-]+)://{_PATH})",
    re.ASCII,
)


SshUser = Annotated[
    str, Text.like("^[a-z_][a-z0-9_.-]{0,31}$", "not a user name of an SSH server", 'most use "git"')
]


def _host_key(text: str) -> str:
    """A public key as `ssh-keyscan` prints it, without the host: the kind it claims is the kind it is."""
    kind, _, rest = text.partition(" ")
    if len(text) > _HOST_KEY_MAX or kind not in HOST_KEY_TYPES or not _is_key_blob(rest, kind):
        raise refuse("not a public host key", f'write it like "{HOST_KEY_TYPES[0]} AAAA…", without the host')
    return text


def _is_key_blob(text: str, kind: str) -> bool:
    """Whether it is a key of that kind, as RFC 4253 encodes it: first the length and name of its kind."""
    try:
        blob = base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        return False
    name = len(kind).to_bytes(4, "big") + kind.encode("ascii")
    return blob.startswith(name) and len(blob) > len(name)


def clone_host(url: str) -> str | None:
    """The host of an address that git can clone, or nothing if git could not, or should not."""
    found = _CLONE.fullmatch(url) if len(url) <= limits.URL_MAX else None
    return next(filter(None, found.groups()), None) if found else None


def _clone(text: str) -> str:
    if clone_host(text) is None:
        raise refuse("not an address that git can clone", 'write it like "git@github.com:team/project.git"')
    return text


class CustomGitHost(Section):
    """`[[git.custom_hosts]]`: a git host of your own."""

    host: Host
    """Host name, lower case, without a port."""

    port: Annotated[int, Ge(1), Le(65535)] = 22
    """Port of its SSH server."""

    user: SshUser = "git"
    """User of its SSH server."""

    host_keys: Annotated[Many[Annotated[str, AfterValidator(_host_key)]], MaxLen(10)] = ()
    """Its public host keys, as `ssh-keyscan` prints them, without the host: nobody else can pose as it."""

    trust_on_first_use: bool = False
    """Accept whatever key the host shows first, instead of `host_keys`.
    Only where the network itself can be trusted."""

    def checks(self) -> tuple[Iterator[Problem], ...]:
        """A host without keys that is not trusted openly."""
        return (self._trust(),)

    def _trust(self) -> Iterator[Problem]:
        if not self.host_keys and not self.trust_on_first_use:
            yield Problem(("host_keys",), "missing", "give its public keys, or say trust_on_first_use = true")
        if self.host_keys and self.trust_on_first_use:
            yield Problem(
                ("trust_on_first_use",), "host_keys are given as well", "leave one of the two out", got=True
            )


class GitSettings(Section):
    """`[git]`: git over SSH from the first minute."""

    hosts: Many[KnownHost] = ("github.com", "gitlab.com")
    """Hosts whose public keys ship with the library."""

    custom_hosts: Many[CustomGitHost] = ()
    """Git hosts of your own."""

    codecommit: Many[CodeCommit] = ()
    """Repositories in AWS CodeCommit."""

    key_store: KeyStore = "home"
    """Where a person's private key comes from. "home": made once on their EFS home, valid in all their spaces. "space":
    made in each space. "secret": read from the secret `NAME/people/USER/ssh-private-key` of Secrets Manager."""

    via_443: bool = False
    """Speak SSH over port 443 with the known hosts, for networks that let nothing else out."""

    sign_commits: bool = False
    """Sign commits with the person's SSH key."""

    https_rewrite: bool = True
    """Let git use SSH for `https://` addresses of these hosts: suggested repositories can be pushed to."""

    publish_keys: bool = True
    """Publish each person's public key as an SSM parameter, for `studio-infra keys`."""

    code_repositories: Annotated[Many[CodeRepository], MaxLen(limits.CODE_REPOSITORIES_MAX)] = ()
    """Repositories that Studio suggests for cloning: https addresses, at most 10."""

    clone: Annotated[Many[Annotated[str, AfterValidator(_clone)]], MaxLen(10)] = ()
    """Repositories cloned into every new home, in the background."""

    def checks(self) -> tuple[Iterator[Problem], ...]:
        """Hosts named twice, and clones from hosts that nobody vouches for."""
        return self._hosts_once(), self._clones_from_known_hosts()

    def _hosts_once(self) -> Iterator[Problem]:
        hosts: list[str] = []
        for path, host in [
            *((("hosts", place), host) for place, host in enumerate(self.hosts)),
            *(
                (("custom_hosts", place, "host"), custom.host)
                for place, custom in enumerate(self.custom_hosts)
            ),
        ]:
            if host in hosts:
                yield Problem(path, "named twice", "name each host once", host)
            hosts.append(host)
        regions = [one.region for one in self.codecommit]
        for place, region in enumerate(regions):
            if region in regions[:place]:
                yield Problem(("codecommit", place, "region"), "named twice", "name each region once", region)

    def _clones_from_known_hosts(self) -> Iterator[Problem]:
        hosts = [
            *self.hosts,
            *(custom.host for custom in self.custom_hosts),
            *(f"codecommit::{one.region}" for one in self.codecommit),
        ]
        for place, url in enumerate(self.clone):
            host = clone_host(url) or ""
            if host not in hosts:
                allowed = f"use one of {', '.join(hosts) or 'hosts'}, or add {host} to custom_hosts"
                yield Problem(("clone", place), "from a host that is not listed", allowed, url)
