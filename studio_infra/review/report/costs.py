"""What costs money by the hour: quantities from the templates, prices only where somebody knows them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from studio_infra.review.report.section import Section, Table
from studio_infra.review.report.text import words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from studio_infra.review.replacement.resolver import Address
    from studio_infra.review.replacement.resources import Resource

    Resources = Mapping[Address, Resource]


HOSTING: Final = "Hosting"
NAT: Final = "NAT gateway"
_RUNS: Final = "while a person's app runs"
ENDPOINT: Final = "VPC interface endpoint"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """Something that runs.

    Args:
        where: Its logical id.
        what: What is priced.
        kind: Its instance type, or nothing.
        count: How many of it there are; None where the template does not say.
        uncounted: What to say then.
        since: From when on it costs.

    """

    where: str
    what: str
    kind: str = ""
    count: Decimal | None = None
    uncounted: str = "not said"
    since: str = "as long as the stack is there"


def items(resources: Resources) -> Iterator[Item]:
    """Everything that costs money by the hour, and what can."""
    for address, one in resources.items():
        where = words(address.logical_id)
        if one.type == "AWS::SageMaker::EndpointConfig":
            for variants in ("ProductionVariants", "ShadowProductionVariants"):
                yield from _variants(where, one.properties.get(variants))
        elif one.type == "AWS::EC2::NatGateway":
            yield Item(where=where, what=NAT, count=Decimal(1))
        elif one.type == "AWS::EC2::VPCEndpoint" and one.properties.get("VpcEndpointType") == "Interface":
            subnets = one.properties.get("SubnetIds")
            count = Decimal(len(subnets)) if isinstance(subnets, list) else None
            yield Item(where=where, what=ENDPOINT, count=count)
        elif one.type == "AWS::SageMaker::MlflowTrackingServer":
            size = words(one.properties.get("TrackingServerSize", "Small"))
            yield Item(where=where, what="MLflow tracking server", kind=size, count=Decimal(1))
        elif one.type == "AWS::SageMaker::NotebookInstance":
            kind = words(one.properties.get("InstanceType", "unknown"))
            yield Item(where=where, what="Notebook instance", kind=kind, count=Decimal(1))
        elif one.type == "AWS::SageMaker::Domain":
            yield from _apps(where, one.properties.get("DefaultUserSettings"))


def costs(resources: Resources, price: Callable[[str, str], Decimal | None] | None = None) -> Section:
    """The chapter about money by the hour."""
    found = list(items(resources))
    rows, total, open_prices = [], Decimal(0), 0
    for item in found:
        each = price(item.what, item.kind) if price is not None else None
        together = each * item.count if each is not None and item.count is not None else None
        if together is None:
            open_prices += 1
        else:
            total += together
        rows.append(
            (
                (item.where,),
                (f"{item.what} {item.kind}".strip(),),
                (item.uncounted if item.count is None else f"{item.count:f}",),
                (item.since,),
                ("open" if each is None else f"{each:f}",),
                ("open" if together is None else f"{together:f}",),
            )
        )
    lines = []
    if open_prices:
        lines.append(f"{open_prices} prices are open: --prices asks AWS for those that it publishes.")
    if total:
        lines.append(f"Known: {total:f} USD an hour.")
    lines.append("Not in here: storage, traffic, requests, jobs, and apps that nobody has started.")
    header = ("resource", "what", "how many", "costs", "USD an hour, each", "USD an hour")
    table = Table(caption="By the hour", header=header, rows=tuple(rows))
    return Section(
        name="costs",
        title="What costs money by the hour",
        lines=tuple(lines),
        tables=(table,) if rows else (),
    )


def _variants(where: str, variants: Any) -> Iterator[Item]:
    for one in variants if isinstance(variants, list) else []:
        if isinstance(one, dict) and one.get("InstanceType") is not None:
            count = one.get("InitialInstanceCount")
            yield Item(
                where=where,
                what=HOSTING,
                kind=words(one["InstanceType"]),
                count=Decimal(count)
                if isinstance(count, str) and count.isascii() and count.isdigit()
                else None,
                since="as long as an endpoint uses it; autoscaling changes the number",
            )


def _apps(where: str, settings: Any) -> Iterator[Item]:
    for app in ("JupyterLab", "CodeEditor"):
        found = settings.get(f"{app}AppSettings") if isinstance(settings, dict) else None
        spec = found.get("DefaultResourceSpec") if isinstance(found, dict) else None
        kind = spec.get("InstanceType") if isinstance(spec, dict) else None
        if kind is not None:
            yield Item(where=where, what=f"{app} app", kind=words(kind), uncounted="by use", since=_RUNS)
