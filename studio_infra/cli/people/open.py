"""`studio-infra open`: a link that opens Studio as one person."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from studio_infra.cli.terminal.outcome import CommandFailed, ExitCode, print_json
from studio_infra.runtime.functions.shared import aws
from studio_infra.settings import load_settings
from studio_infra.settings.findings import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator

#: What SageMaker takes, in seconds.
_EXPIRES: Final = (5, 300)
_EXPIRES_PATTERN: Final = re.compile("([1-9][0-9]{0,3})([sm])", re.ASCII)
_SECONDS: Final = {"s": 1, "m": 60}
_LANDINGS: Final = {
    "studio": "studio::",
    "jupyterlab": "app:JupyterLab:",
    "codeeditor": "app:CodeEditor:",
    "classic": "app:JupyterServer:",
}

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command(name="open")
def open_studio(
    person: Annotated[str, typer.Argument(help="User name: whose Studio it is.")],
    *,
    settings: Annotated[Path, typer.Option("--settings", help="Settings file of the domain.")] = Path(
        "settings/production.toml"
    ),
    domain: Annotated[
        str | None, typer.Option("--domain", help="Id of the domain, in place of a settings file.")
    ] = None,
    expires: Annotated[str, typer.Option("--expires", help="How long the link works: 5s to 5m.")] = "5m",
    landing: Annotated[
        str | None,
        typer.Option(
            "--landing",
            help="Where it leads: studio, jupyterlab, codeeditor, classic, or a URI like app:JupyterLab:lab.",
        ),
    ] = None,
    space: Annotated[
        str | None, typer.Option("--space", help="The space whose app it opens; with --landing jupyterlab.")
    ] = None,
    only_print: Annotated[
        bool, typer.Option("--print", help="Print the link, and open no browser; so it is where none can be.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the link and its end as JSON.")] = False,
) -> None:
    """Open Studio as a person of an IAM domain.

    The link lets whoever has it in as that person, without a password: it is for the person alone, and for support
    with their consent. CloudTrail shows who made it.
    """
    seconds = _seconds(expires)
    target = None if landing is None else _landing(landing)
    client, domain_id = _domain(person, settings) if domain is None else (_client(None), domain)
    _check(client, domain_id, person)
    request: dict[str, Any] = {"DomainId": domain_id, "UserProfileName": person, "ExpiresInSeconds": seconds}
    if space is not None:
        _check_space(client, domain_id, person, space)
        request["SpaceName"] = space
    if target is not None:
        request["LandingUri"] = target
    url: str = client.create_presigned_domain_url(**request)["AuthorizedUrl"]
    if as_json:
        print_json({"url": url, "person": person, "domain": domain_id, "expires_in_seconds": seconds})
    elif only_print or not sys.stdout.isatty() or typer.launch(url) != 0:
        typer.echo(url)
    else:
        typer.echo(f"opened Studio of {person}; the link works for {seconds} s")


def _seconds(text: str) -> int:
    found = _EXPIRES_PATTERN.fullmatch(text)
    least, most = _EXPIRES
    seconds = int(found[1]) * _SECONDS[found[2]] if found else 0
    if not least <= seconds <= most:
        raise CommandFailed(f"--expires takes {least}s to {most // 60}m, got {text!r}", code=ExitCode.USAGE)
    return seconds


def _landing(text: str) -> str:
    if text not in _LANDINGS and ":" not in text:
        names = ", ".join(_LANDINGS)
        raise CommandFailed(
            f"--landing takes {names}, or a URI like app:JupyterLab:lab, got {text!r}", code=ExitCode.USAGE
        )
    return _LANDINGS.get(text, text)


def _domain(person: str, settings: Path) -> tuple[Any, str]:
    """The client and the id of the domain that the settings describe."""
    checked = load_settings(settings)
    names = {one.user_name for one in checked.roster}
    if person not in names:
        raise CommandFailed(f"{person} is not in the roster of {settings}{did_you_mean(person, names)}")
    if checked.domain.auth_mode == "SSO":
        raise _sso(person)
    client = _client(checked.aws.region)
    for one in _all(client, "list_domains", "Domains"):
        if one["DomainName"] == checked.name:
            return client, str(one["DomainId"])
    raise CommandFailed(
        f"there is no domain {checked.name!r} in {client.meta.region_name}; deploy the settings first, "
        "or look for another account or region in your credentials"
    )


def _check(client: Any, domain_id: str, person: str) -> None:
    """Refuse what SageMaker would answer with less than a reason."""
    from botocore.exceptions import ClientError

    try:
        described = client.describe_domain(DomainId=domain_id)
    except ClientError as error:
        if error.response["Error"]["Code"] in {"ResourceNotFound", "ResourceNotFoundException"}:
            known = ", ".join(one["DomainId"] for one in _all(client, "list_domains", "Domains")) or "none"
            raise CommandFailed(f"there is no domain {domain_id!r}, there are: {known}") from error
        raise
    if described["AuthMode"] == "SSO":
        raise _sso(person, described.get("Url"))
    profiles = _all(client, "list_user_profiles", "UserProfiles", DomainIdEquals=domain_id)
    names = [one["UserProfileName"] for one in profiles]
    if person not in names:
        hint = did_you_mean(person, names) or "; deploy the roster first"
        raise CommandFailed(f"{person} has no profile in domain {domain_id}{hint}")


def _check_space(client: Any, domain_id: str, person: str, space: str) -> None:
    spaces = list(_all(client, "list_spaces", "Spaces", DomainIdEquals=domain_id))
    mine = [
        one["SpaceName"]
        for one in spaces
        if one.get("OwnershipSettingsSummary", {}).get("OwnerUserProfileName") == person
        or one.get("SpaceSharingSettingsSummary", {}).get("SharingType") == "Shared"
    ]
    if space not in mine:
        known = ", ".join(sorted(mine)) or "none"
        raise CommandFailed(f"{space!r} is no space that {person} may open, there are: {known}")


def _sso(person: str, url: str | None = None) -> CommandFailed:
    where = f" at {url}" if url else ""
    return CommandFailed(
        f"the domain signs people in through IAM Identity Center, so no link can be made: {person} opens "
        f"Studio in the access portal of the company{where}"
    )


def _all(client: Any, operation: str, key: str, **arguments: Any) -> Iterator[dict[str, Any]]:
    for page in client.get_paginator(operation).paginate(**arguments):
        yield from page[key]


def _client(region: str | None) -> Any:
    return aws.session(region).client("sagemaker")
