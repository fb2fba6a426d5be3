"""Prices from AWS's own list, kept on disk. Whatever it does not answer with exactly one price stays open.

The service model of botocore says how to ask; the names of products and attributes are data that nobody can look up
without AWS, so a wrong one finds nothing, and the price is open.
"""

from __future__ import annotations

import json
import os
import time
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final

from studio_infra.review.report.costs import ENDPOINT, HOSTING, NAT

_KEPT_SECONDS: Final = 7 * 24 * 3600
_SERVICES: Final = {
    HOSTING: ("AmazonSageMaker", {"component": "Hosting"}),
    NAT: ("AmazonEC2", {"group": "NGW:NatGateway", "groupDescription": "Hourly charge for NAT Gateways"}),
    ENDPOINT: ("AmazonVPC", {"group": "VPCE:VpcEndpoint", "endpointType": "PrivateLink"}),
}


def cache_file() -> Path:
    """Where prices are kept: the user's cache folder."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "studio-infra" / "prices.json"


class Prices:
    """Prices of one region.

    Args:
        pricing: A client of boto3 for the Price List API.
        region: The region of the stacks.
        file: Where prices are kept. Defaults to the user's cache folder.

    """

    def __init__(self, pricing: Any, region: str, *, file: Path | None = None) -> None:
        self._pricing = pricing
        self._region = region
        self._file = cache_file() if file is None else file
        self._known = self._read()

    def __call__(self, what: str, kind: str) -> Decimal | None:
        """The price of one hour in US dollars, if AWS publishes exactly one."""
        key = f"{self._region} {what} {kind}".strip()
        if key not in self._known:
            found = self._ask(what, kind)
            self._known[key] = {"price": None if found is None else str(found), "at": time.time()}
            self._write()
        price = self._known[key]["price"]
        return None if price is None else Decimal(price)

    def _ask(self, what: str, kind: str) -> Decimal | None:
        if what not in _SERVICES:
            return None
        found = hourly_prices(self._pricing, self._region, what, kind)
        return found.pop() if len(found) == 1 else None

    def _read(self) -> dict[str, dict[str, Any]]:
        try:
            found = json.loads(self._file.read_text(encoding="utf-8"))
            fresh = time.time() - _KEPT_SECONDS
            kept = {key: entry for key, entry in found.items() if entry["at"] > fresh}
            for entry in kept.values():
                _ = entry["price"] is None or Decimal(entry["price"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError, InvalidOperation):
            return {}
        return kept

    def _write(self) -> None:
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._file.write_text(json.dumps(self._known), encoding="utf-8")
        except OSError:
            return  # a cache that cannot be written costs a question more


def hourly_prices(pricing: Any, region: str, what: str, kind: str) -> set[Decimal]:
    """Every price of an hour that AWS's list has for this: one, if the list is as we take it to be."""
    service, attributes = _SERVICES[what]
    wanted = {**attributes, "regionCode": region, **({"instanceName": kind} if kind else {})}
    answer = pricing.get_products(
        ServiceCode=service,
        Filters=[{"Type": "TERM_MATCH", "Field": field, "Value": value} for field, value in wanted.items()],
    )
    return {price for product in answer["PriceList"] for price in _hourly(product)}


def _hourly(product: Any) -> list[Decimal]:
    """The prices of a product by the hour, on demand, without what is free."""
    try:
        terms = (json.loads(product) if isinstance(product, str) else product)["terms"]["OnDemand"]
        prices = [
            Decimal(dimension["pricePerUnit"]["USD"])
            for term in terms.values()
            for dimension in term["priceDimensions"].values()
            if str(dimension["unit"]).lower() in {"hrs", "hour", "hours", "hourly"}
        ]
    except (ValueError, KeyError, TypeError, AttributeError, InvalidOperation):
        return []
    return [price for price in prices if price > 0]
