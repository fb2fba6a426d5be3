"""`[network]`: what is reachable follows from what people do, and what it costs can be asked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import pytest

from studio_infra.settings import InvalidSettings, StudioSettings, load_settings
from studio_infra.settings.derived.network_cost import network_cost
from studio_infra.settings.derived.network_features import features_in_use
from studio_infra.settings.facts.vpc_endpoints import DEFAULT_FEATURES, Endpoint, Feature, required_endpoints
from studio_infra.settings.sections.network import FeatureName

if TYPE_CHECKING:
    from collections.abc import Mapping

PRODUCTION = load_settings(Path(__file__).parents[2] / "settings" / "production.toml")
VPC = {
    "vpc_id": "vpc-0123456789abcdef0",
    "subnet_ids": ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
}


def settings(
    network: Mapping[str, Any], *, domain: Mapping[str, Any] | None = None, **other: Any
) -> StudioSettings:
    own = {"auth_mode": "IAM", "network": "VpcOnly", **(domain if domain is not None else {})}
    return StudioSettings.model_validate(dict(PRODUCTION) | other | {"network": dict(network), "domain": own})


def test_settings_know_every_feature_of_the_network_and_no_other() -> None:
    assert get_args(FeatureName) == tuple(Feature)


def test_what_other_sections_need_is_reachable_without_being_named() -> None:
    git = {"key_store": "secret", "codecommit": [{"region": "eu-west-1", "repositories": ["churn"]}]}
    found = features_in_use(settings({"features": ["mlflow"]}, git=git))
    assert found == {*DEFAULT_FEATURES, Feature.SECRETS, Feature.CODE_COMMIT, Feature.MLFLOW}


WITH_MLFLOW = required_endpoints([Feature.MLFLOW, *DEFAULT_FEATURES], "VpcOnly")


@pytest.mark.parametrize("lacking", WITH_MLFLOW, ids=lambda one: one.name)
def test_whichever_endpoint_a_vpc_lacks_is_named(lacking: Endpoint) -> None:
    others = [one.name for one in WITH_MLFLOW if one is not lacking]
    network = {"features": ["mlflow"], "existing_endpoints": others}
    with pytest.raises(ValueError, match=f"the VPC lacks {lacking.service_name('us-east-1')}"):
        settings(network, domain=VPC)
    tables = ["rtb-0123456789abcdef0", "rtb-0123456789abcdef1"]
    for enough in (
        {"create_endpoints": True, "route_table_ids": tables},
        {"existing_endpoints": [*others, lacking.name]},
    ):
        settings({**network, **enough}, domain=VPC)


def test_a_new_vpc_pays_for_its_interfaces_in_every_zone() -> None:
    cost = network_cost(settings({}, domain={"availability_zones": 3, "nat_gateways": 2}))
    assert (len(cost.interfaces), len(cost.gateways), cost.elsewhere) == (7, 1, ())
    assert cost.usd_per_hour == pytest.approx(7 * 3 * 0.01 + 2 * 0.045)


def test_a_vpc_brought_along_pays_for_what_is_made_in_it() -> None:
    network = {"existing_endpoints": ["sagemaker.api", "s3"], "create_endpoints": True}
    cost = network_cost(settings(network, domain=VPC))
    assert cost.elsewhere == ("com.amazonaws.us-east-1.s3", "com.amazonaws.us-east-1.sagemaker.api")
    assert (len(cost.interfaces), cost.nat_gateways) == (6, 0)
    assert cost.usd_per_hour == pytest.approx(6 * 2 * 0.01)


def test_a_vpc_whose_owner_answers_for_it_costs_nothing_here() -> None:
    cost = network_cost(settings({}, domain=VPC))
    assert (cost.interfaces, cost.usd_per_hour) == ((), 0)
    assert "aws.sagemaker.us-east-1.studio" in cost.elsewhere


def test_public_internet_mode_makes_the_free_gateway_alone() -> None:
    cost = network_cost(settings({}, domain={"network": "PublicInternetOnly"}))
    assert (cost.interfaces, cost.gateways) == ((), ("com.amazonaws.us-east-1.s3",))
    assert cost.usd_per_hour == 0


def test_findings_stand_in_their_line(tmp_path: Path) -> None:
    (tmp_path / "users.csv").write_bytes((Path(__file__).parents[2] / "settings" / "users.csv").read_bytes())
    text = (Path(__file__).parents[2] / "settings" / "production.toml").read_text(encoding="utf-8")
    file = tmp_path / "s.toml"
    file.write_text(
        text.replace("[git]", '[network]\nsubnet_cidrs = ["10.0.0.0/24"]\n\n[git]', 1), encoding="utf-8"
    )
    with pytest.raises(
        InvalidSettings, match=r"s\.toml:\d+\] network\.subnet_cidrs: is for a VPC brought along"
    ):
        load_settings(file)


def test_docker_and_remote_ides_bring_what_they_need() -> None:
    people = {**dict(PRODUCTION.people), "remote_access": True}
    found = features_in_use(settings({}, domain={"docker": True}, people=people))
    assert found == {*DEFAULT_FEATURES, Feature.CONTAINERS, Feature.REMOTE_IDE}
