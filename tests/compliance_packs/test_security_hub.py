"""What Security Hub and AWS Config ask of SageMaker, asked of the production settings directly.

https://docs.aws.amazon.com/securityhub/latest/userguide/sagemaker-controls.html
"""

from __future__ import annotations

from functools import cache
from typing import Any

from tests.stacks.test_access_settings import PRODUCTION, of_type, templates


@cache
def made(kind: str) -> list[dict[str, Any]]:
    found = of_type(kind, *templates(PRODUCTION).values())
    assert found
    return found


def test_sagemaker_4_an_endpoint_starts_with_more_than_one_instance() -> None:
    for config in made("AWS::SageMaker::EndpointConfig"):
        assert all(variant["InitialInstanceCount"] > 1 for variant in config["ProductionVariants"])


def test_sagemaker_5_a_model_is_cut_off_from_the_network() -> None:
    assert all(model["EnableNetworkIsolation"] is True for model in made("AWS::SageMaker::Model"))


def test_config_a_model_is_in_a_vpc() -> None:
    assert all(model["VpcConfig"]["Subnets"] for model in made("AWS::SageMaker::Model"))


def test_config_an_endpoint_has_a_key_of_its_own() -> None:
    assert all("KmsKeyId" in config for config in made("AWS::SageMaker::EndpointConfig"))


def test_config_a_domain_is_in_a_vpc_and_nowhere_else() -> None:
    (domain,) = made("AWS::SageMaker::Domain")
    assert domain["AppNetworkAccessType"] == "VpcOnly"
    assert "KmsKeyId" in domain
