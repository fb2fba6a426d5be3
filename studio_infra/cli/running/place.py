"""Which domain a command is about: the one of a settings file, or any by its id."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from studio_infra.cli.terminal.outcome import CommandFailed
from studio_infra.runtime.functions.idle_sweeper.fleet import Domain, Reader
from studio_infra.runtime.functions.shared.aws import client
from studio_infra.runtime.functions.shared.calls import Calls
from studio_infra.runtime.functions.shared.clock import SystemClock
from studio_infra.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

SettingsOption = Annotated[Path, typer.Option("--settings", help="Settings file of the domain.")]
DomainOption = Annotated[
    str | None, typer.Option("--domain", help="Id of the domain, in place of a settings file.")
]
DEFAULT_SETTINGS: Final = Path("settings/production.toml")


@dataclass(frozen=True)
class Place:
    """A domain, and the way to it."""

    domain: Domain
    calls: Calls
    sagemaker: Any
    reader: Reader

    @classmethod
    def of(cls, settings: Path, domain_id: str | None) -> Place:
        """Find the domain.

        Raises:
            CommandFailed: There is none.

        """
        checked = load_settings(settings) if domain_id is None else None
        region = checked.aws.region if checked is not None else None
        calls, sagemaker = Calls(SystemClock()), client("sagemaker", region=region)
        known = list(calls.pages(sagemaker.list_domains, "Domains", MaxResults=100))
        found = [
            one
            for one in known
            if (one["DomainId"] == domain_id if checked is None else one["DomainName"] == checked.name)
        ]
        if len(found) != 1:
            raise CommandFailed(_unclear(domain_id, checked.name if checked else None, known, sagemaker))
        domain = Domain(
            found[0]["DomainId"],
            found[0]["DomainArn"],
            found[0]["DomainName"],
            (f"{found[0]['DomainName']}-workloads",),
            tuple(checked.teams) if checked is not None else (),
        )
        tagging = client("resourcegroupstaggingapi", region=region)
        return cls(
            domain, calls, sagemaker, Reader(calls, sagemaker=sagemaker, tagging=tagging, domain=domain)
        )


def _unclear(domain_id: str | None, name: str | None, known: list[Mapping[str, Any]], sagemaker: Any) -> str:
    ids = ", ".join(one["DomainId"] for one in known) or "none"
    if domain_id is not None:
        return f"there is no domain {domain_id!r}, there are: {ids}"
    if any(one["DomainName"] == name for one in known):
        return f"there is more than one domain {name!r}: say which with --domain, there are: {ids}"
    return (
        f"there is no domain {name!r} in {sagemaker.meta.region_name}; deploy the settings first, "
        "or look for another account or region in your credentials"
    )
