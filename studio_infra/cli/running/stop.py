"""`studio-infra stop`: stops the apps of a person or of a space, or an endpoint."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import Annotated, Final

import typer

from studio_infra.cli.endpoints.target import endpoint as find_endpoint
from studio_infra.cli.running.place import DEFAULT_SETTINGS, DomainOption, Place, SettingsOption
from studio_infra.cli.running.targets import FINDERS, Stopped, Target
from studio_infra.cli.terminal.outcome import CommandFailed, ExitCode, print_json
from studio_infra.settings.facts.limits import NAME_MAX, is_name
from studio_infra.settings.findings import did_you_mean

_FINDERS: Final = {**FINDERS, "endpoint": find_endpoint}

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def stop(
    name: Annotated[str, typer.Argument(help="A person, a space or an endpoint.")],
    *,
    settings: SettingsOption = DEFAULT_SETTINGS,
    domain: DomainOption = None,
    person: Annotated[bool, typer.Option("--person", help="The name is a person's.")] = False,
    space: Annotated[bool, typer.Option("--space", help="The name is a space's.")] = False,
    endpoint: Annotated[bool, typer.Option("--endpoint", help="The name is an endpoint's.")] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until everything has stopped.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was stopped as JSON.")] = False,
) -> None:
    """Stop the apps of a person, in all their spaces, or of one space; or an endpoint.

    Files stay: on the space's volume and in the home. What runs in the apps ends, and is lost if it was not saved. An
    endpoint's model and configuration stay: `studio-infra start` brings it back.
    """
    given = {"person": person, "space": space, "endpoint": endpoint}
    asked = [kind for kind, wanted in given.items() if wanted]
    if len(asked) > 1:
        raise CommandFailed(f"--{' and --'.join(asked)}: say one", code=ExitCode.USAGE)
    place = Place.of(settings, domain)
    target = _target(place, name, asked or list(_FINDERS))
    done = _stop(target, wait=wait)
    if as_json:
        print_json([asdict(one) for one in done])
    elif not done:
        typer.echo(f"{target.what}: nothing runs")
    for one in [] if as_json else done:
        typer.echo(f"{one.name}, {one.instance_type}: {one.status}")
    changing = sum(one.status == "changing" for one in done)
    if changing:
        raise CommandFailed(
            f"{changing} could not be stopped: AWS changes them right now, try again in a minute"
        )


def _target(place: Place, name: str, kinds: list[str]) -> Target:
    # AWS answers to a name that nothing can have with its own pattern, which helps nobody.
    able = kinds if is_name(name) else []
    found = {kind: target for kind in able if (target := _FINDERS[kind](place, name)) is not None}
    if len(found) > 1:
        options = " or ".join(f"--{kind}" for kind in found)
        raise CommandFailed(f"{name!r} is a {' and a '.join(found)}: say {options}", code=ExitCode.USAGE)
    if not found:
        known = {*place.reader.spaces(), *_people(place)}
        asked = f"{' or '.join(kinds)} {name[:NAME_MAX]!r}"
        raise CommandFailed(f"there is no {asked} in domain {place.domain.id}{did_you_mean(name, known)}")
    return next(iter(found.values()))


def _people(place: Place) -> set[str]:
    pages = place.calls.pages(
        place.sagemaker.list_user_profiles, "UserProfiles", DomainIdEquals=place.domain.id, MaxResults=100
    )
    return {one["UserProfileName"] for one in pages}


def _stop(target: Target, *, wait: bool) -> list[Stopped]:
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task(f"stopping {target.what}", total=None)

        def waiting(left: int) -> None:
            progress.update(task, description=f"{left} still to stop")

        return target.stop(wait, waiting)
