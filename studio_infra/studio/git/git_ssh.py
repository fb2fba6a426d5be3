"""Git over SSH for everybody in a domain: which hosts, whose key, what git knows of the person.

The values here become one lifecycle script, ``runtime/lifecycle/git_ssh.sh``, and the permissions it needs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import aws_cdk as cdk
from aws_cdk import aws_iam as iam

from studio_infra.errors import InvalidInput
from studio_infra.settings.sections.git import clone_host
from studio_infra.studio.git.git_host import SSH_PORT, CodeCommitHost, GitHost
from studio_infra.studio.lifecycle.lifecycle_script import SHIPPED_SCRIPTS, LifecycleScript

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs import IConstruct

#: In a policy: the person whose role it is, by the tag that every person's role carries.
THE_PERSON: Final = "${aws:PrincipalTag/studio:user}"

_PEOPLE: Final = re.compile(r"/(?!aws|ssm)[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+){0,10}", re.ASCII)
_FOLDER: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}", re.ASCII)

# What the shell does not read. No value has tabs, or a line that begins with '#'.
_UNREAD: Final = re.compile(r"(?m)^\t*#(?!!).*\n|^\n|^\t+")

_SSH_OPTIONS: Final = """\
 User git
 IdentityFile ~/.ssh/studio_key
 IdentitiesOnly yes
 PreferredAuthentications publickey
 UserKnownHostsFile ~/.ssh/studio_known_hosts
 GlobalKnownHostsFile /dev/null
 StrictHostKeyChecking yes
 ConnectTimeout 20"""

_SIGNING: Final = """\
[gpg] format=ssh
[gpg "ssh"] allowedSignersFile=~/.studio-infra/allowed_signers
[commit] gpgSign=true
[user] signingKey=~/.ssh/studio_key.pub"""


class KeyStore(StrEnum):
    """Where a person's private key comes from."""

    HOME = "home"
    """Made once on the person's EFS home, installed in each of their spaces: registered once."""
    SPACE = "space"
    """Made in each space and kept on its volume: registered once per space."""
    SECRET = "secret"  # noqa: S105 - the name of a place
    """Read at each start from the secret ``<people>/<user>/ssh-private-key``, which has no slash in front and
    holds the text of the key's file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GitSsh:
    """How git works for the people of a domain, from the first minute of every space of theirs.

    Args:
        hosts: Where they clone from.
        people: Path under which each person's parameters stand, like ``"/research/people"``: the git identity
            that the roster gives them, the public key that their spaces publish. Defaults to none, and then
            there is neither.
        via_443: Whether the public hosts are reached on port 443. Custom hosts keep their port.
        key_store: Where a person's private key comes from. Defaults to their EFS home. Changing it deletes
            and overwrites no key.
        publish: Whether the public key is written to ``<people>/<user>/ssh-public-key``.
        sign_commits: Whether commits are signed with the same key, so that ``git log --show-signature``
            verifies them. Left alone for people who have set up signing themselves. Needs git 2.34.
        https_rewrite: Whether https URLs of the hosts go over SSH, because Studio can suggest no others. For
            each person and host it begins when the host has accepted their key: until then, https works.
        clone: URLs that are cloned into the home in the background, each unless its folder exists.
        strict: Whether the app must not start when git could not be set up. Defaults to starting it: a
            broken git is better than no Studio.

    Raises:
        InvalidInput: Parts contradict each other, or could be misread by the shell, ssh or git.

    """

    hosts: Sequence[GitHost | CodeCommitHost]
    people: str | None = None
    via_443: bool = False
    key_store: KeyStore = KeyStore.HOME
    publish: bool = True
    sign_commits: bool = False
    https_rewrite: bool = True
    clone: Sequence[str] = ()
    strict: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "hosts", tuple(self.hosts))
        object.__setattr__(self, "clone", tuple(self.clone))
        names = [host.host for host in self.hosts]
        if not names or len(names) > len(set(names)):
            raise InvalidInput("GitSshHosts", f"hosts are one or more, each given once, got {names}")
        if self.people is not None and _PEOPLE.fullmatch(self.people) is None:
            raise InvalidInput(
                "GitSshPeople",
                "people is a parameter path like '/research/people', not below /aws or /ssm, "
                f"got {self.people!r}",
            )
        if self.key_store not in list(KeyStore):
            raise InvalidInput(
                "GitSshKeyStore", f"key_store is one of {[*map(str, KeyStore)]}, got {self.key_store!r}"
            )
        if self.key_store == KeyStore.SECRET and self.people is None:
            raise InvalidInput(
                "GitSshKeyStore", "key_store 'secret' needs people: the secrets are named below that path"
            )
        folders = [self._folder(url) for url in self.clone]
        if len(folders) > len(set(folders)):
            raise InvalidInput(
                "GitSshClone", f"two clones would share one folder of {folders}; leave one out"
            )

    def script(self) -> LifecycleScript:
        """The lifecycle script for JupyterLab, Code Editor and Studio Classic."""
        script = LifecycleScript.from_file(
            SHIPPED_SCRIPTS / "git_ssh.sh",
            values={
                "PEOPLE": self.people if self.people is not None else "",
                "HOSTS": "\n".join(f"{host.host} {_page(host)}" for host in self._ssh_hosts),
                "SSH": self._ssh_config(),
                "KEYS": self._known_hosts(),
                "GIT": self._git_config(),
                "SIGNING": _SIGNING if self.sign_commits else "",
                "STORE": str(self.key_store),
                "PUBLISH": str(int(self.publish)),
                "CLONES": "\n".join(f"{self._folder(url)} {url}" for url in self.clone),
                "STRICT": str(int(self.strict)),
            },
        )
        return replace(script, text=_UNREAD.sub("", script.text))

    def policy_statements(
        self,
        scope: IConstruct,
        *,
        user_name: str = THE_PERSON,
        domain_id: str = "*",
        key_arn: str | None = None,
    ) -> list[iam.PolicyStatement]:
        """What a person's role needs for the script: no other call, and nothing of anybody else.

        Args:
            scope: A construct of the stack in whose account and region the parameters are.
            user_name: Whose role it is. Defaults to what the role's tag ``studio:user`` says, so that one
                policy serves everybody.
            domain_id: The domain whose spaces the script may ask for their owner. Defaults to any.
            key_arn: The KMS key of the people's secrets. Defaults to AWS's own, which needs no permission.

        """
        stack = cdk.Stack.of(scope)
        statements: list[iam.PolicyStatement] = []

        def allow(*actions: str, on: Sequence[str], conditions: dict[str, object] | None = None) -> None:
            statements.append(
                iam.PolicyStatement(actions=list(actions), resources=list(on), conditions=conditions)
            )

        person = f"{(self.people or '').removeprefix('/')}/{user_name}"
        if self.people is not None:
            identity, key, keys = (
                stack.format_arn(service="ssm", resource="parameter", resource_name=f"{person}/{name}")
                for name in ("git-identity", "ssh-public-key", "ssh-public-key/*")
            )
            allow("ssm:GetParameters", on=[identity, key, keys])
            if self.publish:
                allow("ssm:PutParameter", on=[key, keys])
            spaces = stack.format_arn(service="sagemaker", resource="space", resource_name=f"{domain_id}/*")
            allow("sagemaker:DescribeSpace", on=[spaces])
        if self.key_store == KeyStore.SECRET:
            secret = stack.format_arn(
                service="secretsmanager",
                resource="secret",
                # Secrets Manager ends every ARN with six characters of its own.
                resource_name=f"{person}/ssh-private-key-??????",
                arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
            )
            allow("secretsmanager:GetSecretValue", on=[secret])
            if key_arn is not None:
                service = f"secretsmanager.{stack.region}.{stack.url_suffix}"
                allow("kms:Decrypt", on=[key_arn], conditions={"StringEquals": {"kms:ViaService": service}})
        return [*statements, *self.repository_statements(scope)]

    def repository_statements(self, scope: IConstruct) -> list[iam.PolicyStatement]:
        """What a person's role needs for the repositories in CodeCommit; nothing if none is named.

        Args:
            scope: A construct of the stack in whose account the repositories are.

        """
        repositories = [
            cdk.Stack.of(scope).format_arn(service="codecommit", region=host.region, resource=name)
            for host in self._codecommit_hosts
            for name in host.repositories
        ]
        if not repositories:
            return []
        actions = ["codecommit:GitPull", "codecommit:GitPush"]
        return [iam.PolicyStatement(actions=actions, resources=repositories)]

    @property
    def _ssh_hosts(self) -> list[GitHost]:
        return [host for host in self.hosts if isinstance(host, GitHost)]

    @property
    def _codecommit_hosts(self) -> list[CodeCommitHost]:
        return [host for host in self.hosts if isinstance(host, CodeCommitHost)]

    def _folder(self, url: str) -> str:
        """The folder that git would clone ``url`` into, once it is sure that it can."""
        host = clone_host(url)
        folder = re.split("[/:]", url)[-1].removesuffix(".git")
        if host is None or _FOLDER.fullmatch(folder) is None:
            raise InvalidInput(
                "GitSshClone",
                f"a clone is written 'git@host:group/name.git' or 'codecommit::region://name', got {url!r}",
            )
        known = [one.host for one in self._ssh_hosts]
        if host not in [*known, *(f"codecommit::{one.region}" for one in self._codecommit_hosts)]:
            raise InvalidInput("GitSshClone", f"clone {url} is on none of the hosts: add its host to them")
        return folder

    def _ssh_config(self) -> str:
        """Blocks of an `ssh_config`: the first value counts, and the script adds lines to the last block."""
        lines = []
        for host in self._ssh_hosts:
            name, port = host.address(via_443=self.via_443)
            own = [f" HostName {name}"] * (name != host.host) + [f" Port {port}"] * (port != SSH_PORT)
            own += [f" User {host.user}"] * (host.user != "git")
            if not host.host_keys:
                own += [" StrictHostKeyChecking accept-new", " UserKnownHostsFile ~/.ssh/known_hosts"]
            lines += [f"Host {host.host}", *own] if own else []
        return "\n".join([*lines, " ".join(["Host", *(host.host for host in self._ssh_hosts)]), _SSH_OPTIONS])

    def _known_hosts(self) -> str:
        lines = []
        for host in self._ssh_hosts:
            name, port = host.address(via_443=self.via_443)
            shown = name if port == SSH_PORT else f"[{name}]:{port}"
            lines += [f"{shown} {key}" for key in host.host_keys]
        return "\n".join(lines)

    def _git_config(self) -> str:
        """What every person's git reads. The script writes the included files when it has learnt more."""
        lines = ["[include] path=identity"]
        if self.https_rewrite:
            lines += [f" path=rewrite-{host.host}" for host in self._ssh_hosts]
            lines += [
                f'[url "codecommit::{host.region}://"] insteadOf=https://{host.host}/v1/repos/'
                for host in self._codecommit_hosts
            ]
        return "\n".join(lines)


def _page(host: GitHost) -> str:
    return host.key_page.removeprefix("https://") if host.key_page is not None else host.host
