"""`studio-infra drain`: empty one domain, so that nothing of it is left."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from studio_infra.cli.teardown.target import Target, check_vault, find_target
from studio_infra.cli.terminal.outcome import CommandFailed, ExitCode, WouldLoseData, print_errors, print_json
from studio_infra.cli.terminal.progress import progress
from studio_infra.runtime.functions.domain_drain.core import Step, left, plan, would_be_lost
from studio_infra.runtime.functions.domain_drain.world import Homes, Wish

if TYPE_CHECKING:
    from studio_infra.runtime.functions.domain_drain.world import World

#: The vault and the role that AWS Backup makes for whoever uses it in the console.
#: https://docs.aws.amazon.com/aws-backup/latest/devguide/iam-service-roles.html
_DEFAULT_VAULT: Final = "Default"
_DEFAULT_ROLE: Final = "role/service-role/AWSBackupDefaultServiceRole"
_SHOWN: Final = 3
_AGAIN: Final = "start the same command again and it goes on"

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def drain(
    domain: Annotated[str, typer.Argument(help="Id of the domain, d-…, or its name.")],
    *,
    apply: Annotated[bool, typer.Option("--apply", help="Do it. Left out, only the plan is shown.")] = False,
    confirm: Annotated[
        str | None,
        typer.Option(
            "--confirm", help="The domain's id, typed: consents to the loss of the volumes of its spaces."
        ),
    ] = None,
    delete_homes: Annotated[
        str | None,
        typer.Option(
            "--delete-homes",
            help="The domain's id, typed: consents to the loss of everybody's home, too. Left out, homes are kept.",
        ),
    ] = None,
    settings: Annotated[
        Path | None, typer.Option("--settings", help="Settings file of the domain: says its region.")
    ] = None,
    vault: Annotated[
        str, typer.Option("--vault", help="Backup vault that takes a last copy of homes before they go.")
    ] = _DEFAULT_VAULT,
    backup_role: Annotated[
        str | None,
        typer.Option(
            "--backup-role",
            help="Role that AWS Backup copies with. Left out, its default role in this account.",
        ),
    ] = None,
    no_final_copy: Annotated[
        bool, typer.Option("--no-final-copy", help="Let homes go without a last copy of them.")
    ] = False,
    wait: Annotated[
        int,
        typer.Option("--wait", min=1, max=1440, help="Minutes after which it stops, to be started again."),
    ] = 120,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the plan, or what was done, as JSON.")
    ] = False,
) -> None:
    """Empty a domain and delete it: apps, spaces, profiles, the domain, and what it leaves in the network.

    Without --apply nothing is changed. Only things of exactly this domain are looked for. It can be stopped at any
    point and started again: what is left is seen, not remembered. Homes are kept, without their mount targets, unless
    --delete-homes says otherwise; a last copy of them is made first.
    """
    target = find_target(domain, settings, minutes=wait)
    _check_consent("--confirm", confirm, target)
    _check_consent("--delete-homes", delete_homes, target)
    world = target.drain(Wish()).look()
    wish = _wish(
        world, vault=None if no_final_copy else vault, role_arn=backup_role, delete=delete_homes is not None
    )
    if not any(left(world, wish)):
        _say_nothing_is_left(target, as_json=as_json)
    elif not apply:
        _show_plan(target, world, wish, as_json=as_json)
    else:
        lost = would_be_lost(world, wish)
        if lost and confirm is None and delete_homes is None:
            raise WouldLoseData(
                f"would lose {' and '.join(lost)}; add --confirm {target.domain_id} if nobody needs them any more"
            )
        print_errors(check_vault(target, world, wish))
        _apply(target, wish, as_json=as_json)


def _wish(world: World, *, vault: str | None, role_arn: str | None, delete: bool) -> Wish:
    if not delete or world.home is None or vault is None:
        return Wish(Homes.DELETE if delete else Homes.RETAIN)
    partition, account = world.home.arn.split(":")[1], world.home.arn.split(":")[4]
    role = role_arn if role_arn is not None else f"arn:{partition}:iam::{account}:{_DEFAULT_ROLE}"
    return Wish(Homes.DELETE, vault, role)


def _check_consent(option: str, typed: str | None, target: Target) -> None:
    if typed is not None and typed != target.domain_id:
        raise CommandFailed(
            f"{option} takes the id of the domain that is drained, {target.domain_id}, got {typed!r}",
            code=ExitCode.USAGE,
        )


def _say_nothing_is_left(target: Target, *, as_json: bool) -> None:
    if as_json:
        print_json({"domain": target.domain_id, "done": True, "actions": [], "kept": []})
    else:
        known = ", ".join(target.known) or "none"
        typer.echo(
            f"nothing is left of {target.domain_id} in {target.region}; domains that are there: {known}"
        )


def _show_plan(target: Target, world: World, wish: Wish, *, as_json: bool) -> None:
    actions = [str(action) for action in plan(world, wish)]
    lost = would_be_lost(world, wish)
    if as_json:
        print_json(
            {
                "domain": target.domain_id,
                "region": target.region,
                "homes": wish.homes.value,
                "vault": wish.vault,
                "would_lose": lost,
                "actions": actions,
            }
        )
        return
    name = f" ({world.domain.name})" if world.domain is not None else ""
    typer.echo(f"plan for {target.domain_id}{name} in {target.region}; --apply does it")
    typer.echo("".join(f"  {action}\n" for action in actions), nl=False)
    if world.home is not None and wish.homes is Homes.RETAIN:
        typer.echo(f"  keep {world.home}")
    typer.echo(f"would lose {' and '.join(lost)}" if lost else "would lose nothing")


def _apply(target: Target, wish: Wish, *, as_json: bool) -> None:
    from studio_infra.runtime.functions.domain_drain.drain import Stuck
    from studio_infra.runtime.functions.shared.calls import OutOfTime

    start, done = time.monotonic(), list[str]()
    step = Step()
    with progress(quiet=as_json) as say:

        def told(what: str) -> None:
            done.append(what)
            say(what)

        draining = target.drain(wish, say=told)
        try:
            for step in draining.run():
                if step.waits:
                    say(f"waiting: {_few(step.waits)}")
        except Stuck as error:
            raise CommandFailed(f"{error}; left: {_few(step.left)}") from error
        except OutOfTime as error:
            raise CommandFailed(f"not finished in time, {_AGAIN}; left: {_few(step.left)}") from error
        except KeyboardInterrupt as error:
            raise CommandFailed(f"interrupted, {_AGAIN}", code=ExitCode.INTERRUPTED) from error
    home = draining.world.home
    if as_json:
        print_json(
            {
                "domain": target.domain_id,
                "done": True,
                "actions": done,
                "kept": [] if home is None else [home.file_system_id],
                "seconds": round(time.monotonic() - start, 1),
            }
        )
    else:
        kept = f"; kept: {home}, which nothing mounts any more" if home is not None else ""
        typer.echo(f"nothing is left of {target.domain_id}{kept}")


def _few(things: tuple[str, ...]) -> str:
    more = len(things) - _SHOWN
    return "; ".join(things[:_SHOWN]) + (f"; and {more} more" if more > 0 else "")
