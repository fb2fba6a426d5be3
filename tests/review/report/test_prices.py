"""Prices come from AWS or from nobody."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.stub import Stubber

from studio_infra.review.report.costs import HOSTING, NAT
from studio_infra.review.report.prices import Prices, cache_file

if TYPE_CHECKING:
    from pathlib import Path


def product(*prices: str, unit: str = "Hrs") -> str:
    dimensions = {
        str(number): {"unit": unit, "pricePerUnit": {"USD": price}} for number, price in enumerate(prices)
    }
    return json.dumps({"terms": {"OnDemand": {"T": {"priceDimensions": dimensions}}}})


class World:
    def __init__(self, file: Path, *answers: list[str]) -> None:
        self.client: Any = boto3.client(
            "pricing", region_name="us-east-1", config=Config(signature_version=UNSIGNED)
        )
        self.stub = Stubber(self.client)
        for answer in answers:
            self.stub.add_response("get_products", {"PriceList": answer})
        self.stub.activate()
        self.prices = Prices(self.client, "eu-west-1", file=file)


def test_one_price_is_the_price_and_is_asked_for_once(tmp_path: Path) -> None:
    file = tmp_path / "cache" / "prices.json"
    world = World(file, [product("0.115"), product("0.115", "0.0")])
    assert world.prices(HOSTING, "ml.m5.large") == Decimal("0.115")
    assert world.prices(HOSTING, "ml.m5.large") == Decimal("0.115")
    world.stub.assert_no_pending_responses()
    assert World(file).prices(HOSTING, "ml.m5.large") == Decimal("0.115")


@pytest.mark.parametrize(
    "answer",
    [[], [product("0.1"), product("0.2")], [product("0.1", unit="GB")], ["no json"], ["{}"], [product("x")]],
)
def test_no_price_several_prices_and_rubbish_leave_it_open(tmp_path: Path, answer: list[str]) -> None:
    file = tmp_path / "p.json"
    assert World(file, answer).prices(NAT, "") is None
    assert World(file).prices(NAT, "") is None


def test_what_aws_does_not_price_by_the_hour_is_not_asked_for(tmp_path: Path) -> None:
    assert World(tmp_path / "p.json").prices("JupyterLab app", "ml.t3.medium") is None


@pytest.mark.parametrize(
    "kept",
    [
        *("no json", "[]", '{"a": 1}', '{"a": {"price": "1", "at": 0}}'),
        *(
            f'{{"eu-west-1 NAT gateway": {{{entry}"at": 9e9}}}}'
            for entry in ("", '"price": "x", ', '"price": [], ')
        ),
    ],
)
def test_an_old_or_broken_cache_is_forgotten(tmp_path: Path, kept: str) -> None:
    file = tmp_path / "p.json"
    file.write_text(kept, encoding="utf-8")
    assert World(file, [product("0.5")]).prices(NAT, "") == Decimal("0.5")


def test_a_cache_that_cannot_be_written_costs_a_question(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert World(tmp_path / "file" / "p.json", [product("0.5")]).prices(NAT, "") == Decimal("0.5")


def test_the_cache_is_in_the_users_cache_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_file() == tmp_path / "studio-infra" / "prices.json"


def test_the_question_fits_the_service_model(tmp_path: Path) -> None:
    """The stub checks parameters against botocore's model; this looks at the filters themselves."""
    asked: dict[str, Any] = {}
    world = World(tmp_path / "p.json", [product("0.5")])
    world.client.meta.events.register(
        "provide-client-params.pricing.GetProducts", lambda params, **_: asked.update(params)
    )
    world.prices(HOSTING, "ml.m5.large")
    assert asked["ServiceCode"] == "AmazonSageMaker"
    assert {one["Field"]: one["Value"] for one in asked["Filters"]} == {
        "component": "Hosting",
        "regionCode": "eu-west-1",
        "instanceName": "ml.m5.large",
    }
