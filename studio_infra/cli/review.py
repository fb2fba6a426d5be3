"""`studio-infra review`: what an assembly allows, exposes, keeps, changes and costs."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from studio_infra.cli.terminal.outcome import CommandFailed, ExitCode, print_errors, print_json
from studio_infra.review.report.markdown import markdown
from studio_infra.review.report.report import report_of
from studio_infra.runtime.functions.shared import aws
from studio_infra.settings.facts.limits import is_region

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def review(
    assembly: Annotated[
        Path,
        typer.Argument(help="Folder that `cdk synth` wrote, or one with a JSON template for each stack."),
    ],
    *,
    html: Annotated[
        Path | None, typer.Option(help="File for the report as one page that needs no network.")
    ] = None,
    baseline: Annotated[
        Path | None, typer.Option(help="The reviewed assembly or templates, to say what changes.")
    ] = None,
    prices: Annotated[
        bool, typer.Option("--prices", help="Ask AWS for prices by the hour. Left out, prices are open.")
    ] = False,
    region: Annotated[
        str | None, typer.Option(help="Region of the prices. Left out, the one of your AWS configuration.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Print a report of an assembly for its reviewer, as Markdown for a pull request.

    Who may do what, what is reachable, what is encrypted with whose key, what survives deletion, what changes against
    a baseline, what costs money by the hour, and which findings somebody has acknowledged. Works on any assembly.
    """
    report = report_of(assembly, baseline=baseline, price=_prices(region) if prices else None)
    if html is not None:
        from studio_infra.review.report.page import page

        try:
            html.write_text(page(report), encoding="utf-8", errors="backslashreplace")
        except OSError as error:
            raise CommandFailed(f"{html} cannot be written: {error}") from error
        print_errors([f"wrote {html}"])
    if as_json:
        print_json({key: value for key, value in asdict(report).items() if key != "diagram"})
    elif html is None:
        typer.echo(markdown(report))


def _prices(region: str | None) -> Any:
    from studio_infra.review.report.prices import Prices

    session = aws.session(region)
    if session.region_name is None:
        raise CommandFailed("prices need a region: name it with --region")
    if not is_region(session.region_name):
        # AWS would answer with no price at all, and that would be kept.
        raise CommandFailed(
            f"--region takes a region like eu-central-1, got {session.region_name!r}", code=ExitCode.USAGE
        )
    # The Price List API answers for all regions, in this one.
    return Prices(session.client("pricing", region_name="us-east-1"), session.region_name)
