"""Makes the report of an assembly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from studio_infra.review.nested import nested_templates
from studio_infra.review.replacement.guard import guard
from studio_infra.review.replacement.resources import resources_of
from studio_infra.review.report.access.matrix import access
from studio_infra.review.report.acknowledged import acknowledged
from studio_infra.review.report.costs import costs
from studio_infra.review.report.diagram import diagram
from studio_infra.review.report.exposure import encryption, network
from studio_infra.review.report.section import Report, Section, Table
from studio_infra.review.report.survival import changes, survival
from studio_infra.review.report.text import few, shown, words
from studio_infra.review.sources import read_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from decimal import Decimal
    from pathlib import Path

    from studio_infra.review.assembly import Template
    from studio_infra.review.replacement.resolver import Address
    from studio_infra.review.replacement.resources import Resource

#: More names in one line help nobody.
_NAMED: Final = 6


def report_of(
    assembly: Path,
    *,
    baseline: Path | None = None,
    price: Callable[[str, str], Decimal | None] | None = None,
) -> Report:
    """The report of an assembly.

    Args:
        assembly: A folder that `cdk synth` wrote, or one of JSON templates.
        baseline: What to compare it with. Defaults to nothing.
        price: Asks for the price of an hour. Defaults to leaving prices open.

    Raises:
        InvalidInput: A folder cannot be read.

    """
    new = read_folder(assembly)
    old = read_folder(baseline) if baseline is not None else None
    verdict = guard(old, new) if old is not None else None
    nested, unseen = nested_templates(assembly, new)
    everything = {**new, **nested}
    resources = resources_of(everything)
    sections = (
        _stacks(everything, resources, unseen),
        changes(old, new, verdict),
        access(resources),
        network(resources),
        encryption(resources),
        survival(resources),
        costs(resources, price),
        acknowledged(assembly if (assembly / "manifest.json").exists() else None),
    )
    return Report(
        title=f"Review of {shown(assembly.resolve().name)}",
        summary=tuple(line for section in sections for line in section.lines[:1]),
        diagram=diagram(resources, list(everything)),
        sections=sections,
    )


def _stacks(
    templates: Mapping[str, Template], resources: Mapping[Address, Resource], unseen: Sequence[str]
) -> Section:
    rows = tuple(
        (
            (words(name),),
            (words(template.get("Description", "no description")),),
            (str(sum(address.stack == name for address in resources)),),
        )
        for name, template in templates.items()
    )
    table = Table(caption="Stacks", header=("stack", "what it is", "resources"), rows=rows)
    some = ", ".join(few([words(name) for name in unseen], _NAMED))
    lines = (f"{len(unseen)} nested stacks are not in this report, their templates are not here: {some}.",)
    return Section(name="stacks", title="Stacks", lines=lines if unseen else (), tables=(table,))
