"""Which domain a drain is about, and how it is reached."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from studio_infra.cli.terminal.outcome import CommandFailed
from studio_infra.runtime.functions.domain_drain.drain import Drain
from studio_infra.runtime.functions.domain_drain.observe import Clients
from studio_infra.runtime.functions.domain_drain.world import Homes, Wish, World, is_domain_id
from studio_infra.runtime.functions.shared import aws
from studio_infra.runtime.functions.shared.calls import Calls, Deadline
from studio_infra.runtime.functions.shared.clock import SystemClock
from studio_infra.runtime.functions.shared.errors import Kind, kind
from studio_infra.settings import load_settings
from studio_infra.settings.findings import did_you_mean


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One domain, and the region it is in.

    Args:
        domain_id: Its id.
        region: Where it is looked for.
        known: Ids and names of the domains that are there.
        clients: How the region is reached.
        calls: The same, with patience.

    """

    domain_id: str
    region: str
    known: tuple[str, ...]
    clients: Clients = field(repr=False)
    calls: Calls = field(repr=False)

    def drain(self, wish: Wish, *, say: Callable[[str], None] = lambda _: None) -> Drain:
        """What empties it."""
        return Drain(self.domain_id, wish, calls=self.calls, clients=self.clients, say=say)


def find_target(domain: str, settings: Path | None, *, minutes: int) -> Target:
    """The domain with this id or this name.

    Raises:
        CommandFailed: No domain has this name, or several have it.

    """
    region = load_settings(settings).aws.region if settings is not None else None
    clock = SystemClock()
    calls = Calls(clock, deadline=Deadline(clock, minutes * 60))
    clients = Clients(*(aws.client(name, region=region) for name in ("sagemaker", "efs", "ec2", "backup")))
    where = clients.sagemaker.meta.region_name
    names = {one["DomainId"]: one["DomainName"] for one in _domains(calls, clients)}
    known = tuple(f"{one} ({name})" for one, name in names.items())
    if not is_domain_id(domain):
        domain = _id_of(domain, names, known, where)
    return Target(domain_id=domain, region=where, known=known, clients=clients, calls=calls)


def check_vault(target: Target, world: World, wish: Wish) -> Iterator[str]:
    """Warnings about the last copy, before anything is touched.

    Raises:
        CommandFailed: There is no such vault.

    """
    if wish.homes is Homes.RETAIN or wish.vault is None or world.home is None:
        return
    try:
        vault = target.calls.read(target.clients.backup.describe_backup_vault, BackupVaultName=wish.vault)
    except Exception as error:
        # AWS Backup does not say which: who may see no vault is told the same as for one that is not there.
        if kind(error) not in (Kind.GONE, Kind.DENIED):
            raise
        raise CommandFailed(
            f"there is no backup vault {wish.vault!r} in {target.region} that you may use for the last copy of the "
            "homes; name one with --vault, or say --no-final-copy"
        ) from error
    (home,) = target.calls.read(
        target.clients.efs.describe_file_systems, FileSystemId=world.home.file_system_id
    )["FileSystems"]
    if vault.get("EncryptionKeyArn") and vault["EncryptionKeyArn"] == home.get("KmsKeyId"):
        yield f"warning: vault {wish.vault} has the key of the homes: without that key the copy cannot be restored"


def _domains(calls: Calls, clients: Clients) -> list[dict[str, Any]]:
    return list(calls.pages(clients.sagemaker.list_domains, "Domains"))


def _id_of(name: str, names: dict[str, str], known: tuple[str, ...], region: str) -> str:
    found = [domain_id for domain_id, other in names.items() if other == name]
    if len(found) == 1:
        return found[0]
    if found:
        raise CommandFailed(
            f"{len(found)} domains are named {name!r}: say which by its id, {', '.join(found)}"
        )
    hint = did_you_mean(name, set(names.values())) or f"; there are: {', '.join(known) or 'none'}"
    raise CommandFailed(
        f"there is no domain {name!r} in {region}, and what is left of one that is gone is found by its id{hint}"
    )
