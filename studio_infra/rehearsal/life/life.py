"""The whole life of a domain, from an empty account to what is left over."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from studio_infra.rehearsal.environment import without_foreign_aws
from studio_infra.rehearsal.life.cdk_cli import CdkCli
from studio_infra.rehearsal.life.change_steps import bootstrap, deploy, deploy_again, edit_the_roster
from studio_infra.rehearsal.life.end_steps import destroy, drain, what_is_left
from studio_infra.rehearsal.life.people_steps import (
    a_link_opens_studio,
    an_app_starts_in_their_space,
    everybody_is_there,
    people_act_for_themselves,
    scripts_are_in_their_slots,
)
from studio_infra.rehearsal.life.stage import Stage, Step
from studio_infra.rehearsal.life.sweeper_steps import the_sweeper_stops_what_is_over
from studio_infra.rehearsal.life.workloads.endpoints import (
    a_new_model_takes_over,
    endpoints_answer,
    endpoints_stop_and_come_back,
)
from studio_infra.rehearsal.life.workloads.training import training_ends_by_itself
from studio_infra.rehearsal.server import EmbeddedAws

if TYPE_CHECKING:
    from collections.abc import Iterator

    from studio_infra.settings import StudioSettings

#: The first step of the end: what `--keep` leaves out.
_END: Final = "the domain is drained"

_PROXIES: Final = ("http_proxy", "https_proxy", "all_proxy")

LIFE: Final = (
    Step(title="bootstrap", play=bootstrap),
    Step(title="deploy every stack", play=deploy),
    Step(title="everybody is there, with the right role and settings", play=everybody_is_there),
    Step(title="a presigned URL opens Studio", play=a_link_opens_studio),
    Step(title="JupyterLab starts in a private space", play=an_app_starts_in_their_space),
    Step(title="people do their own work, and get at nobody else's", play=people_act_for_themselves),
    Step(title="lifecycle scripts are in the right slots", play=scripts_are_in_their_slots),
    Step(title="training starts and ends by itself", play=training_ends_by_itself),
    Step(title="the endpoint answers", play=endpoints_answer),
    Step(title="its next model takes over, and goes back on an alarm", play=a_new_model_takes_over),
    Step(title="the endpoint stops when its time is over, and comes back", play=endpoints_stop_and_come_back),
    Step(title="the sweeper stops what is over and keeps what is kept", play=the_sweeper_stops_what_is_over),
    Step(title="a second deploy changes nothing", play=deploy_again),
    Step(title="one joins, one leaves, one changes team", play=edit_the_roster),
    Step(title=_END, play=drain),
    Step(title="cdk destroy", play=destroy),
    Step(title="what is left over", play=what_is_left),
)


def beginning() -> tuple[Step, ...]:
    """The life without its end, for people who want to look around."""
    titles = [step.title for step in LIFE]
    return LIFE[: titles.index(_END)]


def _account_of_boundary(settings: StudioSettings) -> str | None:
    """The account that a permissions boundary names: roles can only have one of their own account."""
    boundary = settings.access.permissions_boundary or ""
    account = boundary.split(":")[4] if boundary else ""
    return account if account.isdigit() else None


@contextmanager
def _nothing_of_the_users_own() -> Iterator[None]:
    """Put aside the user's AWS profile, endpoints and proxies: boto3 and the CLI would take them for this account."""
    aside = {
        name: os.environ.pop(name)
        for name in list(os.environ)
        if name not in without_foreign_aws(os.environ) or name.lower() in _PROXIES
    }
    try:
        yield
    finally:
        os.environ.update(aside)


@contextmanager
def set_the_stage(
    settings_file: Path, settings: StudioSettings, *, project: Path, strict: bool = False
) -> Iterator[Stage]:
    """Start an embedded AWS for one rehearsal, and take it down again.

    Args:
        settings_file: Where the settings stand.
        settings: The same, loaded and checked.
        project: The folder with `cdk.json`.
        strict: Whether IAM is enforced.

    Raises:
        RehearsalError: The embedded AWS or the CDK CLI is not installed, or does not start.

    """
    account, region = settings.aws.account or _account_of_boundary(settings), settings.aws.region
    where = {
        name: value for name, value in {"account": account, "region": region}.items() if value is not None
    }
    with (
        _nothing_of_the_users_own(),
        tempfile.TemporaryDirectory(prefix="studio-rehearsal-") as folder,
        EmbeddedAws(strict=strict, **where) as aws,
    ):
        work = Path(folder)
        cli = CdkCli(project=project, environment=aws.subprocess_environment(), assembly=work / "cdk.out")
        yield Stage(aws=aws, cli=cli, settings=settings, settings_file=settings_file.resolve(), work=work)
