"""The one list of what pages show and no test runs from the page, with the reason. All of it is parsed instead."""

from __future__ import annotations

import shlex
from typing import Final

_DEPLOYED: Final = "asks a deployed domain: tests/cli calls it against the embedded AWS"
_REHEARSED: Final = "changes an account: tests/rehearsal does it on the embedded AWS, which takes minutes"

#: How a command begins -> why it is not run. A longer beginning goes before a shorter one.
NOT_RUN: Final = {
    "aws": "needs an account: service, operation and options are held against botocore's model",
    "cdk bootstrap": _REHEARSED,
    "cdk deploy": _REHEARSED,
    "cdk destroy": _REHEARSED,
    "cdk diff": "compares with an account",
    "cdk synth --app": "tests/golden synthesizes every example",
    "cfn-guard": "is a program in Rust: tests/guardrails has CDK's engine read the same files",
    "gh": "writes into somebody's pull request",
    "make rehearse": "a minute of its own in .ci/run",
    "make test": "is what runs this",
    "python3 probe.py": "answers only in a terminal of a space: tests/cli/probe gives it one",
    "studio-infra costs": _DEPLOYED,
    "studio-infra drain": _DEPLOYED,
    "studio-infra extend": _DEPLOYED,
    "studio-infra keys": _DEPLOYED,
    "studio-infra open": _DEPLOYED,
    "studio-infra probe account": "asks an account: tests/cli/probe calls it against the embedded AWS",
    "studio-infra rehearse": "a minute of its own in .ci/run",
    "studio-infra review /tmp/new --prices": "asks AWS's price list: tests/review/report/test_prices.py has answers",
    "studio-infra start": _DEPLOYED,
    "studio-infra status": _DEPLOYED,
    "studio-infra stop": _DEPLOYED,
    "sudo mount": "needs a file system in an account",
}
#: Of these no parser is here: bash reads the line, and that is all.
NO_PARSER: Final = frozenset({"cfn-guard", "gh", "python3", "sudo"})


def reason(words: list[str]) -> str | None:
    """Why a command is not run; None if it is."""
    text = shlex.join(words)
    return next((why for start, why in NOT_RUN.items() if f"{text} ".startswith(f"{start} ")), None)
