"""The replacement guard inside an app: what it has synthesized, against what is deployed or a reviewed folder."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from studio_infra.errors import InvalidInput
from studio_infra.review.assembly import stacks
from studio_infra.review.replacement.acknowledgements import FILE
from studio_infra.review.replacement.changes import Level
from studio_infra.review.replacement.guard import guard
from studio_infra.review.sources import deployed, read_folder

if TYPE_CHECKING:
    from collections.abc import Mapping

    from studio_infra.review.assembly import SynthesizedStack, Template

#: Says: what AWS has. `deployed:FOLDER` also says what to take where AWS cannot be asked.
DEPLOYED: Final = "deployed"
_WORDS_MAX: Final = 300
#: An app must not hang because a network swallows what is sent.
_CONNECT_SECONDS: Final = 5


class DataWouldBeLost(Exception):  # noqa: N818 - named for what would happen
    """Deploying this assembly would lose what nobody has said may be lost."""


class _CannotAsk(InvalidInput):
    """AWS does not say what is deployed: no credentials, no permission, no way there."""


def check_baseline(assembly: str, baseline: str | None, acknowledged: str | None = None) -> None:
    """Refuse an assembly that would lose what its baseline has: for apps, after `synth()`.

    Warnings go to standard error.

    Args:
        assembly: Folder of the new assembly.
        baseline: `deployed`: what AWS has deployed of the assembly's stacks. A folder of an assembly or of templates
            that stand for it. `deployed:FOLDER`: what is deployed where AWS can be asked, else the folder. None:
            nothing is checked.
        acknowledged: File of acknowledgements. Defaults to `acknowledged-changes.toml` in the current folder.

    Raises:
        DataWouldBeLost: Something would be lost that nobody has acknowledged.
        InvalidInput: The baseline cannot be read, or the credentials are those of another account.

    """
    if baseline is None:
        return
    file = None if acknowledged is None else Path(acknowledged)
    verdict = guard(_baseline(assembly, baseline), read_folder(Path(assembly)), acknowledged=file)
    for line in (*verdict.warnings, *verdict.lines(Level.WARNING)):
        _warn(line)
    if verdict.blocked:
        found = "".join(f"\n  {line}" for line in verdict.lines(Level.BLOCKED))
        raise DataWouldBeLost(
            f"[{baseline}] would lose data; acknowledge it in {file or FILE} if it must be:{found}"
        )


def _baseline(assembly: str, baseline: str) -> Mapping[str, Template]:
    source, _, folder = baseline.partition(":")
    if source != DEPLOYED:
        return read_folder(Path(baseline))
    try:
        return _deployed(stacks(Path(assembly)))
    except _CannotAsk as error:
        if not folder:
            raise
        _warn(f"{error.message.rpartition(';')[0]}; compared with {folder} instead")
        return read_folder(Path(folder))


def _deployed(synthesized: Mapping[str, SynthesizedStack]) -> dict[str, Template]:
    """What AWS has of these stacks, by their names in the assembly."""
    try:
        import boto3  # noqa: PLC0415 - half a second that a folder need not wait for
        from botocore.config import Config  # noqa: PLC0415 - a folder need not wait
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - a folder need not wait
    except ImportError:
        raise _CannotAsk(
            "Baseline", "boto3 is not installed; install it, or name a folder", path=DEPLOYED
        ) from None
    options: Any = {"config": Config(connect_timeout=_CONNECT_SECONDS, retries={"mode": "standard"})}
    found: dict[str, Template] = {}
    try:
        session: Any = boto3.Session()
        _refuse_other_accounts(
            session.client("sts", region_name=_region(session, None), **options), synthesized
        )
        clients: dict[str | None, Any] = {}
        for key, stack in synthesized.items():
            region = _region(session, stack.region)
            if region not in clients:
                clients[region] = session.client("cloudformation", region_name=region, **options)
            there = deployed([stack.name], clients[region])
            if there:
                found[key] = there[stack.name]
    except (BotoCoreError, ClientError) as error:
        why = " ".join(str(error).split())[:_WORDS_MAX].rstrip(".")
        raise _CannotAsk(
            "Baseline",
            f"AWS does not say what is deployed: {why}; sign in, or name a folder: "
            f"--context baseline={DEPLOYED}:FOLDER",
            path=DEPLOYED,
        ) from None
    return found


def _region(session: Any, of_stack: str | None) -> str | None:
    """Where a stack is looked for: where the app says, else where the CDK CLI or the AWS configuration says."""
    return (
        of_stack
        or os.environ.get("CDK_DEFAULT_REGION")
        or os.environ.get("AWS_REGION")
        or session.region_name
    )


def _refuse_other_accounts(sts: Any, synthesized: Mapping[str, SynthesizedStack]) -> None:
    """Another account has none of the stacks, and so nothing to lose: the check would say yes to anything."""
    ours = sts.get_caller_identity()["Account"]
    default = os.environ.get("CDK_DEFAULT_ACCOUNT") or ours
    for stack in synthesized.values():
        theirs = stack.account or default
        if theirs != ours:
            raise InvalidInput(
                "Baseline",
                f"stack {stack.name} goes to account {theirs}, your credentials are those of {ours}; sign in to "
                f"{theirs} (AWS_PROFILE, as --profile is for the CDK CLI alone)",
                path=DEPLOYED,
            )


def _warn(line: str) -> None:
    sys.stderr.write(f"warning: {line}\n")
