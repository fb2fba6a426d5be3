"""`studio-infra keys`: the public SSH keys that people's spaces have published."""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from studio_infra.cli.people.key_hosts import KEY_HOSTS
from studio_infra.cli.terminal.outcome import CommandFailed, ExitCode, print_errors, print_json
from studio_infra.runtime.functions.shared import aws
from studio_infra.settings import load_settings

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicKey:
    """A key that a space has published.

    Args:
        person: Whose it is.
        space: The one space it is for. None for a key that serves all spaces of the person.
        fingerprint: As git hosts show it.
        published: When it was written, in ISO 8601.
        line: What is pasted into a git host.

    """

    person: str
    space: str | None
    fingerprint: str
    published: str
    line: str


@app.command()
def keys(
    person: Annotated[str | None, typer.Argument(help="User name. Left out, everybody.")] = None,
    *,
    settings: Annotated[Path, typer.Option("--settings", help="Settings file of the domain.")] = Path(
        "settings/production.toml"
    ),
    copy: Annotated[bool, typer.Option("--copy", help="Print only what is pasted into a git host.")] = False,
    register: Annotated[
        str | None,
        typer.Option("--register", help="Add the key to an account of this host: github or gitlab."),
    ] = None,
    api: Annotated[
        str | None, typer.Option("--api", help="Address of the host's API, for a server of your own.")
    ] = None,
    token_secret: Annotated[
        str | None,
        typer.Option(
            "--token-secret",
            help="Secret in AWS Secrets Manager that holds the account's token. "
            "Left out, GITHUB_TOKEN or GITLAB_TOKEN.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the keys as JSON.")] = False,
) -> None:
    """List the public SSH keys that people's spaces have published, or register one.

    A key is added to the account that the token belongs to: GitHub tokens need the permission "Git SSH keys",
    GitLab tokens the scope "api". Nothing private is ever read, printed or sent.
    """
    if person is None and (copy or register is not None):
        raise CommandFailed("say whose key: studio-infra keys PERSON …", code=ExitCode.USAGE)
    if register is not None and register not in KEY_HOSTS:
        raise CommandFailed(
            f"keys can be registered with {' or '.join(KEY_HOSTS)}, got {register!r}", code=ExitCode.USAGE
        )
    checked = load_settings(settings)
    if person is not None and person not in {one.user_name for one in checked.roster}:
        raise CommandFailed(f"{person} is not in the roster of {settings}")
    found = published_keys(f"/{checked.name}/people", person, region=checked.aws.region)
    if not found and person is not None:
        raise CommandFailed(f"{person} has no key yet: it is published when a space of theirs starts")
    if register is not None:
        _register(found, register, api=api, token=_token(register, token_secret, checked.aws.region))
    elif as_json:
        print_json([asdict(key) for key in found])
    elif copy:
        typer.echo("\n".join(key.line for key in found))
    else:
        _show(found)


def published_keys(people: str, person: str | None, *, region: str | None) -> list[PublicKey]:
    """The keys below the path ``people``, by person and space; what is no key is named and left out."""
    pages = _client("ssm", region).get_paginator("get_parameters_by_path")
    path = people if person is None else f"{people}/{person}"
    found = []
    for page in pages.paginate(Path=path, Recursive=True):
        for parameter in page["Parameters"]:
            owner, _, rest = parameter["Name"].removeprefix(f"{people}/").partition("/")
            name, _, space = rest.partition("/")
            if name != "ssh-public-key":
                continue
            line = " ".join(parameter["Value"].split())
            shown = fingerprint(line)
            if shown is None:
                print_errors([f"{parameter['Name']} does not hold a public key; it is left out"])
                continue
            when = parameter["LastModifiedDate"].isoformat(timespec="seconds")
            found.append(
                PublicKey(person=owner, space=space or None, fingerprint=shown, published=when, line=line)
            )
    return sorted(found, key=lambda key: (key.person, key.space or ""))


def fingerprint(line: str) -> str | None:
    """The SHA256 fingerprint of a public key, as ssh-keygen and git hosts write it; none of anything else."""
    kind, _, rest = line.partition(" ")
    try:
        blob = base64.b64decode(rest.partition(" ")[0], validate=True)
    except (ValueError, binascii.Error):
        return None
    name = len(kind).to_bytes(4, "big") + kind.encode()
    if not kind or not blob.startswith(name) or len(blob) == len(name):
        return None
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")


def _register(found: list[PublicKey], host_name: str, *, api: str | None, token: str) -> None:
    host = KEY_HOSTS[host_name]
    for key in found:
        title = "SageMaker Studio, " + (key.person if key.space is None else f"{key.person}, {key.space}")
        new = host.register(api=api if api is not None else host.api, token=token, title=title, key=key.line)
        typer.echo(
            f"{key.fingerprint}: {'registered with' if new else 'was registered already with'} {host.name}"
        )


def _token(host_name: str, secret: str | None, region: str | None) -> str:
    variable = KEY_HOSTS[host_name].token_variable
    if secret is not None:
        token = _client("secretsmanager", region).get_secret_value(SecretId=secret).get("SecretString", "")
    else:
        token = os.environ.get(variable, "")
    if not token.strip().isprintable() or not token.strip():
        raise CommandFailed(
            f"no token: set {variable}, or name a secret that holds it with --token-secret",
            code=ExitCode.USAGE,
        )
    return str(token.strip())


def _client(service: str, region: str | None) -> Any:
    return aws.session(region).client(service)


def _show(found: list[PublicKey]) -> None:
    from rich.console import Console
    from rich.table import Table

    if not found:
        typer.echo("nobody has published a key yet: each person's is published when a space of theirs starts")
        return
    table = Table("person", "space", "fingerprint", "published", box=None)
    for key in found:
        table.add_row(key.person, key.space or "all", key.fingerprint, key.published)
    Console(highlight=False).print(table)
