"""`studio-infra probe`: once in a real account, once in a terminal of a space."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from studio_infra.cli.probe.record import Result, as_json, is_refuted, markdown
from studio_infra.cli.terminal.outcome import CommandFailed, ExitCode, print_errors, print_json
from studio_infra.cli.terminal.progress import progress

if TYPE_CHECKING:
    from collections.abc import Sequence

_PAUSE: Final = 5.0
_NO_SPACE: Final = (
    "this is no terminal of a space: there is no metadata file and no SAGEMAKER_ variable; "
    "print a script with --print-script and run it there"
)

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, no_args_is_help=True)
_JSON = typer.Option("--json", help="Print it as JSON.")


@app.callback()
def _probe() -> None:
    """Check what could not be proven without AWS."""


@app.command()
def account(
    *,
    domain: Annotated[str, typer.Option("--domain", help="Id of the domain, d-…, or its name.")],
    settings: Annotated[
        Path | None,
        typer.Option(
            "--settings", help="Settings that were deployed: their region and instance types are looked at."
        ),
    ] = None,
    apply: Annotated[
        bool,
        typer.Option(
            "--apply",
            help="Make a lifecycle configuration, a user profile and an empty stack, too, and take them away again.",
        ),
    ] = False,
    watch: Annotated[
        int,
        typer.Option(
            "--watch", min=0, max=240, help="Minutes for which to look how often Studio checks apps."
        ),
    ] = 0,
    as_json_: Annotated[bool, _JSON] = False,
) -> None:
    """Check what the constructs, functions and commands rely on, in a real account, and print it ready to paste.

    Without --apply every call reads. Names, ids, addresses and keys are not printed. With --apply, what is made has
    one name, studio-infra-probe-…, and one tag; a process of its own takes it away when the probe ends, in whatever
    way that is. Ends with 1 if a fact is refuted.
    """
    from studio_infra.cli.probe.account.look import Account
    from studio_infra.cli.probe.account.probe import TITLE, probe_account
    from studio_infra.cli.teardown.target import find_target
    from studio_infra.settings import load_settings

    checked = load_settings(settings) if settings is not None else None
    target = find_target(domain, settings, minutes=10)
    if not any(one.startswith(f"{target.domain_id} ") for one in target.known):
        known = ", ".join(target.known) or "none"
        raise CommandFailed(f"there is no domain {domain!r} in {target.region}, there are: {known}")
    # What is printed is for pasting: progress is for a terminal alone.
    with progress(quiet=as_json_ or not sys.stdout.isatty()) as say:
        results, left = probe_account(
            Account(target.region, say),
            target.domain_id,
            checked,
            watch=watch,
            pause=_PAUSE if apply else None,
        )
    _print(TITLE, results, json=as_json_)
    if left:
        print_errors([f"not taken away, look for it and delete it by hand: {one}" for one in left])
    if left or is_refuted(results):
        raise typer.Exit(ExitCode.FINDING)


@app.command()
def space(
    *,
    print_script: Annotated[
        bool,
        typer.Option(
            "--print-script",
            help="Print the probe as one script for a space without this package, and run nothing.",
        ),
    ] = False,
    apply: Annotated[
        bool, typer.Option("--apply", help="Write one file to the EFS home, too, and take it away again.")
    ] = False,
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Port of the app's server.")] = 8888,
    as_json_: Annotated[bool, _JSON] = False,
) -> None:
    """Check in a terminal of a space what the lifecycle scripts rely on, and print it ready to paste.

    Nothing is sent anywhere, no API of AWS is called, and no value of a variable, a file or the metadata is printed.
    Ends with 1 if a fact is refuted.
    """
    from studio_infra.cli.probe.space.main import TITLE, is_space, probe_space
    from studio_infra.cli.probe.space.script import space_script

    if print_script:
        typer.echo(space_script(), nl=False)
        return
    if not is_space():
        raise CommandFailed(_NO_SPACE, code=ExitCode.USAGE)
    results = probe_space(write=apply, port=port)
    _print(TITLE, results, json=as_json_)
    if is_refuted(results):
        raise typer.Exit(ExitCode.FINDING)


def _print(title: str, results: Sequence[Result], *, json: bool) -> None:
    if json:
        print_json(as_json(title, results))
    else:
        typer.echo(markdown(title, results), nl=False)
