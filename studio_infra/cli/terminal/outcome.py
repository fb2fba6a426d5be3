"""How a command ends: its exit code, its one line for an error, its JSON."""

from __future__ import annotations

import enum
import json
import sys
from collections.abc import Iterable
from typing import Any, Final

from studio_infra.errors import InvalidInput
from studio_infra.settings.findings import InvalidSettings, escape

_LINE_MAX: Final = 2000
_SIGN_IN: Final = "sign in, or name a profile in AWS_PROFILE"
#: What to do about what the SDK cannot do, by the name of its error: it is not loaded for this.
REMEDIES: Final = {
    "EndpointConnectionError": "look at the region's name and at the way to the network",
    "InvalidRegionError": "write a region like eu-central-1",
    "NoCredentialsError": _SIGN_IN,
    "NoRegionError": "name one in AWS_REGION, in your AWS configuration, or in [aws] of the settings",
    "PartialCredentialsError": _SIGN_IN,
    "ProfileNotFound": "name one of your AWS configuration in AWS_PROFILE",
    "SSOTokenLoadError": "sign in with 'aws sso login'",
    "TokenRetrievalError": "sign in with 'aws sso login'",
    "UnauthorizedSSOTokenError": "sign in with 'aws sso login'",
}


class ExitCode(enum.IntEnum):
    """What the shell is told."""

    GOOD = 0
    FINDING = 1
    USAGE = 2
    DATA_LOSS = 3
    INTERRUPTED = 130


class CommandFailed(Exception):  # noqa: N818 - named for what happened
    """A command cannot go on.

    Args:
        message: One line for the person who ran it: lower case, what happened, what to do.
        code: What the shell is told. Defaults to 1.

    """

    def __init__(self, message: str, *, code: ExitCode = ExitCode.FINDING) -> None:
        self.code: Final = code
        super().__init__(message)


class WouldLoseData(CommandFailed):
    """A command refuses to destroy what nobody could bring back."""

    def __init__(self, message: str) -> None:
        super().__init__(message, code=ExitCode.DATA_LOSS)


def outcome_of(error: BaseException) -> tuple[list[str], ExitCode]:
    """What to print about an error, line by line, and what to tell the shell."""
    if isinstance(error, InvalidSettings):
        return [str(finding) for finding in error.findings], ExitCode.FINDING
    if isinstance(error, InvalidInput):
        return [one_line(str(error))], ExitCode.FINDING
    if isinstance(error, CommandFailed):
        return [one_line(str(error))], error.code
    if isinstance(error, KeyboardInterrupt):
        return ["interrupted"], ExitCode.INTERRUPTED
    if type(error).__module__.partition(".")[0] in {"botocore", "boto3"}:
        remedy = REMEDIES.get(type(error).__name__)
        said = str(error).rstrip(".") if remedy is not None else str(error)
        return [
            one_line(f"AWS: {said}; {remedy}" if remedy is not None else f"AWS: {said}")
        ], ExitCode.FINDING
    bug = f"{type(error).__name__}: {error} (a bug of ours: STUDIO_INFRA_TRACEBACK=1 shows where)"
    return [one_line(bug)], ExitCode.FINDING


def one_line(text: str) -> str:
    """A message on one line, however it was written."""
    joined = " ".join(part.strip() for part in text.splitlines() if part.strip())
    return escape(joined if len(joined) <= _LINE_MAX else f"{joined[:_LINE_MAX]}…")


def print_errors(lines: Iterable[str]) -> None:
    """Say what is wrong where it does not mix with a command's data."""
    sys.stderr.write("".join(f"{line}\n" for line in lines))


def print_json(data: Any) -> None:
    """Print a command's data for a program to read."""
    sys.stdout.write(f"{json.dumps(data, indent=2, ensure_ascii=False, default=str)}\n")
