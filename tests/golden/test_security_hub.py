"""AWS Security Hub's controls of SageMaker and AWS Config's rules, on all that ships and every example."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

GOLDEN = Path(__file__).parent
TEMPLATES = sorted(GOLDEN.rglob("*.json"))


def found(kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every resource of a kind, with where it stands."""
    for file in TEMPLATES:
        folder = file.parent.relative_to(GOLDEN)
        for logical_id, resource in json.loads(file.read_text(encoding="utf-8"))["Resources"].items():
            if resource["Type"] == f"AWS::SageMaker::{kind}":
                yield f"{folder}/{file.stem}/{logical_id}", resource["Properties"]


def containers(model: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        *([model["PrimaryContainer"]] if "PrimaryContainer" in model else []),
        *model.get("Containers", []),
    ]


@pytest.mark.parametrize("kind", ["Domain", "Model", "EndpointConfig"])
def test_there_is_something_to_look_at(kind: str) -> None:
    assert list(found(kind))


def test_every_variant_begins_with_more_than_one_instance() -> None:
    """SageMaker.4. A serverless variant has none."""
    for where, config in found("EndpointConfig"):
        for variant in config["ProductionVariants"]:
            assert "ServerlessConfig" in variant or variant["InitialInstanceCount"] > 1, where


def test_every_model_is_isolated_and_in_a_vpc() -> None:
    """SageMaker.5; AWS Config SAGEMAKER_MODEL_ISOLATION_ENABLED and SAGEMAKER_MODEL_IN_VPC."""
    for where, model in found("Model"):
        assert model["EnableNetworkIsolation"] is True, where
        assert model["VpcConfig"]["Subnets"], where
        assert model["VpcConfig"]["SecurityGroupIds"], where


def test_every_image_that_is_not_in_ecr_is_pulled_through_the_vpc() -> None:
    """SageMaker.16 and .19. SageMaker pulls images in Amazon ECR itself: "Vpc" is for registries that a VPC hides."""
    for where, model in found("Model"):
        for container in containers(model):
            mode = container["ImageConfig"]["RepositoryAccessMode"]
            in_ecr = ".dkr.ecr." in json.dumps(container["Image"])
            assert mode == ("Platform" if in_ecr else "Vpc"), where


def test_every_model_of_an_example_takes_its_image_from_a_registry_of_the_vpc() -> None:
    """SageMaker.16 and .19 to the letter, without an exception. Only production's image, AWS's own in ECR, cannot."""
    modes = {
        where: {container["ImageConfig"]["RepositoryAccessMode"] for container in containers(model)}
        for where, model in found("Model")
    }
    assert {where for where, mode in modes.items() if mode == {"Vpc"}} == {
        where for where in modes if where.startswith("examples/")
    }
    assert {where.partition("/")[0] for where in modes} == {"examples", "production"}


def test_every_example_with_a_domain_or_a_model_is_looked_at() -> None:
    looked_at = {where.split("/")[1] for kind in ("Domain", "Model") for where, _ in found(kind)}
    everything = {folder.name for folder in (GOLDEN / "examples").iterdir()}
    # It joins somebody else's domain, and has no model.
    assert everything - looked_at == {"join_existing_domain"}


def test_every_endpoint_configuration_has_a_key() -> None:
    """AWS Config SAGEMAKER_ENDPOINT_CONFIGURATION_KMS_KEY_CONFIGURED. Local disks refuse one and encrypt themselves."""
    for where, config in found("EndpointConfig"):
        assert config["KmsKeyId"], where


def test_a_domain_is_in_its_vpc_only_where_the_settings_say_so() -> None:
    """AWS Config SAGEMAKER_DOMAIN_IN_VPC: all are; the sandbox, which has no NAT gateway, says that it is not."""
    outside = [where for where, domain in found("Domain") if domain["AppNetworkAccessType"] != "VpcOnly"]
    assert [where.partition("/")[0] for where in outside] == ["sandbox"]
