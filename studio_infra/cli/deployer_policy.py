"""`studio-infra deployer-policy`: what a deployment must be allowed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from studio_infra.cli.terminal.outcome import print_errors, print_json
from studio_infra.review.assembly import templates
from studio_infra.review.deployer_policy import deployer_policy

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def print_policy(
    assembly: Annotated[Path, typer.Argument(help="Folder that `cdk synth` wrote, for example cdk.out.")],
    *,
    out: Annotated[Path | None, typer.Option(help="Folder for the policies, one file each.")] = None,
    permissions_boundary: Annotated[
        str | None, typer.Option(help="ARN of a policy that every role must have as its boundary.")
    ] = None,
) -> None:
    """Print the IAM policies that CloudFormation needs to deploy an assembly, as a JSON list.

    Attach all of them to the role that CloudFormation runs as: `cdk bootstrap
    --cloudformation-execution-policies`.
    """
    found = deployer_policy(templates(assembly), permissions_boundary=permissions_boundary)
    if found.unknown:
        print_errors(
            [f"no permissions are known for {', '.join(found.unknown)}; add what they need yourself"]
        )
    if out is None:
        print_json(found.policies)
        return
    out.mkdir(parents=True, exist_ok=True)
    for number, policy in enumerate(found.policies, start=1):
        path = out / f"deployer-{number}.json"
        path.write_text(f"{json.dumps(policy, indent=2)}\n", encoding="utf-8")
        typer.echo(str(path))
