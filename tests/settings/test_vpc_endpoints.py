"""Which endpoints Studio needs, as AWS documents them."""

from __future__ import annotations

import pytest

from studio_infra.errors import InvalidInput
from studio_infra.settings.facts.vpc_endpoints import (
    DEFAULT_FEATURES,
    FEATURE_ENDPOINTS,
    Feature,
    missing_endpoints,
    network_usd_per_hour,
    required_endpoints,
)

REGION = "eu-west-1"

# Developer guide, "Connect Studio in a VPC to external resources", VPC only mode; the rest are the pages on
# interface endpoints of the services. Written out here by full name, so that the table under test is not its
# own witness.
STUDIO = {
    "com.amazonaws.eu-west-1.sagemaker.api",
    "com.amazonaws.eu-west-1.sagemaker.runtime",
    "aws.sagemaker.eu-west-1.studio",
    "com.amazonaws.eu-west-1.s3",
}
DOCUMENTED = {
    Feature.BEDROCK: {"com.amazonaws.eu-west-1.bedrock-runtime"},
    Feature.CODE_COMMIT: {"com.amazonaws.eu-west-1.codecommit", "com.amazonaws.eu-west-1.git-codecommit"},
    Feature.CONTAINERS: {"com.amazonaws.eu-west-1.ecr.api", "com.amazonaws.eu-west-1.ecr.dkr"},
    Feature.CUSTOMER_KEYS: {"com.amazonaws.eu-west-1.kms"},
    Feature.DATA_CATALOG: {
        "com.amazonaws.eu-west-1.athena",
        "com.amazonaws.eu-west-1.glue",
        "com.amazonaws.eu-west-1.lakeformation",
    },
    Feature.FEATURE_STORE: {"com.amazonaws.eu-west-1.sagemaker.featurestore-runtime"},
    Feature.FILE_SYSTEMS: {"com.amazonaws.eu-west-1.elasticfilesystem"},
    Feature.JOBS: {"com.amazonaws.eu-west-1.sts", "com.amazonaws.eu-west-1.logs"},
    Feature.LUSTRE: {"com.amazonaws.eu-west-1.fsx"},
    Feature.METRICS: {"com.amazonaws.eu-west-1.monitoring"},
    Feature.MLFLOW: {"aws.sagemaker.eu-west-1.experiments"},
    Feature.PACKAGES: {
        "com.amazonaws.eu-west-1.codeartifact.api",
        "com.amazonaws.eu-west-1.codeartifact.repositories",
    },
    Feature.PARAMETERS: {"com.amazonaws.eu-west-1.ssm"},
    Feature.PROJECTS: {"com.amazonaws.eu-west-1.servicecatalog"},
    Feature.REMOTE_IDE: {
        "com.amazonaws.eu-west-1.ssm",
        "com.amazonaws.eu-west-1.ssmmessages",
        "com.amazonaws.eu-west-1.ec2messages",
    },
    Feature.SECRETS: {"com.amazonaws.eu-west-1.secretsmanager"},
}


def names(features: set[Feature] | frozenset[Feature], mode: str = "VpcOnly") -> set[str]:
    return {endpoint.service_name(REGION) for endpoint in required_endpoints(features, mode)}  # type: ignore[arg-type]


def test_the_documentation_is_known_for_every_feature() -> None:
    assert set(DOCUMENTED) == set(Feature) == set(FEATURE_ENDPOINTS)


def test_studio_itself_needs_what_aws_documents_whatever_people_do() -> None:
    assert names(set()) == STUDIO


@pytest.mark.parametrize("feature", Feature)
def test_a_feature_adds_exactly_what_aws_documents(feature: Feature) -> None:
    assert names({feature}) == STUDIO | DOCUMENTED[feature]


def test_all_features_together_need_each_endpoint_once() -> None:
    together = required_endpoints(Feature, "VpcOnly")
    assert {endpoint.service_name(REGION) for endpoint in together} == STUDIO.union(*DOCUMENTED.values())
    assert len({endpoint.construct_id for endpoint in together}) == len(together)


@pytest.mark.parametrize("feature", Feature)
def test_public_internet_mode_needs_only_the_way_of_jobs_to_their_data(feature: Feature) -> None:
    assert names({feature}, "PublicInternetOnly") == {"com.amazonaws.eu-west-1.s3"}


def test_the_order_does_not_depend_on_how_features_are_written() -> None:
    assert required_endpoints([*Feature], "VpcOnly") == required_endpoints(reversed([*Feature]), "VpcOnly")


def test_a_feature_may_be_named_as_settings_name_it() -> None:
    assert required_endpoints(["secrets"], "VpcOnly") == required_endpoints([Feature.SECRETS], "VpcOnly")  # type: ignore[list-item]


@pytest.mark.parametrize("left_out", sorted(STUDIO.union(*DOCUMENTED.values())))
@pytest.mark.parametrize("short", [True, False], ids=["short name", "full name"])
def test_whichever_endpoint_is_left_out_is_the_one_that_is_missing(left_out: str, *, short: bool) -> None:
    required = required_endpoints(Feature, "VpcOnly")
    existing = [endpoint for endpoint in required if endpoint.service_name(REGION) != left_out]
    spelled = [endpoint.name if short else endpoint.service_name(REGION) for endpoint in existing]
    assert [endpoint.service_name(REGION) for endpoint in missing_endpoints(required, spelled)] == [left_out]


@pytest.mark.parametrize(
    "name",
    [
        "cn.com.amazonaws.cn-north-1.sagemaker.api",
        "com.amazonaws.us-gov-west-1.sagemaker.api",
        "sagemaker.api",
    ],
)
def test_names_of_every_partition_are_understood(name: str) -> None:
    required = required_endpoints(set(), "VpcOnly")
    assert "sagemaker.api" not in {endpoint.name for endpoint in missing_endpoints(required, [name])}


@pytest.mark.parametrize(
    "name", ["sagemaker.apo", "", "com.amazonaws.eu-west-1.", "com.amazonaws.sagemaker.api", "S3"]
)
def test_a_slip_of_the_pen_is_told_apart_from_a_missing_endpoint(name: str) -> None:
    with pytest.raises(
        InvalidInput, match=r"unknown endpoint .* known are athena, bedrock-runtime"
    ) as caught:
        missing_endpoints(required_endpoints(set(), "VpcOnly"), [name])
    assert caught.value.code == "EndpointName"


def test_the_price_counts_interfaces_by_zone_and_nothing_for_the_gateway() -> None:
    studio = required_endpoints(set(), "VpcOnly")
    assert network_usd_per_hour(studio, zones=2, nat_gateways=0) == pytest.approx(3 * 2 * 0.01)
    default = required_endpoints(DEFAULT_FEATURES, "VpcOnly")
    assert network_usd_per_hour(default, zones=3, nat_gateways=2) == pytest.approx(7 * 3 * 0.01 + 2 * 0.045)
